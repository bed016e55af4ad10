"""Pages of dose finding: the way to a place, the outcome, the committee's signature, the alert."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest

from capture.access import SYSTEM_ACTOR, Role
from capture.accounts.service import NewMembership
from capture.participants.records import Participant
from capture.study import service as studies
from capture.web.request_context import Services
from forms.load import read_folder
from tests.support.builders import PASSWORD, Visitor, make_membership, make_user
from tests.support.dosing import DOSE, FOLDER, PART, PART_FILE, SITE, Dosing, make_dosing
from tests.support.hostile import VALUES

HOME = f"/studies/{DOSE}"
PAGE = f"{HOME}/dose-finding/{PART}"
SignIn = Callable[..., Visitor]
SEEN = re.compile(r'name="seen" value="([0-9a-f]*)"')
TODAY = datetime.now(UTC).date()
LONG_AGO = (TODAY - timedelta(days=60)).isoformat()
ROLES = {
    "nurse@site.example": (Role.NURSE, (SITE,)),
    "doctor@site.example": (Role.INVESTIGATOR, (SITE,)),
    "elsewhere@site.example": (Role.NURSE, ("moorland",)),
    "committee@unit.example": (Role.COMMITTEE, None),
    "manager@unit.example": (Role.TRIAL_MANAGER, None),
}


@pytest.fixture
def dosing(services: Services) -> Dosing:
    return make_dosing(services.database, services.concealment, TODAY.isoformat())


@pytest.fixture
def as_(dosing: Dosing, services: Services, sign_in: SignIn) -> Callable[[str], Visitor]:
    """A browser of somebody, by the first part of the address."""

    def visit(name: str) -> Visitor:
        email = next(one for one in ROLES if one.startswith(name))
        role, sites = ROLES[email]
        make_user(services, email=email, name=name.title(), role=role, study=DOSE, sites=sites)
        return sign_in(email)

    return visit


def place(person: Participant) -> str:
    return f"{HOME}/participants/{person.id}/dose/{PART}"


def seen(visitor: Visitor, path: str) -> str:
    found = SEEN.search(visitor.get(path).text)
    assert found
    return found[1]


def typed(day: date, **more: str) -> dict[str, str]:
    boxes = {"day-day": str(day.day), "day-month": str(day.month), "day-year": str(day.year)}
    return {**boxes, **more}


def cohort(dosing: Dosing) -> list[Participant]:
    """Three people registered long ago, the second a week after the first."""
    days = [date.fromisoformat(LONG_AGO) + timedelta(days=n) for n in (0, 7, 7)]
    return [dosing.on(day.isoformat()).registered() for day in days]


def decided(dosing: Dosing) -> list[Participant]:
    """The cohort without a DLT, and level 2 signed open."""
    people = cohort(dosing)
    for person in people:
        dosing.judge(person, "no_dlt", note="")
    dosing.decide("open", "2")
    return people


def test_the_way_shows_the_open_level_and_its_places_and_leads_to_one(
    dosing: Dosing, as_: Callable[[str], Visitor]
) -> None:
    person, nurse = dosing.enrolled(), as_("nurse")
    page = nurse.get(place(person)).text
    assert "Level 1: 30 mg/m² on days 8 to 12" in page
    assert re.search(r"Places free</dt>\s*<dd[^>]*>\s*3", page)

    sent = {"seen": seen(nurse, place(person)), "password": PASSWORD}
    answer = nurse.post(place(person), sent)

    assert answer.status_code == 303
    after = nurse.get(place(person)).text
    assert f"{person.number} is registered at level 1." in after
    assert "Pending" in after


def test_the_person_page_offers_to_register_and_then_names_the_level(
    dosing: Dosing, as_: Callable[[str], Visitor]
) -> None:
    person, nurse = dosing.enrolled(), as_("nurse")
    own = f"{HOME}/participants/{person.id}"

    assert "Register at a dose level" in nurse.get(own).text
    dosing.register(person)
    assert "Register at a dose level" not in nurse.get(own).text
    assert "Dose level: Irinotecan with IVA" in nurse.get(own).text
    assert "Registered: Irinotecan with IVA" in nurse.get(own).text


@pytest.mark.parametrize(
    "sent, status, words",
    [
        ({"password": "wrong", "seen": "0" * 64}, 422, "password"),
        ({"password": PASSWORD}, 422, "did not arrive whole"),
        ({"password": PASSWORD, "seen": "0" * 64}, 409, "has changed since you opened"),
    ],
)
def test_a_registration_that_cannot_be_changes_nothing(
    dosing: Dosing, as_: Callable[[str], Visitor], sent: dict[str, str], status: int, words: str
) -> None:
    person, nurse = dosing.enrolled(), as_("nurse")

    answer = nurse.post(place(person), sent)

    assert answer.status_code == status
    assert words in answer.text
    assert dosing.standing.slots == ()


def test_what_is_in_the_way_is_named_and_no_button_is_there(
    dosing: Dosing, as_: Callable[[str], Visitor]
) -> None:
    person, nurse = dosing.enrolled(risk="hr"), as_("nurse")
    dosing.registered()

    page = nurse.get(place(person)).text

    assert "The second participant of a cohort may be registered from" in page
    assert "Is in the very high risk group" in page
    assert "Register at level" not in page


def test_an_investigator_records_the_outcome(dosing: Dosing, as_: Callable[[str], Visitor]) -> None:
    person, *_ = cohort(dosing)
    doctor = as_("doctor")
    first = date.fromisoformat(LONG_AGO)
    form = f"{place(person)}/outcome"
    assert "A DLT is: A toxicity of grade 4" in doctor.get(form).text

    sent = typed(first + timedelta(days=9), outcome="dlt", note="Neutropenia, grade 4")
    answer = doctor.post(form, sent)

    assert answer.status_code == 303
    assert "Neutropenia, grade 4" in doctor.get(place(person)).text
    assert dosing.standing.state.here.dlts == 1


@pytest.mark.parametrize(
    "sent, words",
    [
        ({}, "Choose the outcome of the participant."),
        ({"outcome": "dlt", "note": "x"}, "Enter the date."),
        (typed(TODAY, outcome="dlt", note="x"), "The window for a DLT ended on"),
        (typed(TODAY, outcome="no_dlt", note="n" * 501), "shorten it to 500"),
        (typed(TODAY + timedelta(days=400), outcome="no_dlt"), "future"),
        (typed(TODAY, outcome="maybe", note="x"), "Choose the outcome"),
        ({**typed(TODAY, outcome="no_dlt"), "day-month": "13"}, "month"),
    ],
)
def test_an_outcome_that_cannot_be_is_shown_again_with_what_was_typed(
    dosing: Dosing, as_: Callable[[str], Visitor], sent: dict[str, str], words: str
) -> None:
    person, *_ = cohort(dosing)
    doctor = as_("doctor")

    answer = doctor.post(f"{place(person)}/outcome", sent)

    assert answer.status_code == 422
    assert words in answer.text
    assert sent.get("note", "") in answer.text
    assert dosing.standing.slots[0].outcome is None


def test_the_committee_sees_what_is_recommended_and_signs(
    dosing: Dosing, as_: Callable[[str], Visitor]
) -> None:
    for person in cohort(dosing):
        dosing.judge(person, "no_dlt", note="")
    member = as_("committee")
    page = member.get(PAGE).text
    assert "Go up to level 2" in page
    assert "has to decide before another participant is registered" in page

    form = f"{PAGE}/decide"
    sent = {"seen": seen(member, form), "choice": "open", "level": "2", "password": PASSWORD}
    answer = member.post(form, sent)

    assert answer.status_code == 303
    assert "Open, 3 places free" in member.get(PAGE).text
    assert dosing.standing.level == "2"


@pytest.mark.parametrize(
    "sent, words",
    [
        ({"choice": "open", "level": "3"}, "Level 3 is higher"),
        ({"choice": "open"}, "Choose the dose level."),
        ({"choice": "wait"}, "Give the committee&#39;s reason"),
        ({"choice": "mtd", "level": "1", "why": "x"}, "No recommended dose is due yet"),
        ({}, "Choose what the committee decides."),
        ({"choice": "up"}, "Choose what the committee decides."),
        ({"choice": "open", "level": "2", "password": "wrong"}, "password"),
        ({"choice": "wait", "why": "w" * 501}, "shorten it to 500"),
    ],
)
def test_a_decision_that_may_not_be_is_refused_by_field(
    dosing: Dosing, as_: Callable[[str], Visitor], sent: dict[str, str], words: str
) -> None:
    for person in cohort(dosing):
        dosing.judge(person, "no_dlt", note="")
    member, form = as_("committee"), f"{PAGE}/decide"

    answer = member.post(form, {"seen": seen(member, form), "password": PASSWORD, **sent})

    assert answer.status_code == 422
    assert words in answer.text
    assert dosing.standing.decisions == ()


def test_a_decision_on_older_counts_is_stale(dosing: Dosing, as_: Callable[[str], Visitor]) -> None:
    people = cohort(dosing)
    for person in people[:2]:
        dosing.judge(person, "no_dlt", note="")
    member, form = as_("committee"), f"{PAGE}/decide"
    looked = seen(member, form)
    dosing.judge(people[2], "no_dlt", note="")

    sent = {"seen": looked, "choice": "stop", "why": "x", "password": PASSWORD}
    answer = member.post(form, sent)

    assert answer.status_code == 409
    assert "was recorded after you opened this page" in answer.text
    assert dosing.standing.decisions == ()
    again = SEEN.search(answer.text)
    assert again
    assert member.post(form, {**sent, "seen": again[1]}).status_code == 303


def test_a_late_dlt_is_an_alert_on_every_page_that_registers(
    dosing: Dosing, as_: Callable[[str], Visitor]
) -> None:
    person, *_ = decided(dosing)
    next_one = dosing.enrolled()
    doctor = as_("doctor")
    day = date.fromisoformat(LONG_AGO) + timedelta(days=10)

    sent = typed(day, outcome="dlt", note="Sepsis", reason="Letter came late")
    assert doctor.post(f"{place(person)}/outcome", sent).status_code == 303

    assert "The last decision is to be looked at again" in doctor.get(PAGE).text
    assert "A DLT came late for number 1, at level 1." in doctor.get(PAGE).text
    assert "is being looked at again" in doctor.get(place(next_one)).text
    assert "Register at level" not in doctor.get(place(next_one)).text


def test_a_nurse_of_another_site_sees_the_counts_and_nobody_of_this_site(
    dosing: Dosing, as_: Callable[[str], Visitor]
) -> None:
    person, *_ = cohort(dosing)
    elsewhere = as_("elsewhere")

    page = elsewhere.get(PAGE)

    assert page.status_code == 200
    assert "No participants of your sites are registered yet." in page.text
    assert person.number not in page.text
    assert elsewhere.get(place(person)).status_code == 404


def test_a_masked_person_is_shown_no_dose_level(
    dosing: Dosing, services: Services, sign_in: SignIn
) -> None:
    person, *_ = cohort(dosing)
    user = make_user(services, email="masked@site.example", name="M. Asked", role=None).id
    new = NewMembership(user, Role.INVESTIGATOR, (SITE,), "2020-01-01", None, masked=True)
    make_membership(services, new=new, study=DOSE)
    masked = sign_in("masked@site.example")

    for path in (PAGE, f"{HOME}/dose-finding", place(person), f"{place(person)}/outcome"):
        assert masked.get(path).status_code == 403
    own = masked.get(f"{HOME}/participants/{person.id}").text
    assert "mg/m²" not in own


@pytest.mark.parametrize("path", [f"{HOME}/dose-finding/cisplatin", f"{PAGE}/nothing"])
def test_a_part_that_is_not_there_is_not_found(as_: Callable[[str], Visitor], path: str) -> None:
    assert as_("manager").get(path).status_code == 404


@pytest.mark.both_engines("statements of its own")
def test_the_only_part_opens_at_once_and_stands_in_the_navigation(
    as_: Callable[[str], Visitor],
) -> None:
    manager = as_("manager")

    answer = manager.get(f"{HOME}/dose-finding")

    assert answer.status_code == 303
    assert answer.location == PAGE
    assert f'href="{HOME}/dose-finding"' in manager.get(PAGE).text


def test_the_audit_trail_tells_each_act_in_words(
    dosing: Dosing, as_: Callable[[str], Visitor]
) -> None:
    decided(dosing)

    page = as_("manager").get(f"{HOME}/audit").text

    for words in (
        "Registered at a dose level: Irinotecan with IVA",
        "DLT assessment recorded: Irinotecan with IVA",
        "Dose decision signed: Irinotecan with IVA",
        "Dose level",
    ):
        assert words in page


@pytest.mark.parametrize("field", ["outcome", "day-day", "day-year", "choice", "level", "seen"])
def test_whatever_is_sent_is_answered_in_words_and_changes_nothing(
    dosing: Dosing, as_: Callable[[str], Visitor], field: str
) -> None:
    person, *_ = cohort(dosing)
    fresh, before = dosing.enrolled(), dosing.standing
    soon = typed(TODAY, outcome="no_dlt", note="")
    decision = {"choice": "open", "level": "1", "seen": before.seen, "password": PASSWORD}
    doctor, member, nurse = as_("doctor"), as_("committee"), as_("nurse")

    for words, value in VALUES.items():
        for visitor, path, sent in (
            (doctor, f"{place(person)}/outcome", soon),
            (member, f"{PAGE}/decide", decision),
            (nurse, place(fresh), {"seen": ""}),
        ):
            if field in sent:
                answer = visitor.post(path, {**sent, field: value})
                assert 400 <= answer.status_code < 500, f"{words} in {field}"

    assert dosing.standing.slots == before.slots
    assert dosing.standing.decisions == ()


def test_home_tells_the_committee_what_is_to_decide(
    dosing: Dosing, as_: Callable[[str], Visitor]
) -> None:
    people = cohort(dosing)
    member = as_("committee")
    assert "No decision due" in member.get("/").text

    for person in people:
        dosing.judge(person, "no_dlt", note="")
    assert "Decision due" in member.get("/").text
    dosing.decide("open", "2")
    day = (date.fromisoformat(LONG_AGO) + timedelta(days=9)).isoformat()
    dosing.judge(people[0], "dlt", day=day, reason="Letter came late")

    home = member.get("/").text
    assert "Review required" in home
    assert f'href="{PAGE}"' in home


def test_levels_that_a_later_test_version_lacks_are_named_and_nothing_breaks(
    dosing: Dosing, as_: Callable[[str], Visitor]
) -> None:
    """A live study keeps its levels; one in state test may lose them under its invented people."""
    person, *_ = cohort(dosing)
    files = read_folder(FOLDER)
    renamed = files[PART_FILE].replace(b'level: "1"', b'level: "1a"')
    renamed = renamed.replace(b'start: "1"', b'start: "1a"')
    with dosing.trial.acting(SYSTEM_ACTOR) as tx:
        studies.publish(tx, {**files, PART_FILE: renamed})
    member, doctor = as_("committee"), as_("doctor")

    assert "has no dose level 1, which was used before" in member.get("/").text
    for visitor, path in (
        (member, PAGE),
        (member, f"{PAGE}/decide"),
        (doctor, place(person)),
        (doctor, f"{place(person)}/outcome"),
    ):
        answer = visitor.get(path)
        assert answer.status_code < 500
    assert (
        doctor.post(f"{place(person)}/outcome", typed(TODAY, outcome="no_dlt")).status_code == 422
    )
