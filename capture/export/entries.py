"""One dataset per instrument: keys first, then every item, typed from the definition."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from capture.entry.reads import list_answers
from capture.export import columns as kinds
from capture.export.columns import Dataset, DatasetColumn, make_names_unique
from capture.export.item_columns import (
    EntryColumn,
    EntryRow,
    label_missing_reasons,
    make_item_columns,
)
from capture.export.merged_definition import MergedDefinition, MergedInstrument
from capture.export.participant_record import ParticipantRecord
from capture.visibility.datasets import DatasetViewer
from forms.definition import LOG_VISIT

LOG = "Log, at no visit"
STATUSES = {"in_progress": "In progress", "complete": "Complete", "not_done": "Not done"}


def list_instrument_datasets(
    merged: MergedDefinition, viewer: DatasetViewer, zones: Mapping[str, str]
) -> Iterator[Dataset[EntryRow]]:
    """A dataset for each instrument the role may see, in the study's order. zones: by site."""
    for instrument in merged.instruments:
        if viewer.shows_form(instrument.name):
            yield _make_dataset(instrument, merged, viewer, zones)


def _make_dataset(
    instrument: MergedInstrument,
    merged: MergedDefinition,
    viewer: DatasetViewer,
    zones: Mapping[str, str],
) -> Dataset[EntryRow]:
    reasons = label_missing_reasons(merged.newest.missing_reasons)
    keys = _make_key_columns(instrument, merged, viewer, reasons)
    shown = [item for item in instrument.items if viewer.shows_item(item.name)]
    columns_of_items = (column for item in shown for column in make_item_columns(item, reasons))
    names = [item.name for item in instrument.items]
    columns = (*keys, *make_names_unique(columns_of_items, [key.name for key in keys], names))

    def rows(case: ParticipantRecord) -> Iterable[EntryRow]:
        for entry in case.entries:
            if entry["instrument"] == instrument.name:
                yield EntryRow(case.person, entry, zones[entry["site"]], list_answers(entry))

    return Dataset(instrument.name, instrument.newest.title, columns, rows, instrument.name)


def _make_key_columns(
    instrument: MergedInstrument,
    merged: MergedDefinition,
    viewer: DatasetViewer,
    reasons: Mapping[str, str],
) -> tuple[EntryColumn, ...]:
    titles = {**merged.visit_titles(), **({LOG_VISIT: LOG} if instrument.newest.log else {})}
    return (
        DatasetColumn("study", "Study", kinds.TEXT, _take_person("study")),
        DatasetColumn("site", "Site where the form was begun", kinds.TEXT, _take_entry("site")),
        DatasetColumn(
            "site_recruited", "Site that recruited", kinds.TEXT, _take_person("site_recruited")
        ),
        DatasetColumn(
            "participant_number",
            "Participant number",
            kinds.TEXT,
            _take_person("participant_number"),
        ),
        DatasetColumn(
            "screening_number", "Screening number", kinds.TEXT, _take_person("screening_number")
        ),
        DatasetColumn("visit", "Visit", kinds.TEXT, _take_entry("visit_slug"), codes=titles),
        DatasetColumn(
            "occurrence", "Occurrence of the visit", kinds.WHOLE, _take_entry("occurrence")
        ),
        DatasetColumn("instance", "Instance of the form", kinds.WHOLE, _take_entry("instance")),
        DatasetColumn(
            "status", "Status of the form", kinds.TEXT, _take_entry("status"), codes=STATUSES
        ),
        DatasetColumn(
            "not_done_reason",
            "Why the form was not done",
            kinds.TEXT,
            _take_entry("reason"),
            codes=reasons,
        ),
        DatasetColumn("study_version", "Study version", kinds.WHOLE, _take_entry("study_version")),
        _make_assessment_date_column(instrument, viewer),
        DatasetColumn("saved_at", "Last saved (instant)", kinds.INSTANT, _take_entry("saved_at")),
        DatasetColumn(
            "saved_on",
            "Last saved (date at the site)",
            kinds.DATE,
            lambda row: kinds.local_day(row.entry["saved_at"], row.zone),
        ),
    )


def _make_assessment_date_column(
    instrument: MergedInstrument, viewer: DatasetViewer
) -> EntryColumn:
    """Return the assessment date: text where its item may lack a day, blank where it is hidden."""
    dated = instrument.newest.assessment_date or ""
    is_partial = any(item.merged.is_partial for item in instrument.items if item.name == dated)
    take = _take_entry("assessment_date") if viewer.shows_item(dated) else lambda _row: None
    kind = kinds.TEXT if is_partial else kinds.DATE
    return DatasetColumn("assessment_date", "Assessment date", kind, take, dated)


def _take_person(name: str) -> Callable[[EntryRow], Any]:
    return lambda row: row.person[name]


def _take_entry(name: str) -> Callable[[EntryRow], Any]:
    return lambda row: row.entry[name]
