"""Derive every allocation of a design version from its key again and list the differences."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice

from randomiser.allocation import Places
from randomiser.counts import Tally
from randomiser.design import Design, is_adaptive, list_of
from randomiser.draw import Draw, make_draw
from randomiser.envelopes import Opened
from randomiser.history import Event, Kind
from randomiser.next_allocation import list_places, weigh
from randomiser.problems import UnknownLevel

FURTHEST = 1_000_000


@dataclass(frozen=True)
class Difference:
    """A stored value that differs from what the key gives.

    words has the study-wide number but never a list position. Only the unblinded statistician may
    see a list position: list_name and list_position are for them.
    """

    number: int | None
    list_name: str | None
    list_position: int | None
    words: str


class Lists:
    """The arms of lists that follow from the key alone."""

    def __init__(self, places_of: Callable[[str], Places]) -> None:
        self._places_of = places_of
        self._lists: dict[str, tuple[Places, list[str]]] = {}

    def arm(self, event: Event) -> str | None:
        """Return the arm that the key gives at the event's position; None after its list's end."""
        name, position = event.list_name or "", event.list_position or 0
        if name not in self._lists:
            self._lists[name] = (self._places_of(name), [])
        places, derived = self._lists[name]
        derived.extend(place.arm for place in islice(places, max(0, position - len(derived))))
        return derived[position - 1] if position <= len(derived) else None

    def follow(self, event: Event) -> None:
        """Do nothing: these lists do not depend on events."""


class Weighed:
    """The arms of an adaptive method, which depend on all earlier events."""

    def __init__(self, design: Design, draw: Draw) -> None:
        self._design, self._draw = design, draw
        self._tally = Tally(design)

    def arm(self, event: Event) -> str | None:
        """Return the arm that key and history give for a participant with the event's levels."""
        if event.kind is not Kind.ALLOCATED or event.number is None:
            return event.arm or ""
        self._tally.note_mistakes(event.number)
        counts = self._tally.counts(event.levels or {})
        name, position = event.list_name or "", event.list_position or 0
        return weigh(self._design, counts, name, position, self._draw).arm

    def follow(self, event: Event) -> None:
        """Count the event."""
        self._tally.add(event)


Source = Lists | Weighed


def source_of(design: Design, draw: Draw) -> Source:
    """Return the source of a design's arms with these draws."""
    if is_adaptive(design):
        return Weighed(design, draw)
    return Lists(lambda name: list_places(design, name, draw))


@dataclass
class _Walk:
    """The state of the replay after the events read so far."""

    design: Design
    source: Source
    opened: Opened
    taken: dict[str, int] = field(default_factory=dict)

    def differences(self, event: Event) -> Iterator[Difference]:
        """Yield the differences of one event of this design version."""
        if event.kind is Kind.ENVELOPE:
            yield from (_difference(event, words) for words in self.opened.problems(event))
            return
        if event.arm is not None:
            yield from _list_difference(self.design, event)
        if event.list_name is None or event.list_position is None:
            if event.kind is not Kind.LOST:
                yield _difference(event, "has no list position")
            return
        yield from self._place_differences(event, event.list_name, event.list_position)

    def _place_differences(self, event: Event, name: str, position: int) -> Iterator[Difference]:
        if position != self.taken.get(name, 0) + 1:
            yield _difference(event, "is not at the next position of its list")
        if not 1 <= position <= FURTHEST:
            return
        self.taken[name] = position
        derived = self.source.arm(event)
        if derived is None:
            yield _difference(event, "is past the end of its list")
        elif event.arm is not None and event.arm != derived:
            yield _difference(event, f"has the arm {event.arm}; the key gives {derived}")


def replay(design: Design, key: bytes, events: Sequence[Event]) -> list[Difference]:
    """Return the differences from the allocations that the key gives; empty when there are none.

    events: the history in study-wide order, of every design version. Only events of this design are
    checked, but an adaptive method counts the others too. Each event is checked in order: the list
    belongs to the levels, the position is the list's next, and the arm is the one derived.
    Raises KeyProblem for a key of the wrong length.
    """
    draw = make_draw(key)
    walk = _Walk(design, source_of(design, draw), Opened(design, draw))
    found: list[Difference] = []
    for event in events:
        if event.design_version == design.version and event.kind is not Kind.ELSEWHERE:
            found.extend(walk.differences(event))
        walk.source.follow(event)
    return found


def _list_difference(design: Design, event: Event) -> Iterator[Difference]:
    try:
        expected = list_of(design, event.levels or {})
    except UnknownLevel as problem:
        yield _difference(event, f"has levels outside the design: {problem}")
        return
    if event.list_name != expected:
        yield _difference(event, "is not in the list that its levels pick")


def _difference(event: Event, what: str) -> Difference:
    which = f"A {event.kind} event without a number"
    if event.number is not None:
        which = f"Number {event.number}"
    return Difference(event.number, event.list_name, event.list_position, f"{which} {what}.")
