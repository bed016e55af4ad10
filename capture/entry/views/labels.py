"""Instants, cells and saves in words, for the pages of entries."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from zoneinfo import ZoneInfo

from flask import url_for

from capture import clock
from capture.access import Action
from capture.entry import reads
from capture.entry.presenters.cell_labels import value_words
from capture.entry.views.form_context import FormContext
from capture.ledger.action_labels import Detail
from capture.participants.presenters.timeline import find_linked
from capture.timeline import BLANK, TimelineNames, TimelineReader, TimelineRow, make_row
from capture.visibility import get_viewer
from capture.web.perform import actor, reading
from forms.build import InstrumentForm
from forms.partial_dates import parse_iso
from forms.values import Cell

Linked = Callable[[str, Cell | None, str], str]


def time_words(at: str, zone: str) -> str:
    """An instant at the site: the time alone when it was today."""
    local = clock.from_text(at).astimezone(ZoneInfo(zone))
    time = local.strftime("%H:%M")
    if local.date() == clock.today(zone):
        return time
    return f"{parse_iso(local.date().isoformat()).words}, {time}"


def cell_words(context: FormContext, item: str, cell: Cell | None) -> str:
    """A cell in words; a missing one has words too."""
    items = context.location.instrument.value_items
    return value_words(context.location.study, items.get(item), cell)


@dataclass(frozen=True)
class FormHistoryRow:
    """One save of the form in words, with its table of changes: label, old, new.

    redactions: for who may ask for one, the labels of its items with the addresses to ask at.
    """

    row: TimelineRow
    changes: tuple[tuple[str, str, str], ...]
    redactions: tuple[tuple[str, str], ...]


def list_form_history(
    context: FormContext, form: InstrumentForm, past: Sequence[reads.PastSave], linked: Linked
) -> list[FormHistoryRow]:
    """An entry's saves in words, newest first; items that the form does not ask are left out.

    linked: makes a link of the words of an attached file.
    """
    reader = _make_reader(context, past)
    rows = ((save, make_row(save.fact, reader)) for save in past)
    return [_make_history_row(context, form, save, row, linked) for save, row in rows if row]


def _make_reader(context: FormContext, past: Sequence[reads.PastSave]) -> TimelineReader:
    study, site = context.location.study, context.site
    viewer = get_viewer(actor(), study, context.location.person.site, zone=site.zone)
    people = {save.fact.actor: save.who for save in past}
    names = TimelineNames(
        users=lambda user: people.get(user, user),
        find_participant=partial(find_linked, reading(), actor(), study.slug),
    )
    return TimelineReader(viewer, names, is_at_form=True)


def _make_history_row(
    context: FormContext,
    form: InstrumentForm,
    save: reads.PastSave,
    row: TimelineRow,
    linked: Linked,
) -> FormHistoryRow:
    order = {name: number for number, name in enumerate(context.location.instrument.value_items)}
    cells = {change.item: change for change in save.changes}
    asked = [detail for detail in row.details if detail.item and form.asks(detail.item)]
    asked.sort(key=lambda detail: order.get(detail.item, len(order)))
    answers = [
        (
            detail.label,
            linked(detail.item, cells[detail.item].old, detail.old or BLANK),
            linked(detail.item, cells[detail.item].new, detail.new or BLANK),
        )
        for detail in asked
    ]
    others = [
        (detail.label, detail.old or BLANK, detail.new or BLANK)
        for detail in row.details
        if not detail.item
    ]
    return FormHistoryRow(row, (*answers, *others), tuple(_list_redaction_links(context, asked)))


def _list_redaction_links(
    context: FormContext, answers: Sequence[Detail]
) -> Iterator[tuple[str, str]]:
    person, items = context.location.person, context.location.instrument.value_items
    if not actor().may(Action.REDACTION_REQUEST, person.study, person.site):
        return
    for answer in answers:
        if answer.item in items:
            where = url_for(
                "oversight.ask",
                study=person.study,
                pid=person.id,
                entry=answer.entry,
                item=answer.item,
            )
            yield answer.label, where
