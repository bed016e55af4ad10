"""Marks a whole form as not done, with a reason; entering it later takes this back."""

from __future__ import annotations

from capture import ids
from capture.access import Action
from capture.entry.reads import NOT_DONE, Entry, find_entry_at
from capture.entry.service.drafts import drop_draft
from capture.entry.service.entry_body import make_location_body
from capture.entry.service.entry_location import EntryLocation, get_location, refuse_if_over
from capture.entry.service.saving import follow_place, refuse_stale
from capture.ledger.fold import Change
from capture.ledger.service import Transaction
from capture.participants import service as participants
from capture.problems import InvalidInput, Refused
from capture.queries import reads as query_reads
from capture.queries import service as queries
from forms.definition import Study
from forms.evaluation_scope import Place


def not_do_entry(
    tx: Transaction,
    study: Study,
    study_version: int,
    participant_id: str,
    key: Place,
    *,
    missing_reason: str,
    version: int,
    reason: str = "",
) -> None:
    """Mark an instrument as not done at its visit; what was entered before stays stored.

    Its events are taken back, and items derived from it are calculated again.

    missing_reason: a code of the study's missing reasons. reason: needed once it was complete.
    Raises Stale, Refused, InvalidInput (`missing_reason`, `reason`), NotFound, NotAllowed.
    """
    person = participants.lock(tx, study.slug, participant_id)
    act = tx.about(person, study_version=study_version).require(Action.ENTRY_MARK_NOT_DONE)
    location = get_location(tx.connection, study, person, key)
    before = find_entry_at(tx.connection, person.id, key)
    refuse_stale(before, version)
    refuse_if_over(tx, location, None)
    _check(location, before, missing_reason, reason)
    entry_id = before.id if before else ids.new_id()
    act.record(
        Action.ENTRY_MARK_NOT_DONE,
        {
            **make_location_body(
                tx, location, entry_id, NOT_DONE, site=before.site if before else ""
            ),
            "version": (before.version if before else 0) + 1,
            "status": Change(before.status if before else None, NOT_DONE),
            "missing_reason": missing_reason,
        },
        reason=reason.strip(),
    )
    known = query_reads.list_queries(tx.connection, entry_id)
    asked = queries.QueryRequest(act, location.visit_id, entry_id)
    queries.settle_queries(asked, known, {}, closing=query_reads.NOT_DONE)
    drop_draft(tx.connection, tx.actor, person.id, key)
    if before is not None:
        why, was = reason.strip(), before.cells
        follow_place(act, location, entry_id=entry_id, reason=why, was=was)


def _check(location: EntryLocation, before: Entry | None, missing_reason: str, reason: str) -> None:
    if missing_reason not in {known.code for known in location.study.missing_reasons}:
        raise InvalidInput("missing_reason", "Choose the reason not done.")
    if before is None and location.instrument.log:
        raise Refused(f"{location.instrument.title} has no data, so there is nothing to mark.")
    if before is not None and before.status == NOT_DONE:
        raise Refused(f"{location.instrument.title} is marked as not done already.")
    if before is not None and before.completed_at and not reason.strip():
        raise InvalidInput(
            "reason", "This form was complete. Give the reason for changing it to not done."
        )
