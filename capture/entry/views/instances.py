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


def render_instances(opened: FormContext) -> str:
    """Draw the table, with the way to add another."""
    key = opened.spot.key
    mine = [
        one
        for place, one in sorted(opened.known.entries.items())
        if (place.visit, place.occurrence, place.instrument)
        == (key.visit, key.occurrence, key.instrument)
    ]
    instrument, study = opened.spot.instrument, opened.spot.study
    items = list_shown_items(instrument, opened.viewer)
    last = max((one.key.instance for one in mine), default=0)
    may_add = opened.may_save and (instrument.repeats or last == 0)
    return render_template(
        "entry/instances.html",
        title=instrument.title,
        visit_title=visit_words(study, opened.spot.visit),
        banner=get_banner(opened),
        back_url=person_url(opened.spot.person),
        columns=[
            TableColumn("Number"),
            *(TableColumn(item.label) for item in items),
            TableColumn("Status"),
        ],
        rows=[make_log_row(study, one, items, _url(opened, one.key.instance)) for one in mine],
        add_url=_url(opened, last + 1) if may_add else None,
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


def _url(opened: FormContext, instance: int) -> str:
    key, spot = opened.spot.key, opened.spot
    place = Place(key.visit, key.occurrence, key.instrument, instance)
    return form_url(spot.person, spot.visit, place, instance=instance)
