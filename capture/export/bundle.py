"""The whole bundle: every dataset, the codebook and the manifest, written into one folder."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import orjson
import pyarrow as pa
import sqlalchemy as sa

from capture.export.attached import FileWriter
from capture.export.codebook import CODEBOOK, CODELISTS, write_codebook
from capture.export.columns import AnyDataset
from capture.export.doses import dose_datasets
from capture.export.endpoints import endpoint_datasets
from capture.export.entries import instrument_datasets
from capture.export.merged_definition import MergedDefinition
from capture.export.participant_record import ParticipantRecord, blind, case_of, cut_off
from capture.export.participants_dataset import people_dataset
from capture.export.sources import ArrowSource, Rows
from capture.export.visits import queries_dataset, visits_dataset
from capture.export.writers import Writer, WrittenFile
from capture.ledger.sealing import Checkpoint
from capture.ledger.service import SOFTWARE
from capture.visibility.datasets import DatasetViewer

MANIFEST = "MANIFEST.json"
LAYOUT = 1
"""The number of this layout of manifest and datasets; docs/datasets.md describes it."""


@dataclass(frozen=True)
class BundleContents:
    """What goes into a bundle: one state of a study and what of it may be shown.

    head: the signed tree head of exactly the position used. cutoff: the last day of events.
    """

    connection: sa.Connection
    source: ArrowSource
    whole: Rows
    union: MergedDefinition
    viewer: DatasetViewer
    head: Checkpoint
    formats: tuple[str, ...]
    cutoff: date | None


def write_bundle(contents: BundleContents, folder: Path) -> None:
    """Write every file of the bundle into an empty folder; the manifest last."""
    datasets = list(_datasets(contents))
    files = FileWriter(contents.connection, contents.union, contents.viewer, folder)
    written = _write_datasets(datasets, contents, folder, files)
    write_codebook(folder, datasets, contents.union)
    manifest = _manifest(contents, written, folder)
    if contents.viewer.identifying:
        manifest["attached_files"] = files.lines
    pretty = orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS | orjson.OPT_APPEND_NEWLINE
    (folder / MANIFEST).write_bytes(orjson.dumps(manifest, option=pretty))


def _datasets(contents: BundleContents) -> Iterator[AnyDataset]:
    union, viewer = contents.union, contents.viewer
    sites = {row["slug"]: row for row in contents.whole["site"]}
    zones = {slug: row["zone"] for slug, row in sites.items()}
    own: list[AnyDataset] = [
        people_dataset(union, viewer),
        visits_dataset(union),
        *dose_datasets(union, viewer),
        *endpoint_datasets(union, viewer, sites),
        queries_dataset(zones),
    ]
    yield from own
    taken = {dataset.name for dataset in own} | {"codebook", "codelists"}
    for dataset in instrument_datasets(union, viewer, zones):
        yield dataset.named_apart(taken)


def _write_datasets(
    datasets: Sequence[AnyDataset], contents: BundleContents, folder: Path, files: FileWriter
) -> list[WrittenFile]:
    with ExitStack() as stack:
        writers = [
            stack.enter_context(Writer(dataset, folder, contents.formats)) for dataset in datasets
        ]
        for case in _cases(contents):
            for writer in writers:
                writer.add(case)
            files.add(case)
        return [writer.finish() for writer in writers]


def _cases(contents: BundleContents) -> Iterator[ParticipantRecord]:
    """Everybody at the role's sites, cut off and blinded."""
    union = contents.union
    for rows in contents.source.people(contents.viewer.sites):
        case: ParticipantRecord | None = case_of(rows, union)
        if case is not None and contents.cutoff is not None:
            case = cut_off(case, union, contents.cutoff)
        if case is not None:
            yield blind(case, contents.viewer)


def _manifest(
    contents: BundleContents, written: Sequence[WrittenFile], folder: Path
) -> dict[str, Any]:
    """What is in the bundle and how to check it; nothing of when or by whom it was made."""
    return {
        "layout": LAYOUT,
        "study": contents.head.study,
        "title": contents.union.newest.title,
        "study_versions": [
            {name: row[name] for name in ("number", "label", "state", "sha256")}
            for row in sorted(contents.whole["study_version"], key=lambda row: row["number"])
        ],
        "software": {"sarcomere": SOFTWARE, "pyarrow": pa.__version__},
        "tree_head": dict(contents.head.__dict__),
        "cutoff": contents.cutoff.isoformat() if contents.cutoff else None,
        "shown_to": _shown_to(contents),
        "csv_text": (
            "Text is in double quotes, a missing value is empty without quotes. Text that people "
            "typed and that begins with = + - @ tab, return or line feed has a single quote before "
            "it; Parquet holds it exactly."
        ),
        "datasets": [_dataset_lines(one, folder) for one in written],
        "files": [_file_line(folder / name) for name in (CODEBOOK, CODELISTS)],
    }


def _shown_to(contents: BundleContents) -> dict[str, Any]:
    viewer, union = contents.viewer, contents.union
    endpoints = [
        endpoint.name for endpoint in union.newest.endpoints if not viewer.shows_endpoint(endpoint)
    ]
    return {
        "role": viewer.role.value,
        "sites": None if viewer.sites is None else sorted(viewer.sites),
        "arms": viewer.sees_arms,
        "identifying_items": viewer.identifying,
        "withheld_visits": sorted(viewer.withheld.visits),
        "withheld_instruments": sorted(viewer.withheld.instruments),
        "withheld_items": sorted(viewer.withheld.items),
        "withheld_events": sorted(viewer.withheld.events),
        "withheld_endpoints": endpoints,
        "unseen_items": sorted(viewer.unseen),
    }


def _dataset_lines(written: WrittenFile, folder: Path) -> dict[str, Any]:
    return {
        "name": written.name,
        "title": written.title,
        "rows": written.rows,
        "columns": list(written.columns),
        "values_sha256": written.digest,
        "files": [_file_line(folder / name) for name in written.files],
    }


def _file_line(path: Path) -> dict[str, Any]:
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return {"name": path.name, "sha256": digest, "bytes": path.stat().st_size}
