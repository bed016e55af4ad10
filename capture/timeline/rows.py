"""One row of a timeline, as every page and file shows it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from capture import clock
from capture.access import Action
from capture.ledger.action_labels import Detail
from capture.timeline.words import local_words

MOST_LINES = 6


@dataclass(frozen=True)
class ParticipantLink:
    """The other participant of a form that was moved; no address where the reader sees none."""

    words: str
    number: str = ""
    url: str = ""


@dataclass(frozen=True)
class TimelineRow:
    """One action: when and by whom, what it was done to, what it changed and why.

    at: the instant in UTC. zone: of the site, or of the study. place: what it was done to.
    version: of the form that it saved, if any.
    """

    ledger_id: str
    at: str
    zone: str
    who: str
    role: str
    action: Action
    label: str
    place: str
    details: tuple[Detail, ...]
    reason: str
    link: ParticipantLink | None = None
    version: int | None = None

    @property
    def what(self) -> str:
        """The action and what it was done to: Form saved: Vital signs, Screening."""
        return f"{self.label}: {self.place}" if self.place else self.label

    @property
    def when(self) -> str:
        """The site's time: 3 March 2026, 14:32."""
        return local_words(self.at, self.zone)

    @property
    def utc(self) -> str:
        return f"{self.at[:10]} {self.at[11:19]}"

    @property
    def local(self) -> str:
        return f"{clock.from_text(self.at).astimezone(ZoneInfo(self.zone)):%Y-%m-%d %H:%M:%S}"

    @property
    def summary(self) -> tuple[str, ...]:
        """The details in few lines: answers that are new are counted, long lists shortened."""
        return tuple(self._summary())

    def _summary(self) -> Iterator[str]:
        fresh = [detail for detail in self.details if detail.item and not detail.old]
        if fresh:
            yield f"{len(fresh)} {'answer' if len(fresh) == 1 else 'answers'} filled in"
        yield from (detail.words for detail in self.details if detail.item and detail.old)
        others = [detail.words for detail in self.details if not detail.item]
        if len(others) <= MOST_LINES:
            yield from others
        else:
            yield from (others[0], f"and {len(others) - 2} more, the last of them", others[-1])
