"""The screening log and enrolment: numbers, consent, duplicates, and who may see whom."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from capture.access import Role
from capture.db import Database
from capture.ledger.concealment import Concealment
from capture.ledger.reads import list_ledger_rows
from capture.ledger.verify import verify_study
from capture.participants import reads, service
from capture.participants.records import Status, VisitStatus
from capture.problems import InvalidInput, NotAllowed, NotFound, Refused
from tests.support.trial import GIST, NURSE, Trial, make_actor, make_trial

OSLO_NURSE = make_actor(Role.NURSE, "fjordvik")


@pytest.fixture
def trial(database: Database, concealment: Concealment) -> Trial:
    return make_trial(database, concealment)


def test_screening_numbers_count_up_at_each_site(trial: Trial) -> None:
    first, second = trial.screen(), trial.screen()
    elsewhere = trial.screen("fjordvik", OSLO_NURSE)

    assert [first.number, second.number] == ["NOR-S-0001", "NOR-S-0002"]
    assert elsewhere.number == "FJO-S-0001"


def test_screening_holds_nothing_that_identifies(trial: Trial) -> None:
    person = trial.screen()
    with trial.database.reading() as connection:
        stored = list(
            list_ledger_rows(
                connection, trial.concealment, GIST, subject=f"participant/{person.id}"
            )
        )
    names = {name for fact in stored if fact.action == "participant.screen" for name in fact.body}

    assert names == {
        "site", "screening_number", "screened_on", "source", "age_band", "episode",
        "earlier_episode", "events",
    }  # fmt: skip


def test_screening_plans_the_visit_that_hangs_on_it(trial: Trial) -> None:
    person = trial.screen()
    with trial.database.reading() as connection:
        visits = reads.list_visits(connection, person.id)

    assert [(v.slug, v.target_date, v.latest) for v in visits] == [
        ("baseline", "2026-03-02", "2026-03-30")
    ]


def test_failed_screening_leaves_no_gap_in_the_numbers(trial: Trial) -> None:
    def fail() -> None:
        with trial.acting() as tx:
            service.screen(tx, GIST, "northfield", service.Screening(trial.today))
            raise Refused("something after it went wrong")

    with pytest.raises(Refused):
        fail()

    assert trial.screen().number == "NOR-S-0001"


@pytest.mark.parametrize(
    "line, field",
    [
        (service.Screening("2026-03-03"), "date"),
        (service.Screening("2026-02-30"), "date"),
        (service.Screening("2026-02"), "date"),
        (service.Screening("tomorrow"), "date"),
        (service.Screening("2026-03-02", source="newspaper"), "source"),
        (service.Screening("2026-03-02", age_band="40"), "age_band"),
    ],
)
def test_screening_names_the_wrong_answer(
    trial: Trial, line: service.Screening, field: str
) -> None:
    with pytest.raises(InvalidInput) as caught, trial.acting() as tx:
        service.screen(tx, GIST, "northfield", line)

    assert caught.value.field == field


def test_screening_before_the_site_opened_is_refused(trial: Trial) -> None:
    with pytest.raises(Refused, match="not open"), trial.acting() as tx:
        service.screen(tx, GIST, "northfield", service.Screening("2019-01-01"))


def test_screening_at_another_site_is_not_allowed(trial: Trial) -> None:
    with pytest.raises(NotAllowed):
        trial.screen("fjordvik", NURSE)


def test_enrolment_gives_a_participant_number(trial: Trial) -> None:
    trial.screen()
    person = trial.enrolled()

    assert person.status == Status.ENROLLED
    assert (person.screening_number, person.number) == ("NOR-S-0002", "NOR-0001")
    assert person.enrolled_on == "2026-03-02"


def test_enrolment_without_consent_is_refused(trial: Trial) -> None:
    person = trial.screen()

    with pytest.raises(Refused, match="not in force"):
        trial.enrol(person, consent=None)


def test_enrolment_rests_on_consent_recorded_before(trial: Trial) -> None:
    person = trial.screen()
    with trial.acting() as tx:
        taken = service.ConsentTaken("main", "2.0", trial.today, "A. Cole")
        service.give_consent(tx, GIST, person.id, taken)

    assert trial.enrol(person, consent=None).status == Status.ENROLLED


@pytest.mark.parametrize(
    "birth_date, words",
    [
        ("2026-03-03", "in the future"),
        ("2026-03-02T", "not a date"),
        ("1962-02-29", "29 February 1962 does not exist"),
        ("1890-01-01", "more than 120 years"),
        ("1961-05", "whole date"),
        ("", "not a date"),
    ],
)
def test_impossible_birth_dates_are_refused(trial: Trial, birth_date: str, words: str) -> None:
    person = trial.screen()

    with pytest.raises(InvalidInput, match=words) as caught:
        trial.enrol(person, birth_date=birth_date)
    assert caught.value.field == "birth_date"


def test_birth_after_consent_is_refused(trial: Trial) -> None:
    person = trial.screen()
    consent = service.ConsentTaken("main", "2.0", "2026-02-20", "A. Cole")

    with pytest.raises(InvalidInput, match="after the consent"):
        trial.enrol(person, consent=consent, birth_date="2026-02-21")


def test_refused_enrolment_leaves_no_consent_behind(trial: Trial) -> None:
    person = trial.screen()
    with pytest.raises(InvalidInput):
        trial.enrol(person, sex="unheard of")

    with trial.database.reading() as connection:
        assert reads.list_consents(connection, person.id) == []


def test_likely_duplicate_is_told_without_naming_the_other_site(trial: Trial) -> None:
    trial.enrolled()
    other = trial.screen("fjordvik", OSLO_NURSE)

    with pytest.raises(service.LikelyDuplicate) as caught:
        trial.enrol(other, OSLO_NURSE)
    assert caught.value.field == "duplicate_confirmed"
    assert "Northfield" not in caught.value.message
    assert "NOR" not in caught.value.message


def test_likely_duplicate_needs_a_tick_and_a_reason(trial: Trial) -> None:
    trial.enrolled()
    other = trial.screen()
    with pytest.raises(service.LikelyDuplicate) as caught:
        trial.enrol(other, duplicate_confirmed=True, duplicate_reason="  ")
    assert caught.value.field == "duplicate_reason"

    enrolled = trial.enrol(other, duplicate_confirmed=True, duplicate_reason="Twin sister")
    assert enrolled.number == "NOR-0002"


@pytest.mark.parametrize("changes", [{"sex": "male"}, {"birth_date": "1961-05-15"}])
def test_another_birth_date_or_sex_is_no_duplicate(
    trial: Trial, changes: dict[str, object]
) -> None:
    trial.enrolled()

    assert trial.enrolled(**changes).number == "NOR-0002"


def test_birth_date_and_hospital_number_are_kept_nowhere(trial: Trial) -> None:
    person = trial.enrolled(hospital_number="H 4711-99")
    with trial.database.reading() as connection:
        stored = list(list_ledger_rows(connection, trial.concealment, GIST, subject=person.subject))
    words = repr([fact.body for fact in stored])

    assert "1961" not in words
    assert "4711" not in words


def test_enrolling_twice_is_refused(trial: Trial) -> None:
    person = trial.enrolled()

    with pytest.raises(Refused, match="enrolled already"):
        trial.enrol(person)


def test_not_enrolled_needs_a_known_reason_and_words_for_another(trial: Trial) -> None:
    person = trial.screen()
    for reason, field in (("", "reason"), ("bored", "reason"), ("other", "note")):
        with pytest.raises(InvalidInput) as caught, trial.acting() as tx:
            service.not_enrol(tx, GIST, person.id, reason)
        assert caught.value.field == field


def test_closed_line_is_screened_again_as_a_new_episode(trial: Trial) -> None:
    person = trial.screen()
    with pytest.raises(Refused, match="still in screening"), trial.acting() as tx:
        service.screen(tx, GIST, "northfield", service.Screening(trial.today, earlier=person.id))
    with trial.acting() as tx:
        service.not_enrol(tx, GIST, person.id, "declined")
    with trial.acting() as tx:
        again = service.screen(
            tx, GIST, "northfield", service.Screening(trial.today, earlier=person.id)
        )

    assert (again.episode, again.earlier_episode, again.number) == (2, person.id, "NOR-S-0002")


def test_another_sites_participant_is_not_found(trial: Trial) -> None:
    person = trial.screen()
    with trial.database.reading() as connection, pytest.raises(NotFound):
        reads.get_participant(connection, OSLO_NURSE, GIST, person.id)
    with pytest.raises(NotFound):
        trial.enrol(person, OSLO_NURSE)


def test_role_without_the_act_is_refused(trial: Trial) -> None:
    person = trial.screen()

    with pytest.raises(NotAllowed):
        trial.enrol(person, make_actor(Role.MONITOR))


def test_screenings_and_enrolments_at_once_get_different_numbers(trial: Trial) -> None:
    people = [trial.screen() for _ in range(8)]

    def enrol(number: int) -> str:
        return trial.enrol(people[number], birth_date=f"19{60 + number}-01-01").number

    with ThreadPoolExecutor(8) as pool:
        enrolled = list(pool.map(enrol, range(8)))
        screened = list(pool.map(lambda _: trial.screen().number, range(8)))

    assert sorted(enrolled) == [f"NOR-{number:04d}" for number in range(1, 9)]
    assert sorted(screened) == [f"NOR-S-{number:04d}" for number in range(9, 17)]


def test_state_is_the_fold_of_the_ledger(trial: Trial) -> None:
    trial.enrolled()
    person = trial.screen()
    with trial.acting() as tx:
        service.not_enrol(tx, GIST, person.id, "other", "Moved away")

    with trial.database.reading() as connection:
        assert verify_study(connection, trial.concealment, GIST).findings == []


def test_nothing_is_due_for_somebody_who_does_not_join(trial: Trial) -> None:
    person = trial.screen()
    with trial.acting() as tx:
        service.not_enrol(tx, GIST, person.id, "declined")
    with trial.database.reading() as connection:
        statuses = {visit.status for visit in reads.list_visits(connection, person.id)}

    assert statuses <= {VisitStatus.VOID}
