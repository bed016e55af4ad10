"""The randomiser's own work: lists from the key, one live decision, thousands of simulated trials.

Reported, never asserted; CPU of one core, numpy alone. Each floor does in the same run what the
work cannot leave out: the bare hashes of as many blocks, one walk over the same counts, or the same
people drawn and counted without any method.
"""

from __future__ import annotations

import hashlib
from fractions import Fraction

import numpy as np

from randomiser import METHODS, Arm, Design, Factor, make_draw
from randomiser.counts import Counts
from randomiser.methods.minimisation import odds
from randomiser.methods.permuted_blocks import block_at
from randomiser.simulation.allocations import allocate_everybody
from randomiser.simulation.arrivals import arrive
from randomiser.simulation.block_lists import block_lists
from randomiser.simulation.population import Population, Site
from randomiser.simulation.run import simulate
from tests.bench.measuring import MILLI, Spent, heading, median, report

TIMES = 5
MILLION = 1_000_000
LISTS = 1_000
MEAN_BLOCK = 5
DECISIONS = 2_000
ARMS = (Arm("A", 1), Arm("B", 1))
SEXES = ("f", "m")
KEY = bytes(range(32))
NAME = '["bench/blocks",1,[]]'


def blocks(*factors: Factor) -> Design:
    method = METHODS["permuted_blocks"]
    return Design("bench/blocks", 1, method, ARMS, factors, sizes=(4, 6), weights=(1, 1))


def minimised(factors: int) -> Design:
    return Design(
        "bench/minimised",
        1,
        METHODS["minimisation"],
        ARMS,
        (),
        measure="range",
        p=Fraction(4, 5),
        factor_weights=(1,) * factors,
        mistakes="count",
        minimised=tuple(Factor(f"factor {n}", SEXES) for n in range(factors)),
    )


def everybody(design: Design) -> Population:
    factors = (*design.factors, *design.minimised)
    return Population((Site("one", 1),), {one.name: {"f": 1, "m": 1} for one in factors})


def test_a_million_allocations_in_blocks() -> None:
    heading("1,000,000 allocations in blocks of 4 and 6, CPU")
    design = blocks()
    lengths = np.full(LISTS, MILLION // LISTS)

    def bare(number: int) -> object:
        return np.array([0, 1], dtype=np.uint8)[
            np.random.default_rng(number + 9).integers(0, 2, MILLION, dtype=np.uint8)
        ]

    spent = median(lambda n: block_lists(design, lengths, np.random.default_rng(n + 9)), TIMES)
    report("simulated; floor: a coin each", spent.cpu, median(bare, TIMES).cpu, budget="50 ms")
    report("from the key; floor: its hashes", _keyed(design).cpu, _hashes().cpu, budget="1,000 ms")


def _keyed(design: Design) -> Spent:
    def made(_number: int) -> None:
        draw, start = make_draw(KEY), 1
        while start <= MILLION // 10:
            start += len(block_at(design, NAME, start, draw).arms)

    return _ten_times(median(made, TIMES))


def _hashes() -> Spent:
    """One digest a block, as the stream of its position begins."""
    text = NAME.encode()

    def made(_number: int) -> None:
        for block in range(MILLION // 10 // MEAN_BLOCK):
            message = text + block.to_bytes(8, "big") + bytes(8)
            hashlib.blake2b(message, digest_size=64, key=KEY, person=b"sarcomere-draw").digest()

    return _ten_times(median(made, TIMES))


def _ten_times(tenth: Spent) -> Spent:
    """A tenth of the work is measured: the whole goes on in the same way."""
    return Spent(tenth.wall * 10, tenth.cpu * 10)


def test_one_live_decision_of_minimisation() -> None:
    heading(
        "one live decision of minimisation from its counts, 2 arms, 5 factors; thousandths of ms"
    )
    design = minimised(5)
    counts = Counts([31, 30], [[n, n + 1 - n % 3] for n in range(5)], [])

    def decide(_number: int) -> None:
        for _ in range(DECISIONS):
            odds(design, counts)

    def walk(_number: int) -> None:
        for _ in range(DECISIONS):
            for arm in (0, 1):
                for row in counts.factors:
                    raised = list(row)
                    raised[arm] += 1
                    max(raised)

    spent, floor = median(decide, TIMES), median(walk, TIMES)
    report(
        "decision; floor: a walk over the counts",
        spent.cpu * MILLI / DECISIONS,
        floor.cpu * MILLI / DECISIONS,
        budget="20",
    )


def test_simulated_trials() -> None:
    heading("simulated trials, CPU of one core; floor: the same people drawn and counted")
    three = tuple(Factor(f"factor {n}", SEXES) for n in range(3))
    five = minimised(5)

    def allocate(number: int) -> object:
        rng = np.random.default_rng(number + 9)
        return allocate_everybody(five, arrive(five, everybody(five), (1_000, 500), rng), rng)

    alone = median(allocate, TIMES)
    floor = _drawn(1_000, 500, 5)
    report("minimisation, 1,000 of 500, 5 factors", alone.cpu, floor.cpu, budget="100 ms")
    for what, design, trials, people, budget in (
        ("the same with all figures", five, 1_000, 500, ""),
        ("blocks, 10,000 of 300, 8 strata, guesses", blocks(*three), 10_000, 300, "500 ms"),
    ):
        spent = median(
            lambda n, d=design, t=trials, p=people: simulate(  # type: ignore[misc]
                d, everybody(d), trials=t, people=p, seed=n + 9
            ),
            TIMES,
        )
        factors = len((*design.factors, *design.minimised))
        report(what, spent.cpu, _drawn(trials, people, factors).cpu, budget=budget)


def _drawn(trials: int, people: int, factors: int) -> Spent:
    """Draw a level of every factor and an arm by a coin, and count them by trial and level."""

    def made(number: int) -> None:
        rng = np.random.default_rng(number + 9)
        arm = rng.integers(0, 2, (trials, people), dtype=np.uint8)
        first = np.arange(trials)[:, np.newaxis] * 4
        for _ in range(factors):
            level = rng.integers(0, 2, (trials, people), dtype=np.uint8)
            np.bincount((first + level * 2 + arm).ravel(), minlength=trials * 4)

    return median(made, TIMES)
