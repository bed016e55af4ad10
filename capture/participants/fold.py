"""Folds the actions about participants into the state, as pure functions of their facts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from capture.access import Action
from capture.ledger.fold import LedgerRow, State, StateRow, applies, counts
from capture.participants import event_kinds
from capture.participants.records import Participation, Status, VisitStatus
from capture.visibility import Mention, mentions, mentions_nothing, usual_mention
from capture.visibility.mentions import list_body_rows

_FINISHED = {"complete", "not_done"}


def _note_facts(state: State, fact: LedgerRow) -> None:
    """Write the dated facts in an action's body; one without a date is removed."""
    site = _get_person_row(state, fact)["site"]
    for noted in fact.new("facts", []):
        if noted["date"] is None:
            state.drop("dated_fact", noted["id"])
            continue
        before = state.get("dated_fact", noted["id"])
        where = before["site"] if before else site
        state.put("dated_fact", {**noted, "participant": fact.subject_id, "site": where})


def _get_person_row(state: State, fact: LedgerRow) -> StateRow:
    row = state.get("participant", fact.subject_id)
    if row is None:
        raise LookupError(f"{fact.action.value} {fact.id}: {fact.subject} was never screened")
    return row


def _change_person(state: State, fact: LedgerRow, changes: StateRow) -> None:
    state.put("participant", {**_get_person_row(state, fact), **changes})
    _note_facts(state, fact)


@applies(Action.PARTICIPANT_SCREEN)
def apply_screening(state: State, fact: LedgerRow) -> None:
    taken = ("site", "screening_number", "screened_on", "source", "age_band", "episode", "earlier")
    state.put(
        "participant",
        {
            "id": fact.subject_id,
            **{name: fact.new(name) for name in taken},
            "site_recruited": fact.new("site"),
            "participant_number": None,
            "status": Status.SCREENED.value,
            "state": Participation.ON_STUDY.value,
            "enrolled_on": None,
            "reason_not_enrolled": None,
            "likeness": [],
            "logs": {},
            "open_queries": 0,
            "note": None,
            "cohort": None,
        },
    )
    _note_facts(state, fact)


@applies(Action.PARTICIPANT_NOT_ENROL)
def apply_not_recruited(state: State, fact: LedgerRow) -> None:
    why = {"reason_not_enrolled": fact.new("reason_not_enrolled"), "note": fact.new("note")}
    _change_person(state, fact, {"status": Status.NOT_ENROLLED.value, **why})


@applies(Action.PARTICIPANT_ENROL)
def apply_enrolment(state: State, fact: LedgerRow) -> None:
    taken = ("participant_number", "enrolled_on", "likeness")
    outcome = {name: fact.new(name) for name in taken}
    _change_person(state, fact, {"status": Status.ENROLLED.value, **outcome})


@applies(Action.CONSENT_GIVE)
def apply_consent(state: State, fact: LedgerRow) -> None:
    taken = ("id", "scope", "kind", "version", "date", "taken_by", "assent", "parent")
    row = {name: fact.new(name) for name in taken}
    site = _get_person_row(state, fact)["site"]
    state.put("consent_event", {**row, "participant": fact.subject_id, "site": site})
    _note_facts(state, fact)


applies(Action.CONSENT_WITHDRAW)(apply_consent)


@applies(Action.PARTICIPANT_WITHDRAW)
def apply_ending(state: State, fact: LedgerRow) -> None:
    """Fold a withdrawal, death, loss, return or fact; the body has the new state, if it changes."""
    person = _get_person_row(state, fact)
    _change_person(state, fact, {"state": fact.new("state", person["state"])})


applies(Action.FACT_NOTE)(apply_ending)
applies(Action.PARTICIPANT_DIE)(apply_ending)
applies(Action.PARTICIPANT_LOSE)(apply_ending)
applies(Action.PARTICIPANT_RETURN)(apply_ending)


@applies(Action.COHORT_RECORD)
def apply_cohort(state: State, fact: LedgerRow) -> None:
    """The cohort as a dated fact; a correction bears the id of the fact it corrects."""
    person = _get_person_row(state, fact)
    state.put("participant", {**person, "cohort": fact.new("cohort")})
    state.put(
        "dated_fact",
        {
            "id": fact.new("id"),
            "participant": fact.subject_id,
            "site": person["site"],
            "kind": event_kinds.COHORT,
            "source": "",
            "date": fact.new("date"),
            "value": fact.new("cohort"),
            "detail": {"where_documented": fact.new("where_documented")},
        },
    )


applies(Action.COHORT_CORRECT)(apply_cohort)

PLANNED_BLANK: Mapping[str, Any] = {
    "actual_date": None,
    "appointment": None,
    "reason": None,
    "forms": {},
    "open_queries": 0,
    "flag": None,
}
"""What a visit holds before anything is entered for it."""
_DONE = (VisitStatus.COMPLETE.value, VisitStatus.NOT_DONE.value)


def _find_visit_site(row: StateRow, status: str, site: str) -> str:
    """A finished visit keeps the site where it was finished; an open one is the person's site's."""
    return str(row["site"]) if status in _DONE and "site" in row else site


@applies(Action.VISIT_PLAN)
def apply_visit_schedule(state: State, fact: LedgerRow) -> None:
    """Each item of the body is one visit (`slug.occurrence`): its new dates, status and forms."""
    site = _get_person_row(state, fact)["site"]
    for change in fact.body.values():
        plan = change.new
        before = state.get("visit", plan["id"]) or PLANNED_BLANK
        row = {**before, **plan, "participant": fact.subject_id}
        state.put("visit", {**row, "site": _find_visit_site(row, row["status"], site)})


applies(Action.VISIT_ADD)(apply_visit_schedule)


@applies(Action.VISIT_APPOINT)
def apply_appointment(state: State, fact: LedgerRow) -> None:
    _change_visit(state, fact.new("id"), appointment=fact.new("appointment"))


@applies(Action.VISIT_NOT_DO)
def apply_missed_visit(state: State, fact: LedgerRow) -> None:
    _change_visit(state, fact.new("id"), status=VisitStatus.NOT_DONE.value, reason=fact.new("why"))


def _change_visit(state: State, visit_id: str, **changes: Any) -> None:
    row = state.get("visit", visit_id)
    if row is not None:
        state.put("visit", {**row, **changes})


def add_entered_form(
    state: State,
    participant_id: str,
    visit_id: str | None,
    *,
    instrument: str,
    status: str,
    instances: int = 1,
    actual_date: str | None = None,
) -> None:
    """Show a saved entry in its visit; called by the fold of entries only.

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
        shown = {"forms": forms, "actual_date": actual_date or row["actual_date"], "reason": None}
        _show_forms(state, participant_id, row, shown)


def _show_forms(state: State, participant_id: str, row: StateRow, shown: StateRow) -> None:
    """Write a visit with what its forms now say, and the status that follows."""
    status = _find_visit_status(row["instruments"], shown["forms"])
    person = state.get("participant", participant_id)
    site = _find_visit_site(row, status, person["site"] if person else row["site"])
    state.put("visit", {**row, **shown, "status": status, "site": site})


def remove_entered_form(
    state: State,
    participant_id: str,
    visit_id: str | None,
    *,
    instrument: str,
    status: str | None,
    instances: int,
    actual_date: str | None,
) -> None:
    """Remove an entry that was struck out from its visit; called by the fold of entries only.

    status, instances: of what is left of the instrument there, None and 0 for nothing.
    actual_date: when the visit took place by what is left.
    """
    table, row_id = ("participant", participant_id) if visit_id is None else ("visit", visit_id)
    row = state.get(table, row_id)
    if row is None:
        return
    column = "logs" if visit_id is None else "forms"
    left = {name: said for name, said in row[column].items() if name != instrument}
    if status is not None:
        left[instrument] = instances if visit_id is None else status
    if visit_id is None:
        state.put("participant", {**row, "logs": left})
    else:
        _show_forms(state, participant_id, row, {"forms": left, "actual_date": actual_date})


def _find_visit_status(instruments: list[str], forms: Mapping[str, str]) -> str:
    if not forms:
        return VisitStatus.PLANNED.value
    asked = {*instruments, *forms}
    if all(forms.get(name) in _FINISHED for name in asked):
        return VisitStatus.COMPLETE.value
    return VisitStatus.IN_PROGRESS.value


def count_open_query(state: State, participant_id: str, visit_id: str | None, step: int) -> None:
    """Count the open queries of the person and the visit; called by the fold of queries."""
    for table, row_id in (("participant", participant_id), ("visit", visit_id)):
        row = state.get(table, row_id) if row_id else None
        if row is not None:
            state.put(table, {**row, "open_queries": row["open_queries"] + step})


@applies(Action.PARTICIPANT_RENUMBER)
def apply_number(state: State, fact: LedgerRow) -> None:
    """Change the number; the former one is kept, so that it is found and never given again."""
    person, kind = _get_person_row(state, fact), fact.new("kind")
    change = fact.body["number"]
    state.put("participant", {**person, kind: change.new})
    former = {row["number"]: row["id"] for row in state.rows("former_number")}
    if change.new in former:  # the correction is corrected: the number is the present one again
        state.drop("former_number", former[change.new])
    row = {"id": fact.new("id"), "participant": fact.subject_id, "kind": kind, "at": fact.at}
    state.put("former_number", {**row, "number": change.old, "site": person["site_recruited"]})


@applies(Action.PARTICIPANT_MOVE)
def apply_site_transfer(state: State, fact: LedgerRow) -> None:
    """Move the person, unfinished visits and open queries; what is finished keeps its site."""
    change = fact.body["site"]
    state.put("participant", {**_get_person_row(state, fact), "site": change.new})
    for row in state.rows("visit"):
        state.put("visit", {**row, "site": _find_visit_site(row, row["status"], change.new)})
    for row in state.rows("query"):
        if row["status"] == "open":
            state.put("query", {**row, "site": change.new})
    taken = {"date": fact.new("date"), "from_site": change.old, "to_site": change.new}
    number = 1 + len(state.rows("site_move"))
    row = {"id": fact.new("id"), "participant": fact.subject_id, "at": fact.at, "act": fact.id}
    state.put("site_move", {**row, **taken, "number": number})


@counts("participant")
def count_participant(row: StateRow) -> Iterator[tuple[str, str]]:
    """Count a participant at the site where they were recruited, also after a move."""
    site = row["site_recruited"]
    yield site, f"participant.{row['status']}"
    if row["status"] == Status.ENROLLED:
        month = row["enrolled_on"][:7]
        yield site, f"recruited.{month}"
        if row["cohort"]:
            yield site, f"cohort.{row['cohort']}.{month}"
    if row["reason_not_enrolled"]:
        yield site, f"not_enrolled.{row['reason_not_enrolled']}"
    if row["state"] != Participation.ON_STUDY:
        yield site, f"participant.{row['state']}"


@counts("visit")
def count_visit(row: StateRow) -> Iterator[tuple[str, str]]:
    yield row["site"], f"visit.{row['slug']}.{row['status']}"


mentions_nothing(Action.PARTICIPANT_RENUMBER, Action.PARTICIPANT_MOVE)
mentions(
    Action.PARTICIPANT_SCREEN,
    Action.PARTICIPANT_NOT_ENROL,
    Action.PARTICIPANT_ENROL,
    Action.CONSENT_GIVE,
    Action.CONSENT_WITHDRAW,
    Action.PARTICIPANT_WITHDRAW,
    Action.PARTICIPANT_DIE,
    Action.PARTICIPANT_LOSE,
    Action.PARTICIPANT_RETURN,
)(usual_mention)


@mentions(Action.COHORT_RECORD, Action.COHORT_CORRECT)
def mention_of_cohort(_fact: LedgerRow) -> Mention:
    """The cohort itself."""
    return Mention(tells_group=True)


@mentions(Action.FACT_NOTE)
def mention_of_events(fact: LedgerRow) -> Mention:
    """Each event that the program noted, moved or took back."""
    rows = list_body_rows(fact.new("facts"))
    return Mention(parts=tuple(Mention(events=frozenset({row["kind"]})) for row in rows))


@mentions(Action.VISIT_PLAN, Action.VISIT_ADD)
def mention_of_plan(fact: LedgerRow) -> Mention:
    """Each visit that was planned, moved, cancelled or added, under its kind and occurrence."""
    slugs = (name.rpartition(".")[0] for name in fact.body)
    return Mention(parts=tuple(Mention(visits=frozenset({slug})) for slug in slugs))


@mentions(Action.VISIT_APPOINT, Action.VISIT_NOT_DO)
def mention_of_visit(fact: LedgerRow) -> Mention:
    """The visit, which these acts name by their own id."""
    return Mention(visit_ids=frozenset({str(fact.new("id"))}))
