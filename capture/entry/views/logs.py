"""The log forms of a participant as tables on the participant's page, each with a link to add."""

from __future__ import annotations

from capture.access import Action
from capture.entry import reads
from capture.entry.views.form_context import form_url
from capture.entry.views.instances import list_shown_items, make_log_row
from capture.participants.presenters.log_tables import LogTable, register_log_tables
from capture.participants.presenters.next_steps import Outlook
from capture.participants.records import Status
from capture.web.page_data import TableColumn
from capture.web.perform import reading
from forms.definition import LOG_VISIT, Instrument
from forms.evaluation_scope import Place


@register_log_tables
def list_tables(outlook: Outlook) -> list[LogTable]:
    """One table for each log form of the study, in the study's order; none without the right."""
    person = outlook.person
    role = outlook.actor.role_for(Action.ENTRY_VIEW, person.study, person.site)
    kinds = [instrument for instrument in outlook.study.instruments if instrument.log]
    if role is None or not kinds:
        return []
    entries = reads.list_entries(reading(), person.id, [kind.name for kind in kinds])
    return [
        _make_table(outlook, kind, entries)
        for kind in kinds
        if outlook.viewer.shows_form(kind.name)
    ]


def _make_table(
    outlook: Outlook,
    kind: Instrument,
    entries: dict[Place, reads.Entry],
) -> LogTable:
    items = list_shown_items(kind, outlook.viewer)
    instances = [entry for place, entry in sorted(entries.items()) if place.instrument == kind.name]
    last = max((entry.key.instance for entry in instances), default=0)
    return LogTable(
        id=f"log-{kind.name}",
        title=kind.title,
        columns=(
            TableColumn("Number"),
            *(TableColumn(item.label) for item in items),
            TableColumn("Status"),
        ),
        rows=tuple(
            make_log_row(outlook.study, entry, items, _url(outlook, kind, entry.key.instance))
            for entry in instances
        ),
        add_url=_url(outlook, kind, last + 1) if _may_add(outlook, kind, last) else None,
    )


def _may_add(outlook: Outlook, kind: Instrument, last: int) -> bool:
    takes_part = outlook.person.status != Status.NOT_ENROLLED
    return takes_part and outlook.may(Action.ENTRY_SAVE) and (kind.repeats or last == 0)


def _url(outlook: Outlook, kind: Instrument, instance: int) -> str:
    return form_url(outlook.person, None, Place(LOG_VISIT, 1, kind.name, instance))
