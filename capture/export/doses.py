"""The dataset `doses`: a row for everybody registered at a dose level, also who was replaced."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from capture.export import columns as kinds
from capture.export.columns import Dataset, DatasetColumn
from capture.export.merged_definition import MergedDefinition
from capture.export.participant_record import ParticipantRecord
from capture.export.participants_dataset import identity
from capture.ledger.fold import StateRow
from capture.visibility.datasets import DatasetViewer

OUTCOMES = {"dlt": "DLT", "no_dlt": "No DLT", "not_evaluable": "Not evaluable, replaced"}


@dataclass(frozen=True)
class DoseRow:
    """A participant at a dose level."""

    case: ParticipantRecord
    slot: StateRow


def dose_datasets(union: MergedDefinition, viewer: DatasetViewer) -> Iterator[Dataset[DoseRow]]:
    """One dataset, in a study that has dose finding; levels for who may see arms alone."""
    if not any(version.dose_finding for version in union.versions):
        return

    def rows(case: ParticipantRecord) -> Iterable[DoseRow]:
        return (DoseRow(case, slot) for slot in case.slots)

    columns = (*identity(_of("site")), *_columns(union, viewer))
    yield Dataset("doses", "Registered at dose levels", columns, rows)


def _columns(union: MergedDefinition, viewer: DatasetViewer) -> Iterator[DatasetColumn[DoseRow]]:
    parts = [part for version in reversed(union.versions) for part in version.dose_finding]
    titles = {part.name: part.title for part in parts}
    yield DatasetColumn("part", "Dose-finding part", kinds.TEXT, _of("part"), codes=titles)
    yield DatasetColumn("number", "Number in the part", kinds.WHOLE, _of("number"))
    if viewer.sees_arms:
        yield DatasetColumn("level", "Dose level", kinds.TEXT, _of("level"))
        doses = {(part.name, level.level): level.dose for part in parts for level in part.levels}
        yield DatasetColumn(
            "dose", "Dose", kinds.TEXT, lambda row: doses.get(_level(row)), follows=True
        )
    yield DatasetColumn("registered_at", "Registered (instant)", kinds.INSTANT, _of("at"))
    yield DatasetColumn(
        "registered_on", "Registered (date at the site)", kinds.DATE, _of("local_date")
    )
    yield DatasetColumn("outcome", "Outcome", kinds.TEXT, _of("outcome"), codes=OUTCOMES)
    yield DatasetColumn("outcome_on", "Date of the outcome", kinds.DATE, _of("outcome_date"))
    yield DatasetColumn("met", "Second condition met", kinds.TRUTH, _of("met"))
    yield DatasetColumn("note", "What happened", kinds.TEXT, _of("note"), is_free=True)


def _level(row: DoseRow) -> tuple[str, str]:
    return row.slot["part"], row.slot["level"]


def _of(name: str) -> Callable[[DoseRow], Any]:
    return lambda row: row.slot[name]
