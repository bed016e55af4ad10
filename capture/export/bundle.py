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
from capture.export.doses import list_dose_datasets
from capture.export.endpoints import list_endpoint_datasets
from capture.export.entries import list_instrument_datasets
from capture.export.merged_definition import MergedDefinition
from capture.export.participant_record import ParticipantRecord, blind, cut_off, make_record
from capture.export.participants_dataset import make_people_dataset
from capture.export.sources import ArrowSource, Rows
from capture.export.visits import make_queries_dataset, make_visits_dataset
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
    merged: MergedDefinition
    viewer: DatasetViewer
    head: Checkpoint
    formats: tuple[str, ...]
    cutoff: date | None


def write_bundle(contents: BundleContents, folder: Path) -> None:
    """Write every file of the bundle into an empty folder; the manifest last."""
    datasets = list(_make_datasets(contents))
    files = FileWriter(contents.connection, contents.merged, contents.viewer, folder)
    written = _write_datasets(datasets, contents, folder, files)
    write_codebook(folder, datasets, contents.merged)
    manifest = _make_manifest(contents, written, folder)
    if contents.viewer.identifying:
        manifest["attached_files"] = files.lines
    pretty = orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS | orjson.OPT_APPEND_NEWLINE
    (folder / MANIFEST).write_bytes(orjson.dumps(manifest, option=pretty))


def _make_datasets(contents: BundleContents) -> Iterator[AnyDataset]:
    merged, viewer = contents.merged, contents.viewer
    sites = {row["slug"]: row for row in contents.whole["site"]}
    zones = {slug: row["zone"] for slug, row in sites.items()}
    own: list[AnyDataset] = [
        make_people_dataset(merged, viewer),
        make_visits_dataset(merged),
        *list_dose_datasets(merged, viewer),
        *list_endpoint_datasets(merged, viewer, sites),
        make_queries_dataset(zones),
    ]
    yield from own
    names = {dataset.name for dataset in own} | {"codebook", "codelists"}
    for dataset in list_instrument_datasets(merged, viewer, zones):
        yield dataset.rename_if_taken(names)


def _write_datasets(
    datasets: Sequence[AnyDataset], contents: BundleContents, folder: Path, files: FileWriter
) -> list[WrittenFile]:
    with ExitStack() as stack:
        writers = [
            stack.enter_context(Writer(dataset, folder, contents.formats)) for dataset in datasets
        ]
        for case in _list_records(contents):
            for writer in writers:
                writer.add(case)
            files.add(case)
        return [writer.finish() for writer in writers]


def _list_records(contents: BundleContents) -> Iterator[ParticipantRecord]:
    """Everybody at the role's sites, cut off and blinded."""
    merged = contents.merged
    for rows in contents.source.people(contents.viewer.sites):
        case: ParticipantRecord | None = make_record(rows, merged)
        if case is not None and contents.cutoff is not None:
            case = cut_off(case, merged, contents.cutoff)
        if case is not None:
            yield blind(case, contents.viewer)


def _make_manifest(
    contents: BundleContents, written: Sequence[WrittenFile], folder: Path
) -> dict[str, Any]:
    """Return what is in the bundle and how to check it; not when or by whom it was made."""
    return {
        "layout": LAYOUT,
        "study": contents.head.study,
        "title": contents.merged.newest.title,
        "study_versions": [
            {name: row[name] for name in ("number", "label", "state", "sha256")}
            for row in sorted(contents.whole["study_version"], key=lambda row: row["number"])
        ],
        "software": {"sarcomere": SOFTWARE, "pyarrow": pa.__version__},
        "tree_head": dict(contents.head.__dict__),
        "cutoff": contents.cutoff.isoformat() if contents.cutoff else None,
        "shown_to": _describe_reader(contents),
        "csv_text": (
            "Text is in double quotes, a missing value is empty without quotes. Text that people "
            "typed and that begins with = + - @ tab, return or line feed has a single quote before "
            "it; Parquet holds it exactly."
        ),
        "datasets": [_describe_dataset(dataset, folder) for dataset in written],
        "files": [_describe_file(folder / name) for name in (CODEBOOK, CODELISTS)],
    }


def _describe_reader(contents: BundleContents) -> dict[str, Any]:
    viewer, merged = contents.viewer, contents.merged
    endpoints = [
        endpoint.name for endpoint in merged.newest.endpoints if not viewer.shows_endpoint(endpoint)
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


def _describe_dataset(written: WrittenFile, folder: Path) -> dict[str, Any]:
    return {
        "name": written.name,
        "title": written.title,
        "rows": written.rows,
        "columns": list(written.columns),
        "values_sha256": written.digest,
        "files": [_describe_file(folder / name) for name in written.files],
    }


def _describe_file(path: Path) -> dict[str, Any]:
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return {"name": path.name, "sha256": digest, "bytes": path.stat().st_size}
