"""Records and corrects a cohort, and queries one that no longer agrees with the values."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from capture import ids
from capture.access import SYSTEM, Action
from capture.cohorts.reads import CohortCase, find_recorded_cohort, get_cohort_case
from capture.entry.reads import Entry, make_sentence
from capture.entry.service import AFTER_SAVE, make_condition_check
from capture.ledger.fold import Change
from capture.ledger.service import BoundAct, Transaction
from capture.participants import reads as participants_reads
from capture.participants import service as participants
from capture.participants.records import Participant, ParticipantEvent, Status
from capture.participants.service.dates import refuse_future
from capture.participants.service.locking import require_taking_part
from capture.problems import InvalidInput, Refused, Stale
from capture.queries import service as queries
from capture.queries.reads import CORRECTED, list_open_about
from capture.study.service.acts import bind_act
from capture.visibility import get_viewer
from forms.cohorts import CohortVerdict
from forms.definition import Cohort, Study
from forms.edit_checks import Finding, FindingKind

MOST_LETTERS = 500


@dataclass(frozen=True)
class CohortEvidence:
    """cohort: its name. date: ISO, of the evidence. source_document: empty where none is asked."""

    cohort: str
    date: str
    source_document: str


def record_cohort(
    tx: Transaction, study: Study, participant: str, said: CohortEvidence, *, seen: str = ""
) -> ParticipantEvent:
    """Record the cohort that fits an enrolled participant, and plan the visits that follow.

    seen: content hash of what the person looked at; empty where no page showed it.
    Everything is checked again under the lock: consent, the cohort that fits, its gate.
    Raises NotFound, NotAllowed, InvalidInput (cohort, date, where_documented), Stale, Refused with
    every reason.
    """
    person = participants.lock(tx, study.slug, participant)
    act = _bind_act(tx, study, person, Action.COHORT_RECORD)
    case = get_cohort_case(tx.connection, study, participant)
    if case.recorded is not None:
        raise Refused(f"The cohort of {person.number} is recorded already. Correct it instead.")
    _refuse_obstacles(_list_obstacles(tx, study, person))
    _refuse_obstacles(case.list_obstacles())
    found = case.verdict
    if found is None or found.cohort.name != said.cohort:
        raise InvalidInput("cohort", "The data in the forms have changed. Load the page again.")
    _refuse_obstacles(case.evaluate_gate(found.cohort).criteria_words())
    if seen and seen != case.content_hash:
        raise Stale("A value has changed since you opened this page. Check it again.")
    _check(tx, person, found.cohort, said)
    act.record(Action.COHORT_RECORD, _make_body(case, found, said), occurred_at=said.date)
    return _plan_visits(tx, study, participant)


def correct_cohort(
    tx: Transaction, study: Study, participant: str, said: CohortEvidence, *, reason: str
) -> ParticipantEvent:
    """Correct a recorded cohort, its date or source document; the history keeps both.

    Another cohort must be the one that fits. Its gate is evaluated and stored, but need not pass:
    somebody who should not have been put into a cohort still does not belong to the former one.
    Raises NotFound, NotAllowed, InvalidInput (cohort, date, where_documented, reason), Refused.
    """
    person = participants.lock(tx, study.slug, participant)
    act = _bind_act(tx, study, person, Action.COHORT_CORRECT)
    case = get_cohort_case(tx.connection, study, participant)
    before = case.recorded
    if before is None:
        raise Refused(f"No cohort of {person.number} is recorded yet. Record it first.")
    if not reason.strip():
        raise InvalidInput("reason", "Give the reason in a few words.")
    verdict = _get_corrected_verdict(case, before, said)
    _check(tx, person, verdict.cohort, said)
    if _make_evidence(before) == replace(said, source_document=said.source_document.strip()):
        raise Refused("This cohort is already recorded. Nothing was changed.")
    body, why = _make_body(case, verdict, said), reason.strip()
    act.record(Action.COHORT_CORRECT, body, reason=why, occurred_at=said.date)
    fact = _plan_visits(tx, study, participant)
    query_mismatch(tx, study, participant)
    return fact


def _bind_act(tx: Transaction, study: Study, person: Participant, action: Action) -> BoundAct:
    act = bind_act(tx, person).require(action)
    get_viewer(tx.actor, study, person.site).require_cohorts()
    return act


def _list_obstacles(tx: Transaction, study: Study, person: Participant) -> Iterable[str]:
    require_taking_part(person)
    if person.status != Status.ENROLLED:
        yield f"{person.number} is not enrolled yet."
    scope = study.consents[0]
    today = participants_reads.get_today_at(tx.connection, study.slug, person.site).isoformat()
    if (
        participants_reads.find_consent_in_force(tx.connection, person.id, scope.name, today)
        is None
    ):
        yield f"Consent to {scope.title} is not in force."


def _refuse_obstacles(words: Iterable[str]) -> None:
    said = [make_sentence(word) for word in words]
    if said:
        raise Refused(" ".join(said))


def _get_corrected_verdict(
    case: CohortCase, before: ParticipantEvent, said: CohortEvidence
) -> CohortVerdict:
    """Return the verdict on the cohort it is to be: the one recorded, or the one that holds."""
    if said.cohort not in {cohort.name for cohort in case.study.cohorts}:
        raise InvalidInput("cohort", "Choose the cohort.")
    verdict = case.membership.of(said.cohort)
    if said.cohort != before.value and case.verdict != verdict:
        raise InvalidInput(
            "cohort",
            f"The data in the forms do not fit “{verdict.cohort.title}”. Correct the form first.",
        )
    return verdict


def _check(tx: Transaction, person: Participant, cohort: Cohort, said: CohortEvidence) -> None:
    refuse_future(tx, person.study, person.site, "date", said.date)
    text = said.source_document.strip()
    if cohort.evidence.document and not text:
        raise InvalidInput("where_documented", "Enter the source document.")
    if len(text) > MOST_LETTERS:
        words = f"That is {len(text)} characters; shorten it to {MOST_LETTERS}."
        raise InvalidInput("where_documented", words)


def describe_source(fact: ParticipantEvent) -> str:
    """Return the source document of a recorded cohort; empty once it was redacted."""
    where = fact.detail.get("source_document")
    return where if isinstance(where, str) else ""


def _make_evidence(fact: ParticipantEvent) -> CohortEvidence:
    return CohortEvidence(fact.value or "", fact.date, describe_source(fact))


def _make_body(case: CohortCase, verdict: CohortVerdict, said: CohortEvidence) -> dict[str, Any]:
    before = None if case.recorded is None else _make_evidence(case.recorded)
    now = {
        "cohort": said.cohort,
        "date": said.date,
        "source_document": said.source_document.strip(),
    }
    changes = {
        name: Change(None if before is None else getattr(before, name), value)
        for name, value in now.items()
    }
    return {
        "id": case.recorded.id if case.recorded else ids.new_id(),
        **changes,
        **case.make_record(verdict),
    }


def _plan_visits(tx: Transaction, study: Study, participant: str) -> ParticipantEvent:
    """Plan the visits again and return the recorded cohort."""
    person = participants.lock(tx, study.slug, participant)
    participants.plan_visits(tx, person, holds=make_condition_check(tx, study, participant))
    recorded = find_recorded_cohort(tx.connection, participant)
    if recorded is None:
        raise LookupError(f"no cohort of participant {participant} after it was recorded")
    return recorded


def query_mismatch(tx: Transaction, study: Study, participant: str) -> None:
    """Open a query about a recorded cohort that does not agree with the values; nothing else moves.

    The query is about the first value behind the cohort, and is closed once both agree again.
    """
    recorded = find_recorded_cohort(tx.connection, participant) if study.cohorts else None
    names = {cohort.name for cohort in study.cohorts}
    if recorded is None or recorded.value not in names:
        return
    case = get_cohort_case(tx.connection, study, participant)
    person = participants.lock(tx, study.slug, participant)
    act = bind_act(tx, person, role=SYSTEM)
    open_queries = list_open_about(tx.connection, person, FindingKind.COHORT.value)
    finding, entry = _make_question(case, recorded.value)
    for query in open_queries:
        if case.fits or query.key != finding.key:
            request = queries.QueryRequest(act, query.visit, query.entry)
            queries.answer_query(request, query.id, query.item, CORRECTED)
    if not case.fits and entry and not any(query.key == finding.key for query in open_queries):
        queries.open_query(queries.QueryRequest(act, entry.visit, entry.id), finding)


def _make_question(case: CohortCase, cohort: str) -> tuple[Finding, Entry | None]:
    """Return the finding of the query, and its entry; None when none of its forms was entered."""
    verdict = case.membership.of(cohort)
    entries = {
        source.name: entry
        for source in verdict.sources
        if source.place is not None and (entry := case.casebook.entry(source.place)) is not None
    }
    item = next(iter(entries), "")
    words = (
        f"The recorded cohort is “{verdict.cohort.title}”, but the data do not fit it. "
        "Correct the value, or correct the cohort with a reason."
    )
    return Finding(item, FindingKind.COHORT, words, f"cohort/{cohort}"), entries.get(item)


AFTER_SAVE.append(query_mismatch)
