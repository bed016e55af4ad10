"""Dose finding in the program: places, outcomes, the committee's signature, the late DLT."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from capture import clock
from capture.access import Role
from capture.corrections import service as corrections
from capture.db import Database
from capture.dose_finding import reads, service
from capture.dose_finding.reads import Decision
from capture.dose_finding.tables import dose_decision, dose_slot
from capture.export.request import ExportRequest
from capture.export.service import ExportKeys, export_to
from capture.ledger.concealment import Concealment
from capture.ledger.verify import verify_study
from capture.participants import reads as people
from capture.participants.records import Participant
from capture.problems import InvalidInput, NotAllowed, Problem, Refused, Stale
from randomiser.dose_finding import Act
from tests.support.datasets import SIGNING
from tests.support.dosing import (
    COMMITTEE,
    DEPLETION,
    DOCTOR,
    DOSE,
    FOLLOW_UP,
    NURSE,
    PART,
    Dosing,
    make_dosing,
)
from tests.support.racing import together
from tests.support.trial import make_actor

DAYS = ("2026-03-02", "2026-03-09", "2026-03-10")
WATCHED = "2026-03-31"
"""The first of a cohort, the others a week later; by then everybody was watched for 21 days."""


FOUR_IN_ALL = "    method: boin\n    target: 0.25\n    people: 4\n    per_level: 4\n    cohort: 3\n"


@pytest.fixture
def dosing(database: Database, concealment: Concealment) -> Dosing:
    return make_dosing(database, concealment)


def cohort(dosing: Dosing, days: tuple[str, ...] = DAYS) -> list[Participant]:
    """Three people registered at the open level, the second a week after the first."""
    return [dosing.on(day).registered() for day in days]


def judged(dosing: Dosing, outcomes: str, days: tuple[str, ...] = DAYS, end: str = WATCHED) -> None:
    """A cohort with its outcomes: N none, T a DLT."""
    for person, letter in zip(cohort(dosing, days), outcomes, strict=True):
        told = dosing.on(end)
        if letter == "N":
            told.judge(person, "no_dlt", note="")
        else:
            told.judge(person, "dlt", day=days[-1])


def findings(dosing: Dosing) -> list[str]:
    with dosing.trial.database.reading() as connection:
        return verify_study(connection, dosing.trial.concealment, DOSE).findings


def test_the_first_level_opens_with_a_cohort_of_places(dosing: Dosing) -> None:
    now = dosing.standing

    assert (now.level, now.places, now.is_due) == ("1", 3, False)


def test_registering_takes_a_place_and_plans_the_visits_that_hang_on_it(dosing: Dosing) -> None:
    person = dosing.registered()

    with dosing.trial.database.reading() as connection:
        planned = {one.slug: one.target_date for one in people.list_visits(connection, person.id)}
        slot = reads.find_slot(connection, DOSE, person.id, PART)
    assert slot is not None
    assert (slot.number, slot.level, slot.site, slot.outcome) == (1, "1", "harbourside", None)
    assert planned["cycle_end"] == "2026-03-23"
    assert dosing.standing.places == 2


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_whoever_has_a_dose_level_is_never_marked_as_entered_in_error(dosing: Dosing) -> None:
    person = dosing.registered()

    with (
        pytest.raises(Refused, match="stays in every dataset"),
        dosing.trial.acting(NURSE) as tx,
    ):
        corrections.strike_participant(tx, dosing.study, person.id, reason="Typed twice")


def test_who_is_registered_keeps_the_place(dosing: Dosing) -> None:
    person = dosing.enrolled()

    first, again = dosing.register(person), dosing.register(person, seen="anything")

    assert first == again
    assert len(dosing.standing.slots) == 1


def test_the_second_of_a_cohort_waits_for_the_stagger(dosing: Dosing) -> None:
    dosing.registered()

    with pytest.raises(Refused, match="may be registered from 9 March 2026 on, 7 days after"):
        dosing.on("2026-03-08").registered()
    dosing.on("2026-03-09").registered()
    dosing.on("2026-03-09").registered()

    assert dosing.on("2026-03-09").standing.state.here.pending == 3


def test_nobody_is_registered_while_outcomes_could_change_the_answer(dosing: Dosing) -> None:
    cohort(dosing)

    with pytest.raises(Refused, match="No place is open: outcomes are awaited"):
        dosing.on(DAYS[-1]).registered()


@pytest.mark.parametrize(
    "baseline, words",
    [
        ({"risk": "hr"}, "Is in the very high risk group"),
        ({"neutrophils": "0.9"}, "neutrophils of at least 1.0"),
        ({"born": "1990-01-01"}, "at most 25 years old"),
    ],
)
def test_who_does_not_pass_the_gate_is_refused(
    dosing: Dosing, baseline: dict[str, str], words: str
) -> None:
    with pytest.raises(Refused, match=words):
        dosing.registered(**baseline)


def test_a_page_that_showed_something_else_is_stale(dosing: Dosing) -> None:
    person = dosing.enrolled()

    with pytest.raises(Stale):
        dosing.register(person, seen="0" * 64)


def test_a_cohort_without_a_dlt_needs_a_signature_before_the_next_level_opens(
    dosing: Dosing,
) -> None:
    judged(dosing, "NNN")
    later = dosing.on(WATCHED)

    before = later.standing
    decision = later.decide("open", "2")

    assert (before.recommendation.act, before.places, before.is_due) == (Act.ESCALATE, 0, True)
    assert (decision.number, decision.level, decision.until) == (1, "2", 3)
    assert decision.advised["act"] == "escalate"
    assert decision.committee == "Phase 1b safety review committee"
    assert (later.standing.level, later.standing.places) == ("2", 3)


def test_a_committee_may_be_more_careful_with_a_reason(dosing: Dosing) -> None:
    judged(dosing, "NNN")
    later = dosing.on(WATCHED)

    with pytest.raises(InvalidInput, match="Give the committee's reason"):
        later.decide("open", "1")
    later.decide("open", "1", "One grade 3 neutropenia to be looked at")

    assert (later.standing.level, later.standing.places) == ("1", 3)


@pytest.mark.parametrize(
    "choice, level, words",
    [
        ("open", "3", "Level 3 is higher than the recommendation allows"),
        ("mtd", "1", "No recommended dose is due yet"),
        ("open", "9", "Choose the dose level"),
        ("raise", "", "Choose what the committee decides"),
    ],
)
def test_a_bolder_decision_is_refused_and_changes_nothing(
    dosing: Dosing, choice: str, level: str, words: str
) -> None:
    judged(dosing, "NNN")

    with pytest.raises(InvalidInput, match=words):
        dosing.on(WATCHED).decide(choice, level, "We want to")

    assert dosing.on(WATCHED).standing.decisions == ()


def test_while_outcomes_are_awaited_nothing_is_opened(dosing: Dosing) -> None:
    cohort(dosing)

    with pytest.raises(InvalidInput, match="is higher than"):
        dosing.on(DAYS[-1]).decide("open", "2", "We want to")


def test_a_late_dlt_opens_a_signed_decision_again(dosing: Dosing) -> None:
    people_ = cohort(dosing)
    later = dosing.on(WATCHED)
    for person in people_:
        later.judge(person, "no_dlt", note="")
    later.decide("open", "2")

    later.judge(people_[0], "dlt", day=DAYS[1], reason="The hospital letter came late")

    now = later.standing
    assert now.is_reopened
    assert now.is_due
    assert now.places == 0
    assert now.last is not None
    assert now.last.reopened_reason == "A DLT came late for number 1, at level 1."
    with pytest.raises(Refused, match="being looked at again"):
        later.registered()
    assert (now.recommendation.act, now.recommendation.level) == (Act.DE_ESCALATE, 1)


def test_signing_again_ends_the_alert(dosing: Dosing) -> None:
    test_a_late_dlt_opens_a_signed_decision_again(dosing)
    later = dosing.on(WATCHED)

    later.decide("open", "1")

    assert not later.standing.is_reopened
    assert (later.standing.level, later.standing.places) == ("1", 3)


def test_a_first_outcome_of_the_present_cohort_is_no_alert(dosing: Dosing) -> None:
    judged(dosing, "NNN")
    dosing.on(WATCHED).decide("open", "2")
    days = ("2026-03-31", "2026-04-07", "2026-04-08")

    judged(dosing, "NTN", days, "2026-04-29")

    assert not dosing.on("2026-04-29").standing.is_reopened
    assert dosing.on("2026-04-29").standing.recommendation.act is Act.STAY


def test_two_dlts_among_two_close_the_level_at_once(dosing: Dosing) -> None:
    first, second, _ = cohort(dosing)
    later = dosing.on("2026-03-12")
    later.judge(first, "dlt")
    later.judge(second, "dlt")

    assert later.standing.recommendation.act is Act.DE_ESCALATE
    later.decide("open", "-1")
    assert (later.standing.level, later.standing.places) == ("-1", 3)


def test_somebody_who_cannot_be_judged_is_replaced_and_stays_listed(dosing: Dosing) -> None:
    first, *_ = cohort(dosing)
    later = dosing.on("2026-03-12")

    later.judge(first, "not_evaluable", note="Left after one dose, without any toxicity")

    now = later.standing
    assert (now.state.here.replaced, now.state.here.pending, now.places) == (1, 2, 1)
    assert [slot.number for slot in now.slots] == [1, 2, 3]
    later.registered()
    assert later.standing.places == 0


def test_the_part_ends_with_the_dose_and_a_late_dlt_opens_it_again(dosing: Dosing) -> None:
    """2 of 3 at level 1; -1 below it takes six without a DLT and is the dose."""
    judged(dosing, "TTN")
    dosing.on(WATCHED).decide("open", "-1")
    days = ("2026-04-01", "2026-04-08", "2026-04-08")
    judged(dosing, "NNN", days, "2026-05-01")
    dosing.on("2026-05-01").decide("open", "-1")
    more = ("2026-05-02", "2026-05-09", "2026-05-09")
    six = cohort(dosing, more)
    end = dosing.on("2026-06-01")
    for person in six:
        end.judge(person, "no_dlt", note="")

    assert (end.standing.recommendation.act, end.standing.recommendation.level) == (Act.MTD, 0)
    end.decide("mtd", "-1")
    assert end.standing.is_over
    with pytest.raises(Refused, match="has ended: a dose is recommended"):
        end.registered()
    with pytest.raises(Refused, match="Only a late DLT opens it again"):
        end.decide("open", "-1", "One more")
    # The decision rested on these six too; the last of them was registered before it.
    end.judge(six[0], "dlt", day="2026-05-20", reason="Reported late")
    assert end.standing.is_reopened
    assert findings(dosing) == []


@pytest.mark.parametrize(
    "outcome, day, note, words",
    [
        ("bad", "2026-03-24", "x", "Choose the outcome"),
        ("no_dlt", "2026-03-22", "", "ends on 23 March 2026. Record “No DLT” from then on"),
        ("dlt", "2026-03-24", "x", "The window for a DLT ended on 23 March 2026"),
        ("dlt", "2026-03-01", "x", "before the registration"),
        ("dlt", "2026-03-23", "", "Say what the DLT was"),
        ("not_evaluable", "2026-03-23", "", "Say why the participant is not evaluable"),
        ("dlt", "2027-03-23", "x", "future"),
        ("dlt", "soon", "x", "date"),
        ("no_dlt", "2026-03-23", "n" * 501, "shorten it to 500"),
    ],
)
def test_an_outcome_that_cannot_be_is_refused_by_field(
    dosing: Dosing, outcome: str, day: str, note: str, words: str
) -> None:
    person = dosing.registered()

    with pytest.raises(Problem, match=words):
        dosing.on("2026-03-25").judge(person, outcome, day=day, note=note)

    assert dosing.standing.slots[0].outcome is None


def test_a_correction_needs_a_reason_and_a_change(dosing: Dosing) -> None:
    person = dosing.registered()
    later = dosing.on("2026-03-25")
    later.judge(person, "no_dlt", note="")

    with pytest.raises(Refused, match="Nothing was changed"):
        later.judge(person, "no_dlt", note="")
    with pytest.raises(InvalidInput, match="reason for the correction"):
        later.judge(person, "dlt", day="2026-03-20")


def test_acts_are_for_their_roles_alone(dosing: Dosing) -> None:
    person = dosing.enrolled()
    with pytest.raises(NotAllowed):
        dosing.register(person, actor=make_actor(Role.MONITOR, study=DOSE))
    dosing.register(person)
    with pytest.raises(NotAllowed):
        dosing.judge(person, "dlt", actor=NURSE)
    for actor in (DOCTOR, NURSE, make_actor(Role.TRIAL_MANAGER, study=DOSE)):
        with pytest.raises(NotAllowed):
            dosing.decide("stop", why="Too toxic", actor=actor)


def test_a_committee_of_some_sites_decides_for_none(dosing: Dosing) -> None:
    local = make_actor(Role.COMMITTEE, "harbourside", study=DOSE)

    with pytest.raises(NotAllowed):
        dosing.decide("stop", why="Too toxic", actor=local)


def test_another_sites_participant_is_not_found(dosing: Dosing) -> None:
    person = dosing.registered()
    elsewhere = make_actor(Role.INVESTIGATOR, "moorland", study=DOSE)

    with pytest.raises(Problem):
        dosing.judge(person, "dlt", actor=elsewhere)


def test_verify_rebuilds_places_and_decisions(dosing: Dosing) -> None:
    judged(dosing, "NNN")
    dosing.on(WATCHED).decide("open", "2")

    assert findings(dosing) == []


def changes() -> Iterator[tuple[str, sa.Update, str]]:
    slot, decision = sa.update(dose_slot), sa.update(dose_decision)
    yield "outcome", slot.values(outcome="not_evaluable"), "dose_slot"
    yield "level", slot.values(level="3"), "dose_slot"
    yield "number", slot.where(dose_slot.c.number == 3).values(number=5), "without a gap"
    yield "choice", decision.values(level="3"), "is bolder than its counts allow"
    yield "advice", decision.values(advised={"act": "mtd", "level": "1"}), "says mtd was recomm"
    yield "counts", decision.values(state={"current": 9, "levels": []}), "counts that cannot be"
    yield "alert", decision.values(reopened_at="2026-04-01T00:00:00Z"), "dose_decision"


@pytest.mark.parametrize("name", [one[0] for one in changes()])
def test_verify_finds_what_was_changed_behind_the_ledger(dosing: Dosing, name: str) -> None:
    judged(dosing, "NNN")
    dosing.on(WATCHED).decide("open", "2")
    statement, words = next((one[1], one[2]) for one in changes() if one[0] == name)

    with dosing.trial.database.writing() as connection:
        connection.execute(statement)

    assert any(words in finding for finding in findings(dosing)), findings(dosing)


# --- taken away -----------------------------------------------------------------------------------


def exported(dosing: Dosing, out: Path, role: Role, cutoff: str = "") -> list[dict[str, str]]:
    """The dataset of dose levels as somebody of this role takes it away."""
    trial = dosing.trial
    keys = ExportKeys(trial.database, trial.concealment, SIGNING)
    with clock.running_at(trial.moment):
        asked = ExportRequest(DOSE, formats="csv", cutoff=cutoff)
        export_to(keys, make_actor(role, study=DOSE), asked, out)
    with (out / "doses.csv").open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_everybody_registered_is_in_the_dataset_also_who_was_replaced(
    dosing: Dosing, tmp_path: Path
) -> None:
    first, second, _ = cohort(dosing)
    later = dosing.on("2026-03-20")
    later.judge(first, "not_evaluable", day="2026-03-12", note="Left after one dose")
    later.judge(second, "dlt", day="2026-03-19")

    rows = exported(later, tmp_path / "all", Role.DATA_MANAGER)
    early = exported(later, tmp_path / "early", Role.DATA_MANAGER, "2026-03-15")
    blind = exported(later, tmp_path / "blind", Role.STATISTICIAN)

    told = [(one["number"], one["level"], one["outcome"], one["outcome_on"]) for one in rows]
    assert told == [
        ("1", "1", "not_evaluable", "2026-03-12"),
        ("2", "1", "dlt", "2026-03-19"),
        ("3", "1", "", ""),
    ]
    assert rows[0]["dose"] == "30 mg/m² on days 8 to 12"
    assert [one["registered_on"] for one in rows] == list(DAYS)
    assert [one["outcome"] for one in early] == ["not_evaluable", "", ""]
    assert "level" not in blind[0]
    assert "dose" not in blind[0]


# --- other methods --------------------------------------------------------------------------------


@pytest.fixture
def depletion(database: Database, concealment: Concealment) -> Dosing:
    return make_dosing(database, concealment, method=DEPLETION)


def test_a_second_condition_is_judged_beside_dlt_and_a_hole_is_the_committees(
    depletion: Dosing,
) -> None:
    """0/3 with two of three depleted: the table has no row, so up one level at most."""
    people_ = cohort(depletion)
    later = depletion.on(WATCHED)
    with pytest.raises(InvalidInput, match="Arginine below 8 µM"):
        later.judge(people_[0], "no_dlt", note="")
    for person, met in zip(people_, ("yes", "yes", "no"), strict=True):
        later.judge(person, "no_dlt", note="", met=met)

    assert later.standing.state.here.met == 2
    assert later.standing.recommendation.act is Act.COMMITTEE
    with pytest.raises(InvalidInput, match="Level 3 is higher"):
        later.decide("open", "3", "It looks safe")
    with pytest.raises(InvalidInput, match="Give the committee's reason"):
        later.decide("open", "2")
    later.decide("open", "2", "Depletion is not complete yet")
    assert (later.standing.level, later.standing.places) == ("2", 3)
    assert findings(later) == []


def test_follow_up_is_weighed_on_the_day_and_kept_with_the_decision(
    database: Database, concealment: Concealment
) -> None:
    """TITE-CRM: 8, 1 and 0 of 21 days passed; nobody waits, the committee signs the next cohort."""
    dosing = make_dosing(database, concealment, method=FOLLOW_UP)
    cohort(dosing)
    now = dosing.on(DAYS[-1])

    shares = now.standing.state.here.followed
    decision = now.decide(
        "open", now.standing.design.levels[now.standing.recommendation.level or 0]
    )

    assert [str(share) for share in shares] == ["8/21", "1/21", "0"]
    assert decision.state["levels"][1] == [0, 0, 3, 0, 0, "8/21", "1/21", "0"]
    assert now.standing.places == 3
    assert findings(now) == []


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_no_more_people_are_registered_than_the_part_may_have(
    database: Database, concealment: Concealment
) -> None:
    """Of the four in all a cohort of three was registered at the first level: one is left."""
    dosing = make_dosing(database, concealment, method=FOUR_IN_ALL)
    judged(dosing, "NNN")
    later = dosing.on(WATCHED)
    later.decide("open", "2")

    assert later.standing.places == 1
    later.registered()
    with pytest.raises(Refused, match="No place is open"):
        later.registered()


# --- at the same moment ---------------------------------------------------------------------------


def test_the_last_place_goes_to_one_of_many_at_once(dosing: Dosing) -> None:
    for day in DAYS[:2]:
        dosing.on(day).registered()
    last = dosing.on(DAYS[-1])
    waiting = [last.enrolled() for _ in range(4)]

    outcomes = together(*(lambda one=one: last.register(one) for one in waiting))

    assert sum(isinstance(one, Refused) for one in outcomes) == 3
    assert [slot.number for slot in last.standing.slots] == [1, 2, 3]
    assert findings(last) == []


def test_of_two_signatures_at_once_one_is_told_to_look_again(dosing: Dosing) -> None:
    judged(dosing, "NNN")
    later = dosing.on(WATCHED)
    seen = later.standing.seen

    def sign(level: str) -> Decision:
        ruling = service.CommitteeRuling("open", level, "As discussed")
        with later.trial.acting(COMMITTEE) as tx:
            return service.decide(tx, later.study, 1, PART, ruling, seen=seen)

    outcomes = together(lambda: sign("2"), lambda: sign("1"))

    assert sorted(isinstance(one, Stale) for one in outcomes) == [False, True]
    assert len(later.standing.decisions) == 1
    assert findings(later) == []
