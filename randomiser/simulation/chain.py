"""One list of any method as a chain of states with exact chances; the standard library alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cache, partial

from randomiser.design import Design

State = tuple[int, ...]
Odds = tuple[int, ...]


@dataclass(frozen=True)
class Chain:
    """How a list goes on.

    start:  the state of an empty list.
    enter:  from a state to the states in which the next arm may be drawn, each with its chance
            (a new block may have one of several sizes).
    odds:   one whole number an arm in such a state; all 0 where the list is full.
    after:  the state once an arm, by its index, was drawn.
    counts: how often each arm stands in the list, up to a whole number of complete ratios.
    """

    start: State
    enter: Callable[[State], Sequence[tuple[Fraction, State]]]
    odds: Callable[[State], Odds]
    after: Callable[[State, int], State]
    counts: Callable[[State], State]


def chain_of(design: Design) -> Chain:
    """Return the chain of a design whose lists follow from the key alone.

    Raises KeyError for a method that looks at other people's factors.
    """
    if design.method == "permuted_blocks":
        return _blocks(design)
    ratios = tuple(arm.ratio for arm in design.arms)
    return Chain(
        start=(0,) * len(ratios),
        enter=lambda state: ((Fraction(1), state),),
        odds=cache(partial(STEPS[design.method], design, ratios)),
        after=_one_more,
        counts=lambda state: state,
    )


def walk(chain: Chain, people: int) -> Iterator[dict[State, Fraction]]:
    """Yield, for list positions 1 to `people`, every state in which its arm is drawn.

    After them the states that are left by the last one. Full lists draw nothing and drop out.
    """
    now = {chain.start: Fraction(1)}
    for _ in range(people):
        entered: dict[State, Fraction] = {}
        for state, chance in now.items():
            for share, inside in chain.enter(state):
                entered[inside] = entered.get(inside, Fraction(0)) + chance * share
        yield entered
        now = _next(chain, entered)
    yield now


def _next(chain: Chain, states: Mapping[State, Fraction]) -> dict[State, Fraction]:
    found: dict[State, Fraction] = {}
    for state, chance in states.items():
        odds = chain.odds(state)
        for arm, share in enumerate(odds):
            if share:
                later = chain.after(state, arm)
                found[later] = found.get(later, Fraction(0)) + chance * Fraction(share, sum(odds))
    return found


def _one_more(counts: State, arm: int) -> State:
    return (*counts[:arm], counts[arm] + 1, *counts[arm + 1 :])


def _blocks(design: Design) -> Chain:
    """States are (size of the block, how often each arm stands in it); size 0 is between two."""
    ratios = [arm.ratio for arm in design.arms]
    between = (0,) * (len(ratios) + 1)
    total = sum(design.weights)
    sizes = [
        (Fraction(weight, total), (size, *between[1:]))
        for size, weight in zip(design.sizes, design.weights, strict=True)
    ]

    def after(state: State, arm: int) -> State:
        later = _one_more(state, arm + 1)
        return between if sum(later[1:]) == later[0] else later

    def odds(state: State) -> Odds:
        times = state[0] // design.ratio_sum
        return tuple(ratio * times - count for ratio, count in zip(ratios, state[1:], strict=True))

    return Chain(
        start=between,
        enter=lambda state: sizes if state == between else ((Fraction(1), state),),
        odds=odds,
        after=after,
        counts=lambda state: state[1:],
    )


def _simple(_: Design, ratios: Odds, __: State) -> Odds:
    return ratios


def _random_allocation_rule(design: Design, ratios: Odds, counts: State) -> Odds:
    times = design.people // sum(ratios)
    return tuple(ratio * times - count for ratio, count in zip(ratios, counts, strict=True))


def _coin(design: Design, _: Odds, counts: State) -> Odds:
    """Efron's, Chen's and the big stick: fair at a tie, certain at the tolerance."""
    lead = counts[0] - counts[1]
    if lead == 0:
        return (1, 1)
    p = Fraction(1, 2) if design.method == "big_stick" else design.p
    if design.tolerance and abs(lead) >= design.tolerance:
        p = Fraction(1)
    behind, ahead = p.numerator, p.denominator - p.numerator
    return (ahead, behind) if lead > 0 else (behind, ahead)


def _wei_urn(design: Design, _: Odds, counts: State) -> Odds:
    balls = tuple(design.alpha + design.beta * (sum(counts) - count) for count in counts)
    return balls if any(balls) else (1,) * len(counts)


def _block_urn(design: Design, ratios: Odds, counts: State) -> Odds:
    pairs = tuple(zip(ratios, counts, strict=True))
    sets = design.balanced_sets + min(count // ratio for ratio, count in pairs)
    return tuple(ratio * sets - count for ratio, count in pairs)


def _maximal_procedure(design: Design, _: Odds, counts: State) -> Odds:
    left, lead = design.people - sum(counts), counts[0] - counts[1]
    if left == 0:
        return (0, 0)
    ways = ways_to_end_even(design.people, design.tolerance)
    return ways[left - 1].get(lead + 1, 0), ways[left - 1].get(lead - 1, 0)


@cache
def ways_to_end_even(people: int, tolerance: int) -> tuple[Mapping[int, int], ...]:
    """Return, for 0 to people - 1 still to come, from each difference the ways to end even."""
    rows: list[dict[int, int]] = [{0: 1}]
    for _ in range(people - 1):
        last = rows[-1]
        rows.append(
            {
                lead: last.get(lead - 1, 0) + last.get(lead + 1, 0)
                for lead in range(-tolerance, tolerance + 1)
            }
        )
    return tuple(rows)


STEPS: Mapping[str, Callable[[Design, Odds, State], Odds]] = {
    "simple": _simple,
    "random_allocation_rule": _random_allocation_rule,
    "efron_biased_coin": _coin,
    "chen_biased_coin": _coin,
    "big_stick": _coin,
    "wei_urn": _wei_urn,
    "block_urn": _block_urn,
    "maximal_procedure": _maximal_procedure,
}
