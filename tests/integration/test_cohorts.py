"""Cohorts: recorded by evidence under the lock, changed only by correction, never by themselves."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
import sqlalchemy as sa

from capture import clock
from capture.access import Action, Role
from capture.db import Database
from capture.export.request import ExportRequest
from capture.export.service import ExportKeys, export_to
from capture.ledger.concealment import Concealment
from capture.ledger.reads import list_ledger_rows as ledger_facts
from capture.ledger.tables import counter
from capture.ledger.verify import verify_study
from capture.participants import service
from capture.problems import InvalidInput, NotAllowed, NotFound, Refused, Stale
from forms.evaluation_scope import Place
from tests.support.datasets import SIGNING
from tests.support.muscle import (
    DOCUMENTED,
    MASKED,
    MUSCLE,
    NURSE,
    SITE,
    Muscle,
    days_after,
    make_muscle,
)
from tests.support.trial import make_actor

COHORTS = ("transfer", "no_transfer", "control")


@pytest.fixture
def muscle(database: Database, concealment: Concealment) -> Muscle:
    return make_muscle(database, concealment)


def count(muscle: Muscle, name: str) -> int:
    """A counter of this month, in which all of them are enrolled."""
    month = muscle.trial.today[:7]
    with muscle.trial.database.reading() as connection:
        found = connection.execute(
            sa.select(counter.c.n).where(
                counter.c.study == MUSCLE,
                counter.c.site == SITE,
                counter.c.name == f"{name}.{month}",
            )
        ).scalar_one_or_none()
    return int(found or 0)


def agrees(muscle: Muscle) -> bool:
    trial = muscle.trial
    with trial.database.reading() as connection:
        return verify_study(connection, trial.concealment, MUSCLE).findings == []


# --- recording ------------------------------------------------------------------------------------


@pytest.mark.parametrize("cohort", COHORTS)
def test_the_cohort_that_the_evidence_gives_is_recorded(muscle: Muscle, cohort: str) -> None:
    person = muscle.enrolled(cohort)

    fact = muscle.record(person, cohort)

    assert (fact.value, fact.date) == (cohort, "2023-03-01")
    assert fact.detail == {"source_document": DOCUMENTED}
    assert count(muscle, f"cohort.{cohort}") == 1
    assert agrees(muscle)


def test_what_the_cohort_rested_on_is_kept_with_the_act(muscle: Muscle) -> None:
    person = muscle.member("transfer")
    trial = muscle.trial

    with trial.database.reading() as connection:
        rows = list(ledger_facts(connection, trial.concealment, MUSCLE, subject=person.subject))
        act = next(row for row in rows if row.action == Action.COHORT_RECORD)

    assert [one["criterion"] for one in act.new("gate")] == ["adult", "long_enough"]
    assert {one["result"] for one in act.new("gate")} == {"met"}
    assert act.new("rests_on")["values"] == ["Surgery: Yes", "Muscle transfer: Yes"]
    used = {one["item"]: one["version"] for one in act.new("rests_on")["sources"]}
    assert used == {"operated": 1, "transfer": 1}


def test_a_control_needs_no_document_and_another_cohort_does(muscle: Muscle) -> None:
    control, operated = muscle.enrolled("control"), muscle.enrolled("transfer")

    muscle.record(control, "control", source_document="  ")
    with pytest.raises(InvalidInput, match="Enter the source document") as told:
        muscle.record(operated, "transfer", source_document="  ")

    assert told.value.field == "where_documented"
    assert muscle.recorded(operated) is None


def test_a_blank_picks_no_cohort_and_is_named(muscle: Muscle) -> None:
    person = muscle.enrolled("transfer")
    muscle.save(person, {"transfer": None}, reason="Not sure")

    with pytest.raises(Refused, match="fill in “Was a muscle transferred” in History"):
        muscle.record(person, "transfer")

    assert muscle.recorded(person) is None


def test_not_known_picks_no_cohort(muscle: Muscle) -> None:
    person = muscle.enrolled("transfer")
    muscle.save(person, {"transfer": "nk"}, reason="Not sure")

    with pytest.raises(Refused, match="cannot be determined yet"):
        muscle.record(person, "transfer")


def test_another_cohort_than_the_evidence_gives_is_refused(muscle: Muscle) -> None:
    person = muscle.enrolled("transfer")

    with pytest.raises(InvalidInput, match="The data in the forms have changed"):
        muscle.record(person, "no_transfer")


def test_the_gate_of_that_cohort_must_hold(muscle: Muscle) -> None:
    # Operated 179 days before: one short of half a year.
    day = days_after(muscle.trial.today, -179)
    early, control = muscle.enrolled("transfer"), muscle.enrolled("control")
    muscle.save(early, {"surgery_date": day}, reason="Misread")
    muscle.save(control, {"walks": "no"}, reason="Misread")

    with pytest.raises(Refused, match="Not met: Was operated on 180 to 3650 days ago"):
        muscle.record(early, "transfer")
    with pytest.raises(Refused, match="Not met: Walks at least 10 metres"):
        muscle.record(control, "control")
    muscle.save(early, {"walks": "no"}, reason="Misread")  # asked of controls alone
    muscle.on(days_after(muscle.trial.today, 1)).record(early, "transfer")

    assert muscle.recorded(early) is not None


def test_only_somebody_enrolled_with_consent_in_force_has_a_cohort(muscle: Muscle) -> None:
    screened, person = muscle.screened(), muscle.enrolled("control")
    later = muscle.on("2026-03-09")
    with later.trial.acting(NURSE) as tx:
        service.withdraw_consent(
            tx, MUSCLE, person.id, scope="main", date="2026-03-08", told_to="A. Cole"
        )

    with pytest.raises(Refused, match="is not enrolled yet"):
        muscle.record(screened, "control")
    with pytest.raises(Refused, match="Consent to Taking part is not in force"):
        later.record(person, "control")


def test_it_is_recorded_once(muscle: Muscle) -> None:
    person = muscle.member("control")

    with pytest.raises(Refused, match="Correct it instead"):
        muscle.record(person, "control")

    assert count(muscle, "cohort.control") == 1


def test_values_changed_since_they_were_looked_at_are_told(muscle: Muscle) -> None:
    person = muscle.enrolled("control")

    with pytest.raises(Stale, match="A value has changed"):
        muscle.record(person, "control", seen="0" * 64)


def test_a_day_in_the_future_is_refused(muscle: Muscle) -> None:
    person = muscle.enrolled("control")

    with pytest.raises(InvalidInput, match="in the future"):
        muscle.record(person, "control", date=days_after(muscle.trial.today, 1))


def test_who_is_masked_or_of_another_site_records_nothing(muscle: Muscle) -> None:
    person = muscle.enrolled("control")

    with pytest.raises(NotAllowed, match="not shown who belongs to which cohort"):
        muscle.record(person, "control", actor=MASKED)
    with pytest.raises(NotFound):
        muscle.record(person, "control", actor=make_actor(Role.NURSE, "leven", study=MUSCLE))
    with pytest.raises(NotAllowed):
        muscle.record(person, "control", actor=make_actor(Role.MONITOR, study=MUSCLE))


# --- visits ---------------------------------------------------------------------------------------


def test_visits_follow_from_the_cohort_in_the_same_act(muscle: Muscle) -> None:
    operated, control = muscle.member("transfer"), muscle.member("control")

    theirs, others = muscle.visits(operated), muscle.visits(control)

    today = muscle.trial.today
    assert set(theirs) == {"history", "assessment", "muscle"}
    assert set(others) == {"history", "assessment"}
    # Operated on 1 March 2023: due from enrolment on, and open until 3650 days after surgery.
    assert (theirs["assessment"].earliest, theirs["assessment"].latest) == (today, "2033-02-26")
    assert (others["assessment"].anchor, theirs["assessment"].anchor) == ("consent", "surgery")
    assert others["assessment"].latest == days_after(today, 90)


# --- correcting -----------------------------------------------------------------------------------


def test_a_correction_needs_a_reason_and_keeps_both(muscle: Muscle) -> None:
    person = muscle.member("transfer")
    muscle.save(person, {"transfer": "no"}, reason="Misread")

    with pytest.raises(InvalidInput, match="Give the reason") as told:
        muscle.correct(person, "no_transfer", reason="  ")
    muscle.correct(person, "no_transfer", reason="Another leg's operation note")

    trial = muscle.trial
    with trial.database.reading() as connection:
        rows = list(ledger_facts(connection, trial.concealment, MUSCLE, subject=person.subject))
    act = next(row for row in rows if row.action == Action.COHORT_CORRECT)
    assert told.value.field == "reason"
    assert (act.body["cohort"].old, act.body["cohort"].new) == ("transfer", "no_transfer")
    assert act.reason == "Another leg's operation note"
    assert (count(muscle, "cohort.transfer"), count(muscle, "cohort.no_transfer")) == (0, 1)
    assert agrees(muscle)


def test_a_cohort_that_the_forms_do_not_say_is_no_correction(muscle: Muscle) -> None:
    person = muscle.member("transfer")

    with pytest.raises(InvalidInput, match="Correct the form first"):
        muscle.correct(person, "control")
    with pytest.raises(InvalidInput, match="Choose the cohort"):
        muscle.correct(person, "amputation")


def test_nothing_changed_is_refused_and_evidence_alone_may_be_corrected(muscle: Muscle) -> None:
    person = muscle.member("control")

    with pytest.raises(Refused, match="Nothing was changed"):
        muscle.correct(person, "control", source_document=f" {DOCUMENTED} ")
    fact = muscle.correct(person, "control", source_document="Letter of the family doctor")

    assert fact.detail == {"source_document": "Letter of the family doctor"}


def test_before_it_is_recorded_there_is_nothing_to_correct(muscle: Muscle) -> None:
    person = muscle.enrolled("control")

    with pytest.raises(Refused, match="Record it first"):
        muscle.correct(person, "control")


def test_an_entered_visit_stays_and_an_untouched_one_goes(muscle: Muscle) -> None:
    entered, untouched = muscle.member("transfer"), muscle.member("transfer")
    muscle.save(entered, {"muscle_grade": 4}, Place("muscle", 1, "muscle_power"))
    for person in (entered, untouched):
        muscle.save(person, {"transfer": "no"}, reason="Misread")
        muscle.correct(person, "no_transfer")

    assert set(muscle.visits(entered)) == {"history", "assessment", "muscle"}
    assert set(muscle.visits(untouched)) == {"history", "assessment"}
    assert agrees(muscle)


def test_a_correction_is_possible_though_the_gate_of_the_other_cohort_fails(
    muscle: Muscle,
) -> None:
    person = muscle.member("transfer")
    muscle.save(person, {"operated": "no", "walks": "no"}, reason="Another person's note")

    muscle.correct(person, "control", source_document="")

    recorded = muscle.recorded(person)
    assert recorded is not None
    assert recorded.value == "control"


# --- when a value says otherwise ------------------------------------------------------------------


def test_a_value_saved_later_asks_and_moves_nothing(muscle: Muscle) -> None:
    person = muscle.member("transfer")
    muscle.save(person, {"transfer": "no"}, reason="Misread")

    (query,) = muscle.queries(person)
    assert query.is_open
    assert "The recorded cohort is “Muscle transfer”, but the data do not fit it" in query.message
    assert muscle.recorded(person).value == "transfer"  # type: ignore[union-attr]
    assert "muscle" in muscle.visits(person)
    assert agrees(muscle)


def test_the_question_stands_once_over_further_saves(muscle: Muscle) -> None:
    person = muscle.member("transfer")
    muscle.save(person, {"transfer": "no"}, reason="Misread")
    muscle.save(person, {"walks": "no"}, reason="Misread")

    assert [one.is_open for one in muscle.queries(person)] == [True]


@pytest.mark.parametrize("way", ["value", "cohort"])
def test_it_closes_once_both_agree_again(muscle: Muscle, way: str) -> None:
    person = muscle.member("transfer")
    muscle.save(person, {"transfer": "no"}, reason="Misread")

    if way == "value":
        muscle.save(person, {"transfer": "yes"}, reason="Misread again")
    else:
        muscle.correct(person, "no_transfer")

    assert [one.status for one in muscle.queries(person)] == ["closed"]
    assert agrees(muscle)


def test_a_value_taken_away_asks_too(muscle: Muscle) -> None:
    person = muscle.member("control")
    muscle.save(person, {"operated": "nk"}, reason="The record is lost")

    assert [one.is_open for one in muscle.queries(person)] == [True]


# --- as of ----------------------------------------------------------------------------------------


def test_datasets_of_an_earlier_instant_hold_the_cohort_of_that_time(
    muscle: Muscle, tmp_path: Path
) -> None:
    person = muscle.member("transfer")
    later = muscle.on("2026-05-04")
    later.save(person, {"transfer": "no"}, reason="Misread")
    later.correct(person, "no_transfer", source_document="Second reading of the note")

    before = _exported(muscle.on("2026-06-01"), tmp_path / "before", "2026-05-03")
    after = _exported(muscle.on("2026-06-01"), tmp_path / "after", "2026-05-31")

    wanted = ("cohort", "cohort_on", "cohort_evidence")
    assert [[row[name] for name in wanted] for row in before] == [
        ["transfer", "2023-03-01", DOCUMENTED]
    ]
    assert [[row[name] for name in wanted] for row in after] == [
        ["no_transfer", "2023-03-01", "Second reading of the note"]
    ]


def _exported(muscle: Muscle, out: Path, as_of: str) -> list[dict[str, str]]:
    """The dataset of participants as a data manager takes it away."""
    trial = muscle.trial
    keys = ExportKeys(trial.database, trial.concealment, SIGNING)
    with clock.running_at(trial.moment):
        export_to(
            keys,
            make_actor(Role.DATA_MANAGER, study=MUSCLE),
            ExportRequest(MUSCLE, formats="csv", as_of=as_of),
            out,
        )
    with (out / "participants.csv").open(encoding="utf-8") as file:
        return list(csv.DictReader(file))
