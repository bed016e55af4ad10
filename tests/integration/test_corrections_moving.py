"""Corrected numbers, moves between sites and moved anchors, on both databases."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
import sqlalchemy as sa

from capture import clock
from capture.access import Actor, Role
from capture.db import Database
from capture.entry import reads as entries
from capture.entry import service as entry
from capture.ledger.concealment import Concealment
from capture.ledger.tables import counter
from capture.participants import reads as people
from capture.participants import service
from capture.participants.reads import ParticipantFilters
from capture.participants.records import Flag, Participant, VisitStatus
from capture.problems import InvalidInput, NotAllowed, NotFound, Problem, Refused, Stale
from capture.randomisation.allocation.service.gate import Kind, get_readiness
from capture.study import service as study_service
from forms.evaluation_scope import Place
from tests.support.entries import FULL_VITALS, VITALS, Desk
from tests.support.randomising import DURATION, definition
from tests.support.trial import GIST, Trial, make_actor, make_trial
from tests.support.watching import Watch

KEEPER = make_actor(Role.DATA_MANAGER)
FAR = make_actor(Role.NURSE, "harbourside")
NEAR = make_actor(Role.NURSE, "northfield")


@pytest.fixture
def trial(database: Database, concealment: Concealment) -> Trial:
    return make_trial(database, concealment)


@pytest.fixture
def desk(trial: Trial) -> Desk:
    return Desk(trial, trial.enrolled())


@pytest.fixture
def watch(tmp_path: Path) -> Watch:
    return Watch(tmp_path)


def renumber(
    desk: Desk,
    number: str,
    *,
    kind: str = "participant_number",
    seen: str = "NOR-0001",
    reason: str = "The card says so",
    actor: Actor = NEAR,
) -> Participant:
    with desk.trial.acting(actor) as tx:
        return service.renumber(
            tx, GIST, desk.person.id, kind=kind, seen=seen, number=number, reason=reason
        )


def move(
    desk: Desk,
    to: str = "harbourside",
    *,
    seen: str = "northfield",
    date: str = "2026-03-02",
    reason: str = "Moved house",
    actor: Actor = KEEPER,
) -> Participant:
    with desk.trial.acting(actor) as tx:
        return service.move(tx, GIST, desk.person.id, service.SiteTransfer(to, seen, date, reason))


def counted(trial: Trial, name: str) -> dict[str, int]:
    with trial.database.reading() as connection:
        rows = connection.execute(sa.select(counter).where(counter.c.name == name))
        return {row.site: row.n for row in rows if row.n}


# --- numbers --------------------------------------------------------------------------------------


def test_a_corrected_number_is_found_by_both_and_exported_as_of_then(
    desk: Desk, watch: Watch
) -> None:
    before = watch.look(desk.trial)

    person = renumber(desk, "nor-0007")

    after = watch.look(desk.trial)
    assert person.participant_number == "NOR-0007"
    numbers = [found["participants"][0]["participant_number"] for found in (before, after)]
    assert numbers == ["NOR-0001", "NOR-0007"]
    with desk.trial.database.reading() as connection:
        for number in ("NOR-0001", "nor-0007", "NOR-S-0001"):
            found = people.find_person_by_number(connection, NEAR, GIST, number)
            assert found is not None
            assert found.id == person.id
            listed = people.list_participants(
                connection, NEAR, GIST, ParticipantFilters(text=number)
            )
            assert [one.participant.id for one in listed.lines] == [person.id]
        assert people.find_person_by_number(connection, FAR, GIST, "NOR-0007") is None


def test_a_former_number_is_never_given_to_anybody_else(desk: Desk, watch: Watch) -> None:
    renumber(desk, "NOR-0007")
    other = Desk(desk.trial, desk.trial.enrolled(sex="male"))

    assert other.person.participant_number == "NOR-0008"
    for taken in ("NOR-0001", "NOR-0007"):
        with pytest.raises(InvalidInput, match="never given twice"):
            renumber(other, taken, seen="NOR-0008")
    watch.look(desk.trial)


def test_a_number_can_be_corrected_back(desk: Desk, watch: Watch) -> None:
    renumber(desk, "NOR-0007")
    watch.look(desk.trial)
    renumber(desk, "NOR-0001", seen="NOR-0007")

    with desk.trial.database.reading() as connection:
        former = [one.number for one in people.list_former_numbers(connection, desk.person.id)]
    assert former == ["NOR-0007"]
    assert watch.look(desk.trial)["participants"][0]["participant_number"] == "NOR-0001"


def test_a_screening_number_moves_the_person_in_the_order_of_datasets(
    desk: Desk, watch: Watch
) -> None:
    desk.trial.screen()
    watch.look(desk.trial)

    renumber(desk, "NOR-S-0009", kind="screening_number", seen="NOR-S-0001")

    found = watch.look(desk.trial)["participants"]
    assert [row["screening_number"] for row in found] == ["NOR-S-0002", "NOR-S-0009"]
    assert desk.trial.screen().screening_number == "NOR-S-0010"


@pytest.mark.parametrize(
    "kind, number, reason, field",
    [
        ("participant_number", "HAR-0001", "x", "number"),
        ("participant_number", "NOR-7", "x", "number"),
        ("participant_number", "NOR-00007", "x", "number"),
        ("participant_number", "NOR-0000", "x", "number"),
        ("participant_number", "NOR-S-0007", "x", "number"),
        ("participant_number", "", "x", "number"),
        ("participant_number", "NOR-0001", "x", "number"),
        ("participant_number", "NOR-0007", " ", "reason"),
    ],
)
def test_a_number_keeps_its_form_and_needs_a_reason(
    desk: Desk, kind: str, number: str, reason: str, field: str
) -> None:
    with pytest.raises(InvalidInput) as caught:
        renumber(desk, number, kind=kind, reason=reason)

    assert caught.value.field == field


def test_of_two_people_who_correct_a_number_the_second_is_told(desk: Desk, watch: Watch) -> None:
    renumber(desk, "NOR-0007")

    with pytest.raises(Stale, match="NOR-0007 by now"):
        renumber(desk, "NOR-0008")
    assert watch.look(desk.trial)["participants"][0]["participant_number"] == "NOR-0007"


def test_a_number_somebody_does_not_have_yet_cannot_be_corrected(trial: Trial) -> None:
    with pytest.raises(InvalidInput, match="may not have it yet"):
        renumber(Desk(trial, trial.screen()), "NOR-0007")


# --- another site ---------------------------------------------------------------------------------


def test_what_was_done_keeps_its_site_and_what_is_open_goes_along(desk: Desk, watch: Watch) -> None:
    desk.save({**FULL_VITALS, "pulse_min": 220})
    desk.trial.allocate(desk.person, "IM60")
    watch.look(desk.trial)

    person = move(desk)

    found = watch.look(desk.trial)
    assert (person.site, person.site_recruited) == ("harbourside", "northfield")
    row = found["participants"][0]
    assert (row["site"], row["site_recruited"]) == ("harbourside", "northfield")
    assert [(row["site"], row["site_recruited"]) for row in found["vitals"]] == [
        ("northfield", "northfield")
    ]
    assert {row["site"] for row in found["visits"]} == {"harbourside"}
    assert counted(desk.trial, "participant.enrolled") == {"northfield": 1}
    assert counted(desk.trial, "entry.vitals.baseline.in_progress") == {"northfield": 1}
    assert counted(desk.trial, "query.open") == {"harbourside": 1}


def test_a_finished_visit_and_its_forms_keep_their_site_when_corrected_at_the_new_one(
    desk: Desk, watch: Watch
) -> None:
    with desk.trial.acting() as tx:
        visit = service.add_visit(tx, GIST, desk.person.id, slug="unscheduled", date="2026-03-02")
    key = Place("unscheduled", 1, "vitals")
    desk.save(FULL_VITALS, key)
    for name in visit.instruments:
        if name != "vitals":
            desk.not_do(Place("unscheduled", 1, name))
    move(desk)

    desk.save({"weight_kg": "71"}, key, reason="Typing error", actor=FAR)

    found = watch.look(desk.trial)
    mine = [row for row in found["visits"] if row["visit"] == "unscheduled"]
    assert [(row["site"], row["status"]) for row in mine] == [("northfield", "complete")]
    assert [(row["site"], row["weight_kg"]) for row in found["vitals"]] == [("northfield", "71.0")]


def test_each_site_sees_its_own_part_and_nothing_else(desk: Desk) -> None:
    desk.save(FULL_VITALS)
    move(desk)

    with desk.trial.database.reading() as connection:
        assert people.get_participant(connection, FAR, GIST, desk.person.id).site == "harbourside"
        with pytest.raises(NotFound):
            people.get_participant(connection, NEAR, GIST, desk.person.id)
        assert people.list_participants(connection, NEAR, GIST, ParticipantFilters()).total == 0
        (left,) = people.list_departed(connection, NEAR, GIST)
        assert people.list_departed(connection, FAR, GIST) == []
    assert (left.person.id, left.move.to_site) == (desk.person.id, "harbourside")
    with pytest.raises(NotFound):
        desk.save({"weight_kg": "71"}, reason="Typing error")


def test_consent_is_asked_again_before_a_draw_at_the_new_site(desk: Desk) -> None:
    move(desk)

    assert "has not re-consented here yet" in obstacles(desk)
    later = desk.on("2026-03-03")
    with later.trial.acting(FAR) as tx:
        taken = service.ConsentTaken("main", "2.0", "2026-03-03", "B. Moss")
        service.give_consent(tx, GIST, desk.person.id, taken)
    assert obstacles(later) == ""


def obstacles(desk: Desk) -> str:
    with (
        clock.running_at(desk.trial.moment),
        desk.trial.database.reading() as connection,
    ):
        found = get_readiness(connection, definition(desk.trial), desk.person.id, DURATION)
    return " ".join(one.words for one in found.obstacles if one.kind is Kind.CONSENT)


def test_a_draft_stays_with_its_owner_and_is_not_carried_over(desk: Desk) -> None:
    with desk.trial.database.writing() as connection:
        entry.keep_draft(
            connection, NEAR, desk.person, VITALS, {"weight_kg": ["71"]}, entry_version=0
        )
    person = move(desk)

    with desk.trial.database.writing() as connection:
        entry.keep_draft(connection, FAR, person, VITALS, {"weight_kg": ["80"]}, entry_version=0)
        found = [(one.owner, one.site) for one in entries.list_drafts_of(connection, person.id)]
        here = [one.owner for one in entries.list_drafts_at(connection, person.id, VITALS)]
    assert found == [(NEAR.id, "northfield"), (FAR.id, "harbourside")]
    assert here == [FAR.id]


def test_moved_twice_in_a_day_each_move_stands_in_order(desk: Desk, watch: Watch) -> None:
    move(desk)
    watch.look(desk.trial)

    person = move(desk, "northfield", seen="harbourside")

    with desk.trial.database.reading() as connection:
        moves = [(m.from_site, m.to_site) for m in people.list_site_moves(connection, person.id)]
        assert people.list_departed(connection, NEAR, GIST) == []
        assert [one.person.id for one in people.list_departed(connection, FAR, GIST)] == [person.id]
    assert moves == [("northfield", "harbourside"), ("harbourside", "northfield")]
    assert watch.look(desk.trial)["participants"][0]["site"] == "northfield"


@pytest.mark.parametrize(
    "change, field",
    [
        ({"to": "northfield"}, "site"),
        ({"to": "nowhere"}, "site"),
        ({"to": ""}, "site"),
        ({"date": "2026-03-03"}, "date"),
        ({"date": "2026-02-30"}, "date"),
        ({"date": "2026-03"}, "date"),
        ({"date": "2026-03-01"}, "date"),
        ({"reason": " "}, "reason"),
    ],
)
def test_a_move_needs_an_open_site_a_day_and_a_reason(
    desk: Desk, watch: Watch, change: dict[str, str], field: str
) -> None:
    with pytest.raises(InvalidInput) as caught:
        move(desk, **change)  # type: ignore[arg-type]

    assert caught.value.field == field
    assert watch.look(desk.trial)["participants"][0]["site"] == "northfield"


def test_a_closed_site_takes_nobody(desk: Desk) -> None:
    with desk.trial.acting(make_actor(Role.TRIAL_MANAGER)) as tx:
        study_service.close_site(tx, GIST, "harbourside", date(2026, 3, 1))

    with pytest.raises(InvalidInput, match="is not open in this study"):
        move(desk)


def test_nobody_is_moved_before_consent(trial: Trial) -> None:
    with pytest.raises(Refused, match="has not consented yet"):
        move(Desk(trial, trial.screen()))


def test_whoever_died_or_withdrew_is_not_moved(desk: Desk) -> None:
    with desk.trial.acting() as tx:
        service.die(tx, GIST, desk.person.id, date="2026-03-02")

    with pytest.raises(Refused, match="has died"):
        move(desk)


@pytest.mark.parametrize(
    "actor, problem",
    [
        (NEAR, NotAllowed),
        (FAR, NotFound),
        (make_actor(Role.DATA_MANAGER, "northfield"), NotAllowed),
        (make_actor(Role.MONITOR), NotAllowed),
    ],
)
def test_no_site_takes_or_gives_somebody_by_itself(
    desk: Desk, actor: Actor, problem: type[Problem]
) -> None:
    with pytest.raises(problem):
        move(desk, actor=actor)


def test_of_two_people_who_move_somebody_the_second_is_told(desk: Desk) -> None:
    move(desk)

    with pytest.raises(Stale, match="Somebody moved this participant"):
        move(desk)


# --- a moved anchor -------------------------------------------------------------------------------


def flags(desk: Desk) -> dict[str, str | None]:
    with desk.trial.database.reading() as connection:
        visits = people.list_visits(connection, desk.person.id)
    return {f"{v.slug}.{v.occurrence}": v.flag for v in visits if v.flag}


def allocate_on(desk: Desk, day: str) -> None:
    with desk.trial.acting() as tx:
        locked = service.lock(tx, GIST, desk.person.id)
        service.note_fact(tx, locked, "allocation.duration", day, value="IM60")
        service.plan_visits(tx, locked)


def test_a_visit_entered_before_its_moved_anchor_stays_attached_and_says_so(
    desk: Desk, watch: Watch
) -> None:
    allocate_on(desk, "2026-03-02")
    later = desk.on("2026-05-01")
    key = Place("drug_m1", 1, "imatinib_treatment")
    later.save({"imtx_date": "2026-04-01"}, key)
    watch.look(later.trial)

    allocate_on(later, "2026-04-10")

    found = {row["visit"]: row for row in watch.look(later.trial)["visits"]}
    assert flags(later) == {"drug_m1.1": Flag.BEFORE_ANCHOR}
    assert found["drug_m1"]["target_date"] == "2026-05-10"
    assert found["drug_m1"]["actual_date"] == "2026-04-01"
    assert found["drug_m1"]["flag"] == "before_anchor"
    assert later.stored(key).cells["imtx_date"].value == "2026-04-01"
    allocate_on(later, "2026-03-02")
    assert flags(later) == {}
    watch.look(later.trial)


def test_correcting_the_visits_own_date_takes_the_flag_away(desk: Desk, watch: Watch) -> None:
    allocate_on(desk, "2026-03-02")
    later = desk.on("2026-06-01")
    key = Place("drug_m1", 1, "imatinib_treatment")
    later.save({"imtx_date": "2026-02-20"}, key)
    assert flags(later) == {"drug_m1.1": Flag.BEFORE_ANCHOR}

    later.save({"imtx_date": "2026-04-01"}, key, reason="Typing error")

    assert flags(later) == {}
    watch.look(later.trial)


def test_an_entered_visit_that_is_planned_no_more_stays_with_a_flag(
    desk: Desk, watch: Watch
) -> None:
    allocate_on(desk, "2026-03-02")
    later = desk.on("2026-05-01")
    later.save({"imtx_date": "2026-04-01"}, Place("drug_m1", 1, "imatinib_treatment"))
    with later.trial.acting() as tx:
        locked = service.lock(tx, GIST, desk.person.id)
        service.take_back_fact(tx, locked, "allocation.duration")
        service.plan_visits(tx, locked)

    assert flags(later) == {"drug_m1.1": Flag.UNPLANNED}
    assert len(watch.look(later.trial)["imatinib_treatment"]) == 1
    allocate_on(later, "2026-03-02")
    assert flags(later) == {}
    watch.look(later.trial)


def test_whoever_was_seen_before_a_death_has_no_odd_visit(desk: Desk) -> None:
    allocate_on(desk, "2026-03-02")
    later = desk.on("2026-05-01")
    later.save({"imtx_date": "2026-03-25"}, Place("drug_m1", 1, "imatinib_treatment"))
    with later.trial.acting() as tx:
        service.die(tx, GIST, desk.person.id, date="2026-03-28")

    assert flags(later) == {}


# --- screened again -------------------------------------------------------------------------------


def test_episodes_know_each_other_and_carry_nothing(trial: Trial) -> None:
    first = trial.screen()
    with trial.acting() as tx:
        service.not_enrol(tx, GIST, first.id, "declined")
    with trial.acting() as tx:
        line = service.Screening(trial.today, earlier=first.id)
        second = service.screen(tx, GIST, "northfield", line)

    with trial.database.reading() as connection:
        later = people.find_later_episode(connection, first.id)
        assert later is not None
        assert later.id == second.id
        assert people.list_consents(connection, second.id) == []
        visits = people.list_visits(connection, second.id)
    assert (second.episode, second.earlier_episode, second.participant_number) == (
        2,
        first.id,
        None,
    )
    assert {one.status for one in visits} == {VisitStatus.PLANNED}
    with pytest.raises(Refused, match="Consent to"):
        trial.enrol(second, consent=None)


def test_somebody_screened_again_already_is_named(trial: Trial) -> None:
    first = trial.screen()
    with trial.acting() as tx:
        service.not_enrol(tx, GIST, first.id, "declined")
    line = service.Screening(trial.today, earlier=first.id)
    with trial.acting() as tx:
        second = service.screen(tx, GIST, "northfield", line)
    trial.enrol(second)

    with pytest.raises(Refused, match="NOR-0001, who is registered"), trial.acting() as tx:
        service.screen(tx, GIST, "northfield", line)
