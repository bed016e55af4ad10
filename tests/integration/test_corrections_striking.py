"""Entered in error, on both databases: a form, a visit, a participant; and taken back again."""

from __future__ import annotations

from pathlib import Path

import pytest

from capture.access import Actor, Role
from capture.corrections import service
from capture.db import Database
from capture.entry import reads as entries
from capture.entry import service as entry
from capture.ledger.concealment import Concealment
from capture.ledger.reads import list_ledger_rows
from capture.participants import reads as people
from capture.participants import service as participants
from capture.participants.reads import ParticipantFilters
from capture.participants.records import Participant, Status, VisitStatus
from capture.problems import InvalidInput, NotAllowed, NotFound, Problem, Refused, Stale
from forms.evaluation_scope import Place
from tests.support.entries import FULL_VITALS, VITALS, Desk
from tests.support.randomising import definition
from tests.support.trial import GIST, NURSE, Trial, make_actor, make_trial
from tests.support.watching import Watch

RECURRENCE = Place("log", 1, "recurrence")
WHY = "Typed from another person's notes"


@pytest.fixture
def trial(database: Database, concealment: Concealment) -> Trial:
    return make_trial(database, concealment)


@pytest.fixture
def desk(trial: Trial) -> Desk:
    return Desk(trial, trial.enrolled())


@pytest.fixture
def watch(tmp_path: Path) -> Watch:
    return Watch(tmp_path)


def strike(
    desk: Desk,
    key: Place = VITALS,
    *,
    reason: str = WHY,
    version: int | None = None,
    actor: Actor = NURSE,
) -> str:
    """Mark a form as entered in error; gives the id of what is struck now."""
    found = desk.stored(key)
    seen = found.version if version is None else version
    with desk.trial.acting(actor) as tx:
        entry.strike_entry(
            tx, definition(desk.trial), 1, desk.person.id, found.id, version=seen, reason=reason
        )
    return last_struck(desk)


def last_struck(desk: Desk) -> str:
    with desk.trial.database.reading() as connection:
        return entries.list_struck(connection, desk.person.id)[0].id


def put_back(desk: Desk, struck: str, reason: str = "It was hers after all") -> None:
    with desk.trial.acting() as tx:
        entry.reinstate_entry(tx, definition(desk.trial), 1, desk.person.id, struck, reason=reason)


def take_back(desk: Desk, struck: str, reason: str = "Right after all") -> None:
    with desk.trial.acting() as tx:
        service.reinstate(tx, definition(desk.trial), desk.person.id, struck, reason=reason)


def strike_visit(desk: Desk, visit: str, reason: str = WHY) -> str:
    with desk.trial.acting() as tx:
        service.strike_visit(tx, definition(desk.trial), desk.person.id, visit, reason=reason)
    return last_struck(desk)


def strike_person(desk: Desk, reason: str = WHY) -> str:
    with desk.trial.acting() as tx:
        service.strike_participant(tx, definition(desk.trial), desk.person.id, reason=reason)
    return last_struck(desk)


def person_now(desk: Desk) -> Participant:
    with desk.trial.database.reading() as connection:
        return people.get_participant(connection, NURSE, GIST, desk.person.id)


def visit_of(desk: Desk, slug: str = "baseline") -> tuple[str, VisitStatus, str | None]:
    with desk.trial.database.reading() as connection:
        found = next(v for v in people.list_visits(connection, desk.person.id) if v.slug == slug)
    return found.id, found.status, found.visit_date


def targets(desk: Desk, slug: str) -> list[str | None]:
    with desk.trial.database.reading() as connection:
        return [
            one.target_date
            for one in people.list_visits(connection, desk.person.id)
            if one.slug == slug
        ]


# --- a form ---------------------------------------------------------------------------------------


def test_a_struck_form_leaves_datasets_visit_and_counts_and_stays_in_the_ledger(
    desk: Desk, watch: Watch
) -> None:
    desk.save(FULL_VITALS)
    before = watch.look(desk.trial)
    wrong = desk.stored().id

    strike(desk)

    after = watch.look(desk.trial)
    assert [row["weight_kg"] for row in before["vitals"]] == ["70.0"]
    assert after["vitals"] == []
    assert visit_of(desk)[1:] == (VisitStatus.PLANNED, None)
    with desk.trial.database.reading() as connection:
        told = entries.list_entry_history(
            connection, desk.trial.concealment, GIST, desk.person.id, wrong
        )
    assert [one.item for one in told[0].changes if one.item == "weight_kg"] == ["weight_kg"]


def test_the_right_form_is_entered_in_the_place_of_a_struck_one(desk: Desk, watch: Watch) -> None:
    desk.save(FULL_VITALS)
    wrong = desk.stored().id
    struck = strike(desk)

    desk.save({**FULL_VITALS, "weight_kg": "55"})

    now = desk.stored()
    assert (now.version, now.id == wrong) == (1, False)
    assert [row["weight_kg"] for row in watch.look(desk.trial)["vitals"]] == ["55.0"]
    with pytest.raises(Refused, match="entered in its place since"):
        put_back(desk, struck)


def test_a_struck_form_can_be_put_back_with_its_values(desk: Desk, watch: Watch) -> None:
    desk.save(FULL_VITALS)
    before, seen = watch.look(desk.trial), desk.stored()
    struck = strike(desk)
    watch.look(desk.trial)

    put_back(desk, struck)

    assert desk.stored() == seen
    assert watch.look(desk.trial)["vitals"] == before["vitals"]
    with desk.trial.database.reading() as connection:
        assert entries.list_struck(connection, desk.person.id) == []
    with pytest.raises(NotFound):
        put_back(desk, struck)


def test_queries_close_with_the_reason_and_are_asked_anew_when_it_is_put_back(
    desk: Desk, watch: Watch
) -> None:
    desk.save({**FULL_VITALS, "pulse_min": 220})
    assert [one.is_open for one in desk.queries()] == [True]

    struck = strike(desk)

    assert person_now(desk).open_queries == 0
    answers = [one.new("answer") for one in ledger_of(desk) if one.action.value == "query.answer"]
    assert answers == [f"entered in error: {WHY}"]
    assert watch.look(desk.trial)["queries"] == []
    put_back(desk, struck)
    assert sorted(one.is_open for one in desk.queries()) == [False, True]
    assert person_now(desk).open_queries == 1
    watch.look(desk.trial)


def ledger_of(desk: Desk) -> list:  # type: ignore[type-arg]
    with desk.trial.database.reading() as connection:
        about = desk.person.subject
        return list(list_ledger_rows(connection, desk.trial.concealment, GIST, subject=about))


def test_an_event_told_by_a_struck_form_is_taken_back_and_visits_follow(
    desk: Desk, watch: Watch
) -> None:
    desk.trial.allocate(desk.person, "IM60")
    planned = targets(desk, "imaging")
    later = desk.on("2026-04-01")
    later.save({"recurrence_date": "2026-03-20"}, RECURRENCE)
    assert targets(desk, "imaging") == []
    watch.look(later.trial)

    struck = strike(later, RECURRENCE)

    assert targets(desk, "imaging") == planned
    assert watch.look(later.trial)["participants"][0]["recurrence_date"] == ""
    put_back(later, struck)
    assert targets(desk, "imaging") == []
    assert watch.look(later.trial)["participants"][0]["recurrence_date"] == "2026-03-20"


def test_a_death_told_by_a_struck_form_is_taken_back(desk: Desk, watch: Watch) -> None:
    death = Place("log", 1, "death")
    later = desk.on("2026-04-01")
    later.save({"death_date": "2026-03-20"}, death)
    assert person_now(desk).participation == "died"

    struck = strike(later, death)

    assert person_now(desk).participation == "on_study"
    assert person_now(desk).logs == {}
    put_back(later, struck)
    assert (person_now(desk).participation, person_now(desk).logs) == ("died", {"death": 1})
    watch.look(later.trial)


def test_a_draft_of_a_struck_form_is_gone_too(desk: Desk) -> None:
    desk.save(FULL_VITALS)
    with desk.trial.database.writing() as connection:
        cole = make_actor(Role.INVESTIGATOR, "northfield")
        entry.keep_draft(
            connection, cole, desk.person, VITALS, {"weight_kg": ["71"]}, entry_version=1
        )

    strike(desk)

    assert desk.draft() is None


def test_one_of_two_forms_of_a_visit_leaves_the_other(desk: Desk, watch: Watch) -> None:
    desk.save(FULL_VITALS)
    status = Place("baseline", 1, "performance_status")
    desk.on("2026-03-05").save({"ps_date": "2026-03-04", "ecog": "0"}, status)
    assert visit_of(desk)[2] == "2026-03-04"

    strike(desk, status)

    assert visit_of(desk)[1:] == (VisitStatus.IN_PROGRESS, "2026-03-02")
    watch.look(desk.trial.on("2026-03-06"))


@pytest.mark.parametrize(
    "reason, version, problem",
    [("  ", 1, InvalidInput), (WHY, 2, Stale), (WHY, 0, Stale)],
)
def test_a_form_is_struck_with_a_reason_and_as_it_was_seen(
    desk: Desk, watch: Watch, reason: str, version: int, problem: type[Problem]
) -> None:
    desk.save(FULL_VITALS)
    with pytest.raises(problem):
        strike(desk, reason=reason, version=version)

    assert len(watch.look(desk.trial)["vitals"]) == 1


@pytest.mark.parametrize(
    "actor, problem",
    [
        (make_actor(Role.NURSE, "harbourside"), NotFound),
        (make_actor(Role.MONITOR), NotAllowed),
        (make_actor(Role.DATA_MANAGER), NotAllowed),
    ],
)
def test_only_staff_of_the_site_strike(desk: Desk, actor: Actor, problem: type[Problem]) -> None:
    desk.save(FULL_VITALS)

    with pytest.raises(problem):
        strike(desk, actor=actor)


# --- a visit --------------------------------------------------------------------------------------


def test_a_planned_visit_is_struck_with_its_forms_and_waits_again(desk: Desk, watch: Watch) -> None:
    desk.save(FULL_VITALS)
    desk.save({"ps_date": "2026-03-02", "ecog": "0"}, Place("baseline", 1, "performance_status"))
    before = watch.look(desk.trial)
    visit, status, made = visit_of(desk)

    struck = strike_visit(desk, visit)

    after = watch.look(desk.trial)
    assert (after["vitals"], after["performance_status"]) == ([], [])
    assert visit_of(desk) == (visit, VisitStatus.PLANNED, None)
    take_back(desk, struck)
    assert visit_of(desk) == (visit, status, made)
    again = watch.look(desk.trial)
    assert [again[name] for name in ("vitals", "performance_status", "visits")] == [
        before[name] for name in ("vitals", "performance_status", "visits")
    ]


def test_an_added_visit_is_gone_and_its_number_is_not_given_again(desk: Desk, watch: Watch) -> None:
    with desk.trial.acting() as tx:
        wrong = participants.add_visit(
            tx, GIST, desk.person.id, slug="unscheduled", date="2026-03-02"
        )
    desk.save(FULL_VITALS, Place("unscheduled", 1, "vitals"))
    struck = strike_visit(desk, wrong.id)

    assert all(row["visit"] != "unscheduled" for row in watch.look(desk.trial)["visits"])
    with desk.trial.acting() as tx:
        right = participants.add_visit(
            tx, GIST, desk.person.id, slug="unscheduled", date="2026-03-02"
        )
    assert right.occurrence == 2
    take_back(desk, struck)
    found = watch.look(desk.trial)
    kept = [row["occurrence"] for row in found["visits"] if row["visit"] == "unscheduled"]
    assert kept == ["1", "2"]
    assert [row["occurrence"] for row in found["vitals"]] == ["1"]


def test_a_visit_marked_as_not_done_by_mistake_waits_again(desk: Desk, watch: Watch) -> None:
    visit = visit_of(desk)[0]
    with desk.trial.acting() as tx:
        participants.not_do_visit(tx, GIST, desk.person.id, visit, reason="Wrong person")

    strike_visit(desk, visit)

    assert visit_of(desk)[1] == VisitStatus.PLANNED
    watch.look(desk.trial)


def test_a_visit_with_nothing_entered_is_not_struck(desk: Desk) -> None:
    with pytest.raises(Refused, match="This visit has no data"):
        strike_visit(desk, visit_of(desk)[0])


def test_a_visit_filled_in_anew_is_not_overwritten_by_the_struck_one(desk: Desk) -> None:
    desk.save(FULL_VITALS)
    struck = strike_visit(desk, visit_of(desk)[0])
    desk.save({**FULL_VITALS, "weight_kg": "55"})

    with pytest.raises(Refused, match="Data have been entered for this visit since"):
        take_back(desk, struck)
    cell = desk.stored().cells["weight_kg"]
    assert cell.value == "55"


# --- a participant --------------------------------------------------------------------------------


def test_a_struck_participant_leaves_datasets_lists_and_counts(desk: Desk, watch: Watch) -> None:
    desk.save(FULL_VITALS)
    before = watch.look(desk.trial)

    struck = strike_person(desk)

    after = watch.look(desk.trial)
    assert len(before["participants"]) == 1
    assert [after[name] for name in ("participants", "visits", "vitals")] == [[], [], []]
    assert person_now(desk).status == Status.IN_ERROR
    with desk.trial.database.reading() as connection:
        assert people.list_participants(connection, NURSE, GIST, ParticipantFilters()).total == 0
        shown = people.list_participants(
            connection, NURSE, GIST, ParticipantFilters(status="in_error")
        )
    assert [one.participant.id for one in shown.lines] == [desk.person.id]
    take_back(desk, struck)
    again = watch.look(desk.trial)
    assert {name: rows for name, rows in again.items() if name in before} == before


def test_the_numbers_of_a_struck_participant_are_never_given_again(desk: Desk) -> None:
    strike_person(desk)

    other = desk.trial.enrolled()

    assert (other.screening_number, other.participant_number) == ("NOR-S-0002", "NOR-0002")


def test_nothing_is_done_about_a_struck_participant_until_it_is_taken_back(desk: Desk) -> None:
    strike_person(desk)

    with pytest.raises(Refused, match="entered in error"), desk.trial.acting() as tx:
        participants.die(tx, GIST, desk.person.id, date="2026-03-02")
    with pytest.raises(Refused, match="entered in error"):
        desk.save(FULL_VITALS)


def test_whoever_is_allocated_is_never_struck(desk: Desk, watch: Watch) -> None:
    desk.trial.allocate(desk.person, "IM60")

    with pytest.raises(Refused, match="randomised in error"):
        strike_person(desk)
    assert len(watch.look(desk.trial)["participants"]) == 1


def test_a_struck_person_no_longer_looks_like_a_duplicate(desk: Desk) -> None:
    strike_person(desk)

    assert desk.trial.enrolled().status == Status.ENROLLED
