"""What each act about a person does to the state: consent, enrolment, events, numbers."""

from __future__ import annotations

from collections.abc import Iterator

from capture.access import Action
from capture.ledger.fold import LedgerRow, State, applies, counts
from capture.participants import event_kinds
from capture.participants.records import Participation, Status
from capture.participants.tables import (
    CONSENT_EVENT,
    FORMER_NUMBER,
    PARTICIPANT,
    PARTICIPANT_EVENT,
    ParticipantState,
)
from capture.visibility import Mention, mentions, mentions_nothing, usual_mention
from capture.visibility.mentions import list_body_rows


def _note_facts(state: State, fact: LedgerRow) -> None:
    """Write the dated facts that an act brings with it; one without a date is taken back."""
    site = get_person(state, fact)["site"]
    for noted in fact.new("events", []):
        if noted["date"] is None:
            PARTICIPANT_EVENT.drop(state, noted["id"])
            continue
        before = PARTICIPANT_EVENT.get(state, noted["id"])
        PARTICIPANT_EVENT.put(
            state,
            {
                "id": noted["id"],
                "participant": fact.subject_id,
                "site": before["site"] if before else site,
                "kind": noted["kind"],
                "source": noted["source"],
                "date": noted["date"],
                "value": noted["value"],
                "detail": noted["detail"],
            },
        )


def get_person(state: State, fact: LedgerRow) -> ParticipantState:
    """Return the participant that a fact is about. Raises LookupError before the screening."""
    row = PARTICIPANT.get(state, fact.subject_id)
    if row is None:
        raise LookupError(f"{fact.action.value} {fact.id}: {fact.subject} was never screened")
    return row


@applies(Action.PARTICIPANT_SCREEN)
def apply_screening(state: State, fact: LedgerRow) -> None:
    PARTICIPANT.put(
        state,
        {
            "id": fact.subject_id,
            "site": fact.new("site"),
            "screening_number": fact.new("screening_number"),
            "screened_on": fact.new("screened_on"),
            "source": fact.new("source"),
            "age_band": fact.new("age_band"),
            "episode": fact.new("episode"),
            "earlier_episode": fact.new("earlier_episode"),
            "site_recruited": fact.new("site"),
            "participant_number": None,
            "status": Status.SCREENED.value,
            "participation": Participation.ON_STUDY.value,
            "enrolled_on": None,
            "reason_not_recruited": None,
            "duplicate_keys": [],
            "logs": {},
            "open_queries": 0,
            "note": None,
            "cohort": None,
        },
    )
    _note_facts(state, fact)


@applies(Action.PARTICIPANT_NOT_RECRUIT)
def apply_not_recruited(state: State, fact: LedgerRow) -> None:
    PARTICIPANT.put(
        state,
        {
            **get_person(state, fact),
            "status": Status.NOT_ENROLLED.value,
            "reason_not_recruited": fact.new("reason_not_recruited"),
            "note": fact.new("note"),
        },
    )
    _note_facts(state, fact)


@applies(Action.PARTICIPANT_ENROL)
def apply_enrolment(state: State, fact: LedgerRow) -> None:
    PARTICIPANT.put(
        state,
        {
            **get_person(state, fact),
            "status": Status.ENROLLED.value,
            "participant_number": fact.new("participant_number"),
            "enrolled_on": fact.new("enrolled_on"),
            "duplicate_keys": fact.new("duplicate_keys"),
        },
    )
    _note_facts(state, fact)


@applies(Action.CONSENT_RECORD)
def apply_consent(state: State, fact: LedgerRow) -> None:
    CONSENT_EVENT.put(
        state,
        {
            "id": fact.new("id"),
            "participant": fact.subject_id,
            "site": get_person(state, fact)["site"],
            "scope": fact.new("scope"),
            "kind": fact.new("kind"),
            "version": fact.new("version"),
            "date": fact.new("date"),
            "taken_by": fact.new("taken_by"),
            "assent": fact.new("assent"),
            "parent": fact.new("parent"),
        },
    )
    _note_facts(state, fact)


applies(Action.CONSENT_WITHDRAW)(apply_consent)


@applies(Action.PARTICIPANT_WITHDRAW)
def apply_ending(state: State, fact: LedgerRow) -> None:
    """Withdrawal, death, loss, return, any fact: the body says what state it leads to, if any."""
    person = get_person(state, fact)
    PARTICIPANT.put(
        state, {**person, "participation": fact.new("participation", person["participation"])}
    )
    _note_facts(state, fact)


applies(Action.EVENT_RECORD)(apply_ending)
applies(Action.PARTICIPANT_RECORD_DEATH)(apply_ending)
applies(Action.PARTICIPANT_RECORD_LOST_TO_FOLLOW_UP)(apply_ending)
applies(Action.PARTICIPANT_RETURN)(apply_ending)


@applies(Action.COHORT_RECORD)
def apply_cohort(state: State, fact: LedgerRow) -> None:
    """The cohort as a dated fact; a correction bears the id of the fact it corrects."""
    person = get_person(state, fact)
    PARTICIPANT.put(state, {**person, "cohort": fact.new("cohort")})
    PARTICIPANT_EVENT.put(
        state,
        {
            "id": fact.new("id"),
            "participant": fact.subject_id,
            "site": person["site"],
            "kind": event_kinds.COHORT,
            "source": "",
            "date": fact.new("date"),
            "value": fact.new("cohort"),
            "detail": {"source_document": fact.new("source_document")},
        },
    )


applies(Action.COHORT_CORRECT)(apply_cohort)


@applies(Action.PARTICIPANT_RENUMBER)
def apply_number(state: State, fact: LedgerRow) -> None:
    """The number changes; the former one is kept, so that it is found and never given again."""
    person, kind = get_person(state, fact), fact.new("kind")
    change = fact.body["number"]
    if kind == "screening_number":
        PARTICIPANT.put(state, {**person, "screening_number": change.new})
    else:
        PARTICIPANT.put(state, {**person, "participant_number": change.new})
    former = {row["number"]: row["id"] for row in FORMER_NUMBER.rows(state)}
    if change.new in former:  # the correction is corrected: the number is the present one again
        FORMER_NUMBER.drop(state, former[change.new])
    FORMER_NUMBER.put(
        state,
        {
            "id": fact.new("id"),
            "participant": fact.subject_id,
            "site": person["site_recruited"],
            "kind": kind,
            "number": change.old,
            "at": fact.at,
        },
    )


@counts(PARTICIPANT)
def count_participant(row: ParticipantState) -> Iterator[tuple[str, str]]:
    """Everybody counts where they were recruited, wherever they went afterwards."""
    site = row["site_recruited"]
    yield site, f"participant.{row['status']}"
    if row["status"] == Status.ENROLLED and row["enrolled_on"] is not None:
        month = row["enrolled_on"][:7]
        yield site, f"recruited.{month}"
        if row["cohort"]:
            yield site, f"cohort.{row['cohort']}.{month}"
    if row["reason_not_recruited"]:
        yield site, f"not_recruited.{row['reason_not_recruited']}"
    if row["participation"] != Participation.ON_STUDY:
        yield site, f"participant.{row['participation']}"


mentions_nothing(Action.PARTICIPANT_RENUMBER)
mentions(
    Action.PARTICIPANT_SCREEN,
    Action.PARTICIPANT_NOT_RECRUIT,
    Action.PARTICIPANT_ENROL,
    Action.CONSENT_RECORD,
    Action.CONSENT_WITHDRAW,
    Action.PARTICIPANT_WITHDRAW,
    Action.PARTICIPANT_RECORD_DEATH,
    Action.PARTICIPANT_RECORD_LOST_TO_FOLLOW_UP,
    Action.PARTICIPANT_RETURN,
)(usual_mention)


@mentions(Action.COHORT_RECORD, Action.COHORT_CORRECT)
def mention_of_cohort(_fact: LedgerRow) -> Mention:
    """Return the cohort itself."""
    return Mention(tells_group=True)


@mentions(Action.EVENT_RECORD)
def mention_of_events(fact: LedgerRow) -> Mention:
    """Return each event that the program noted, moved or took back."""
    rows = list_body_rows(fact.new("events"))
    return Mention(parts=tuple(Mention(events=frozenset({row["kind"]})) for row in rows))
