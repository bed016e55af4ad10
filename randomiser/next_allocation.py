"""The next allocation of a design, by any method."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from randomiser.allocation import Allocation, Places, StepTrace
from randomiser.counts import Counts, count_people
from randomiser.design import Design, is_adaptive, list_of
from randomiser.draw import Draw, below
from randomiser.history import Event
from randomiser.method import AdaptiveMethod
from randomiser.problems import ListFull, ReplayDiffers
from randomiser.stepwise import pick


def list_places(design: Design, name: str, draw: Draw) -> Places:
    """Yield the allocations of a list from position 1 on, by the method of the design.

    Raises KeyError for an adaptive method, whose lists do not follow from the key alone.
    """
    return design.method.list_places(design, name, draw)


def odds_and_imbalances(design: Design, counts: Counts) -> tuple[Sequence[int], Sequence[Any]]:
    """Return one whole number for each arm and the imbalance that each arm would leave.

    Raises KeyError for a method that is not adaptive.
    """
    if not isinstance(design.method, AdaptiveMethod):
        raise KeyError(design.method.name)
    return design.method.odds(design, counts)


def weigh(design: Design, counts: Counts, name: str, position: int, draw: Draw) -> Allocation:
    """Return the allocation of an adaptive method at a list position, from the counts so far."""
    odds, imbalances = odds_and_imbalances(design, counts)
    integer = below(draw(name, position), sum(odds))
    trace = StepTrace(tuple(odds), integer, tuple(map(str, imbalances)))
    return Allocation(design.arms[pick(odds, integer)].name, name, position, trace)


def allocate(
    design: Design, history: Sequence[Event], levels: Mapping[str, str], draw: Draw
) -> Allocation:
    """Allocate the next participant within their stratum, by the method of the design.

    history: the earlier events of the randomisation, of all design versions, in order. If the lists
             follow from the key alone, the events of this list are enough; others are ignored.
    levels:  one level code per factor of the design, such as {"country": "GB"}.
    draw:    returns the integers of a list position; `make_draw(key)` in a real trial.

    Returns the allocation at the list's next position. Deterministic given its arguments. If the
    list follows from the key alone, every earlier position is derived again first, so that a
    changed history is found; for adaptive methods `replay` does this.
    Raises UnknownLevel, ReplayDiffers, ListFull.
    """
    name = list_of(design, levels)
    if is_adaptive(design):
        position = _next_position([event for event in history if event.list_name == name])
        number = 1 + max((event.number or 0 for event in history), default=0)
        counts = count_people(design, history, number).counts(levels)
        return weigh(design, counts, name, position, draw)
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
            "Not randomised: the list of this stratum is full. "
            "Tell the unblinded statistician; a new design version starts new lists."
        )
    return place


def _refuse_difference(event: Event, place: Allocation) -> None:
    _refuse_misplaced(event, place.list_position)
    if event.arm is not None and event.arm != place.arm:
        raise ReplayDiffers(
            f"Not randomised: {_which(event)} does not have the arm that the key gives. "
            "Tell the unblinded statistician; do not randomise until this is explained.",
            event.number,
        )


def _refuse_misplaced(event: Event, position: int) -> None:
    if event.list_position != position:
        raise ReplayDiffers(
            f"Not randomised: {_which(event)} is out of order in its list. "
            "Tell the unblinded statistician; do not randomise until this is explained.",
            event.number,
        )


def _which(event: Event) -> str:
    return "an earlier event" if event.number is None else f"number {event.number}"
