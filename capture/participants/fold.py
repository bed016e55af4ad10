"""What each act about a participant does to the state, as pure functions of its fact."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from capture.access import Action
from capture.ledger.fold import Fact, Row, State, applies, counts
from capture.participants import kinds
from capture.participants.rows import Status, TakingPart, VisitStatus

_FINISHED = {"complete", "not_done"}


def _note_facts(state: State, fact: Fact) -> None:
    """Write the dated facts that an act brings with it; one without a date is taken back."""
    site = _person(state, fact)["site"]
    for noted in fact.new("facts", []):
        if noted["date"] is None:
            state.drop("dated_fact", noted["id"])
        else:
            state.put("dated_fact", {**noted, "participant": fact.subject_id, "site": site})


def _person(state: State, fact: Fact) -> Row:
    row = state.get("participant", fact.subject_id)
    if row is None:
        raise LookupError(f"{fact.action.value} {fact.id}: {fact.subject} was never screened")
    return row


def _change(state: State, fact: Fact, changes: Row) -> None:
    state.put("participant", {**_person(state, fact), **changes})
    _note_facts(state, fact)


@applies(Action.PARTICIPANT_SCREEN)
def screened(state: State, fact: Fact) -> None:
    taken = ("site", "screening_number", "screened_on", "source", "age_band", "episode", "earlier")
    state.put(
        "participant",
        {
            "id": fact.subject_id,
            **{name: fact.new(name) for name in taken},
            "participant_number": None,
            "status": Status.SCREENED.value,
            "state": TakingPart.ON_STUDY.value,
            "enrolled_on": None,
            "reason_not_enrolled": None,
            "likeness": [],
            "logs": {},
            "open_queries": 0,
            "note": None,
        },
    )
    _note_facts(state, fact)


@applies(Action.PARTICIPANT_NOT_ENROL)
def not_enrolled(state: State, fact: Fact) -> None:
    why = {"reason_not_enrolled": fact.new("reason_not_enrolled"), "note": fact.new("note")}
    _change(state, fact, {"status": Status.NOT_ENROLLED.value, **why})


@applies(Action.PARTICIPANT_ENROL)
def enrolled(state: State, fact: Fact) -> None:
    taken = ("participant_number", "enrolled_on", "likeness")
    outcome = {name: fact.new(name) for name in taken}
    _change(state, fact, {"status": Status.ENROLLED.value, **outcome})


@applies(Action.CONSENT_GIVE)
def consent_given(state: State, fact: Fact) -> None:
    taken = ("id", "scope", "kind", "version", "date", "taken_by", "assent", "parent")
    row = {name: fact.new(name) for name in taken}
    state.put("consent_event", {**row, "participant": fact.subject_id})
    _note_facts(state, fact)


applies(Action.CONSENT_WITHDRAW)(consent_given)


@applies(Action.PARTICIPANT_WITHDRAW)
def ended(state: State, fact: Fact) -> None:
    """Withdrawal, death, loss, return, any fact: the body says what state it leads to, if any."""
    person = _person(state, fact)
    _change(state, fact, {"state": fact.new("state", person["state"])})


applies(Action.FACT_NOTE)(ended)
applies(Action.PARTICIPANT_DIE)(ended)
applies(Action.PARTICIPANT_LOSE)(ended)
applies(Action.PARTICIPANT_RETURN)(ended)


@applies(Action.COHORT_RECORD)
def cohort_recorded(state: State, fact: Fact) -> None:
    """The cohort as a dated fact; a correction bears the id of the fact it corrects."""
    state.put(
        "dated_fact",
        {
            "id": fact.new("id"),
            "participant": fact.subject_id,
            "site": _person(state, fact)["site"],
            "kind": kinds.COHORT,
            "source": "",
            "date": fact.new("date"),
            "value": fact.new("cohort"),
            "detail": {"where_documented": fact.new("where_documented")},
        },
    )


applies(Action.COHORT_CORRECT)(cohort_recorded)

_PLANNED_BLANK: Mapping[str, Any] = {
    "actual_date": None,
    "appointment": None,
    "reason": None,
    "forms": {},
    "open_queries": 0,
}


@applies(Action.VISIT_PLAN)
def visits_planned(state: State, fact: Fact) -> None:
    """Each item of the body is one visit (`slug.occurrence`): its new dates, status and forms."""
    site = _person(state, fact)["site"]
    for change in fact.body.values():
        plan = change.new
        before = state.get("visit", plan["id"]) or _PLANNED_BLANK
        state.put("visit", {**before, **plan, "participant": fact.subject_id, "site": site})


applies(Action.VISIT_ADD)(visits_planned)


@applies(Action.VISIT_APPOINT)
def appointed(state: State, fact: Fact) -> None:
    _change_visit(state, fact.new("id"), appointment=fact.new("appointment"))


@applies(Action.VISIT_NOT_DO)
def not_done(state: State, fact: Fact) -> None:
    _change_visit(state, fact.new("id"), status=VisitStatus.NOT_DONE.value, reason=fact.new("why"))


def _change_visit(state: State, visit_id: str, **changes: Any) -> None:
    row = state.get("visit", visit_id)
    if row is not None:
        state.put("visit", {**row, **changes})


def form_entered(
    state: State,
    participant_id: str,
    visit_id: str | None,
    *,
    instrument: str,
    status: str,
    instances: int = 1,
    actual_date: str | None = None,
) -> None:
    """Let a saved entry show in its visit; called by the fold of entries, never by itself.

    visit_id: None for a log form, of which `instances` is how many there are now.
    status: in_progress, complete or not_done, of the instrument over all its instances.
    actual_date: when the visit took place, where the entry says so; None leaves it as it is.
    """
    if visit_id is None:
        person = state.get("participant", participant_id)
        if person is not None:
            logs = {**person["logs"], instrument: instances}
            state.put("participant", {**person, "logs": logs})
        return
    row = state.get("visit", visit_id)
    if row is not None:
        forms = {**row["forms"], instrument: status}
        state.put(
            "visit",
            {
                **row,
                "forms": forms,
                "status": _visit_status(row["instruments"], forms),
                "actual_date": actual_date or row["actual_date"],
                "reason": None,
            },
        )


def _visit_status(instruments: list[str], forms: Mapping[str, str]) -> str:
    asked = {*instruments, *forms}
    if all(forms.get(name) in _FINISHED for name in asked):
        return VisitStatus.COMPLETE.value
    return VisitStatus.IN_PROGRESS.value


def query_counted(state: State, participant_id: str, visit_id: str | None, step: int) -> None:
    """Keep the number of open queries beside the person and the visit; called by queries' fold."""
    for table, row_id in (("participant", participant_id), ("visit", visit_id)):
        row = state.get(table, row_id) if row_id else None
        if row is not None:
            state.put(table, {**row, "open_queries": row["open_queries"] + step})


@counts("participant")
def count_participant(row: Row) -> Iterator[tuple[str, str]]:
    yield row["site"], f"participant.{row['status']}"
    if row["enrolled_on"]:
        yield row["site"], f"recruited.{row['enrolled_on'][:7]}"
    if row["reason_not_enrolled"]:
        yield row["site"], f"not_enrolled.{row['reason_not_enrolled']}"
    if row["state"] != TakingPart.ON_STUDY:
        yield row["site"], f"participant.{row['state']}"


@counts("dated_fact")
def count_cohort(row: Row) -> Iterator[tuple[str, str]]:
    if row["kind"] == kinds.COHORT:
        yield row["site"], f"cohort.{row['value']}"


@counts("visit")
def count_visit(row: Row) -> Iterator[tuple[str, str]]:
    yield row["site"], f"visit.{row['slug']}.{row['status']}"
