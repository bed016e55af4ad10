"""Exporting data: a request becomes a position, a bundle and a ledger row."""

from __future__ import annotations

import errno
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import IO

import sqlalchemy as sa

from capture import clock, ids
from capture.access import SYSTEM, Action, Actor
from capture.db import Database
from capture.export import reads
from capture.export.archive import zip_folder
from capture.export.bundle import BundleContents, write_bundle
from capture.export.merged_definition import MergedDefinition
from capture.export.request import ExportRequest, read_cutoff, read_formats, read_moment
from capture.export.sources import ArrowSource, Rows, get_source
from capture.ledger.concealment import Concealment
from capture.ledger.fold import StateRow
from capture.ledger.sealing import position_at, tree_head
from capture.ledger.service import Transaction, transaction
from capture.problems import InvalidInput, NotAllowed, NotFound, Refused
from capture.study import reads as study_reads
from capture.study.reads import StudyVersion
from capture.study.service.acts import bind_act
from capture.visibility.datasets import DatasetViewer, get_dataset_role, get_dataset_viewer
from forms.definition import Study

DOWNLOAD_FOR = timedelta(hours=1)
"""How long a recorded export can be downloaded; the bytes are built anew each time."""


@dataclass(frozen=True)
class ExportKeys:
    """What an export needs of the installation. signing: the 32-byte seed that signs tree heads."""

    database: Database
    concealment: Concealment
    signing: bytes


@dataclass(frozen=True)
class ExportPlan:
    """An export with everything decided: nothing that happens later changes its bytes.

    sealed_at: when the last row it uses was sealed (UTC text). role: whose view of the data it is.
    identifying: why identifying items are in it; empty when they are not.
    """

    study: str
    position: int
    sealed_at: str
    formats: tuple[str, ...]
    cutoff: date | None
    role: str
    identifying: str


@dataclass(frozen=True)
class _ExportableStudy:
    """A study at a position, with what an actor may see of it."""

    source: ArrowSource
    whole: Rows
    merged: MergedDefinition
    viewer: DatasetViewer


def plan_export(keys: ExportKeys, actor: Actor, export_request: ExportRequest) -> ExportPlan:
    """Decide what an export uses: without an instant everything committed is sealed first.

    Call it outside any transaction. Raises InvalidInput (formats, as_of, cutoff, identifying),
    NotFound, NotAllowed.
    """
    formats, cutoff = read_formats(export_request.formats), read_cutoff(export_request.cutoff)
    with keys.database.reading() as connection:
        definition = study_reads.get_definition_for(connection, export_request.study)
    reason = export_request.identifying.strip()
    role = get_dataset_viewer(actor, [definition], identifying=bool(reason)).role.value
    moment = read_moment(export_request.as_of, definition.zone)
    try:
        position, sealed_at = position_at(keys.database, export_request.study, moment)
    except ValueError as problem:
        raise InvalidInput("as_of", "The instant is in the future.") from problem
    plan = ExportPlan(export_request.study, position, sealed_at, formats, cutoff, role, reason)
    with keys.database.reading() as connection:
        # Refuse now what could not be written later.
        _get_exportable_study(connection, keys, actor, plan)
    return plan


def build_bundle(keys: ExportKeys, actor: Actor, plan: ExportPlan, folder: Path) -> None:
    """Write the bundle of a plan into an empty folder, as far as the actor may see it.

    Memory stays flat however large the study is. Raises Refused, also when the disk is full.
    """
    with _refuse_disk_problems(), keys.database.reading() as connection:
        write_bundle(_make_contents(connection, keys, actor, plan), folder)


def record_export(tx: Transaction, plan: ExportPlan) -> str:
    """Record an export in the ledger and return its id.

    Raises NotAllowed.
    """
    if get_dataset_role(tx.actor, plan.study) != plan.role:
        raise NotAllowed("Your role has changed since you asked. Ask for the datasets again.")
    export = ids.new_id()
    shown_as = SYSTEM if tx.actor.kind == SYSTEM else plan.role
    bind_act(tx, f"export/{export}", study=plan.study, role=shown_as).record(
        Action.DATASET_EXPORT,
        {
            "study": plan.study,
            "position": plan.position,
            "sealed_at": plan.sealed_at,
            "formats": list(plan.formats),
            "cutoff": plan.cutoff.isoformat() if plan.cutoff else None,
            "shown_as": plan.role,
            "identifying": bool(plan.identifying),
        },
        reason=plan.identifying,
    )
    return export


def get_plan(
    connection: sa.Connection, keys: ExportKeys, actor: Actor, study: str, which: str
) -> ExportPlan:
    """Return the plan of an export that this person recorded within the last hour.

    Raises NotFound for another person's export, an older one, or after a change of role.
    """
    export = reads.get_export(connection, keys.concealment, study, which)
    age = clock.now() - clock.from_text(export.at)
    if (
        export.actor != actor.id
        or age > DOWNLOAD_FOR
        or get_dataset_role(actor, study) != export.shown_as
    ):
        raise NotFound("This download is over. Ask for the datasets again.")
    return ExportPlan(
        study=study,
        position=export.position,
        sealed_at=export.sealed_at,
        formats=export.formats,
        cutoff=export.cutoff,
        role=export.shown_as,
        identifying=export.reason,
    )


def build_zip(keys: ExportKeys, actor: Actor, plan: ExportPlan) -> IO[bytes]:
    """The bundle of a plan as one zip file, opened at its start; nothing else stays on the disk.

    Raises Refused.
    """
    with _refuse_disk_problems(), tempfile.TemporaryDirectory(prefix="sarcomere-") as folder:
        build_bundle(keys, actor, plan, Path(folder))
        return zip_folder(Path(folder))


def export_to(
    keys: ExportKeys, actor: Actor, export_request: ExportRequest, out: Path
) -> ExportPlan:
    """Write a whole bundle to a folder that does not exist yet or is empty; all of it or nothing.

    Raises InvalidInput, NotFound, NotAllowed, Refused.
    """
    with _refuse_disk_problems():
        out = out.resolve()
        _refuse_occupied(out)
    plan = plan_export(keys, actor, export_request)
    with _refuse_disk_problems(), _make_folder_beside(out) as folder:
        build_bundle(keys, actor, plan, folder)
        with transaction(keys.database, actor, keys.concealment) as tx:
            record_export(tx, plan)
        _refuse_occupied(out)
        if out.exists():
            out.rmdir()
        folder.rename(out)
    return plan


def _make_contents(
    connection: sa.Connection, keys: ExportKeys, actor: Actor, plan: ExportPlan
) -> BundleContents:
    exportable = _get_exportable_study(connection, keys, actor, plan)
    return BundleContents(
        connection=connection,
        source=exportable.source,
        whole=exportable.whole,
        merged=exportable.merged,
        viewer=exportable.viewer,
        head=tree_head(connection, plan.study, plan.position, keys.signing),
        formats=plan.formats,
        cutoff=plan.cutoff,
    )


def _get_exportable_study(
    connection: sa.Connection, keys: ExportKeys, actor: Actor, plan: ExportPlan
) -> _ExportableStudy:
    source = get_source(connection, keys.concealment, plan.study, plan.position)
    whole = source.whole_study()
    versions = _list_definitions(connection, whole)
    if not versions:
        raise InvalidInput(
            "as_of",
            "Nothing of this study was on record by then, so there is no dataset. "
            "Choose a later instant.",
        )
    viewer = get_dataset_viewer(actor, versions, identifying=bool(plan.identifying))
    return _ExportableStudy(source, whole, MergedDefinition(versions), viewer)


def _list_definitions(connection: sa.Connection, whole: Rows) -> list[Study]:
    """The definitions data may rest on, newest first; only approved ones once there is one."""
    rows = sorted(whole["study_version"], key=lambda row: -row["number"])
    approved = [row for row in rows if row["approved_at"] is not None]
    return [study_reads.get_definition(connection, _make_version(row)) for row in approved or rows]


def _make_version(row: StateRow) -> StudyVersion:
    return StudyVersion(**{name: row[name] for name in StudyVersion.__dataclass_fields__})


def _refuse_occupied(out: Path) -> None:
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise Refused(
            f"{out} exists and is not an empty folder. Nothing was written. Name a new folder."
        )


@contextmanager
def _make_folder_beside(out: Path) -> Iterator[Path]:
    """Yield a temporary folder next to the bundle's; removed unless it was moved there."""
    out.parent.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix=f".{out.name}-", dir=out.parent))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _refuse_disk_problems() -> Iterator[None]:
    try:
        yield
    except OSError as problem:
        if problem.errno in (errno.ENOSPC, errno.EDQUOT):
            words = "The disk is full. No dataset was left behind. Free some space, then try again."
        else:
            what = problem.strerror or problem
            words = f"The files cannot be written: {what}. Nothing was left behind."
        raise Refused(words) from problem
