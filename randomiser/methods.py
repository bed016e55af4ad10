"""Every allocation method by its name, and the one way to allocate with any of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from randomiser import (
    big_stick,
    block_urn,
    blocks,
    chen_biased_coin,
    efron_biased_coin,
    hu_hu,
    maximal_procedure,
    minimisation,
    random_allocation_rule,
    simple,
    uploaded_list,
    wei_urn,
)
from randomiser.allocation import Allocation, Places, StepTrace
from randomiser.design import Design, is_adaptive
from randomiser.draw import Draw, below, list_of
from randomiser.history import Event
from randomiser.problems import ListFull, ReplayDiffers
from randomiser.steps import pick
from randomiser.tally import Counts, tally_of

LISTS: Mapping[str, Callable[[Design, str, Draw], Places]] = {
    "permuted_blocks": blocks.list_places,
    "simple": simple.list_places,
    "random_allocation_rule": random_allocation_rule.list_places,
    "efron_biased_coin": efron_biased_coin.list_places,
    "chen_biased_coin": chen_biased_coin.list_places,
    "big_stick": big_stick.list_places,
    "wei_urn": wei_urn.list_places,
    "block_urn": block_urn.list_places,
    "maximal_procedure": maximal_procedure.list_places,
    "uploaded_list": uploaded_list.list_places,
}
"""The methods whose lists follow from the key alone."""
WEIGHED: Mapping[str, Callable[[Design, Counts], tuple[Sequence[int], Sequence[Any]]]] = {
    "minimisation": minimisation.odds,
    "hu_hu": hu_hu.odds,
}
"""The adaptive methods: from the counts to one whole number an arm and their imbalances."""


def list_places(design: Design, name: str, draw: Draw) -> Places:
    """Yield the allocations of a list from position 1 on, by the method of the design.

    Raises KeyError for an adaptive method, whose lists do not follow from the key alone.
    """
    return LISTS[design.method](design, name, draw)


def weigh(design: Design, counts: Counts, name: str, position: int, draw: Draw) -> Allocation:
    """Allocate by an adaptive method, at a position of a list, from the counts so far."""
    odds, imbalances = WEIGHED[design.method](design, counts)
    integer = below(draw(name, position), sum(odds))
    trace = StepTrace(tuple(odds), integer, tuple(map(str, imbalances)))
    return Allocation(design.arms[pick(odds, integer)].name, name, position, trace)


def allocate(
    design: Design, history: Sequence[Event], levels: Mapping[str, str], draw: Draw
) -> Allocation:
    """Allocate the next participant within their stratum, by the method of the design.

    history: the earlier events of the randomisation, all design versions, in order. For a method
             whose lists follow from the key those of this list are enough; others are passed over.
    levels:  one level code per factor of the design, such as {"country": "GB"}.
    draw:    opens the integers at a list position; `keyed(key)` in a real trial.

    Returns the allocation at the list's next position. Deterministic given its arguments. Where the
    list follows from the key, every earlier position is derived again first, so that nothing is
    built on a changed past; adaptive methods leave that to `replay`.
    Raises UnknownLevel, ReplayDiffers, ListFull.
    """
    name = list_of(design, levels)
    if is_adaptive(design):
        position = _next_position([event for event in history if event.list_name == name])
        number = 1 + max((event.number or 0 for event in history), default=0)
        return weigh(design, tally_of(design, history, number).counts(levels), name, position, draw)
    places = list_places(design, name, draw)
    for event in history:
        if event.list_name == name:
            _refuse_difference(event, _next(places))
    return _next(places)


def _next_position(listed: Sequence[Event]) -> int:
    for position, event in enumerate(listed, 1):
        _refuse_misplaced(event, position)
    return len(listed) + 1


def _next(places: Places) -> Allocation:
    place = next(places, None)
    if place is None:
        raise ListFull(
            "Not randomised: the list of this stratum has a fixed number of people and is full. "
            "Tell the unblinded statistician; a new design version starts new lists."
        )
    return place


def _refuse_difference(event: Event, place: Allocation) -> None:
    _refuse_misplaced(event, place.list_position)
    if event.arm is not None and event.arm != place.arm:
        raise ReplayDiffers(
            f"Not randomised: {_which(event)} does not have the arm that the key gives. "
            "Tell the unblinded statistician; nothing may be drawn until this is explained.",
            event.number,
        )


def _refuse_misplaced(event: Event, position: int) -> None:
    if event.list_position != position:
        raise ReplayDiffers(
            f"Not randomised: {_which(event)} is out of its place in the list. "
            "Tell the unblinded statistician; nothing may be drawn until this is explained.",
            event.number,
        )


def _which(event: Event) -> str:
    return "an earlier event" if event.number is None else f"number {event.number}"
