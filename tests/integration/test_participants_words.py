"""What the pages of participants say: history in words, logs as tables, search, next step."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape

import pytest

from capture.access import MAY, Action
from capture.home.reads import list_overdue_visits, list_workplaces
from capture.ledger.action_labels import list_rights
from capture.participants import service
from capture.participants.reads import ParticipantFilters, list_participants
from capture.participants.reads.lists import OVERDUE
from capture.web.request_context import Services
from forms.evaluation_scope import Place
from tests.support.builders import Visitor
from tests.support.clinic import Clinic, make_clinic
from tests.support.entries import FULL_VITALS, VITALS, Desk
from tests.support.trial import GIST, NURSE, Trial

HOME = f"/studies/{GIST}/participants"
RASH = {"ae_term": "Rash", "ae_grade": "2", "ae_onset": "2026-03-01"}
LOG = Place("log", 1, "adverse_events")
TAGS = re.compile(r"<[^>]+>")
SignIn = Callable[..., Visitor]


@pytest.fixture
def clinic(services: Services, sign_in: SignIn) -> Clinic:
    return make_clinic(services, sign_in)


def words(html: str) -> str:
    return " ".join(unescape(TAGS.sub(" ", html)).split())


def person_page(clinic: Clinic) -> str:
    return clinic.tab(url=f"{HOME}/{clinic.desk.person.id}").page.text


def history(clinic: Clinic) -> str:
    return words(person_page(clinic).rpartition("History</h2>")[2])


# --- history --------------------------------------------------------------------------------------


def test_history_names_the_form_and_the_old_and_new_answer(clinic: Clinic) -> None:
    clinic.desk.save(FULL_VITALS)
    clinic.desk.save({"weight_kg": "72"}, reason="Typing error")

    told = history(clinic)

    assert "Form saved: Vital signs, Screening" in told
    assert "Weight: 70 kg → 72 kg" in told
    assert "Reason: Typing error" in told
    # Date, height and weight were typed; the body surface was worked out.
    assert "4 answers filled in" in told
    assert "entry" not in told.lower()


def test_history_does_not_repeat_what_identifies_somebody(clinic: Clinic) -> None:
    demography = Place("baseline", 1, "demography")
    clinic.desk.save({"birth_date": "1961-05-14"}, demography)
    clinic.desk.save({"birth_date": "1962-05-14"}, demography)

    told = history(clinic)

    assert "Date of birth: changed" in told
    assert "1961" not in told
    assert "1962" not in told


# --- logs -----------------------------------------------------------------------------------------


def test_log_is_a_table_on_the_page_and_adding_is_one_load_away(clinic: Clinic) -> None:
    person = clinic.desk.person
    form = f"{HOME}/{person.id}/visits/log/adverse_events?instance="
    assert f'href="{form}1"' in person_page(clinic)

    clinic.desk.save(RASH, LOG)
    page = person_page(clinic)

    assert "Rash 2: moderate 1 March 2026 blank In progress" in words(page)
    assert f'href="{form}2"' in page
    assert clinic.tab(url=f"{form}2").page.status_code == 200


def test_log_that_is_filled_in_once_offers_no_second(clinic: Clinic) -> None:
    clinic.desk.save({"death_cause": "unknown"}, Place("log", 1, "death"))

    page = person_page(clinic)

    assert "/visits/log/death?instance=1" in page
    assert "/visits/log/death?instance=2" not in page


def test_recording_a_death_leads_to_the_form_that_dates_it(clinic: Clinic) -> None:
    link = re.search(r'href="([^"]+)">Record a death<', person_page(clinic))

    assert link
    assert link[1].endswith("/visits/log/death?instance=1")


def test_allocation_is_reached_from_the_page_of_its_participant(clinic: Clinic) -> None:
    trial, person = clinic.desk.trial, clinic.desk.person
    assert "Allocation: " not in words(person_page(clinic))

    trial.allocate(person, "IM36")

    assert f'href="{HOME}/{person.id}/randomise/duration/result"' in person_page(clinic)


# --- finding --------------------------------------------------------------------------------------


def test_who_works_in_one_study_has_its_pages_on_home(clinic: Clinic) -> None:
    assert f'href="{HOME}"' in clinic.tab().visitor.get("/").text


# --- what waits -----------------------------------------------------------------------------------


def overdue_of(trial: Trial) -> list[str]:
    with trial.database.reading() as connection:
        found = list_participants(connection, NURSE, GIST, ParticipantFilters(attention=OVERDUE))
    return [line.participant.id for line in found.lines]


def test_begun_visit_whose_window_passed_is_in_the_list_of_overdue_ones(clinic: Clinic) -> None:
    clinic.desk.save({"weight_kg": "70"}, VITALS)
    later = clinic.desk.on("2026-06-01")

    with later.trial.acting():
        assert overdue_of(later.trial) == [clinic.desk.person.id]


def test_nothing_is_waited_for_of_somebody_who_does_not_join(clinic: Clinic) -> None:
    trial = clinic.desk.trial
    person = trial.screen()
    Desk(trial, person).save({"weight_kg": "70"}, VITALS)
    with trial.acting() as tx:
        service.not_enrol(tx, GIST, person.id, "declined")

    with trial.on("2026-06-01").acting() as tx:
        (place,) = list_workplaces(tx.connection, NURSE, Action.ENTRY_SAVE)
        waiting = [one.person.id for one in list_overdue_visits(tx.connection, place)[0]]
        assert person.id not in overdue_of(trial)

    assert waiting == [clinic.desk.person.id]


def test_screened_person_is_offered_the_one_page_that_enrols_and_randomises(
    clinic: Clinic,
) -> None:
    person = clinic.desk.trial.screen()
    Desk(clinic.desk.trial, person).save({"weight_kg": "70"}, VITALS)

    page = clinic.tab().visitor.get(HOME).text

    row = page.partition(f">{person.number}</a>")[2].partition("</tr>")[0]
    assert "Enrol and randomise" in row


# --- rights ---------------------------------------------------------------------------------------


def test_every_right_of_a_role_has_words() -> None:
    assert {action for action, _words in list_rights()} == {
        action for action, roles in MAY.items() if roles
    }


def test_page_of_roles_names_no_action_by_its_code(clinic: Clinic) -> None:
    page = words(clinic.tab(url="/roles").page.text)

    assert "Fill in and correct forms" in page
    assert not re.search(r"\b[a-z]+\.[a-z_]+\b", page.partition("Roles and permissions")[2])
