"""Every allocation method by its name, and the one way to allocate with any of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from randomiser import (
    big_stick,
    block_urn,
    blocks,
    chen_biased_coin,
    efron_biased_coin,
    maximal_procedure,
    random_allocation_rule,
    simple,
    wei_urn,
)
from randomiser.allocation import Allocation, Places
from randomiser.design import Design
from randomiser.draw import Draw, list_of
from randomiser.history import Event
from randomiser.problems import ListFull, ReplayDiffers

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
}


def list_places(design: Design, name: str, draw: Draw) -> Places:
    """Yield the allocations of a list from position 1 on, by the method of the design."""
    return LISTS[design.method](design, name, draw)


def allocate(
    design: Design, history: Sequence[Event], levels: Mapping[str, str], draw: Draw
) -> Allocation:
    """Allocate the next participant within their stratum, by the method of the design.

    history: earlier events, oldest first; all of this list's, other lists' are passed over.
    levels:  one level code per factor of the design, such as {"country": "GB"}.
    draw:    opens the integers at a list position; `keyed(key)` in a real trial.

    Returns the allocation at the list's next position. Deterministic given its arguments. Every
    earlier position of the list is derived again first, so that nothing is built on a changed past.
    Raises UnknownLevel, ReplayDiffers, ListFull.
    """
    name = list_of(design, levels)
    places = list_places(design, name, draw)
    for event in history:
        if event.list_name == name:
            _refuse_difference(event, _next(places))
    return _next(places)


def _next(places: Places) -> Allocation:
    place = next(places, None)
    if place is None:
        raise ListFull(
            "Not randomised: the list of this stratum has a fixed number of people and is full. "
            "Tell the unblinded statistician; a new design version starts new lists."
        )
    return place


def _refuse_difference(event: Event, place: Allocation) -> None:
    which = "an earlier event" if event.number is None else f"number {event.number}"
    if event.list_position != place.list_position:
        raise ReplayDiffers(
            f"Not randomised: {which} is out of its place in the list. "
            "Tell the unblinded statistician; nothing may be drawn until this is explained.",
            event.number,
        )
    if event.arm is not None and event.arm != place.arm:
        raise ReplayDiffers(
            f"Not randomised: {which} does not have the arm that the key gives. "
            "Tell the unblinded statistician; nothing may be drawn until this is explained.",
            event.number,
        )
