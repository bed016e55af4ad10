"""The instances of a repeated form (a log), as a table that leads to each of them."""

from __future__ import annotations

from collections.abc import Sequence

from flask import render_template

from capture.entry import reads
from capture.entry.presenters.cell_labels import value_words
from capture.entry.views.form_context import FormContext, form_url, get_banner, visit_words
from capture.participants.presenters.links import person_url
from capture.participants.presenters.log_tables import LogRow
from capture.participants.visit_status import FORM_TAGS
from capture.visibility import Viewer
from capture.web.page_data import TableColumn
from forms.definition import Instrument, Item, Study
from forms.evaluation_scope import Place

MOST_COLUMNS = 4


def render_instances(context: FormContext) -> str:
    """Draw the table, with the link to add another."""
    key = context.location.key
    entries = [
        entry
        for place, entry in sorted(context.casebook.entries.items())
        if (place.visit, place.occurrence, place.instrument)
        == (key.visit, key.occurrence, key.instrument)
    ]
    instrument, study = context.location.instrument, context.location.study
    items = list_shown_items(instrument, context.viewer)
    last = max((entry.key.instance for entry in entries), default=0)
    may_add = context.may_save and (instrument.repeats or last == 0)
    return render_template(
        "entry/instances.html",
        title=instrument.title,
        visit_title=visit_words(study, context.location.visit),
        banner=get_banner(context),
        back_url=person_url(context.location.person),
        columns=[
            TableColumn("Number"),
            *(TableColumn(item.label) for item in items),
            TableColumn("Status"),
        ],
        rows=[
            make_log_row(study, entry, items, _url(context, entry.key.instance))
            for entry in entries
        ],
        add_url=_url(context, last + 1) if may_add else None,
    )


def list_shown_items(instrument: Instrument, viewer: Viewer) -> list[Item]:
    """The first items of a form that the viewer may see, as the columns of a table."""
    items = instrument.value_items.values()
    return [item for item in items if viewer.shows_item(item.name)][:MOST_COLUMNS]


def make_log_row(study: Study, entry: reads.Entry, items: Sequence[Item], url: str) -> LogRow:
    """One instance as a row of such a table."""
    return LogRow(
        number=entry.key.instance,
        url=url,
        values=tuple(value_words(study, item, entry.cells.get(item.name)) for item in items),
        status=FORM_TAGS[entry.status],
    )


def _url(context: FormContext, instance: int) -> str:
    key, location = context.location.key, context.location
    place = Place(key.visit, key.occurrence, key.instrument, instance)
    return form_url(location.person, location.visit, place, instance=instance)
