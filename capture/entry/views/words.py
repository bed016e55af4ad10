"""Instants, cells and acts as the pages of entries say them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from flask import url_for

from capture import clock
from capture.access import Action
from capture.entry import reads
from capture.entry.cell_words import value_words
from capture.entry.views.opening import Opened
from capture.participants.history import MOVED, Link
from capture.participants.links import person_url
from capture.participants.reads import participant
from capture.problems import NotFound
from capture.web import actor, reading
from forms.build import InstrumentForm
from forms.partial_dates import parse_iso
from forms.values import Cell

BLANK = "blank"
Linked = Callable[[str, Cell | None, str], str]


def when(at: str, zone: str) -> str:
    """An instant at the site: the time alone when it was today."""
    local = clock.from_text(at).astimezone(ZoneInfo(zone))
    time = local.strftime("%H:%M")
    if local.date() == clock.today(zone):
        return time
    return f"{parse_iso(local.date().isoformat()).words}, {time}"


def cell_words(opened: Opened, item: str, cell: Cell | None) -> str:
    """A cell in words; what is not there is said too."""
    items = opened.spot.instrument.value_items
    return value_words(opened.spot.study, items.get(item), cell)


@dataclass(frozen=True)
class HistoryLine:
    """One save: when and by whom, why, and its rows of item, old, new.

    redactions: for who may ask for one, the labels of its items with the addresses to ask at.
    link: the other participant, where answers were saved for the wrong one.
    """

    version: int
    what: str
    reason: str
    rows: tuple[tuple[str, str, str], ...]
    redactions: tuple[tuple[str, str], ...]
    link: Link | None = None


def history_lines(
    opened: Opened, form: InstrumentForm, past: list[reads.PastSave], linked: Linked
) -> list[HistoryLine]:
    """An entry's saves in words, newest first; items that the role may not see are left out.

    linked: makes a link of the words of an attached file.
    """
    told = [one for one in past if not one.changes or any(form.asks(c.item) for c in one.changes)]
    return [_line(opened, form, one, linked) for one in told]


def _line(
    opened: Opened, form: InstrumentForm, past: reads.PastSave, linked: Linked
) -> HistoryLine:
    items = opened.spot.instrument.value_items
    order = {name: number for number, name in enumerate(items)}
    seen = sorted(
        (one for one in past.changes if form.asks(one.item)),
        key=lambda one: order.get(one.item, len(order)),
    )
    at = when(past.at, opened.site.zone)
    status = past.status.replace("_", " ")
    why = {one.code: one.label for one in opened.spot.study.missing_reasons}
    reason = why.get(past.missing_reason or "", past.missing_reason or "")
    return HistoryLine(
        version=past.version,
        what=f"{at}: {past.who} ({past.role.replace('_', ' ')}), {status}",
        reason=": ".join(words for words in (reason, past.reason) if words),
        rows=tuple(
            (
                items[one.item].label if one.item in items else one.item,
                linked(one.item, one.old, cell_words(opened, one.item, one.old)),
                linked(one.item, one.new, cell_words(opened, one.item, one.new)),
            )
            for one in seen
        ),
        redactions=tuple(_redactions(opened, [one.item for one in seen])),
        link=_link(opened, past),
    )


def _link(opened: Opened, past: reads.PastSave) -> Link | None:
    """The other side of a misplaced form; without an address where the reader may not see it."""
    name, pid = ("moved_to", past.moved_to) if past.moved_to else ("moved_from", past.moved_from)
    if not pid:
        return None
    try:
        other = participant(reading(), actor(), opened.spot.person.study, pid)
    except NotFound:
        return Link(MOVED[name])
    return Link(MOVED[name], other.number, person_url(other))


def _redactions(opened: Opened, names: Sequence[str]) -> Iterator[tuple[str, str]]:
    person, entry, items = opened.spot.person, opened.entry, opened.spot.instrument.value_items
    if entry is None or not actor().may(Action.LEDGER_ASK_REDACTION, person.study, person.site):
        return
    for name in names:
        if name in items:
            where = url_for(
                "oversight.ask", study=person.study, pid=person.id, entry=entry.id, item=name
            )
            yield items[name].label, where
