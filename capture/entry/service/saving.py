"""Saves an entry: stores valid items, opens queries about findings, updates what depends on it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any

from capture import ids
from capture.access import SYSTEM, Action
from capture.entry.fold import ITEM
from capture.entry.reads import (
    COMPLETE,
    NOT_DONE,
    Casebook,
    Entry,
)
from capture.entry.rules import get_rules
from capture.entry.service.after_save import run_after_save
from capture.entry.service.attachments import keep_files
from capture.entry.service.drafts import drop_draft, keep_draft
from capture.entry.service.entry_body import make_location_body
from capture.entry.service.entry_location import (
    EntryLocation,
    find_assessment_date,
    get_location,
    get_location_casebook,
    get_scope,
    is_early,
    refuse_if_over,
    refuse_new_data,
    refuse_unconsented,
)
from capture.entry.service.evaluate import (
    Evaluation,
    compare_cells,
    evaluate_entry,
    list_questions,
    merge_cells,
)
from capture.entry.service.events import follow_events, list_odd_visits
from capture.entry.service.recalculation import recalculate_entries
from capture.entry.service.save_types import SaveResult, Submission
from capture.ledger.fold import Change
from capture.ledger.service import BoundAct, Transaction
from capture.participants import service as participants
from capture.participants.event_kinds import ENDINGS
from capture.problems import InvalidInput, Stale
from capture.queries import service as queries
from capture.queries.reads import Query, list_queries
from forms.definition import Study
from forms.edit_checks import Finding
from forms.evaluation_scope import Place, StudyScope
from forms.values import Cell


@dataclass(frozen=True)
class _Work:
    """One entry being saved: its location, the stored entry, and what its expressions read."""

    location: EntryLocation
    before: Entry | None
    casebook: Casebook
    scope: StudyScope
    queries: tuple[Query, ...]
    act: BoundAct
    reason: str
    entry_id: str
    files: Mapping[str, bytes]
    beside: Mapping[str, Any] = field(default_factory=dict)


def save_entry(
    tx: Transaction,
    study: Study,
    study_version: int,
    participant_id: str,
    key: Place,
    *,
    submission: Submission,
    version: int,
    reason: str = "",
    beside: Mapping[str, Any] | None = None,
) -> SaveResult:
    """Store the valid items of an entry and return what is left to do.

    version: the entry's version that the person looked at, 0 for a new one. reason: why values are
    corrected, needed once the entry has been complete. beside: what else the ledger row says.
    Raises Stale when somebody else saved since; Refused after death or withdrawal; InvalidInput
    (`reason`, or an item that may not be known before consent); NotFound; NotAllowed; Busy.
    """
    person = participants.lock(tx, study.slug, participant_id)
    act = tx.about(person, study_version=study_version).require(Action.ENTRY_SAVE)
    location = get_location(tx.connection, study, person, key)
    work = _begin_work(act, location, reason=reason.strip(), files=submission.files)
    work = replace(work, beside=beside or {})
    refuse_stale(work.before, version)
    _refuse_unknown_items(location, submission.cells)
    refuse_unconsented(tx.connection, location, submission.cells)
    cells = merge_cells(work.before, submission.cells)
    typed = find_assessment_date(location, cells)
    work = replace(work, scope=get_scope(location, work.casebook, assessed=typed))
    evaluation = evaluate_entry(location.instrument, cells, work.scope)
    assessed = find_assessment_date(location, evaluation.answers)
    if any(fact.kind in ENDINGS for fact in work.casebook.facts):
        refuse_if_over(tx, location, assessed)
        refuse_new_data(location, tuple(work.casebook.facts), work.before, evaluation.cells)
    tells = bool(get_rules(study).events[location.instrument.name]) or is_early(
        location.visit, assessed
    )
    odd_before = list_odd_visits(tx.connection, location) if tells else frozenset()
    result = _store(tx, work, evaluation, submission)
    if tells:
        odd_since = sorted(list_odd_visits(tx.connection, location) - odd_before)
        result = replace(result, odd_visits=tuple(odd_since))
    if result.changed or result.version != version:
        run_after_save(tx, study, person.id)
    _settle_draft(tx, work, submission, result)
    return result


def refuse_stale(before: Entry | None, version: int) -> None:
    """Raise Stale unless the person looked at the entry as it is now."""
    if version != (before.version if before else 0):
        raise Stale(
            "Another user saved this form after you opened it. Your changes are not saved yet. "
            "Compare both below, then save again."
        )


def _begin_work(
    act: BoundAct,
    location: EntryLocation,
    *,
    reason: str,
    files: Mapping[str, bytes] = MappingProxyType({}),
) -> _Work:
    connection, key = act.tx.connection, location.key
    casebook = get_location_casebook(connection, location)
    before = casebook.entries.get(key)
    return _Work(
        location=location,
        before=before,
        casebook=casebook,
        scope=get_scope(location, casebook),
        queries=tuple(list_queries(connection, before.id)) if before else (),
        act=act,
        reason=reason,
        entry_id=before.id if before else ids.new_id(),
        files=files,
    )


def _refuse_unknown_items(location: EntryLocation, cells: Mapping[str, Cell | None]) -> None:
    for name in cells:
        item = location.instrument.value_items.get(name)
        if item is None or item.is_derived:
            raise InvalidInput(
                name, f"{location.instrument.title} has no item {name!r} to fill in."
            )


def _store(
    tx: Transaction, work: _Work, evaluation: Evaluation, submission: Submission
) -> SaveResult:
    """Write an entry, its queries and what depends on it; nothing where nothing changed."""
    answers = {
        finding: finding.is_confirmable and submission.confirms(finding)
        for finding in evaluation.findings
    }
    questions = list_questions(work.queries, answers)
    changes = compare_cells(work.before.kept_cells if work.before else {}, evaluation.cells)
    _require_reason(work, changes)
    status = evaluation.status(is_clean=not questions and not submission.refused)
    version = work.before.version if work.before else 0
    if _is_written(
        work.before, evaluation, changes, status=status, refused=bool(submission.refused)
    ):
        version += 1
        body = _make_body(tx, work, evaluation, changes, status=status, version=version)
        on = find_assessment_date(work.location, evaluation.answers) or ""
        work.act.record(Action.ENTRY_SAVE, body, reason=work.reason, occurred_at=on)
    elif work.before:
        status = work.before.status
    if work.before or changes:
        queries.settle_queries(_make_query_request(work), work.queries, answers)
    before = work.before.cells if work.before else {}
    if effects := compare_cells(before, evaluation.answers):
        _follow_up(tx, work, evaluation, effects)
    return _make_result(
        work,
        evaluation,
        changes,
        status=status,
        version=version,
        questions=questions,
        refused=submission.refused,
    )


def _make_result(
    work: _Work,
    evaluation: Evaluation,
    changes: Mapping[str, Change],
    *,
    status: str,
    version: int,
    questions: Sequence[Finding],
    refused: Mapping[str, str],
) -> SaveResult:
    items = work.location.instrument.value_items
    blanks = [name for name in evaluation.blanks if name not in refused]
    return SaveResult(
        title=work.location.instrument.title,
        key=work.location.key,
        version=version,
        status=status,
        changed=tuple(name for name in items if name in changes),
        still_blank=tuple(blanks),
        blank_labels=tuple(f"“{items[name].label}”" for name in blanks),
        questions=tuple(questions),
        refused=tuple(refused),
    )


def _is_written(
    before: Entry | None,
    evaluation: Evaluation,
    changes: Mapping[str, Change],
    *,
    status: str,
    refused: bool,
) -> bool:
    """Whether a save leaves a trace: values, or how far the entry came.

    A refused text alone never makes a complete entry incomplete: its stored values still stand.
    """
    if before is None or changes:
        return bool(changes)
    differs = before.status != status or list(before.flags) != list(evaluation.not_asked)
    return differs and not refused


def _require_reason(work: _Work, changes: Mapping[str, Change]) -> None:
    before, items = work.before, work.location.instrument.value_items
    if before is None or before.completed_at is None or work.act.role == SYSTEM or work.reason:
        return
    if any(name not in items or not items[name].is_derived for name in changes):
        raise InvalidInput(
            "reason", "This form was complete. Give the reason for change, then save again."
        )


def _make_body(
    tx: Transaction,
    work: _Work,
    evaluation: Evaluation,
    changes: Mapping[str, Change],
    *,
    status: str,
    version: int,
) -> dict[str, Any]:
    location, before = work.location, work.before
    assessed = find_assessment_date(location, evaluation.answers)
    done_at = before.completed_at if before else None
    if status == COMPLETE:
        done_at = done_at or tx.at
    return {
        **make_location_body(
            tx, location, work.entry_id, status, site=before.site if before else ""
        ),
        "version": Change(before.version if before else None, version),
        "status": Change(before.status if before else None, status),
        "assessment_date": assessed,
        "visit_date": assessed if assessed and len(assessed) == 10 and location.visit else None,
        "completed_at": done_at,
        "flags": list(evaluation.not_asked),
        **work.beside,
        **{f"{ITEM}{name}": change for name, change in changes.items()},
        **keep_files(tx.connection, location, work.entry_id, changes, work.files),
    }


def _make_query_request(work: _Work) -> queries.QueryRequest:
    return queries.QueryRequest(work.act, work.location.visit_id, work.entry_id)


def _follow_up(
    tx: Transaction, work: _Work, evaluation: Evaluation, changes: Mapping[str, Change]
) -> None:
    """Update events, their visits, and other entries after a change of answers that count."""
    rules = get_rules(work.location.study)
    follow_events(
        tx,
        work.location,
        rules,
        work.entry_id,
        cells=evaluation.answers,
        changes=changes,
        scope=work.scope,
        reason=work.reason,
    )
    readers = {*rules.worked_out_from[work.location.instrument.name], *rules.reads_facts}
    recalculate_entries(
        tx, work.location.study, work.act.study_version, work.location.person.id, readers
    )


def follow_place(
    act: BoundAct, location: EntryLocation, *, entry_id: str, reason: str, was: Mapping[str, Cell]
) -> None:
    """Update what depends on an entry that was taken out of its place, or put back there.

    The entry now there is evaluated again, with its derived items and queries; then events, visits
    and other entries are updated. was: the answers that counted here before.
    """
    tx = act.tx
    work = replace(_begin_work(act, location, reason=reason), entry_id=entry_id)
    evaluation = Evaluation({}, {}, (), (), ())
    if work.before is not None and work.before.status != NOT_DONE:
        evaluation = evaluate_entry(location.instrument, merge_cells(work.before, {}), work.scope)
        _store(tx, work, evaluation, Submission({}))
    _follow_up(tx, work, evaluation, compare_cells(was, evaluation.answers))
    run_after_save(tx, location.study, location.person.id)


def _settle_draft(tx: Transaction, work: _Work, submission: Submission, result: SaveResult) -> None:
    """Keep the actor's draft while it holds refused text, else drop it."""
    person, key = work.location.person, work.location.key
    if not submission.refused:
        drop_draft(tx.connection, tx.actor, person.id, key)
        return
    keep_draft(
        tx.connection,
        tx.actor,
        person,
        key,
        submission.typed,
        entry_version=result.version,
        is_refused=True,
    )
