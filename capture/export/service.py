"""Taking datasets away: what was asked becomes a position, a bundle and a row on record."""

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
from capture.export.request import ExportRequest, cutoff_of, formats_of, moment_of
from capture.export.sources import ArrowSource, Rows, source_at
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
"""How long somebody may fetch what they put on record; the bytes are made anew each time."""


@dataclass(frozen=True)
class ExportKeys:
    """What an export needs of the installation. signing: the 32-byte seed that signs tree heads."""

    database: Database
    concealment: Concealment
    signing: bytes


@dataclass(frozen=True)
class ExportPlan:
    """An export that is decided on: nothing that happens later changes its bytes.

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
class _Seen:
    """A study at a position, with what an actor may see of it."""

    source: ArrowSource
    whole: Rows
    union: MergedDefinition
    viewer: DatasetViewer


def plan(keys: ExportKeys, actor: Actor, asked: ExportRequest) -> ExportPlan:
    """Decide what an export uses: without an instant everything committed is sealed first.

    Call it outside any transaction. Raises InvalidInput (formats, as_of, cutoff, identifying),
    NotFound, NotAllowed.
    """
    formats, cutoff = formats_of(asked.formats), cutoff_of(asked.cutoff)
    with keys.database.reading() as connection:
        definition = study_reads.get_definition_for(connection, asked.study)
    reason = asked.identifying.strip()
    role = get_dataset_viewer(actor, [definition], identifying=bool(reason)).role.value
    moment = moment_of(asked.as_of, definition.zone)
    try:
        position, sealed_at = position_at(keys.database, asked.study, moment)
    except ValueError as problem:
        raise InvalidInput("as_of", "The instant is in the future.") from problem
    made = ExportPlan(asked.study, position, sealed_at, formats, cutoff, role, reason)
    with keys.database.reading() as connection:
        # Refuse now what could not be written later.
        _seen(connection, keys, actor, made)
    return made


def build(keys: ExportKeys, actor: Actor, made: ExportPlan, folder: Path) -> None:
    """Write the bundle of a plan into an empty folder, as far as the actor may see it.

    Memory stays flat however large the study is. Raises Refused, also when the disk is full.
    """
    with _disk_problems(), keys.database.reading() as connection:
        write_bundle(_contents(connection, keys, actor, made), folder)


def put_on_record(tx: Transaction, made: ExportPlan) -> str:
    """Ledger that datasets are taken away; gives the id under which that can be found again.

    Raises NotAllowed.
    """
    if get_dataset_role(tx.actor, made.study) != made.role:
        raise NotAllowed("Your role has changed since you asked. Ask for the datasets again.")
    export = ids.new_id()
    shown_as = SYSTEM if tx.actor.kind == SYSTEM else made.role
    bind_act(tx, f"export/{export}", study=made.study, role=shown_as).record(
        Action.DATASET_EXPORT,
        {
            "study": made.study,
            "position": made.position,
            "sealed_at": made.sealed_at,
            "formats": list(made.formats),
            "cutoff": made.cutoff.isoformat() if made.cutoff else None,
            "shown_as": made.role,
            "identifying": bool(made.identifying),
        },
        reason=made.identifying,
    )
    return export


def plan_of(
    connection: sa.Connection, keys: ExportKeys, actor: Actor, study: str, which: str
) -> ExportPlan:
    """The plan of an export that this very person put on record within the last hour.

    Raises NotFound for another person's, an older one, or under another role than then.
    """
    taken = reads.get_export(connection, keys.concealment, study, which)
    age = clock.now() - clock.from_text(taken.at)
    if (
        taken.actor != actor.id
        or age > DOWNLOAD_FOR
        or get_dataset_role(actor, study) != taken.shown_as
    ):
        raise NotFound("This download is over. Ask for the datasets again.")
    return ExportPlan(
        study=study,
        position=taken.position,
        sealed_at=taken.sealed_at,
        formats=taken.formats,
        cutoff=taken.cutoff,
        role=taken.shown_as,
        identifying=taken.reason,
    )


def build_zip(keys: ExportKeys, actor: Actor, made: ExportPlan) -> IO[bytes]:
    """The bundle of a plan as one zip file, open at its start; nothing else stays on the disk.

    Raises Refused.
    """
    with _disk_problems(), tempfile.TemporaryDirectory(prefix="sarcomere-") as folder:
        build(keys, actor, made, Path(folder))
        return zip_folder(Path(folder))


def export_to(keys: ExportKeys, actor: Actor, asked: ExportRequest, out: Path) -> ExportPlan:
    """Write a whole bundle to a folder that does not exist yet or is empty; all of it or nothing.

    Raises InvalidInput, NotFound, NotAllowed, Refused.
    """
    with _disk_problems():
        out = out.resolve()
        _refuse_occupied(out)
    made = plan(keys, actor, asked)
    with _disk_problems(), _beside(out) as folder:
        build(keys, actor, made, folder)
        with transaction(keys.database, actor, keys.concealment) as tx:
            put_on_record(tx, made)
        _refuse_occupied(out)
        if out.exists():
            out.rmdir()
        folder.rename(out)
    return made


def _contents(
    connection: sa.Connection, keys: ExportKeys, actor: Actor, made: ExportPlan
) -> BundleContents:
    seen = _seen(connection, keys, actor, made)
    return BundleContents(
        connection=connection,
        source=seen.source,
        whole=seen.whole,
        union=seen.union,
        viewer=seen.viewer,
        head=tree_head(connection, made.study, made.position, keys.signing),
        formats=made.formats,
        cutoff=made.cutoff,
    )


def _seen(connection: sa.Connection, keys: ExportKeys, actor: Actor, made: ExportPlan) -> _Seen:
    source = source_at(connection, keys.concealment, made.study, made.position)
    whole = source.whole_study()
    versions = _versions(connection, whole)
    if not versions:
        raise InvalidInput(
            "as_of",
            "Nothing of this study was on record by then, so there is no dataset. "
            "Choose a later instant.",
        )
    viewer = get_dataset_viewer(actor, versions, identifying=bool(made.identifying))
    return _Seen(source, whole, MergedDefinition(versions), viewer)


def _versions(connection: sa.Connection, whole: Rows) -> list[Study]:
    """The definitions data may rest on, newest first; once one is approved, approved ones alone."""
    rows = sorted(whole["study_version"], key=lambda row: -row["number"])
    approved = [row for row in rows if row["approved_at"] is not None]
    return [study_reads.get_definition(connection, _version(row)) for row in approved or rows]


def _version(row: StateRow) -> StudyVersion:
    return StudyVersion(**{name: row[name] for name in StudyVersion.__dataclass_fields__})


def _refuse_occupied(out: Path) -> None:
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise Refused(
            f"{out} exists and is not an empty folder. Nothing was written. Name a new folder."
        )


@contextmanager
def _beside(out: Path) -> Iterator[Path]:
    """A folder beside the place where the bundle goes; gone unless it was moved there."""
    out.parent.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix=f".{out.name}-", dir=out.parent))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _disk_problems() -> Iterator[None]:
    try:
        yield
    except OSError as problem:
        if problem.errno in (errno.ENOSPC, errno.EDQUOT):
            words = "The disk is full. No dataset was left behind. Free some space, then try again."
        else:
            what = problem.strerror or problem
            words = f"The files cannot be written: {what}. Nothing was left behind."
        raise Refused(words) from problem
