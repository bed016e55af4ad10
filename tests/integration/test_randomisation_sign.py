"""Where an investigator signs: refused until signed, and again after a signed value changes."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from capture.access import Role
from capture.entry.reads import find_entry_at
from capture.entry.service import Submission, save_entry
from capture.ledger.service import transaction
from capture.participants.records import Participant
from capture.problems import Refused
from capture.randomisation import reads
from capture.randomisation.allocation.service.allocate import randomise
from capture.web.request_context import Services
from forms.evaluation_scope import Place
from forms.values import Cell
from tests.support.builders import PASSWORD, Visitor, make_user
from tests.support.esign import ESIGN, NURSE, SITE, add_esign_design, screened_walker, trial_of
from tests.support.randomising import definition
from tests.support.randomising_pages import boxes, hidden

NAME = "exercise"
PLACE = Place("start", 1, "kitchen_sink")


@pytest.fixture
def person(services: Services) -> Participant:
    add_esign_design(services)
    for role, email in (
        (Role.NURSE, "nurse@walk.example"),
        (Role.INVESTIGATOR, "doc@walk.example"),
    ):
        make_user(
            services, email=email, name=role.label.title(), role=role, study=ESIGN, sites=(SITE,)
        )
    return screened_walker(services)


@pytest.fixture
def nurse(person: Participant, sign_in: Callable[..., Visitor]) -> Visitor:
    return sign_in("nurse@walk.example")


@pytest.fixture
def doctor(person: Participant, sign_in: Callable[..., Visitor]) -> Visitor:
    return sign_in("doc@walk.example")


def url(person: Participant, page: str = "") -> str:
    return f"/studies/{ESIGN}/participants/{person.id}/randomise/{NAME}{page}"


def settle(nurse: Visitor, person: Participant, services: Services) -> str:
    page = nurse.get(url(person))
    today = trial_of(services).today
    typed = {
        "consent-main-version": "1",
        **boxes("consent-main-consent_date", today),
        "consent-main-taken_by": "A. Cole",
        **boxes("ed_birth", "1961-05-14"),
        "ed_sex": "female",
    }
    return nurse.post(url(person), {**hidden(page), **typed}, follow_redirects=True).text


def sign(doctor: Visitor, person: Participant, **changes: str) -> int:
    sent = {**hidden(doctor.get(url(person, "/sign"))), "password": PASSWORD, **changes}
    return doctor.post(url(person, "/sign"), sent).status_code


def correct(services: Services, person: Participant) -> None:
    """Change a value that the signature was given for, though the gate still passes."""
    with transaction(services.database, NURSE, services.concealment) as tx:
        before = find_entry_at(tx.connection, person.id, PLACE)
        save_entry(
            tx,
            definition(trial_of(services), ESIGN),
            1,
            person.id,
            PLACE,
            submission=Submission({"ed_birth": Cell("1961-05-15")}),
            version=before.version if before else 0,
            reason="Typing error",
        )


def draw(services: Services, person: Participant) -> reads.AllocationRow:
    study = definition(trial_of(services), ESIGN)
    with transaction(services.database, NURSE, services.concealment) as tx:
        return randomise(tx, study, 1, person.id, NAME)


def test_the_nurse_is_told_who_has_to_sign(
    nurse: Visitor, person: Participant, services: Services
) -> None:
    text = settle(nurse, person, services)

    assert "An investigator of the site has to sign: Investigator." in text
    assert nurse.get(url(person, "/check")).location == url(person)
    assert nurse.get(url(person, "/sign")).status_code == 403
    with pytest.raises(Refused, match="An investigator has to sign eligibility first"):
        draw(services, person)


def test_a_signature_names_values_and_meaning_and_opens_the_way(
    nurse: Visitor, doctor: Visitor, person: Participant, services: Services
) -> None:
    settle(nurse, person, services)

    page = doctor.get(url(person, "/sign")).text
    assert "I confirm that this participant meets every eligibility criterion." in page
    assert "Can walk" in page
    assert sign(doctor, person) == 303
    assert nurse.get(url(person)).location == url(person, "/check")
    check = nurse.get(url(person, "/check"))
    assert "Signed by Investigator" in check.text
    done = nurse.post(
        url(person, "/check"), {**hidden(check), "password": PASSWORD}, follow_redirects=True
    )
    assert "nhsuk-panel__title" in done.text


@pytest.mark.parametrize(
    "wrong, status", [({"password": "wrong"}, 422), ({"seen": "other values"}, 409)]
)
def test_a_wrong_password_or_other_values_sign_nothing(
    nurse: Visitor,
    doctor: Visitor,
    person: Participant,
    services: Services,
    *,
    wrong: dict[str, str],
    status: int,
) -> None:
    settle(nurse, person, services)

    assert sign(doctor, person, **wrong) == status
    with pytest.raises(Refused, match="has to sign"):
        draw(services, person)


def test_a_changed_value_needs_a_new_signature(
    nurse: Visitor, doctor: Visitor, person: Participant, services: Services
) -> None:
    settle(nurse, person, services)
    sign(doctor, person)
    correct(services, person)

    with pytest.raises(Refused, match="has to sign"):
        draw(services, person)
    assert nurse.get(url(person, "/check")).location == url(person)
    assert sign(doctor, person) == 303
    assert draw(services, person).number == 1


def test_nothing_is_signed_before_every_criterion_is_met(
    doctor: Visitor, person: Participant
) -> None:
    page = doctor.get(url(person, "/sign"))

    assert "You can sign when every criterion is met" in page.text
    assert doctor.post(url(person, "/sign"), {"password": PASSWORD}).status_code == 422
