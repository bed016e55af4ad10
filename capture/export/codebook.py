"""The codebook: a description of every column of every dataset, and every code with its label."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from capture.export.columns import AnyDataset
from capture.export.merged_definition import DatasetItem, MergedDefinition

CODEBOOK, CODELISTS = "codebook.csv", "codelists.csv"
CODEBOOK_HEAD = (
    "dataset",
    "position",
    "column",
    "label",
    "type",
    "unit",
    "codes",
    "instrument",
    "section",
    "item",
    "study_versions",
    "required",
    "identifying",
    "critical",
    "shown_when",
    "formula",
)
CODELISTS_HEAD = ("dataset", "column", "code", "label")


def write_codebook(folder: Path, datasets: Sequence[AnyDataset], merged: MergedDefinition) -> None:
    """Write codebook.csv (a row per column) and codelists.csv (a row per code)."""
    _write(folder / CODEBOOK, CODEBOOK_HEAD, _make_column_rows(datasets, merged))
    _write(folder / CODELISTS, CODELISTS_HEAD, _make_code_rows(datasets))


def _make_column_rows(
    datasets: Sequence[AnyDataset], merged: MergedDefinition
) -> Iterator[tuple[str, ...]]:
    items = {
        (instrument.name, item.name): item
        for instrument in merged.instruments
        for item in instrument.items
    }
    for dataset in datasets:
        for position, column in enumerate(dataset.columns, start=1):
            has_codes = "yes" if column.codes else ""
            yield (
                dataset.name,
                str(position),
                column.name,
                column.label,
                str(column.type),
                column.unit,
                has_codes,
                dataset.instrument,
                *_make_item_cells(items.get((dataset.instrument, column.item))),
            )


def _make_item_cells(item: DatasetItem | None) -> tuple[str, ...]:
    if item is None:
        return ("",) * 8
    marks = (item.item.required, item.item.identifying, item.item.critical)
    return (
        item.section,
        item.name,
        " ".join(item.versions),
        *("yes" if mark else "no" for mark in marks),
        " and ".join(f"({text})" for text in item.conditions),
        _get_formula(item),
    )


def _get_formula(item: DatasetItem) -> str:
    return item.item.derivation.wording if item.item.derivation else ""


def _make_code_rows(datasets: Sequence[AnyDataset]) -> Iterator[tuple[str, ...]]:
    for dataset in datasets:
        for column in dataset.columns:
            for code, label in column.codes.items():
                yield dataset.name, column.name, code, label


def _write(path: Path, head: Sequence[str], rows: Iterable[tuple[str, ...]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, quoting=csv.QUOTE_ALL, lineterminator="\n")
        writer.writerow(head)
        writer.writerows(rows)
