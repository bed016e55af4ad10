"""Publishing a definition as an immutable version, and bringing it into force."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import sqlalchemy as sa

from capture.access import SYSTEM, Action
from capture.ledger.fold import Change
from capture.ledger.service import Transaction
from capture.problems import NotAllowed, Refused
from capture.study import reads, tables
from capture.study.changes import list_breaking_changes
from capture.study.dose_designs import check_dose_designs
from capture.study.reads import LIVE, TEST, StudyVersion
from capture.study.service.sites import add_declared_site
from capture.study.service.turns import take_turn
from forms.bundle import Bundle, bundle
from forms.definition import Site, Study
from forms.load import load_sites, load_study
from forms.problems import DefinitionProblems
from forms.problems import Problem as Mistake


class DefinitionRefused(Refused):
    """A definition with mistakes; `mistakes` holds all of them, each with file and line."""

    title = "The definition was not published"

    def __init__(self, mistakes: tuple[Mistake, ...]) -> None:
        count = "1 mistake" if len(mistakes) == 1 else f"{len(mistakes)} mistakes"
        lines = "\n".join(str(mistake) for mistake in mistakes)
        super().__init__(f"The definition has {count}. Correct the files, then try again.\n{lines}")
        self.mistakes = mistakes


class ChangesRefused(Refused):
    """A change that would take something away from a live study; `changes` names each."""

    title = "The definition was not published"

    def __init__(self, changes: list[str]) -> None:
        lines = "\n".join(changes)
        super().__init__(
            "The study is live, so nothing that data rest on may be removed, renamed or retyped. "
            f"Put these back, then try again.\n{lines}"
        )
        self.changes = tuple(changes)


@dataclass(frozen=True)
class CheckedDefinition:
    """A definition without mistakes, ready to be published."""

    study: Study
    sites: tuple[Site, ...]
    bundle: Bundle


def check_definition(files: Mapping[str, bytes]) -> CheckedDefinition:
    """Check a whole definition. files: bytes by path, as `forms.load.read_folder` gives them.

    Raises DefinitionRefused with every mistake, by file and line.
    """
    try:
        study = load_study(files, [check_dose_designs])
        return CheckedDefinition(study, load_sites(files, study), bundle(files))
    except DefinitionProblems as found:
        raise DefinitionRefused(found.problems) from found


def publish(
    tx: Transaction,
    files: Mapping[str, bytes] | CheckedDefinition,
    *,
    study: str | None = None,
    add_sites: bool = False,
) -> StudyVersion:
    """Store a definition as the study's next version, in state test.

    files: bytes by path, as from `forms.load.read_folder`; or what `check_definition` returned for
        them, so that others need not wait while a large definition is checked.
    study: the name that the files must bear, when the person has chosen one.
    add_sites: also add and open the sites of `sites.yaml` (a study in test only).
    Raises DefinitionRefused, ChangesRefused, Refused (the same bytes again, another study's files),
    NotAllowed.
    """
    ready = files if isinstance(files, CheckedDefinition) else check_definition(files)
    slug = ready.study.slug
    if study is not None and study != slug:
        raise Refused(
            f"These files are of the study {slug!r}, not of {study!r}. Nothing was published. "
            f"Choose the files of {study!r}, or go to {slug!r}."
        )
    tx.role(Action.STUDY_PUBLISH, slug)
    take_turn(tx, slug)
    versions = reads.list_versions(tx.connection, slug)
    _refuse_same_bytes(ready, versions)
    _refuse_changes(tx, ready.study, versions)
    _refuse_approved_label(ready, versions)
    _store_bundle(tx, ready.bundle)
    _record_version(tx, ready, len(versions) + 1)
    if add_sites:
        _add_sites(tx, ready)
    return reads.get_version(tx.connection, slug, len(versions) + 1)


def approve(tx: Transaction, study: str, number: int) -> StudyVersion:
    """Bring a version into force for real participants, in the name of the person who acts.

    Whoever calls this has checked that person's password. Raises Refused when the version was
    replaced, or when test participants or keys lie in the study; ChangesRefused, NotFound,
    NotAllowed.
    """
    if tx.actor.kind == SYSTEM:
        raise NotAllowed("A study goes live by a named person's approval. Name who approves.")
    act = tx.about("study", study=study, study_version=number).require(Action.STUDY_APPROVE)
    take_turn(tx, study)
    version = reads.get_version(tx.connection, study, number)
    _refuse_unapprovable(tx, version)
    versions = reads.list_versions(tx.connection, study)
    _refuse_changes(tx, reads.get_definition(tx.connection, version), versions)
    act.record(
        Action.STUDY_APPROVE,
        {"id": version.id, "state": Change(TEST, LIVE), "sha256": version.sha256},
    )
    return reads.get_version(tx.connection, study, number)


def _refuse_same_bytes(ready: CheckedDefinition, versions: list[StudyVersion]) -> None:
    for version in versions:
        if version.sha256 == ready.bundle.sha256:
            raise Refused(
                f"These files are already version {version.number} ({version.state}), byte for "
                "byte. Nothing needed to be published."
            )


def _refuse_approved_label(ready: CheckedDefinition, versions: list[StudyVersion]) -> None:
    for version in versions:
        if version.approved_at is not None and version.label == ready.study.version:
            raise Refused(
                f"Version {version.number} was approved under the label {version.label!r}. "
                "Give the changed files a new `version` in study.yaml."
            )


def _refuse_changes(tx: Transaction, proposed: Study, versions: list[StudyVersion]) -> None:
    live = [version for version in versions if version.state == LIVE]
    for version in live:
        changes = list_breaking_changes(reads.get_definition(tx.connection, version), proposed)
        if changes:
            raise ChangesRefused(changes)


def _store_bundle(tx: Transaction, content: Bundle) -> None:
    table = tables.study_bundle
    stored = sa.select(table.c.sha256).where(table.c.sha256 == content.sha256)
    if tx.connection.execute(stored).one_or_none() is None:
        tx.connection.execute(table.insert().values(sha256=content.sha256, bytes=content.content))


def _record_version(tx: Transaction, ready: CheckedDefinition, number: int) -> None:
    study = ready.study
    tx.about("study", study=study.slug, study_version=number).record(
        Action.STUDY_PUBLISH,
        {
            "id": f"{study.slug}/{number}",
            "number": number,
            "label": study.version,
            "state": TEST,
            "sha256": ready.bundle.sha256,
            "title": study.title,
        },
    )


def _add_sites(tx: Transaction, ready: CheckedDefinition) -> None:
    if reads.get_state(tx.connection, ready.study.slug) != TEST:
        raise Refused(
            "The sites of sites.yaml are made up, and this study is live. Publish without them."
        )
    slugs = {site.slug for site in reads.list_all_sites(tx.connection, ready.study.slug)}
    for declared in ready.sites:
        if declared.slug not in slugs:
            add_declared_site(tx, ready.study, declared)


def _refuse_unapprovable(tx: Transaction, version: StudyVersion) -> None:
    if version.state == LIVE:
        raise Refused(f"Version {version.number} is live already.")
    if version.state != TEST:
        raise Refused(
            f"Version {version.number} was replaced by a later one. Approve the newest, or publish "
            "these files again under a new `version`."
        )
    in_test = reads.get_state(tx.connection, version.study) == TEST
    if in_test and reads.has_test_data(tx.connection, version.study):
        raise Refused(
            "This study holds test participants or keys that were only for testing, and these "
            "never become real. Publish the study for real participants under a name of its "
            "own: change `slug` in study.yaml."
        )
