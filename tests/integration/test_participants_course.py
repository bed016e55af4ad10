"""Consent, dated facts, planned visits and how taking part ends, pauses and goes on."""

from __future__ import annotations

import pytest

from capture.access import Role
from capture.db import Database
from capture.ledger.concealment import Concealment
from capture.ledger.verify import verify_study
from capture.participants import event_kinds, fold, reads, service
from capture.participants.records import Participant, Participation, Visit, VisitStatus
from capture.problems import InvalidInput, NotFound, Refused
from tests.support.trial import GIST, Trial, make_actor, make_trial


@pytest.fixture
def trial(database: Database, concealment: Concealment) -> Trial:
    return make_trial(database, concealment)


def visits_of(trial: Trial, person: Participant) -> list[Visit]:
    with trial.database.reading() as connection:
        return reads.list_visits(connection, person.id)


def targets(trial: Trial, person: Participant, slug: str) -> list[str | None]:
    return [visit.target_date for visit in visits_of(trial, person) if visit.slug == slug]


def consent_on(trial: Trial, person: Participant, day: str) -> str | None:
    with trial.database.reading() as connection:
        found = reads.find_consent_in_force(connection, person.id, "main", day)
    return found.version if found else None


def die(trial: Trial, person: Participant, date: str, reason: str = "") -> Participant:
    with trial.acting() as tx:
        return service.die(tx, GIST, person.id, date=date, reason=reason)


def withdraw(trial: Trial, person: Participant, kind: str) -> Participant:
    said = service.Withdrawal(kind, trial.today, "participant", "Too many journeys")
    with trial.acting() as tx:
        return service.withdraw(tx, GIST, person.id, said)


def lose(trial: Trial, person: Participant) -> Participant:
    with trial.acting() as tx:
        return service.lose(tx, GIST, person.id, date=trial.today, reason="Moved abroad")


# --- consent --------------------------------------------------------------------------------------


def test_consent_is_in_force_from_its_date_until_its_withdrawal(trial: Trial) -> None:
    person = trial.enrolled()
    with trial.on("2026-05-01").acting() as tx:
        service.withdraw_consent(
            tx, GIST, person.id, scope="main", date="2026-04-20", told_to="A. Cole"
        )

    in_force = [
        consent_on(trial, person, day)
        for day in ("2026-03-01", "2026-03-02", "2026-04-19", "2026-04-20")
    ]

    assert in_force == [None, "2.0", "2.0", None]


def test_consent_can_be_given_again_in_a_newer_version(trial: Trial) -> None:
    person = trial.screen()
    with trial.acting() as tx:
        first = service.ConsentTaken("main", "1.0", "2026-03-02", "A. Cole")
        service.give_consent(tx, GIST, person.id, first)
    with trial.on("2026-04-02").acting() as tx:
        second = service.ConsentTaken("main", "2.0", "2026-04-01", "A. Cole")
        event = service.give_consent(tx, GIST, person.id, second)

    assert event.kind == "regiven"
    assert consent_on(trial, person, "2026-03-31") == "1.0"
    assert consent_on(trial, person, "2026-04-01") == "2.0"


@pytest.mark.parametrize(
    "taken, field",
    [
        (service.ConsentTaken("main", "3.0", "2026-03-02", "A. Cole"), "version"),
        (service.ConsentTaken("main", "2.0", "2024-12-31", "A. Cole"), "version"),
        (service.ConsentTaken("main", "", "2026-03-02", "A. Cole"), "version"),
        (service.ConsentTaken("main", "2.0", "2026-03-03", "A. Cole"), "consent_date"),
        (service.ConsentTaken("main", "2.0", "2026-03-02", "  "), "taken_by"),
        (service.ConsentTaken("tissue", "2.0", "2026-03-02", "A. Cole"), "scope"),
    ],
)
def test_consent_needs_an_approved_version_a_past_date_and_a_name(
    trial: Trial, taken: service.ConsentTaken, field: str
) -> None:
    person = trial.screen()
    with pytest.raises(InvalidInput) as caught, trial.acting() as tx:
        service.give_consent(tx, GIST, person.id, taken)

    assert caught.value.field == field


def test_consent_that_is_not_in_force_cannot_be_withdrawn(trial: Trial) -> None:
    person = trial.screen()

    with pytest.raises(Refused, match="not in force"), trial.acting() as tx:
        service.withdraw_consent(
            tx, GIST, person.id, scope="main", date=trial.today, told_to="A. Cole"
        )


# --- the schedule ---------------------------------------------------------------------------------


def test_allocation_plans_follow_up_for_both_arms_and_treatment_for_one(trial: Trial) -> None:
    stops, goes_on = trial.enrolled(), trial.enrolled(sex="male")
    trial.allocate(stops, "IM36")
    trial.allocate(goes_on, "IM60")

    # 30 and 91 days after 2 March 2026 are 1 April and 1 June; 12 months are 2 March 2027.
    assert targets(trial, stops, "drug_m1") == []
    assert targets(trial, goes_on, "drug_m1") == ["2026-04-01"]
    assert targets(trial, goes_on, "drug_m3") == ["2026-06-01"]
    for person in (stops, goes_on):
        assert targets(trial, person, "followup")[:2] == ["2027-03-02", "2028-03-02"]
        assert len(targets(trial, person, "imaging")) == 10


def test_recurrence_ends_treatment_and_imaging_but_never_follow_up(trial: Trial) -> None:
    person = trial.enrolled()
    trial.allocate(person, "IM60")
    with trial.on("2026-07-01").acting() as tx:
        locked = service.lock(tx, GIST, person.id)
        service.note_fact(tx, locked, "recurrence", "2026-06-20", source="entry-1")
        service.plan_visits(tx, locked)

    assert targets(trial, person, "drug_m3") == ["2026-06-01"]
    assert targets(trial, person, "drug") == []
    assert targets(trial, person, "imaging") == []
    assert len(targets(trial, person, "followup")) == 10


def test_fact_taken_back_brings_the_visits_back_under_their_old_ids(trial: Trial) -> None:
    person = trial.enrolled()
    trial.allocate(person, "IM36")
    before = {visit.id for visit in visits_of(trial, person)}
    with trial.acting() as tx:
        locked = service.lock(tx, GIST, person.id)
        service.note_fact(tx, locked, "recurrence", trial.today, source="entry-1")
        service.plan_visits(tx, locked)
    with trial.acting() as tx:
        locked = service.lock(tx, GIST, person.id)
        assert service.take_back_fact(tx, locked, "recurrence", "entry-1")
        service.plan_visits(tx, locked)

    assert {visit.id for visit in visits_of(trial, person)} == before


def test_planning_again_changes_nothing(trial: Trial) -> None:
    person = trial.enrolled()
    trial.allocate(person, "IM60")
    with trial.acting() as tx:
        assert service.plan_visits(tx, service.lock(tx, GIST, person.id)) == 0


def enter(trial: Trial, person: Participant, visit: Visit, day: str) -> None:
    """Let one form of a visit be entered, as the fold of entries does."""
    with trial.acting() as tx:
        state = tx.state(GIST, person.subject)
        fold.add_entered_form(
            state,
            person.id,
            visit.id,
            instrument=visit.instruments[0],
            status="complete",
            visit_date=day,
        )


def test_entered_visit_stays_attached_when_its_anchor_moves(trial: Trial) -> None:
    person = trial.enrolled()
    trial.allocate(person, "IM60")
    first = next(visit for visit in visits_of(trial, person) if visit.slug == "drug_m1")
    enter(trial, person, first, "2026-04-02")
    with trial.acting() as tx:
        locked = service.lock(tx, GIST, person.id)
        service.note_fact(tx, locked, "allocation.duration", "2026-03-01", value="IM60")
        service.plan_visits(tx, locked)
    moved = next(visit for visit in visits_of(trial, person) if visit.slug == "drug_m1")

    assert (moved.id, moved.target_date, moved.visit_date) == (first.id, "2026-03-31", "2026-04-02")
    assert moved.status == VisitStatus.IN_PROGRESS


def test_visit_is_complete_once_all_its_forms_are_finished(trial: Trial) -> None:
    person = trial.enrolled()
    visit = visits_of(trial, person)[0]
    with trial.acting() as tx:
        state = tx.state(GIST, person.subject)
        for name in visit.instruments[:-1]:
            fold.add_entered_form(state, person.id, visit.id, instrument=name, status="complete")
    assert visits_of(trial, person)[0].status == VisitStatus.IN_PROGRESS
    with trial.acting() as tx:
        state = tx.state(GIST, person.subject)
        last = visit.instruments[-1]
        fold.add_entered_form(state, person.id, visit.id, instrument=last, status="not_done")

    assert visits_of(trial, person)[0].status == VisitStatus.COMPLETE


def test_unknown_events_and_dates_are_mistakes_of_the_caller(trial: Trial) -> None:
    person = trial.enrolled()
    for kind, date in (("lost", "2026-03-02"), ("recurrence", "yesterday")):
        with pytest.raises(ValueError, match=r"knows no event|is not a date"), trial.acting() as tx:
            service.note_fact(tx, service.lock(tx, GIST, person.id), kind, date)


# --- endings --------------------------------------------------------------------------------------


def test_death_removes_later_visits_and_leaves_earlier_ones_open(trial: Trial) -> None:
    person = trial.enrolled()
    trial.allocate(person, "IM60")
    dead = die(trial.on("2026-08-01"), person, "2026-06-15")

    left = {visit.slug for visit in visits_of(trial, person)}

    assert dead.participation == Participation.DIED
    assert left == {"baseline", "drug_m1", "drug_m3"}


def test_death_of_unknown_day_leaves_the_whole_month_open(trial: Trial) -> None:
    person = trial.enrolled()
    trial.allocate(person, "IM60")
    die(trial.on("2026-08-01"), person, "2026-06")

    # Treatment month 3 is due on 1 June, month 6 on 31 August.
    assert targets(trial, person, "drug_m3") == ["2026-06-01"]
    assert targets(trial, person, "drug") == []


def test_date_of_death_is_corrected_only_with_a_reason(trial: Trial) -> None:
    person = trial.enrolled()
    later = trial.on("2026-08-01")
    die(later, person, "2026-06-15")
    with pytest.raises(InvalidInput, match="reason"):
        die(later, person, "2026-06-16")
    die(later, person, "2026-06-16", "The certificate says so")

    with trial.database.reading() as connection:
        facts = reads.list_events(connection, person.id)
    assert [fact.date for fact in facts if fact.kind == event_kinds.DEATH] == ["2026-06-16"]


def test_death_before_a_visit_that_took_place_is_refused(trial: Trial) -> None:
    person = trial.enrolled()
    enter(trial, person, visits_of(trial, person)[0], "2026-03-02")

    with pytest.raises(InvalidInput, match=r"before the consent|took place on 2 March 2026"):
        die(trial, person, "2026-03-01")


def test_death_before_a_recurrence_is_refused(trial: Trial) -> None:
    person = trial.enrolled()
    later = trial.on("2026-08-01")
    with later.acting() as tx:
        locked = service.lock(tx, GIST, person.id)
        service.note_fact(tx, locked, "recurrence", "2026-06-20", source="entry-1")

    with pytest.raises(InvalidInput, match="Recurrence is dated 20 June 2026"):
        die(later, person, "2026-06-15")
    assert die(later, person, "2026-06").participation == Participation.DIED


def test_consent_is_not_withdrawn_after_death(trial: Trial) -> None:
    person = trial.enrolled()
    later = trial.on("2026-08-01")
    die(later, person, "2026-06-15")
    said = {"scope": "main", "told_to": "A. Cole"}

    with pytest.raises(InvalidInput, match="after the death"), later.acting() as tx:
        service.withdraw_consent(tx, GIST, person.id, date="2026-06-16", **said)
    with later.acting() as tx:
        service.withdraw_consent(tx, GIST, person.id, date="2026-06-14", **said)


def test_death_dated_by_a_form_is_corrected_in_the_form(trial: Trial) -> None:
    person = trial.enrolled()
    with trial.acting() as tx:
        locked = service.lock(tx, GIST, person.id)
        service.note_fact(tx, locked, event_kinds.DEATH, trial.today, source="entry-1")
        assert service.lock(tx, GIST, person.id).participation == Participation.DIED

    with pytest.raises(Refused, match="comes from a form"):
        die(trial, person, trial.today, "Wrong")


def test_withdrawal_from_treatment_keeps_follow_up_due(trial: Trial) -> None:
    person = trial.enrolled()
    trial.allocate(person, "IM60")
    after = withdraw(trial.on("2026-05-01"), person, event_kinds.TREATMENT_WITHDRAWAL)

    assert after.participation == Participation.ON_STUDY
    assert targets(trial, person, "drug_m1") == ["2026-04-01"]
    assert targets(trial, person, "drug_m3") == []
    assert len(targets(trial, person, "followup")) == 10


@pytest.mark.parametrize("kind", [event_kinds.FOLLOW_UP_WITHDRAWAL, event_kinds.DATA_WITHDRAWAL])
def test_withdrawal_from_follow_up_or_data_stops_all_later_visits(trial: Trial, kind: str) -> None:
    person = trial.enrolled()
    trial.allocate(person, "IM60")
    after = withdraw(trial.on("2026-05-01"), person, kind)

    assert after.participation == Participation.WITHDRAWN
    assert {visit.slug for visit in visits_of(trial, person)} == {"baseline", "drug_m1"}


def test_same_withdrawal_twice_is_refused(trial: Trial) -> None:
    person = trial.enrolled()
    withdraw(trial, person, event_kinds.TREATMENT_WITHDRAWAL)

    with pytest.raises(Refused, match="recorded already, on 2 March 2026"):
        withdraw(trial, person, event_kinds.TREATMENT_WITHDRAWAL)


@pytest.mark.parametrize(
    "said, field",
    [
        (service.Withdrawal("holiday", "2026-03-02", "participant", "x"), "kind"),
        (service.Withdrawal("data_withdrawal", "2026-03-02", "neighbour", "x"), "asked_by"),
        (service.Withdrawal("data_withdrawal", "2026-03-02", "participant", " "), "reason"),
        (service.Withdrawal("data_withdrawal", "2026-03-03", "participant", "x"), "date"),
        (service.Withdrawal("data_withdrawal", "2026-03-01", "participant", "x"), "date"),
    ],
)
def test_withdrawal_names_the_wrong_answer(
    trial: Trial, said: service.Withdrawal, field: str
) -> None:
    person = trial.enrolled()
    with pytest.raises(InvalidInput) as caught, trial.acting() as tx:
        service.withdraw(tx, GIST, person.id, said)

    assert caught.value.field == field


def test_loss_suspends_later_visits_and_return_plans_them_again(trial: Trial) -> None:
    person = trial.enrolled()
    trial.allocate(person, "IM36")
    everything = visits_of(trial, person)
    lost = lose(trial.on("2026-10-01"), person)
    assert lost.participation == Participation.LOST
    assert targets(trial, person, "imaging") == ["2026-08-31"]

    with trial.on("2027-01-15").acting() as tx:
        back = service.come_back(tx, GIST, person.id, date="2027-01-10")

    assert back.participation == Participation.ON_STUDY
    assert visits_of(trial, person) == everything


def test_return_before_the_loss_is_refused(trial: Trial) -> None:
    person = trial.enrolled()
    lose(trial.on("2026-10-01"), person)

    with (
        pytest.raises(InvalidInput, match="before the loss"),
        trial.on("2026-11-01").acting() as tx,
    ):
        service.come_back(tx, GIST, person.id, date="2026-09-30")


def test_death_recorded_in_error_is_taken_back_with_a_reason(trial: Trial) -> None:
    person = trial.enrolled()
    trial.allocate(person, "IM36")
    everything = visits_of(trial, person)
    die(trial, person, trial.today)
    with pytest.raises(InvalidInput, match="reason"), trial.acting() as tx:
        service.undo_ending(tx, GIST, person.id, kind=event_kinds.DEATH, reason="")
    with trial.acting() as tx:
        back = service.undo_ending(
            tx, GIST, person.id, kind=event_kinds.DEATH, reason="Wrong person"
        )

    assert back.participation == Participation.ON_STUDY
    assert visits_of(trial, person) == everything


def test_a_loss_recorded_in_error_is_undone_and_an_earlier_one_that_ended_stays(
    trial: Trial,
) -> None:
    person = trial.enrolled()
    lose(trial.on("2026-10-01"), person)
    with trial.on("2027-01-15").acting() as tx:
        service.come_back(tx, GIST, person.id, date="2027-01-10")
    lose(trial.on("2027-03-01"), person)

    with trial.on("2027-03-02").acting() as tx:
        service.undo_ending(tx, GIST, person.id, kind=event_kinds.LOSS, reason="Wrong person")

    with trial.database.reading() as connection:
        facts = reads.list_events(connection, person.id)
    assert [fact.date for fact in facts if fact.kind == event_kinds.LOSS] == ["2026-10-01"]
    assert [fact.date for fact in facts if fact.kind == event_kinds.RETURN] == ["2027-01-10"]


def test_nothing_but_late_entry_after_death(trial: Trial) -> None:
    person = trial.enrolled()
    later = trial.on("2026-08-01")
    die(later, person, "2026-06-15")
    with pytest.raises(Refused, match="has died"):
        lose(later, person)
    with pytest.raises(Refused, match="has died"):
        withdraw(later, person, event_kinds.DATA_WITHDRAWAL)
    with pytest.raises(Refused, match="died on 15 June 2026"), later.acting() as tx:
        service.add_visit(tx, GIST, person.id, slug="unscheduled", date="2026-06-16")

    with later.acting() as tx:
        late = service.add_visit(tx, GIST, person.id, slug="unscheduled", date="2026-06-15")
    assert late.status == VisitStatus.PLANNED


def test_endings_need_an_enrolled_person(trial: Trial) -> None:
    person = trial.screen()

    with pytest.raises(Refused, match="not enrolled"):
        die(trial, person, trial.today)


# --- single visits --------------------------------------------------------------------------------


def test_unscheduled_visits_are_numbered_and_survive_planning(trial: Trial) -> None:
    person = trial.enrolled()
    for _ in range(2):
        with trial.acting() as tx:
            service.add_visit(tx, GIST, person.id, slug="unscheduled", date=trial.today)
    trial.allocate(person, "IM36")

    added = [visit for visit in visits_of(trial, person) if visit.slug == "unscheduled"]
    assert [visit.occurrence for visit in added] == [1, 2]


@pytest.mark.parametrize(
    "slug, date", [("followup", "2026-03-02"), ("", "2026-03-02"), ("unscheduled", "2026-03-03")]
)
def test_only_unscheduled_kinds_of_the_past_can_be_added(
    trial: Trial, slug: str, date: str
) -> None:
    person = trial.enrolled()

    with pytest.raises(InvalidInput), trial.acting() as tx:
        service.add_visit(tx, GIST, person.id, slug=slug, date=date)


def test_an_unscheduled_visit_before_the_screening_is_refused(trial: Trial) -> None:
    person = trial.enrolled()

    with pytest.raises(InvalidInput, match="before the screening"), trial.acting() as tx:
        service.add_visit(tx, GIST, person.id, slug="unscheduled", date="1926-03-02")


def test_appointment_is_a_day_or_a_moment_from_today_on(trial: Trial) -> None:
    person = trial.enrolled()
    visit = visits_of(trial, person)[0]
    for wrong in ("2026-03-01", "soon", "2026-03-05T14:30:00", "2026-13-01"):
        with pytest.raises(InvalidInput), trial.acting() as tx:
            service.appoint(tx, GIST, person.id, visit.id, wrong)
    with trial.acting() as tx:
        booked = service.appoint(tx, GIST, person.id, visit.id, "2026-03-05T14:30")

    assert booked.appointment == "2026-03-05T14:30"


def test_visit_not_done_needs_a_reason_and_an_untouched_visit(trial: Trial) -> None:
    person = trial.enrolled()
    visit = visits_of(trial, person)[0]
    with pytest.raises(InvalidInput), trial.acting() as tx:
        service.not_do_visit(tx, GIST, person.id, visit.id, reason=" ")
    with trial.acting() as tx:
        done = service.not_do_visit(tx, GIST, person.id, visit.id, reason="On holiday")
    assert (done.status, done.reason) == (VisitStatus.NOT_DONE, "On holiday")

    with pytest.raises(Refused, match="marked so already"), trial.acting() as tx:
        service.not_do_visit(tx, GIST, person.id, visit.id, reason="Again")


def test_visits_of_somebody_else_are_not_found(trial: Trial) -> None:
    person, other = trial.enrolled(), trial.enrolled(sex="male")
    visit = visits_of(trial, other)[0]

    with pytest.raises(NotFound), trial.acting() as tx:
        service.not_do_visit(tx, GIST, person.id, visit.id, reason="Mixed up")


# --- lists and the ledger -------------------------------------------------------------------------


def numbers(trial: Trial, **wanted: str) -> list[str]:
    actor = make_actor(Role.DATA_MANAGER)
    with trial.acting(actor) as tx:
        page = reads.list_participants(
            tx.connection, actor, GIST, reads.ParticipantFilters(**wanted)
        )
    return [line.participant.number for line in page.lines]


def test_list_finds_any_part_of_a_number_and_takes_signs_literally(trial: Trial) -> None:
    trial.enrolled()
    trial.screen()

    assert numbers(trial, text="s-0002") == ["NOR-S-0002"]
    assert numbers(trial, text="0001") == ["NOR-0001"]
    for sign in ("%", "_", "\\", "'", "x" * 500):
        assert numbers(trial, text=sign) == []


def test_list_tells_due_from_overdue_by_the_sites_own_date(trial: Trial) -> None:
    trial.enrolled()

    assert numbers(trial.on("2026-03-30"), attention="due") == ["NOR-0001"]
    assert numbers(trial.on("2026-03-30"), attention="overdue") == []
    assert numbers(trial.on("2026-03-31"), attention="overdue") == ["NOR-0001"]
    assert numbers(trial.on("2026-03-31"), attention="due") == []


def test_list_filters_by_status_state_and_site(trial: Trial) -> None:
    died = trial.enrolled()
    trial.screen()
    die(trial, died, trial.today)

    assert numbers(trial, status="screened") == ["NOR-S-0002"]
    assert numbers(trial, status="died") == ["NOR-0001"]
    assert numbers(trial, site="fjordvik") == []


def test_list_has_fifty_a_page_and_forgives_a_page_too_far(trial: Trial) -> None:
    with trial.acting() as tx:
        for _ in range(51):
            service.screen(tx, GIST, "northfield", service.Screening(trial.today))
        actor = tx.actor
        far = reads.list_participants(
            tx.connection, actor, GIST, reads.ParticipantFilters(), page=99
        )

    assert (far.page, far.pages, far.total, len(far.lines)) == (2, 2, 51, 1)


def test_everything_folds_back_to_what_is_stored(trial: Trial) -> None:
    person = trial.enrolled()
    trial.allocate(person, "IM60")
    later = trial.on("2026-10-01")
    lose(later, person)
    with later.acting() as tx:
        service.come_back(tx, GIST, person.id, date=later.today)
        service.add_visit(tx, GIST, person.id, slug="unscheduled", date=later.today)
    withdraw(later, person, event_kinds.TREATMENT_WITHDRAWAL)
    die(later, person, "2026-10-01")
    with later.acting() as tx:
        service.undo_ending(tx, GIST, person.id, kind=event_kinds.DEATH, reason="Wrong person")

    with trial.database.reading() as connection:
        assert verify_study(connection, trial.concealment, GIST).findings == []
