"""What each act about visits does to the state: plans, appointments, forms, a change of site."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Required, TypedDict

from capture.access import Action
from capture.ledger.fold import LedgerRow, State, applies, counts
from capture.participants.fold.people import get_person
from capture.participants.records import VisitStatus
from capture.participants.tables import PARTICIPANT, SITE_TRANSFER, VISIT, VisitState
from capture.visibility import Mention, mentions, mentions_nothing

_FINISHED = {"complete", "not_done"}
_DONE = (VisitStatus.COMPLETE.value, VisitStatus.NOT_DONE.value)


class VisitPlan(TypedDict, total=False):
    """What a body says of one visit: all of a new one, of another what changes."""

    id: Required[str]
    status: Required[str]
    slug: str
    occurrence: int
    target_date: str | None
    earliest: str | None
    latest: str | None
    anchor: str | None
    planned: bool
    instruments: list[str]
    flag: str | None


def _where(row: VisitState, status: str, site: str) -> str:
    """A finished visit keeps the site where it was finished; an open one is the person's site's."""
    return row["site"] if status in _DONE else site


@applies(Action.VISIT_SCHEDULE)
def apply_visit_schedule(state: State, fact: LedgerRow) -> None:
    """Each item of the body is one visit (`slug.occurrence`): its new dates, status and forms."""
    site = get_person(state, fact)["site"]
    for change in fact.body.values():
        plan: VisitPlan = change.new
        before = VISIT.get(state, plan["id"]) or _new_visit(plan, fact.subject_id, site)
        VISIT.put(state, {**before, **plan, "site": _where(before, plan["status"], site)})


applies(Action.VISIT_ADD)(apply_visit_schedule)


def _new_visit(plan: VisitPlan, participant: str, site: str) -> VisitState:
    return {
        "id": plan["id"],
        "participant": participant,
        "site": site,
        "slug": plan["slug"],
        "occurrence": plan["occurrence"],
        "target_date": plan["target_date"],
        "earliest": plan["earliest"],
        "latest": plan["latest"],
        "anchor": plan["anchor"],
        "planned": plan["planned"],
        "status": plan["status"],
        "instruments": plan["instruments"],
        "visit_date": None,
        "appointment": None,
        "reason": None,
        "forms": {},
        "open_queries": 0,
        "flag": None,
    }


def clear_visit(row: VisitState) -> VisitState:
    """Return a visit without anything that was entered for it."""
    return {
        **row,
        "visit_date": None,
        "appointment": None,
        "reason": None,
        "forms": {},
        "open_queries": 0,
        "flag": None,
    }


@applies(Action.VISIT_BOOK)
def apply_appointment(state: State, fact: LedgerRow) -> None:
    row = VISIT.get(state, fact.new("id"))
    if row is not None:
        VISIT.put(state, {**row, "appointment": fact.new("appointment")})


@applies(Action.VISIT_MARK_MISSED)
def apply_missed_visit(state: State, fact: LedgerRow) -> None:
    row = VISIT.get(state, fact.new("id"))
    if row is not None:
        status = VisitStatus.NOT_DONE.value
        VISIT.put(state, {**row, "status": status, "reason": fact.new("reason")})


def add_entered_form(
    state: State,
    participant_id: str,
    visit_id: str | None,
    *,
    instrument: str,
    status: str,
    instances: int = 1,
    visit_date: str | None = None,
) -> None:
    """Let a saved entry show in its visit; called by the fold of entries, never by itself.

    visit_id: None for a log form, of which `instances` is how many there are now.
    status: in_progress, complete or not_done, of the instrument over all its instances.
    visit_date: when the visit took place, where the entry says so; None leaves it as it is.
    """
    if visit_id is None:
        person = PARTICIPANT.get(state, participant_id)
        if person is not None:
            logs = {**person["logs"], instrument: instances}
            PARTICIPANT.put(state, {**person, "logs": logs})
        return
    row = VISIT.get(state, visit_id)
    if row is not None:
        forms = {**row["forms"], instrument: status}
        day = visit_date or row["visit_date"]
        _show(state, {**row, "forms": forms, "visit_date": day, "reason": None})


def _show(state: State, row: VisitState) -> None:
    """Write a visit with what its forms now say, and the status that follows."""
    status = _visit_status(row["instruments"], row["forms"])
    person = PARTICIPANT.get(state, row["participant"])
    site = _where(row, status, person["site"] if person else row["site"])
    VISIT.put(state, {**row, "status": status, "site": site})


def remove_entered_form(
    state: State,
    participant_id: str,
    visit_id: str | None,
    *,
    instrument: str,
    status: str | None,
    instances: int,
    visit_date: str | None,
) -> None:
    """Let an entry that was taken out be gone from its visit; the fold of entries calls it.

    status, instances: of what is left of the instrument there, None and 0 for nothing.
    visit_date: when the visit took place by what is left.
    """
    if visit_id is None:
        person = PARTICIPANT.get(state, participant_id)
        if person is not None:
            logs = {name: many for name, many in person["logs"].items() if name != instrument}
            if status is not None:
                logs[instrument] = instances
            PARTICIPANT.put(state, {**person, "logs": logs})
        return
    row = VISIT.get(state, visit_id)
    if row is not None:
        forms = {name: said for name, said in row["forms"].items() if name != instrument}
        if status is not None:
            forms[instrument] = status
        _show(state, {**row, "forms": forms, "visit_date": visit_date})


def _visit_status(instruments: list[str], forms: Mapping[str, str]) -> str:
    if not forms:
        return VisitStatus.PLANNED.value
    asked = {*instruments, *forms}
    if all(forms.get(name) in _FINISHED for name in asked):
        return VisitStatus.COMPLETE.value
    return VisitStatus.IN_PROGRESS.value


def count_open_query(state: State, participant_id: str, visit_id: str | None, step: int) -> None:
    """Keep the number of open queries beside the person and the visit; called by queries' fold."""
    person = PARTICIPANT.get(state, participant_id)
    if person is not None:
        PARTICIPANT.put(state, {**person, "open_queries": person["open_queries"] + step})
    visit = VISIT.get(state, visit_id) if visit_id else None
    if visit is not None:
        VISIT.put(state, {**visit, "open_queries": visit["open_queries"] + step})


@applies(Action.PARTICIPANT_TRANSFER)
def apply_site_transfer(state: State, fact: LedgerRow) -> None:
    """What is open goes along: the person, unfinished visits, open queries. What is done stays."""
    change = fact.body["site"]
    PARTICIPANT.put(state, {**get_person(state, fact), "site": change.new})
    for visit in VISIT.rows(state):
        VISIT.put(state, {**visit, "site": _where(visit, visit["status"], change.new)})
    for query in state.rows("query"):  # of a later feature, which depends on this one
        if query["status"] == "open":
            state.put("query", {**query, "site": change.new})
    SITE_TRANSFER.put(
        state,
        {
            "id": fact.new("id"),
            "participant": fact.subject_id,
            "from_site": change.old,
            "to_site": change.new,
            "date": fact.new("date"),
            "at": fact.at,
            "ledger_id": fact.id,
            "number": 1 + len(SITE_TRANSFER.rows(state)),
        },
    )


@counts(VISIT)
def count_visit(row: VisitState) -> Iterator[tuple[str, str]]:
    yield row["site"], f"visit.{row['slug']}.{row['status']}"


mentions_nothing(Action.PARTICIPANT_TRANSFER)


@mentions(Action.VISIT_SCHEDULE, Action.VISIT_ADD)
def mention_of_plan(fact: LedgerRow) -> Mention:
    """Each visit that was planned, moved, cancelled or added, under its kind and occurrence."""
    slugs = (name.rpartition(".")[0] for name in fact.body)
    return Mention(parts=tuple(Mention(visits=frozenset({slug})) for slug in slugs))


@mentions(Action.VISIT_BOOK, Action.VISIT_MARK_MISSED)
def mention_of_visit(fact: LedgerRow) -> Mention:
    """Return the visit, which these acts name by their own id."""
    return Mention(visit_ids=frozenset({str(fact.new("id"))}))
