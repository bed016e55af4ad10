"""Saving entries: versions, reasons, questions, blanks, derived items and events."""

from __future__ import annotations

import pytest

from capture.access import Role
from capture.db import Database
from capture.ledger.concealment import Concealment
from capture.ledger.verify import verify_study
from capture.participants import reads as participant_reads
from capture.participants import service as participants
from capture.participants.records import VisitStatus
from capture.problems import InvalidInput, NotAllowed, NotFound, Refused, Stale
from forms.evaluation_scope import Place
from forms.values import Cell
from tests.support.entries import FULL_VITALS, VITALS, Desk
from tests.support.trial import GIST, make_actor, make_trial

INVESTIGATOR = make_actor(Role.INVESTIGATOR, "northfield")
RECURRENCE = Place("log", 1, "recurrence")
DEMOGRAPHY = Place("baseline", 1, "demography")


@pytest.fixture
def desk(database: Database, concealment: Concealment) -> Desk:
    trial = make_trial(database, concealment)
    return Desk(trial, trial.enrolled())


def ledger_rows(desk: Desk) -> int:
    with desk.trial.database.reading() as connection:
        return int(connection.exec_driver_sql("SELECT count(*) FROM ledger").scalar_one())


def findings(desk: Desk) -> list[str]:
    with desk.trial.database.reading() as connection:
        return list(verify_study(connection, desk.trial.concealment, GIST).findings)


def visit_status(desk: Desk, slug: str) -> VisitStatus:
    with desk.trial.database.reading() as connection:
        visits = participant_reads.list_visits(connection, desk.person.id)
    return next(one.status for one in visits if one.slug == slug)


# --- what a save stores ---------------------------------------------------------------------------


def test_a_full_form_is_complete_and_has_its_derived_value(desk: Desk) -> None:
    saved = desk.save(FULL_VITALS)

    entry = desk.stored()
    assert (saved.status, entry.status, entry.version) == ("complete", "complete", 1)
    # Mosteller: the square root of 170 x 70 / 3600 is 1.8181...
    assert entry.cells["bsa_m2"].value == "1.82"
    assert entry.cells["bsa_m2"].formula
    assert entry.assessment_date == "2026-03-02"
    assert findings(desk) == []


def test_a_required_blank_keeps_the_form_in_progress_and_is_named(desk: Desk) -> None:
    saved = desk.save({"vitals_date": "2026-03-02", "weight_kg": None})

    assert saved.status == "in_progress"
    assert saved.still_blank == ("weight_kg",)
    assert "Weight" in saved.summary


def test_a_missing_reason_stands_for_a_required_value(desk: Desk) -> None:
    saved = desk.save({**FULL_VITALS, "weight_kg": Cell(missing="not_done")})

    assert saved.status == "complete"
    assert "bsa_m2" not in desk.stored().cells


def test_an_item_that_did_not_arrive_keeps_its_value(desk: Desk) -> None:
    desk.save({"height_cm": "170", "pulse_min": 60})
    desk.save({"height_cm": "171"})

    assert desk.stored().cells["pulse_min"].value == 60
    assert desk.stored().cells["height_cm"].value == "171"


def test_a_cleared_item_loses_its_value(desk: Desk) -> None:
    desk.save({"height_cm": "170", "pulse_min": 60})
    desk.save({"pulse_min": None})

    assert "pulse_min" not in desk.stored().cells


def test_an_unchanged_save_writes_nothing(desk: Desk) -> None:
    desk.save(FULL_VITALS)
    before = ledger_rows(desk)

    saved = desk.save(FULL_VITALS)

    assert ledger_rows(desk) == before
    assert (saved.version, saved.status, saved.changed) == (1, "complete", ())


def test_an_empty_new_form_writes_nothing(desk: Desk) -> None:
    before = ledger_rows(desk)

    desk.save({"height_cm": None})

    assert ledger_rows(desk) == before
    assert desk.entry() is None


def test_a_derived_item_cannot_be_sent(desk: Desk) -> None:
    with pytest.raises(InvalidInput):
        desk.save({"bsa_m2": "2.00"})


# --- two people, and corrections ------------------------------------------------------------------


def test_the_second_of_two_people_is_told_and_nothing_lands(desk: Desk) -> None:
    desk.save({"height_cm": "170"})
    desk.save({"height_cm": "171"}, version=1)

    with pytest.raises(Stale, match="Another user saved"):
        desk.save({"height_cm": "172"}, version=1, actor=INVESTIGATOR)

    assert desk.stored().cells["height_cm"].value == "171"


def test_two_people_who_open_a_blank_form_make_one_entry(desk: Desk) -> None:
    desk.save({"height_cm": "170"}, version=0)

    with pytest.raises(Stale):
        desk.save({"height_cm": "172"}, version=0, actor=INVESTIGATOR)


@pytest.mark.parametrize("reason", ["", "   \t "])
def test_correcting_a_complete_form_needs_a_reason(desk: Desk, reason: str) -> None:
    desk.save(FULL_VITALS)

    with pytest.raises(InvalidInput) as refused:
        desk.save({"height_cm": "175"}, reason=reason)

    assert refused.value.field == "reason"
    assert desk.stored().cells["height_cm"].value == "170"


def test_a_correction_with_a_reason_keeps_the_form_complete(desk: Desk) -> None:
    desk.save(FULL_VITALS)

    saved = desk.save({"height_cm": "175"}, reason="Typing error")

    assert saved.changed == ("height_cm", "bsa_m2")
    assert desk.stored().status == "complete"
    assert findings(desk) == []


def test_a_form_in_progress_is_changed_without_a_reason(desk: Desk) -> None:
    desk.save({"height_cm": "170"})

    assert desk.save({"height_cm": "171"}).changed == ("height_cm",)


def test_a_form_once_complete_still_needs_a_reason_after_a_value_was_cleared(desk: Desk) -> None:
    desk.save(FULL_VITALS)
    desk.save({"weight_kg": None}, reason="Other person's value")

    with pytest.raises(InvalidInput):
        desk.save({"weight_kg": "80"})


# --- refused texts --------------------------------------------------------------------------------


def test_valid_items_are_stored_while_a_refused_text_waits_in_the_draft(desk: Desk) -> None:
    saved = desk.save(
        {"vitals_date": "2026-03-02", "height_cm": "170"},
        refused={"weight_kg": "Weight: use a point"},
        typed={"height_cm": ["170"], "weight_kg": ["70,5"]},
    )

    draft = desk.draft()
    assert saved.status == "in_progress"
    assert desk.stored().cells["height_cm"].value == "170"
    assert draft is not None
    assert draft.typed["weight_kg"] == ["70,5"]


def test_a_refused_text_alone_leaves_a_complete_form_complete(desk: Desk) -> None:
    desk.save(FULL_VITALS)

    desk.save({}, refused={"weight_kg": "Weight: use a point"}, typed={"weight_kg": ["7o"]})

    assert desk.stored().status == "complete"
    assert desk.stored().version == 1


def test_a_clean_save_drops_the_draft(desk: Desk) -> None:
    desk.save({}, refused={"weight_kg": "Weight: use a point"}, typed={"weight_kg": ["7o"]})
    desk.save(FULL_VITALS)

    assert desk.draft() is None


# --- questions ------------------------------------------------------------------------------------


def test_an_odd_value_is_stored_and_asked_about(desk: Desk) -> None:
    saved = desk.save({**FULL_VITALS, "weight_kg": "131"})

    (query,) = desk.queries()
    assert desk.stored().cells["weight_kg"].value == "131"
    assert saved.status == "in_progress"
    assert (query.item, query.status) == ("weight_kg", "open")
    assert query.message == "131 kg is out of range (40 to 130 kg). Please confirm or correct."


def test_a_confirmed_value_is_not_asked_about_again_while_it_stands(desk: Desk) -> None:
    desk.save({**FULL_VITALS, "weight_kg": "131"}, confirm=True)

    again = desk.save({"pulse_min": 60}, reason="Found later")

    assert desk.stored().status == "complete"
    assert again.questions == ()
    assert [(one.status, one.answer) for one in desk.queries()] == [("closed", "confirmed")]


def test_a_question_left_open_is_confirmed_by_a_later_save(desk: Desk) -> None:
    desk.save({**FULL_VITALS, "weight_kg": "131"})

    saved = desk.save({}, confirm=True)

    assert saved.status == desk.stored().status == "complete"
    assert len(desk.queries()) == 1
    assert findings(desk) == []


def test_another_odd_value_is_asked_about_anew(desk: Desk) -> None:
    desk.save({**FULL_VITALS, "weight_kg": "131"}, confirm=True)

    saved = desk.save({"weight_kg": "132"}, reason="Typing error")

    assert [one.item for one in saved.questions] == ["weight_kg"]
    assert sorted(one.status for one in desk.queries()) == ["closed", "open"]


def test_a_corrected_value_closes_its_query(desk: Desk) -> None:
    desk.save({**FULL_VITALS, "weight_kg": "131"})
    desk.save({"weight_kg": "90"})

    assert [(one.status, one.answer) for one in desk.queries()] == [("closed", "corrected")]
    assert desk.stored().status == "complete"


def test_a_check_across_items_is_asked(desk: Desk) -> None:
    saved = desk.save({**FULL_VITALS, "sbp_mmhg": 80, "dbp_mmhg": 95})

    assert [one.item for one in saved.questions] == ["dbp_mmhg"]


def test_open_queries_are_counted_for_the_participant(desk: Desk) -> None:
    desk.save({**FULL_VITALS, "weight_kg": "131"})
    with desk.trial.database.reading() as connection:
        person = participant_reads.get_participant(connection, INVESTIGATOR, GIST, desk.person.id)

    assert person.open_queries == 1


def test_an_answer_that_is_no_longer_asked_is_kept_flagged_and_asked_about(desk: Desk) -> None:
    key = Place("baseline", 1, "imatinib_history")
    desk.save({"imatinib_now": "yes", "imatinib_dose_mg": 400}, key)

    saved = desk.save({"imatinib_now": "no"}, key)

    entry = desk.stored(key)
    assert entry.kept_cells["imatinib_dose_mg"].value == 400
    assert "imatinib_dose_mg" not in entry.cells
    assert list(entry.flags) == ["imatinib_dose_mg"]
    assert [one.item for one in saved.questions] == ["imatinib_dose_mg"]


# --- not done -------------------------------------------------------------------------------------


def test_a_form_not_done_counts_and_entering_it_takes_that_back(desk: Desk) -> None:
    desk.not_do(why="refused")
    assert (desk.stored().status, desk.stored().reason) == ("not_done", "refused")

    desk.save(FULL_VITALS)

    assert (desk.stored().status, desk.stored().reason) == ("complete", None)
    assert findings(desk) == []


def test_a_form_is_not_done_only_for_a_reason_of_the_study(desk: Desk) -> None:
    with pytest.raises(InvalidInput) as refused:
        desk.not_do(why="bored")

    assert refused.value.field == "missing_reason"


def test_what_a_log_never_held_cannot_be_not_done(desk: Desk) -> None:
    with pytest.raises(Refused, match="has no data"):
        desk.not_do(RECURRENCE)

    assert desk.entry(RECURRENCE) is None


def test_marking_a_form_not_done_closes_its_queries(desk: Desk) -> None:
    desk.save({**FULL_VITALS, "weight_kg": "131"})
    desk.not_do()

    assert [(one.status, one.answer) for one in desk.queries()] == [("closed", "not done")]


# --- visits, events and the end -------------------------------------------------------------------


def test_a_saved_form_starts_its_visit_and_dates_it(desk: Desk) -> None:
    desk.save(FULL_VITALS)

    assert visit_status(desk, "baseline") is VisitStatus.IN_PROGRESS
    with desk.trial.database.reading() as connection:
        (visit,) = participant_reads.list_visits(connection, desk.person.id)
    assert visit.visit_date == "2026-03-02"
    assert visit.forms == {"vitals": "complete"}


def test_a_recurrence_ends_the_imaging_and_its_cleared_date_brings_it_back(desk: Desk) -> None:
    desk.trial.allocate(desk.person, "IM36")
    planned = visit_status(desk, "imaging")

    desk.on("2026-04-01").save({"recurrence_date": "2026-03-20"}, RECURRENCE)
    with pytest.raises(StopIteration):
        visit_status(desk, "imaging")

    desk.on("2026-04-02").save({"recurrence_date": None}, RECURRENCE)
    assert visit_status(desk, "imaging") is planned
    assert findings(desk) == []


def test_the_date_of_death_in_a_form_ends_taking_part(desk: Desk) -> None:
    death = Place("log", 1, "death")
    desk.on("2026-04-01").save({"death_date": "2026-03-20"}, death)
    with desk.trial.database.reading() as connection:
        person = participant_reads.get_participant(connection, INVESTIGATOR, GIST, desk.person.id)

    assert person.participation.value == "died"
    assert findings(desk) == []


def test_a_recurrence_form_not_done_tells_of_none_until_it_is_entered_again(desk: Desk) -> None:
    desk.trial.allocate(desk.person, "IM36")
    planned = visit_status(desk, "imaging")
    late = desk.on("2026-04-01")
    late.save({"recurrence_date": "2026-03-20"}, RECURRENCE)

    late.not_do(RECURRENCE, reason="Another participant's")
    assert visit_status(desk, "imaging") is planned
    assert findings(desk) == []

    late.save({"recurrence_date": "2026-03-20"}, RECURRENCE, reason="It was this one's")
    with pytest.raises(StopIteration):
        visit_status(desk, "imaging")
    assert findings(desk) == []


def test_a_death_form_not_done_lets_the_person_take_part_again(desk: Desk) -> None:
    death = Place("log", 1, "death")
    late = desk.on("2026-04-01")
    late.save({"death_date": "2026-03-20"}, death)

    late.not_do(death, reason="Another participant's")

    with desk.trial.database.reading() as connection:
        person = participant_reads.get_participant(connection, INVESTIGATOR, GIST, desk.person.id)
    assert person.participation.value == "on_study"
    assert findings(desk) == []


def test_nothing_lands_after_a_withdrawal_from_data(desk: Desk) -> None:
    desk.save({"height_cm": "170"})
    late = desk.on("2026-04-01")
    said = participants.Withdrawal("data_withdrawal", "2026-03-20", "participant", "Wishes so")
    with late.trial.acting() as tx:
        participants.withdraw(tx, GIST, desk.person.id, said)

    with pytest.raises(Refused, match="withdrew"):
        late.save({"weight_kg": "70"})
    late.save({"height_cm": "171"})

    assert desk.stored().cells["height_cm"].value == "171"


def test_a_visit_after_death_cannot_be_entered(desk: Desk) -> None:
    late = desk.on("2026-04-01")
    with late.trial.acting() as tx:
        participants.die(tx, GIST, desk.person.id, date="2026-03-20")

    with pytest.raises(Refused, match="died"):
        late.save({**FULL_VITALS, "vitals_date": "2026-03-25"})
    late.save(FULL_VITALS)

    assert desk.stored().status == "complete"


def test_a_recurrence_before_the_draw_is_asked_about(desk: Desk) -> None:
    desk.trial.allocate(desk.person, "IM36")
    late = desk.on("2026-05-01")

    saved = late.save({"recurrence_date": "2016-04-20"}, RECURRENCE)
    assert [one.message for one in saved.questions] == [
        "The date is before randomisation. Please confirm or correct."
    ]
    assert late.save({"recurrence_date": "2026-04-20"}, RECURRENCE).questions == ()


def test_a_recurrence_after_death_or_withdrawal_is_refused_by_its_date(desk: Desk) -> None:
    late = desk.on("2026-05-01")
    late.save({"recurrence_date": "2026-03-10"}, RECURRENCE)
    with late.trial.acting() as tx:
        participants.die(tx, GIST, desk.person.id, date="2026-03-20")

    with pytest.raises(InvalidInput, match="died on 20 March 2026") as caught:
        late.save({"recurrence_date": "2026-04-01"}, RECURRENCE)
    assert caught.value.field == "recurrence_date"
    late.save({"recurrence_date": "2026-03"}, RECURRENCE)
    assert findings(desk) == []


def test_a_visit_dated_before_it_was_due_is_told_when_it_is_saved(desk: Desk) -> None:
    saved = desk.save({**FULL_VITALS, "vitals_date": "1926-03-02"})

    assert saved.odd_visits == ("Screening",)
    assert "Check the dates" in saved.summary


# --- who and where --------------------------------------------------------------------------------


def test_nothing_that_identifies_is_kept_before_consent(desk: Desk) -> None:
    screened = Desk(desk.trial, desk.trial.screen())

    with pytest.raises(InvalidInput) as refused:
        screened.save({"birth_date": "1961-05-14"}, DEMOGRAPHY)
    screened.save({"sex": "female"}, DEMOGRAPHY)

    assert refused.value.field == "birth_date"


@pytest.mark.parametrize(
    "key",
    [
        Place("baseline", 1, "nothing"),
        Place("baseline", 2, "vitals"),
        Place("baseline", 1, "follow_up"),
        Place("elsewhere", 1, "vitals"),
        Place("baseline", 1, "vitals", 2),
        Place("log", 1, "vitals"),
        Place("log", 1, "recurrence", 1000),
    ],
)
def test_a_place_that_does_not_exist_is_not_found(desk: Desk, key: Place) -> None:
    with pytest.raises(NotFound):
        desk.save({}, key)


def test_another_sites_participant_is_not_found(desk: Desk) -> None:
    with pytest.raises(NotFound):
        desk.save(FULL_VITALS, actor=make_actor(Role.NURSE, "elsewhere"))


def test_whoever_may_only_look_cannot_save(desk: Desk) -> None:
    with pytest.raises(NotAllowed):
        desk.save(FULL_VITALS, actor=make_actor(Role.MONITOR, "northfield"))


def test_the_instances_of_a_log_stand_side_by_side(desk: Desk) -> None:
    first = Place("log", 1, "adverse_events", 1)
    second = Place("log", 1, "adverse_events", 2)
    desk.save({"ae_term": "Nausea"}, first)
    desk.save({"ae_term": "Rash"}, second)
    with desk.trial.database.reading() as connection:
        person = participant_reads.get_participant(connection, INVESTIGATOR, GIST, desk.person.id)

    assert person.logs == {"adverse_events": 2}
    assert findings(desk) == []
    assert VITALS.instance == 1
