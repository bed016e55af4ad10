"""The pages of putting things right, as people see them; each on both databases."""

from __future__ import annotations

import re
from html import unescape
from pathlib import Path
from typing import Any

import pytest

from capture.access import Role
from capture.participants import reads as people
from capture.web.request_context import Services
from tests.support.builders import Visitor, make_user
from tests.support.clinic import Clinic, SignIn, make_clinic
from tests.support.entries import FULL_VITALS, Desk
from tests.support.trial import GIST, NURSE
from tests.support.watching import Watch

HIDDEN = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)">')


@pytest.fixture
def clinic(services: Services, sign_in: SignIn) -> Clinic:
    made = make_clinic(services, sign_in)
    make_user(services, email="keeper@site.example", name="K. Keeper", role=Role.DATA_MANAGER)
    return made


@pytest.fixture
def watch(tmp_path: Path) -> Watch:
    return Watch(tmp_path / "datasets")


def right(clinic: Clinic, *parts: str, desk: Desk | None = None) -> str:
    person = (desk or clinic.desk).person.id
    return "/".join((f"/studies/{GIST}/participants/{person}/put-right", *parts))


def page(visitor: Visitor, url: str, status: int = 200) -> str:
    answer = visitor.get(url, follow_redirects=True)
    assert answer.status_code == status, answer.text
    return unescape(re.sub(r"\s+", " ", answer.text))


def send(visitor: Visitor, url: str, status: int = 303, *, step: str = "", **fields: Any) -> str:
    """Send the form of a page with what it hides; gives the page that answers."""
    hidden = dict(HIDDEN.findall(visitor.get(step or url).text))
    for name in ("csrf_token", "request_id"):
        hidden.pop(name, None)
    answer = visitor.post(url, {**hidden, **fields})
    assert answer.status_code == status, answer.text
    return page(visitor, answer.location) if status == 303 else unescape(answer.text)


def person_now(clinic: Clinic) -> Any:
    with clinic.trial.database.reading() as connection:
        return people.get_participant(connection, NURSE, GIST, clinic.desk.person.id)


def test_a_nurse_marks_a_form_and_takes_it_back(clinic: Clinic, watch: Watch) -> None:
    clinic.desk.save(FULL_VITALS)
    visitor, entry = clinic.sign_in("nurse@site.example"), clinic.desk.stored().id
    form = page(visitor, clinic.url())
    assert right(clinic, "forms", entry) in form
    blank = send(visitor, right(clinic, "forms", entry), 422, reason="")
    assert "Give the reason" in blank

    told = send(visitor, right(clinic, "forms", entry), reason="Another person's notes")

    assert "Vital signs, Screening is marked as entered in error." in told
    assert "Form marked as entered in error: Vital signs, Screening" in told
    hub = page(visitor, right(clinic))
    (struck,) = set(re.findall(r"put-right/struck/([0-9a-f-]+)", hub))
    shown = page(visitor, right(clinic, "struck", struck))
    assert "Another person's notes" in shown
    assert "170 cm" in shown
    back = send(visitor, right(clinic, "struck", struck), reason="It was hers")
    assert "Vital signs, Screening is reinstated." in back
    assert clinic.desk.stored().id == entry
    gone = page(visitor, right(clinic, "struck", struck), 404)
    assert "does not count as entered in error" in gone
    watch.look(clinic.trial)


def test_a_form_saved_meanwhile_is_not_struck_unseen(clinic: Clinic) -> None:
    clinic.desk.save(FULL_VITALS)
    visitor, entry = clinic.sign_in("nurse@site.example"), clinic.desk.stored().id
    clinic.desk.save({"weight_kg": "71"}, reason="Typing error")

    told = send(visitor, right(clinic, "forms", entry), 409, version="1", reason="Wrong")

    assert "Another user saved this form" in told


def test_a_visit_and_a_participant_are_marked_on_their_pages(clinic: Clinic, watch: Watch) -> None:
    clinic.desk.save(FULL_VITALS)
    visitor = clinic.sign_in("nurse@site.example")
    visit = f"/studies/{GIST}/participants/{clinic.desk.person.id}/visits/{clinic.visit}"
    assert right(clinic, "visits", clinic.visit) in page(visitor, visit)

    told = send(visitor, right(clinic, "visits", clinic.visit), reason="Somebody else's visit")

    assert "Screening is marked as entered in error." in told
    told = send(visitor, right(clinic, "in-error"), reason="Typed twice")
    assert "Entered in error" in told
    assert "Nothing is" not in page(visitor, f"/studies/{GIST}/participants")
    refused = send(visitor, right(clinic, "in-error"), 422, reason="Again")
    assert "Mark as entered in error" in refused
    watch.look(clinic.trial)


def test_a_corrected_number_is_found_from_the_header_by_its_former_one(
    clinic: Clinic, watch: Watch
) -> None:
    visitor = clinic.sign_in("nurse@site.example")
    wrong = send(visitor, right(clinic, "number"), 422, kind="participant_number", number="7",
                 reason="Card")  # fmt: skip
    assert "Enter it like NOR-0001" in wrong

    told = send(
        visitor, right(clinic, "number"), kind="participant_number", number="NOR-0007",
        reason="The card says so",
    )  # fmt: skip

    assert "The number is NOR-0007 now." in told
    assert "Previous numbers: NOR-0001" in told
    assert "Number: NOR-0001 → NOR-0007" in told
    found = page(visitor, "/find?number=nor-0001")
    assert "<title>NOR-0007" in found
    stale = send(visitor, right(clinic, "number"), 409, kind="participant_number",
                 number="NOR-0009", reason="x", seen_participant_number="NOR-0001")  # fmt: skip
    assert "The number is NOR-0007 by now" in stale
    watch.look(clinic.trial)


def test_after_a_move_each_site_sees_its_part(clinic: Clinic, watch: Watch) -> None:
    clinic.desk.save(FULL_VITALS)
    nurse, keeper = clinic.sign_in("nurse@site.example"), clinic.sign_in("keeper@site.example")
    tab = clinic.tab("cole@site.example")
    tab.visitor.client.post(
        f"{clinic.url()}/draft", data=tab.fields(pulse_min="77"), follow_redirects=False
    )
    day = dict(zip(("date-day", "date-month", "date-year"), today(clinic), strict=True))

    told = send(keeper, right(clinic, "site"), site="harbourside", reason="Moved house", **day)

    assert "is at Harbourside" in told
    person = f"/studies/{GIST}/participants/{clinic.desk.person.id}"
    page(nurse, person, 404)
    page(nurse, clinic.url(), 404)
    page(nurse, right(clinic), 404)
    assert "who moved to another site" in page(nurse, f"/studies/{GIST}/participants")
    past = page(nurse, f"/studies/{GIST}/moved/{clinic.desk.person.id}")
    assert "170 cm" in past
    far = clinic.sign_in("far@site.example")
    assert "Record consent at this site" in page(far, person)
    there = clinic.tab("far@site.example")
    there.save(**{"weight_kg": "99.5", "height_cm": "170", "vitals_date-day": "2",
                  "vitals_date-month": "3", "vitals_date-year": "2026",
                  "reason": "Typing error"})  # fmt: skip
    assert "99.5" in page(far, clinic.url())
    send(far, right(clinic, "number"), kind="participant_number", number="NOR-0042", reason="Card")
    past = page(nurse, f"/studies/{GIST}/moved/{clinic.desk.person.id}")
    assert "99.5" not in past
    assert "NOR-0042" not in past + page(nurse, f"/studies/{GIST}/moved")
    assert "Harbourside" not in past.partition("History")[2]
    page(far, f"/studies/{GIST}/moved/{clinic.desk.person.id}", 404)
    watch.look(clinic.trial)


def today(clinic: Clinic) -> tuple[str, str, str]:
    with clinic.trial.database.reading() as connection:
        day = people.get_today_at(connection, GIST, "northfield")
    return str(day.day), str(day.month), str(day.year)


def test_misplaced_answers_are_put_right_in_two_steps(clinic: Clinic, watch: Watch) -> None:
    a = Desk(clinic.trial, clinic.trial.enrolled(sex="male"))
    a.save({"pulse_min": 70})
    clinic.desk.save(FULL_VITALS)
    clinic.desk.save({"weight_kg": "55", "pulse_min": 66}, reason="Typing error")
    visitor, entry = clinic.sign_in("nurse@site.example"), clinic.desk.stored().id
    url = right(clinic, "forms", entry, "owner")
    assert "Step 1 of 2" in page(visitor, url)
    for number in ("", "NOR-0999", "HAR-0001"):
        page(visitor, f"{url}?to={number}&since=2", 422)

    step = f"{url}?to={a.person.number}&since=2"
    shown = page(visitor, step)

    assert "Step 2 of 2" in shown
    assert all(words in shown for words in ("55 kg", "70 kg", "66 /min", "70 /min"))
    asked = send(visitor, url, 422, step=step, reason="Typed on the wrong person")
    assert "choose which values to keep" in asked
    told = send(visitor, url, step=step, reason="Typed on the wrong person", overwrite="take")
    assert f"The data are now on the form of {a.person.number}." in told
    person = f"/studies/{GIST}/participants/"
    for desk, other in ((clinic.desk, a), (a, clinic.desk)):
        history = page(visitor, f"{person}{desk.person.id}/history")
        assert "another participant" in history
        assert f'{person}{other.person.id}"' in history
        assert "Typed on the wrong person" in history
    assert {n: c.value for n, c in a.stored().cells.items()} == {"weight_kg": "55", "pulse_min": 66}
    watch.look(clinic.trial)


def test_the_other_side_is_not_named_to_who_may_not_see_it(
    clinic: Clinic, services: Services
) -> None:
    both = make_user(services, email="both@site.example", sites=("northfield", "harbourside"))
    far = Desk(clinic.trial, clinic.trial.enrol(clinic.trial.screen("harbourside", both), both,
                                                sex="male"))  # fmt: skip
    clinic.desk.save(FULL_VITALS)
    visitor, entry = clinic.sign_in("both@site.example"), clinic.desk.stored().id
    url = right(clinic, "forms", entry, "owner")

    send(visitor, url, step=f"{url}?to={far.person.number}&since=1", reason="Wrong person")

    nurse = clinic.sign_in("nurse@site.example")
    history = page(nurse, f"/studies/{GIST}/participants/{clinic.desk.person.id}/history")
    assert "The answers belong to another participant" in history
    assert far.person.number not in history
    assert far.person.id not in history


def test_pages_of_another_sites_person_are_not_found(clinic: Clinic) -> None:
    clinic.desk.save(FULL_VITALS)
    far, entry = clinic.sign_in("far@site.example"), clinic.desk.stored().id

    for parts in ((), ("number",), ("in-error",), ("forms", entry), ("forms", entry, "owner"),
                  ("visits", clinic.visit)):  # fmt: skip
        page(far, right(clinic, *parts), 404)
