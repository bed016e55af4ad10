"""Recompute every past allocation of a design version from its key, and list the differences."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice

from randomiser.allocation import Places
from randomiser.design import Design
from randomiser.draw import Draw, keyed, list_of
from randomiser.history import Event, Kind
from randomiser.methods import list_places
from randomiser.problems import UnknownLevel

FURTHEST = 1_000_000


@dataclass(frozen=True)
class Difference:
    """One thing that stands otherwise than the key gives it.

    words names the study-wide number and never a list position, which only the unblinded
    statistician may see; list_name and list_position are for them.
    """

    number: int | None
    list_name: str | None
    list_position: int | None
    words: str


@dataclass
class _List:
    """How far one list has been walked."""

    places: Places
    derived: list[str] = field(default_factory=list)
    taken: int = 0

    def arm_at(self, position: int) -> str | None:
        """The arm that the key gives at a position; None past the end of the list."""
        missing = position - len(self.derived)
        self.derived.extend(place.arm for place in islice(self.places, max(0, missing)))
        return self.derived[position - 1] if position <= len(self.derived) else None


def replay(design: Design, key: bytes, events: Sequence[Event]) -> list[Difference]:
    """Return what differs from the allocations that the key gives; empty when nothing does.

    events: the history in study-wide order; those of other design versions are passed over.
    Checks, per event in order: the list belongs to the levels, the position is the list's next,
    the arm is the one derived. Raises KeyProblem for a key of the wrong length.
    """
    draw = keyed(key)
    lists: dict[str, _List] = {}
    found: list[Difference] = []
    for event in events:
        if event.design_version == design.version and event.kind is not Kind.ELSEWHERE:
            found.extend(_differences(design, draw, lists, event))
    return found


def _differences(
    design: Design, draw: Draw, lists: dict[str, _List], event: Event
) -> Iterator[Difference]:
    if event.kind is Kind.ALLOCATED:
        yield from _list_difference(design, event)
    if event.list_name is None or event.list_position is None:
        if event.kind is not Kind.LOST:
            yield _difference(event, "has no list position")
        return
    walked = lists.setdefault(event.list_name, _List(list_places(design, event.list_name, draw)))
    yield from _place_differences(walked, event, event.list_position)


def _list_difference(design: Design, event: Event) -> Iterator[Difference]:
    try:
        expected = list_of(design, event.levels or {})
    except UnknownLevel as problem:
        yield _difference(event, f"has levels outside the design: {problem}")
        return
    if event.list_name != expected:
        yield _difference(event, "is not in the list that its levels pick")


def _place_differences(walked: _List, event: Event, position: int) -> Iterator[Difference]:
    if position != walked.taken + 1:
        yield _difference(event, "is not at the next position of its list")
    if not 1 <= position <= FURTHEST:
        return
    walked.taken = position
    derived = walked.arm_at(position)
    if derived is None:
        yield _difference(event, "is past the end of its list")
    elif event.kind is Kind.ALLOCATED and event.arm != derived:
        yield _difference(event, f"has the arm {event.arm}; the key gives {derived}")


def _difference(event: Event, what: str) -> Difference:
    which = f"A {event.kind} event without a number"
    if event.number is not None:
        which = f"Number {event.number}"
    return Difference(event.number, event.list_name, event.list_position, f"{which} {what}.")
