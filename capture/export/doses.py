"""The dataset `doses`: a row for each participant registered at a dose level, replaced or not."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from capture.export import columns as kinds
from capture.export.columns import Dataset, DatasetColumn
from capture.export.merged_definition import MergedDefinition
from capture.export.participant_record import ParticipantRecord
from capture.export.participants_dataset import make_identity_columns
from capture.ledger.fold import StateRow
from capture.visibility.datasets import DatasetViewer

OUTCOMES = {"dlt": "DLT", "no_dlt": "No DLT", "not_evaluable": "Not evaluable, replaced"}


@dataclass(frozen=True)
class DoseRow:
    """A participant at a dose level."""

    case: ParticipantRecord
    slot: StateRow


def list_dose_datasets(
    merged: MergedDefinition, viewer: DatasetViewer
) -> Iterator[Dataset[DoseRow]]:
    """One dataset if the study has dose finding; levels only for roles that may see arms."""
    if not any(version.dose_finding for version in merged.versions):
        return

    def rows(case: ParticipantRecord) -> Iterable[DoseRow]:
        return (DoseRow(case, slot) for slot in case.slots)

    columns = (*make_identity_columns(_take_slot("site")), *_make_columns(merged, viewer))
    yield Dataset("doses", "Registered at dose levels", columns, rows)


def _make_columns(
    merged: MergedDefinition, viewer: DatasetViewer
) -> Iterator[DatasetColumn[DoseRow]]:
    parts = [part for version in reversed(merged.versions) for part in version.dose_finding]
    titles = {part.name: part.title for part in parts}
    yield DatasetColumn("part", "Dose-finding part", kinds.TEXT, _take_slot("part"), codes=titles)
    yield DatasetColumn("number", "Number in the part", kinds.WHOLE, _take_slot("number"))
    if viewer.sees_arms:
        yield DatasetColumn("level", "Dose level", kinds.TEXT, _take_slot("level"))
        doses = {(part.name, level.level): level.dose for part in parts for level in part.levels}
        yield DatasetColumn(
            "dose", "Dose", kinds.TEXT, lambda row: doses.get(_get_level(row)), follows=True
        )
    yield DatasetColumn("registered_at", "Registered (instant)", kinds.INSTANT, _take_slot("at"))
    yield DatasetColumn(
        "registered_on", "Registered (date at the site)", kinds.DATE, _take_slot("local_date")
    )
    yield DatasetColumn("outcome", "Outcome", kinds.TEXT, _take_slot("outcome"), codes=OUTCOMES)
    yield DatasetColumn("outcome_on", "Date of the outcome", kinds.DATE, _take_slot("outcome_date"))
    yield DatasetColumn("met", "Second condition met", kinds.TRUTH, _take_slot("met"))
    yield DatasetColumn("note", "What happened", kinds.TEXT, _take_slot("note"), is_free=True)


def _get_level(row: DoseRow) -> tuple[str, str]:
    return row.slot["part"], row.slot["level"]


def _take_slot(name: str) -> Callable[[DoseRow], Any]:
    return lambda row: row.slot[name]
