"""One list of any method as a Markov chain with exact chances; standard library only."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cache

from randomiser.design import Design
from randomiser.stepwise import OddsAfter, StepMethod

State = tuple[int, ...]
Odds = tuple[int, ...]


@dataclass(frozen=True)
class Chain:
    """The states of a list and its transitions.

    start:  the state of an empty list.
    enter:  takes a state; returns the states in which the next arm may be drawn, each with its
            chance (a new block may have one of several sizes).
    odds:   takes such a state; returns one whole number for each arm, all 0 when the list is full.
    after:  takes such a state and the index of the drawn arm; returns the next state.
    counts: takes a state; returns how often each arm is in the list, minus complete multiples of
            the ratio.
    """

    start: State
    enter: Callable[[State], Sequence[tuple[Fraction, State]]]
    odds: Callable[[State], Odds]
    after: Callable[[State, int], State]
    counts: Callable[[State], State]


def chain_of(design: Design) -> Chain:
    """Return the chain of a design whose lists follow from the key alone.

    Raises KeyError for an adaptive method and for an uploaded list.
    """
    if not isinstance(design.method, StepMethod):
        return CHAINS[design.method.name](design)
    return Chain(
        start=(0,) * len(design.arms),
        enter=lambda state: ((Fraction(1), state),),
        odds=cache(_tuples(design.method.odds_of(design))),
        after=_add_to_arm,
        counts=lambda state: state,
    )


def _tuples(odds_after: OddsAfter) -> Callable[[State], Odds]:
    return lambda counts: tuple(odds_after(counts))


def walk(chain: Chain, people: int) -> Iterator[dict[State, Fraction]]:
    """Yield, for list positions 1 to `people`, the chance of every state in which the arm is drawn.

    Then yield the states after the last position. Full lists drop out.
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


def _add_to_arm(counts: State, arm: int) -> State:
    return (*counts[:arm], counts[arm] + 1, *counts[arm + 1 :])


def _blocks(design: Design) -> Chain:
    """Return the chain of permuted blocks.

    A state is (size of the block, how often each arm is in it so far); size 0 is between blocks.
    """
    ratios = [arm.ratio for arm in design.arms]
    between = (0,) * (len(ratios) + 1)
    total = sum(design.weights)
    sizes = [
        (Fraction(weight, total), (size, *between[1:]))
        for size, weight in zip(design.sizes, design.weights, strict=True)
    ]

    def after(state: State, arm: int) -> State:
        later = _add_to_arm(state, arm + 1)
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


CHAINS: Mapping[str, Callable[[Design], Chain]] = {"permuted_blocks": _blocks}
"""Methods whose lists are not drawn one participant at a time, with their own states."""
