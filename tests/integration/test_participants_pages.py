"""The pages of participants as people meet them: list, acts, person, visits, history."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest

from capture import clock
from capture.access import Role
from capture.accounts.service import NewMembership
from capture.participants import reads
from capture.participants.records import Participant, Visit
from capture.web.request_context import Services
from tests.support.builders import Visitor, make_membership, make_user
from tests.support.trial import GIST, START, Trial, make_actor, make_trial

HOME = f"/studies/{GIST}/participants"
SignIn = Callable[..., Visitor]
TODAY = {"day": "2", "month": "3", "year": "2026"}


@pytest.fixture(autouse=True)
def at_start() -> Iterator[None]:
    with clock.running_at(START):
        yield


@pytest.fixture
def trial(services: Services) -> Trial:
    return make_trial(services.database, services.concealment)


@pytest.fixture
def nurse(trial: Trial, services: Services, sign_in: SignIn) -> Visitor:
    make_user(services, sites=("northfield",))
    return sign_in("nurse@site.example")


def make_visitor(services: Services, sign_in: SignIn, role: Role, *sites: str) -> Visitor:
    email = f"{role.value.replace('_', '-')}@other.example"
    make_user(services, email=email, name="Otto Other", role=role, sites=sites or None)
    return sign_in(email)


def boxes(name: str, day: dict[str, str] = TODAY) -> dict[str, str]:
    return {f"{name}-{part}": text for part, text in day.items()}


def born(year: str) -> dict[str, str]:
    return boxes("birth_date", {"day": "14", "month": "may", "year": year})


def enrolment(**changes: str) -> dict[str, str]:
    consent = {"version": "2.0", "taken_by": "A. Cole", **boxes("consent_date")}
    return {**consent, **born("1961"), "sex": "female", **changes}


def people(trial: Trial) -> list[Participant]:
    with trial.acting() as tx:
        page = reads.list_participants(tx.connection, tx.actor, GIST, reads.ParticipantFilters())
    return [line.participant for line in page.lines]


def person_of(trial: Trial, pid: str) -> Participant:
    return next(one for one in people(trial) if one.id == pid)


def visits_of(trial: Trial, person: Participant) -> list[Visit]:
    with trial.database.reading() as connection:
        return reads.list_visits(connection, person.id)


def test_nurse_screens_and_enrols(nurse: Visitor, trial: Trial) -> None:
    assert nurse.get(f"{HOME}/screen").status_code == 200
    answer = nurse.post(
        f"{HOME}/screen", {"site": "northfield", "source": "clinic", **boxes("date")}
    )
    assert answer.status_code == 303
    page = nurse.get(answer.location).text
    assert "NOR-S-0001 is in the screening log." in page
    assert "Record consent and enrol" in page

    pid = people(trial)[0].id
    answer = nurse.post(f"{HOME}/{pid}/enrol", enrolment())
    assert answer.status_code == 303, answer.text
    page = nurse.get(answer.location).text
    assert "Enrolled as NOR-0001." in page
    assert "Confirm eligibility and randomise" in page
    assert "1961" not in page


def test_enrolment_page_keeps_what_was_typed_and_names_what_is_wrong(
    nurse: Visitor, trial: Trial
) -> None:
    pid = trial.screen().id
    answer = nurse.post(f"{HOME}/{pid}/enrol", enrolment(**born("2027"), taken_by="A. Cole"))

    assert answer.status_code == 422
    assert "14 May 2027 is in the future" in answer.text
    assert 'value="A. Cole"' in answer.text
    assert "<title>Error: " in answer.text
    assert 'href="#birth_date-day"' in answer.text


def test_likely_duplicate_asks_for_a_tick_and_a_reason_on_the_page(
    nurse: Visitor, trial: Trial
) -> None:
    trial.enrolled()
    pid = trial.screen().id
    assert "this is a different person" not in nurse.get(f"{HOME}/{pid}/enrol").text
    answer = nurse.post(f"{HOME}/{pid}/enrol", enrolment())
    assert answer.status_code == 422
    assert "Possible duplicate participant" in answer.text
    assert "this is a different person" in answer.text

    ticked = {"duplicate_confirmed": "y", "duplicate_reason": "Twin sister"}
    assert nurse.post(f"{HOME}/{pid}/enrol", enrolment(**ticked)).status_code == 303


def test_page_asks_for_no_consent_that_is_in_force(nurse: Visitor, trial: Trial) -> None:
    pid = trial.screen().id
    consent = {"scope": "main", "version": "2.0", "taken_by": "A. Cole"}
    answer = nurse.post(f"{HOME}/{pid}/consent", {**consent, **boxes("consent_date")})
    assert answer.status_code == 303

    assert "consent_date" not in nurse.get(f"{HOME}/{pid}/enrol").text
    assert nurse.post(f"{HOME}/{pid}/enrol", {**born("1961"), "sex": "male"}).status_code == 303


ACTS: list[tuple[str, dict[str, str], str]] = [
    ("consent", {"scope": "main", "version": "2.0", "taken_by": "A. Cole",
                 **boxes("consent_date")}, "The consent is recorded."),
    ("consent/withdraw", {"scope": "main", "taken_by": "A. Cole", **boxes("date")},
     "Withdrawal of consent is recorded."),
    ("withdraw", {"kind": "treatment_withdrawal", "asked_by": "participant", "reason": "Tired",
                  **boxes("date")}, "The withdrawal is recorded."),
    ("death", {"date-day": "uk", "date-month": "3", "date-year": "2026"},
     "The death is recorded."),
    ("loss", {"reason": "Three letters", **boxes("date")},
     "The participant is recorded as lost to follow-up."),
    ("visits/add", {"slug": "unscheduled", **boxes("date")}, "The visit is added."),
]  # fmt: skip


@pytest.mark.parametrize("path, form, words", ACTS, ids=[act[0] for act in ACTS])
def test_each_act_is_done_from_its_page(
    nurse: Visitor, trial: Trial, path: str, form: dict[str, str], words: str
) -> None:
    url = f"{HOME}/{trial.enrolled().id}/{path}"
    assert nurse.get(url).status_code == 200

    answer = nurse.post(url, form)
    assert answer.status_code == 303, answer.text
    assert words in nurse.get(answer.location).text


@pytest.mark.parametrize("path", [act[0] for act in ACTS])
def test_each_act_sent_empty_is_refused_beside_its_fields(
    nurse: Visitor, trial: Trial, path: str
) -> None:
    person = trial.enrolled()
    answer = nurse.post(f"{HOME}/{person.id}/{path}")

    assert answer.status_code == 422
    assert "There is a problem" in answer.text
    assert person_of(trial, person.id) == person


def test_loss_return_and_correction_follow_one_another(nurse: Visitor, trial: Trial) -> None:
    url = f"{HOME}/{trial.enrolled().id}"
    nurse.post(f"{url}/loss", {"reason": "Three letters", **boxes("date")})
    assert "Record contact re-established" in nurse.get(url).text
    assert nurse.post(f"{url}/return", boxes("date")).status_code == 303
    nurse.post(f"{url}/death", boxes("date"))
    wrong = {"kind": "death", "reason": "Wrong person"}
    assert "Death, 2 March 2026" in nurse.get(f"{url}/correct-ending").text

    assert nurse.post(f"{url}/correct-ending", wrong).status_code == 303
    page = nurse.get(f"{url}/history").text
    assert "Death: 2 March 2026 → taken back" in page
    assert "Reason: Wrong person" in page
    assert "Participant status: Died → Active" in page
    assert "Nora Nurse" in page


def test_visit_page_books_and_marks_not_done(nurse: Visitor, trial: Trial) -> None:
    person = trial.enrolled()
    url = f"{HOME}/{person.id}/visits/{visits_of(trial, person)[0].id}"
    assert "2 March 2026 to 30 March 2026" in nurse.get(url).text
    late = {"date-day": "5", "date-month": "3", "date-year": "2026", "time": "14:30"}
    assert nurse.post(f"{url}/appointment", late).status_code == 303
    assert "5 March 2026, 14:30" in nurse.get(url).text

    assert nurse.post(f"{url}/not-done", {"reason": "On holiday"}).status_code == 303
    assert "On holiday" in nurse.get(url).text


@pytest.mark.parametrize("time", ["soon", "25:00", "1430", "T", "14:30:59"])
def test_appointment_with_an_odd_time_is_refused(nurse: Visitor, trial: Trial, time: str) -> None:
    person = trial.enrolled()
    url = f"{HOME}/{person.id}/visits/{visits_of(trial, person)[0].id}/appointment"

    assert nurse.post(url, {**boxes("date"), "time": time}).status_code == 422


def test_list_links_each_cell_and_names_the_next_step(nurse: Visitor, trial: Trial) -> None:
    person = trial.enrolled()
    page = nurse.get(HOME).text

    visit = visits_of(trial, person)[0]
    address = f"{HOME}/{person.id}/to/{visit.slug}/{visit.occurrence}"
    assert f'href="{address}"' in page
    assert nurse.get(address).location == f"{HOME}/{person.id}/visits/{visit.id}"
    assert "Enter Screening" in page
    assert "1 participant" in page


@pytest.mark.parametrize(
    "text", ["%", "_", "\\", "'\"><script>", "ß" * 500, "\U0001f9ec", " ", "1 OR 1=1"]
)
def test_search_takes_anything(nurse: Visitor, trial: Trial, text: str) -> None:
    trial.screen()
    answer = nurse.get(HOME, query_string={"q": text, "page": text, "status": text, "site": text})

    assert answer.status_code == 200
    assert "<script>" not in answer.text.replace("<script src", "")


def test_search_keeps_all_500_letters(nurse: Visitor) -> None:
    answer = nurse.get(HOME, query_string={"q": "x" * 500})

    assert f'value="{"x" * 500}"' in answer.text


def test_script_in_a_reason_comes_back_escaped(nurse: Visitor, trial: Trial) -> None:
    url = f"{HOME}/{trial.enrolled().id}"
    script = "<script>alert(1)</script>"
    nurse.post(f"{url}/loss", {"reason": script, **boxes("date")})

    page = nurse.get(f"{url}/history").text
    assert script not in page
    assert "&lt;script&gt;" in page


def test_too_long_a_reason_is_refused_and_kept_whole(nurse: Visitor, trial: Trial) -> None:
    url = f"{HOME}/{trial.enrolled().id}"
    answer = nurse.post(f"{url}/loss", {"reason": "y" * 501, **boxes("date")})

    assert answer.status_code == 422
    assert "501 characters; shorten it to 500" in answer.text
    assert "y" * 501 in answer.text


def test_another_site_sees_nothing(
    trial: Trial, services: Services, sign_in: SignIn, nurse: Visitor
) -> None:
    person = trial.enrolled()
    visit = visits_of(trial, person)[0]
    other = make_visitor(services, sign_in, Role.INVESTIGATOR, "fjordvik")

    assert "NOR-" not in other.get(HOME).text
    for path in ("", "/history", "/enrol", "/death", f"/visits/{visit.id}"):
        assert other.get(f"{HOME}/{person.id}{path}").status_code == 404
    assert other.post(f"{HOME}/{person.id}/death", boxes("date")).status_code == 404
    assert nurse.get(f"{HOME}/no-such-person").status_code == 404
    assert nurse.get(f"{HOME}/{person.id}/visits/no-such-visit").status_code == 404


def test_monitor_looks_and_changes_nothing(
    trial: Trial, services: Services, sign_in: SignIn
) -> None:
    person = trial.enrolled()
    monitor = make_visitor(services, sign_in, Role.MONITOR)

    page = monitor.get(f"{HOME}/{person.id}").text
    assert "Record a death" not in page
    assert "Confirm eligibility" not in page
    assert monitor.post(f"{HOME}/{person.id}/death", boxes("date")).status_code == 403


def test_arm_shows_to_site_staff_and_never_to_a_masked_assessor(
    trial: Trial, services: Services, sign_in: SignIn, nurse: Visitor
) -> None:
    person = trial.enrolled()
    trial.allocate(person, "IM60")
    assert "5 years (continue imatinib)" in nurse.get(f"{HOME}/{person.id}").text

    masked = _masked_visitor(services, sign_in)
    for path in ("", "/history"):
        page = masked.get(f"{HOME}/{person.id}{path}").text
        assert not re.search(r"IM60|IM36|continue imatinib|Treatment month", page)
    drug = next(visit for visit in visits_of(trial, person) if visit.slug == "drug_m1")
    assert masked.get(f"{HOME}/{person.id}/visits/{drug.id}").status_code == 404


def _masked_visitor(services: Services, sign_in: SignIn) -> Visitor:
    user = make_user(services, email="masked@other.example", role=None)
    new = NewMembership(user.id, Role.MONITOR, None, "2020-01-01", masked=True)
    make_membership(services, new=new)
    return sign_in("masked@other.example")


def test_a_page_refused_at_another_site_of_ones_own_is_on_record_once(
    trial: Trial, services: Services, sign_in: SignIn
) -> None:
    reader = make_user(services, email="both@site.example", sites=("northfield",))
    watching = NewMembership(reader.id, Role.MONITOR, ("harbourside",), "2020-01-01")
    make_membership(services, new=watching)
    there = trial.screen("harbourside", make_actor(Role.NURSE, "harbourside"))
    visitor = sign_in("both@site.example")

    assert visitor.get(f"{HOME}/{there.id}").status_code == 200
    assert visitor.get(f"{HOME}/{there.id}/death").status_code == 403
    with services.database.reading() as connection:
        refusals = connection.exec_driver_sql(
            "SELECT actor, subject FROM ledger WHERE action = 'access.deny'"
        ).all()

    assert refusals == [(reader.id, f"participant/{there.id}")]
