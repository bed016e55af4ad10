"""One dataset per instrument: keys first, then every item, typed from the definition."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from capture.export import columns as kinds
from capture.export.columns import Dataset, DatasetColumn, unique
from capture.export.item_columns import EntryRow, Made, item_columns, missing_reasons
from capture.export.merged_definition import MergedDefinition, MergedInstrument
from capture.export.participant_record import ParticipantRecord
from capture.visibility.datasets import DatasetViewer
from forms.definition import LOG_VISIT

LOG = "Log, at no visit"
NOT_DONE = "not_done"
STATUSES = {"in_progress": "In progress", "complete": "Complete", "not_done": "Not done"}


def instrument_datasets(
    union: MergedDefinition, viewer: DatasetViewer, zones: Mapping[str, str]
) -> Iterator[Dataset[EntryRow]]:
    """A dataset for each instrument the role may be shown, in the study's order. zones: by site."""
    for instrument in union.instruments:
        if viewer.shows_form(instrument.name):
            yield _dataset(instrument, union, viewer, zones)


def _dataset(
    instrument: MergedInstrument,
    union: MergedDefinition,
    viewer: DatasetViewer,
    zones: Mapping[str, str],
) -> Dataset[EntryRow]:
    reasons = missing_reasons(union.newest.missing_reasons)
    keys = _keys(instrument, union, viewer, reasons)
    shown = [item for item in instrument.items if viewer.shows_item(item.name)]
    asked = (column for item in shown for column in item_columns(item, reasons))
    names = [item.name for item in instrument.items]
    columns = (*keys, *unique(asked, [key.name for key in keys], names))

    def rows(case: ParticipantRecord) -> Iterable[EntryRow]:
        for entry in case.entries:
            if entry["instrument"] == instrument.name:
                yield EntryRow(case.person, entry, zones[entry["site"]], answers_of(entry))

    return Dataset(instrument.name, instrument.newest.title, columns, rows, instrument.name)


def answers_of(entry: Mapping[str, Any]) -> Mapping[str, Any]:
    """The cells that count: none of a form not done, none that a later answer hid."""
    if entry["status"] == NOT_DONE:
        return {}
    doc: Mapping[str, Any] = entry["doc"]
    hidden = entry["flags"]
    return {name: cell for name, cell in doc.items() if name not in hidden} if hidden else doc


def _keys(
    instrument: MergedInstrument,
    union: MergedDefinition,
    viewer: DatasetViewer,
    reasons: Mapping[str, str],
) -> tuple[Made, ...]:
    titles = {**union.visit_titles(), **({LOG_VISIT: LOG} if instrument.newest.log else {})}
    return (
        DatasetColumn("study", "Study", kinds.TEXT, _of_person("study")),
        DatasetColumn("site", "Site where the form was begun", kinds.TEXT, _of_entry("site")),
        DatasetColumn(
            "site_recruited", "Site that recruited", kinds.TEXT, _of_person("site_recruited")
        ),
        DatasetColumn(
            "participant_number", "Participant number", kinds.TEXT, _of_person("participant_number")
        ),
        DatasetColumn(
            "screening_number", "Screening number", kinds.TEXT, _of_person("screening_number")
        ),
        DatasetColumn("visit", "Visit", kinds.TEXT, _of_entry("visit_slug"), codes=titles),
        DatasetColumn(
            "occurrence", "Occurrence of the visit", kinds.WHOLE, _of_entry("occurrence")
        ),
        DatasetColumn("instance", "Instance of the form", kinds.WHOLE, _of_entry("instance")),
        DatasetColumn(
            "status", "Status of the form", kinds.TEXT, _of_entry("status"), codes=STATUSES
        ),
        DatasetColumn(
            "not_done_reason",
            "Why the form was not done",
            kinds.TEXT,
            _of_entry("reason"),
            codes=reasons,
        ),
        DatasetColumn("study_version", "Study version", kinds.WHOLE, _of_entry("study_version")),
        _assessed(instrument, viewer),
        DatasetColumn("saved_at", "Last saved (instant)", kinds.INSTANT, _of_entry("saved_at")),
        DatasetColumn(
            "saved_on",
            "Last saved (date at the site)",
            kinds.DATE,
            lambda row: kinds.local_day(row.entry["saved_at"], row.zone),
        ),
    )


def _assessed(instrument: MergedInstrument, viewer: DatasetViewer) -> Made:
    """The assessment date: text where its item may lack a day, blank where it is hidden."""
    dated = instrument.newest.assessment_date or ""
    is_partial = any(item.merged.is_partial for item in instrument.items if item.name == dated)
    take = _of_entry("assessment_date") if viewer.shows_item(dated) else lambda _row: None
    kind = kinds.TEXT if is_partial else kinds.DATE
    return DatasetColumn("assessment_date", "Assessment date", kind, take, dated)


def _of_person(name: str) -> Callable[[EntryRow], Any]:
    return lambda row: row.person[name]


def _of_entry(name: str) -> Callable[[EntryRow], Any]:
    return lambda row: row.entry[name]
