"""The open queries at the reader's sites, each with the value and a link to answer it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from flask import render_template

from capture.access import Action, allow
from capture.entry.reads import Entry, list_entries_by_id
from capture.entry.views.blueprint import bp
from capture.entry.views.form_context import form_url, visit_words
from capture.participants import reads as participant_reads
from capture.participants.records import Participant, Visit
from capture.queries.reads import MOST_LISTED, Query, list_open_queries_at
from capture.study import reads as study_reads
from capture.visibility import get_viewer
from capture.web.page_data import TableColumn
from capture.web.perform import actor, reading
from forms.definition import Study
from forms.values import show_value

COLUMNS = tuple(TableColumn(text) for text in ("Participant", "Form", "Query text", "Value"))


@dataclass(frozen=True)
class OpenQueryRow:
    """One open query; `url` leads to the value, where it is confirmed or corrected."""

    number: str
    form: str
    question: str
    value: str
    url: str


@bp.get("/studies/<study>/queries")
@allow(Action.ENTRY_VIEW)
def query_list(study: str) -> str:
    """Every open query, oldest first."""
    connection = reading()
    definition = study_reads.get_definition_for(connection, study)
    sites = [site.slug for site in study_reads.list_sites(connection, actor(), study)]
    viewer = get_viewer(actor(), definition, *sites)
    queries = list_open_queries_at(connection, actor(), study, viewer)
    rows = list(_list_rows(connection, definition, queries))
    return render_template(
        "entry/queries.html",
        study=study,
        title=definition.short_title,
        columns=COLUMNS,
        rows=rows,
        most=MOST_LISTED if len(queries) == MOST_LISTED else None,
    )


def _list_rows(
    connection: sa.Connection, study: Study, queries: Sequence[Query]
) -> Iterator[OpenQueryRow]:
    """The queries as the list shows them; those whose form is gone are left out."""
    entries = list_entries_by_id(connection, {query.entry for query in queries})
    ids = {query.participant for query in queries}
    people = participant_reads.list_people_by_id(connection, ids)
    ids = {query.visit for query in queries if query.visit}
    visits = participant_reads.list_visits_by_id(connection, ids)
    for query in queries:
        if query.entry in entries:
            visit = visits[query.visit] if query.visit else None
            yield _make_row(study, query, entries[query.entry], people[query.participant], visit)


def _make_row(
    study: Study, query: Query, entry: Entry, person: Participant, visit: Visit | None
) -> OpenQueryRow:
    title = study.instrument(entry.key.instrument).title
    return OpenQueryRow(
        number=person.number,
        form=f"{title}, {visit_words(study, visit)}",
        question=query.message,
        value=_value_words(study, entry, query.item),
        url=f"{form_url(person, visit, entry.key)}#{query.item}-item",
    )


def _value_words(study: Study, entry: Entry, item: str) -> str:
    if item not in study.item_names:
        return ""
    return show_value(study.item(item), entry.kept_cells.get(item), study.missing_reasons)
