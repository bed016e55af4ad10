"""Pages of a study without chance: recording a cohort, what a masked person sees, no drawing."""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from flask import Flask

from capture.access import Role
from capture.accounts.service import NewMembership
from capture.entry.reads import find_entry_at
from capture.participants.records import Participant
from capture.web.request_context import Services
from forms.evaluation_scope import Place
from tests.support.builders import Visitor, make_membership, make_user
from tests.support.crawler import Walk
from tests.support.muscle import DOCUMENTED, MUSCLE, SCORE, SITE, Muscle, make_muscle

HOME = f"/studies/{MUSCLE}"
SignIn = Callable[..., Visitor]
SEEN = re.compile(r'name="seen" value="([0-9a-f]*)"')
IDS = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f-]{22}|[0-9a-f]{64}|CLY-(S-)?[0-9A-Z]{4,}")
NOW = re.compile(r"&#34;now&#34;:&#34;[^&]+&#34;")
TOKENS = re.compile(r'name="csrf_token" value="[^"]+"')


@pytest.fixture
def muscle(services: Services) -> Muscle:
    today = datetime.now(UTC).date().isoformat()
    return make_muscle(services.database, services.concealment, today)


@pytest.fixture
def nurse(muscle: Muscle, services: Services, sign_in: SignIn) -> Visitor:
    make_user(services, study=MUSCLE, sites=(SITE,))
    return sign_in("nurse@site.example")


def make_masked(services: Services, role: Role, email: str) -> None:
    """An account with one masked membership."""
    user = make_user(services, email=email, name="M. Asked", role=None).id
    sites = (SITE,) if role is Role.NURSE else None
    new = NewMembership(user, role, sites, "2020-01-01", None, masked=True)
    make_membership(services, new=new, study=MUSCLE)


def page_of(person: Participant) -> str:
    return f"{HOME}/participants/{person.id}"


def evidence(visitor: Visitor, person: Participant, **changes: str) -> dict[str, str]:
    """The form as a browser sends it."""
    page = visitor.get(f"{page_of(person)}/cohort").text
    seen = SEEN.search(page)
    assert seen, page
    name = re.search(r'name="cohort" value="([a-z_]+)"', page)
    assert name
    date = {"date-day": "1", "date-month": "3", "date-year": "2023"}
    sent = {"cohort": name[1], "seen": seen[1], "where_documented": DOCUMENTED}
    return {**date, **sent, **changes}


# --- recording ------------------------------------------------------------------------------------


def test_the_next_step_leads_to_the_cohort_and_the_banner_names_it(
    nurse: Visitor, muscle: Muscle
) -> None:
    person = muscle.enrolled("transfer")
    assert "Record the cohort" in nurse.get(page_of(person)).text
    assert "Record the cohort" in nurse.get("/").text

    page = nurse.get(f"{page_of(person)}/cohort").text
    answer = nurse.post(f"{page_of(person)}/cohort", evidence(nurse, person))

    assert "Was operated on 180 to 3650 days ago" in page
    assert "Muscle transfer" in page
    assert answer.status_code == 303
    after = nurse.get(page_of(person)).text
    assert "<dt>Cohort</dt><dd>Muscle transfer</dd>" in after
    assert "Record the cohort" not in after
    assert "The cohort is recorded: Muscle transfer." in after


def test_a_blank_is_named_and_linked_and_nothing_can_be_sent(
    nurse: Visitor, muscle: Muscle
) -> None:
    person = muscle.enrolled("transfer")
    muscle.save(person, {"transfer": None}, reason="Not sure")

    page = nurse.get(f"{page_of(person)}/cohort").text

    assert "Cohort cannot be determined yet" in page
    assert 'history#transfer">Fill in “Was a muscle transferred” in History' in page
    assert "where_documented" not in page


def test_a_criterion_that_fails_is_told_on_top(nurse: Visitor, muscle: Muscle) -> None:
    person = muscle.enrolled("control")
    muscle.save(person, {"walks": "no"}, reason="Misread")

    page = nurse.get(f"{page_of(person)}/cohort").text

    assert page.index("Not met: Walks at least 10 metres.") < page.index(">Eligibility criteria<")
    assert "where_documented" not in page


def test_what_is_missing_is_said_beside_its_field(nurse: Visitor, muscle: Muscle) -> None:
    person = muscle.enrolled("transfer")
    sent = evidence(nurse, person, where_documented=" ", **{"date-year": ""})

    undated = nurse.post(f"{page_of(person)}/cohort", sent)
    unsaid = nurse.post(f"{page_of(person)}/cohort", {**sent, "date-year": "2023"})

    assert (undated.status_code, unsaid.status_code) == (422, 422)
    assert "Enter the source document." in unsaid.text
    assert muscle.recorded(person) is None


def test_values_changed_meanwhile_record_nothing(nurse: Visitor, muscle: Muscle) -> None:
    person = muscle.enrolled("control")
    sent = evidence(nurse, person)
    muscle.save(person, {"sex": "male", "birth_date": "1962-05-14"}, reason="Misread")

    answer = nurse.post(f"{page_of(person)}/cohort", sent)

    assert answer.status_code == 409
    assert muscle.recorded(person) is None


def test_a_correction_asks_for_a_reason_and_flags_what_stays(
    nurse: Visitor, muscle: Muscle
) -> None:
    person = muscle.member("transfer")
    key = Place("muscle", 1, "muscle_power")
    muscle.save(person, {"muscle_grade": 4}, key)
    muscle.save(person, {"transfer": "no"}, reason="Misread")
    sent = evidence_of_correction(cohort="no_transfer", reason="")

    asked = nurse.get(f"{page_of(person)}/cohort/correct").text
    without = nurse.post(f"{page_of(person)}/cohort/correct", sent)
    done = nurse.post(f"{page_of(person)}/cohort/correct", {**sent, "reason": "Another's note"})

    assert "Visits with data that are kept" in asked
    assert "Muscle at one year" in asked
    assert (without.status_code, done.status_code) == (422, 303)
    after = nurse.get(page_of(person)).text
    assert "it is no longer in the visit schedule" in after
    assert "Cohort: Muscle transfer → No muscle transfer" in after
    assert "Reason: Another&#39;s note" in after


def evidence_of_correction(**changes: str) -> dict[str, str]:
    date = {"date-day": "1", "date-month": "3", "date-year": "2023"}
    return {**date, "where_documented": DOCUMENTED, **changes}


def test_a_recorded_cohort_is_not_recorded_again_but_corrected(
    nurse: Visitor, muscle: Muscle
) -> None:
    person, other = muscle.member("control"), muscle.enrolled("control")

    again = nurse.get(f"{page_of(person)}/cohort")
    early = nurse.get(f"{page_of(other)}/cohort/correct")

    assert again.location.endswith("/cohort/correct")
    assert early.location.endswith(f"{other.id}/cohort")


@pytest.mark.both_engines("a list and its filters")
def test_the_list_shows_and_filters_cohorts(nurse: Visitor, muscle: Muscle) -> None:
    operated, control = muscle.member("transfer"), muscle.member("control")
    everybody = nurse.get(f"{HOME}/participants").text
    controls = nurse.get(f"{HOME}/participants?cohort=control").text

    assert "<td>Muscle transfer</td>" in everybody
    assert operated.id in everybody
    assert operated.id not in controls
    assert control.id in controls


# --- what a masked person sees --------------------------------------------------------------------


def same(page: str, person: Participant) -> list[str]:
    """A page without what differs from person to person, and from one second to the next.

    Rows of one instant stand in the order of their ids, so rows are compared in any order.
    """
    plain = NOW.sub("", TOKENS.sub("", page))
    number = person.screening_number
    plain = IDS.sub("ID", plain.replace(person.id, "PERSON").replace(number, "NUMBER"))
    return sorted(re.split("<tr|</tr>", plain))


@pytest.fixture
def pair(muscle: Muscle) -> tuple[Participant, Participant]:
    """Two people who differ in their cohort alone, a day after both were assessed."""
    muscle.enrolled()  # the likeness that enrolment asks about is then told of both
    people = muscle.member("transfer"), muscle.member("no_transfer")
    for person in people:
        muscle.save(person, {"leg_seen": muscle.trial.today, "leg_points": 70}, SCORE)
    muscle.save(people[0], {"muscle_grade": 4}, Place("muscle", 1, "muscle_power"))
    return people


def test_a_masked_nurse_cannot_tell_two_cohorts_apart(
    muscle: Muscle, services: Services, sign_in: SignIn, pair: tuple[Participant, Participant]
) -> None:
    make_masked(services, Role.NURSE, "masked@site.example")
    masked = sign_in("masked@site.example")

    seen = []
    for person in pair:
        visits = muscle.visits(person)
        pages = {
            "": page_of(person),
            "history": f"{page_of(person)}/history",
            "visit": f"{page_of(person)}/visits/{visits['assessment'].id}",
            "form": f"{page_of(person)}/visits/{visits['history'].id}/history",
            "form with history": f"{page_of(person)}/visits/{visits['history'].id}/history?history",
            "score": f"{page_of(person)}/visits/{visits['assessment'].id}/leg_score",
        }
        found = {name: masked.get(url) for name, url in pages.items()}
        assert {one.status_code for one in found.values()} == {200}
        seen.append({name: same(one.text, person) for name, one in found.items()})

    assert seen[0] == seen[1]
    words = " ".join(piece for page in seen[0].values() for piece in page)
    assert "Score" in words
    for told in ("transfer", "Transfer", "ohort", "Date of surgery", "operated", "muscle_p"):
        assert told not in words, told


def test_a_masked_nurse_is_refused_what_tells_the_cohort(
    muscle: Muscle, services: Services, sign_in: SignIn, pair: tuple[Participant, Participant]
) -> None:
    make_masked(services, Role.NURSE, "masked@site.example")
    masked, (operated, _) = sign_in("masked@site.example"), pair
    at = f"/visits/{muscle.visits(operated)['muscle'].id}"

    answers = {
        path: masked.get(f"{page_of(operated)}{path}").status_code
        for path in ("/cohort", "/cohort/correct", at, f"{at}/muscle_power")
    }

    assert list(answers.values()) == [403, 403, 404, 404]
    own = "/participants?cohort=transfer"
    listed = masked.get(f"{HOME}{own}").text.replace(own, "")
    assert all(one.id in listed for one in pair)
    assert "ohort" not in listed
    dashboard = masked.get(f"{HOME}/dashboard").text
    assert "ransfer" not in dashboard.replace("Leg function after muscle transfer", "")
    assert "Power of" not in dashboard


@pytest.mark.both_engines("statements of its own")
def test_a_masked_nurse_fills_in_the_assessment_and_saves_what_she_sees(
    muscle: Muscle, services: Services, sign_in: SignIn
) -> None:
    person = muscle.member("transfer")
    muscle.save(person, {"leg_donor": "Ache"}, SCORE)
    make_masked(services, Role.NURSE, "masked@site.example")
    masked = sign_in("masked@site.example")
    url = f"{page_of(person)}/visits/{muscle.visits(person)['assessment'].id}/leg_score"
    day = datetime.now(UTC).date()

    answer = masked.post(
        url,
        {
            "version": "1",
            "shown": "leg_seen leg_points leg_donor",
            "leg_seen-day": str(day.day),
            "leg_seen-month": str(day.month),
            "leg_seen-year": str(day.year),
            "leg_points": "71",
            "leg_donor": "Nothing",
            "act": "save",
        },
    )

    assert answer.status_code == 303
    with muscle.trial.database.reading() as connection:
        entry = find_entry_at(connection, person.id, SCORE)
    assert entry is not None
    assert entry.cells["leg_points"].value == 71
    assert entry.cells["leg_donor"].value == "Ache"


@pytest.mark.both_engines("statements of its own")
def test_the_question_about_a_cohort_is_not_shown_to_a_masked_nurse(
    muscle: Muscle, nurse: Visitor, services: Services, sign_in: SignIn
) -> None:
    person = muscle.member("transfer")
    muscle.save(person, {"transfer": "no"}, reason="Misread")
    make_masked(services, Role.NURSE, "masked@site.example")
    masked = sign_in("masked@site.example")
    form = f"{page_of(person)}/visits/{muscle.visits(person)['history'].id}/history"

    shown = [visitor.get(f"{HOME}/queries").text for visitor in (nurse, masked)]
    forms = [visitor.get(form).text for visitor in (nurse, masked)]

    assert ["recorded cohort is “Muscle transfer”" in page for page in shown] == [True, False]
    assert ["recorded cohort is “Muscle transfer”" in page for page in forms] == [True, False]
    assert "transfer__confirm" not in forms[0]


@pytest.mark.parametrize("role", [Role.DATA_MANAGER, Role.MONITOR])
def test_a_masked_reader_of_the_trail_is_not_told_the_cohort(
    muscle: Muscle,
    services: Services,
    sign_in: SignIn,
    pair: tuple[Participant, Participant],
    role: Role,
) -> None:
    muscle.save(pair[0], {"transfer": "no"}, reason="Misread")
    muscle.correct(pair[0], "no_transfer")
    make_masked(services, role, "masked@unit.example")
    make_user(services, email="open@unit.example", name="O. Pen", role=role, study=MUSCLE)

    trails = [
        sign_in(email).get(f"{HOME}/audit").text
        for email in ("open@unit.example", "masked@unit.example")
    ]
    rows = [page[page.index("<tbody") :] for page in trails]

    assert "No muscle transfer" in rows[0]
    for told in ("ransfer", "Cohort", "cohort", "Muscle at one year", "Surgery"):
        assert told not in rows[1], told


def datasets(visitor: Visitor) -> dict[str, str]:
    visitor.post(f"{HOME}/datasets", {"formats": "csv"})
    link = re.search(r'href="([^"]+/bundle\.zip)"', visitor.get(f"{HOME}/datasets").text)
    assert link
    with visitor.get(link[1]) as answer:
        archive = zipfile.ZipFile(io.BytesIO(answer.data))
    return {name: archive.read(name).decode() for name in archive.namelist()}


def test_datasets_hold_the_cohort_with_its_evidence_one_row_a_participant(
    muscle: Muscle, services: Services, sign_in: SignIn, pair: tuple[Participant, Participant]
) -> None:
    make_user(services, email="d@unit.example", name="D. Ata", role=Role.DATA_MANAGER, study=MUSCLE)
    muscle.screened()

    files = datasets(sign_in("d@unit.example"))

    head, *rows = [line.split(",") for line in files["participants.csv"].splitlines()]
    at = {name.strip('"'): index for index, name in enumerate(head)}
    assert len(rows) == 4
    assert "randomisation" not in at
    wanted = ("cohort", "cohort_lbl", "cohort_on")
    cells = [[row[at[name]].strip('"') for name in wanted] for row in rows]
    assert cells == [
        ["", "", ""],
        ["transfer", "Muscle transfer", "2023-03-01"],
        ["no_transfer", "No muscle transfer", "2023-03-01"],
        ["", "", ""],
    ]
    assert DOCUMENTED in files["participants.csv"]
    assert '"participants","' in files["codebook.csv"]
    assert '"participants","cohort","control","Never operated"' in files["codelists.csv"]


def test_a_masked_data_manager_takes_no_cohort_away(
    muscle: Muscle, services: Services, sign_in: SignIn, pair: tuple[Participant, Participant]
) -> None:
    make_masked(services, Role.DATA_MANAGER, "masked@unit.example")

    files = datasets(sign_in("masked@unit.example"))

    manifest = json.loads(files.pop("MANIFEST.json"))
    assert '"arms": false' in json.dumps(manifest)
    for name, text in files.items():
        for told in ("cohort", "transfer", "operated", "surgery", "muscle_grade"):
            said = text.lower().replace("muscle-demo", "")
            assert told not in said, f"{told} in {name}"


# --- nothing is drawn -----------------------------------------------------------------------------

ROLES = [role for role in Role if role is not Role.ADMINISTRATOR]


@pytest.mark.both_engines("each page once")
@pytest.mark.usefixtures("pair")
@pytest.mark.parametrize("role", ROLES)
def test_no_page_of_a_study_without_chance_speaks_of_it(
    app: Flask, muscle: Muscle, services: Services, sign_in: SignIn, role: Role
) -> None:
    muscle.screened()
    muscle.enrolled()
    muscle.enrolled("control")
    make_user(services, email="who@site.example", name="W. Ho", role=role, study=MUSCLE)

    walk = Walk(app, sign_in("who@site.example")).from_home(HOME)

    pages = [one for one in walk.pages if one.address == "/" or one.address.startswith(HOME)]
    told = [one.address for one in pages if "randomis" in one.answer.text.lower()]
    assert told == []
    assert walk.broken == []
    assert len(pages) > 3


def test_the_address_of_a_draw_says_that_the_study_does_not_randomise(
    nurse: Visitor, muscle: Muscle, services: Services, sign_in: SignIn
) -> None:
    person = muscle.enrolled("control")
    make_user(services, email="t@unit.example", name="T. M", role=Role.TRIAL_MANAGER, study=MUSCLE)

    pages = [
        nurse.get(f"{page_of(person)}/randomise/anything"),
        nurse.get(f"{page_of(person)}/randomise/anything/check"),
        sign_in("t@unit.example").get(f"{HOME}/randomisations"),
    ]

    assert [one.status_code for one in pages] == [404, 404, 404]
    assert all("This study does not randomise" in one.text for one in pages)


def test_the_dashboard_says_recruited_and_counts_the_cohorts_compared(
    nurse: Visitor, muscle: Muscle, pair: tuple[Participant, Participant]
) -> None:
    page = nurse.get(f"{HOME}/dashboard").text
    table = nurse.get(f"{HOME}/dashboard/csv/by-cohort").text.splitlines()

    assert "3 recruited; recruitment target 12." in page
    assert "Cohorts compared, by site" in page
    assert table[0] == "Site,Muscle transfer,No muscle transfer,Never operated"
    assert table[1] == "Clydebank Hospital,1,1,0"
    by_month = nurse.get(f"{HOME}/dashboard/csv/months-by-cohort").text.splitlines()
    assert by_month[0] == "Month,Muscle transfer,No muscle transfer,Never operated"
    assert by_month[1].partition(",")[2] == "1,1,0"


BLOWS = ("", "\x00", "x" * 5000)
NO_SUCH = ("99999", "<script>", "nobody", "٣")


@pytest.mark.parametrize("name", ["cohort", "seen", "date-day", "date-year", "where_documented"])
def test_whatever_is_sent_is_told_in_words_and_records_nothing(
    nurse: Visitor, muscle: Muscle, name: str
) -> None:
    person, member = muscle.enrolled("transfer"), muscle.member("no_transfer")
    sent = evidence(nurse, person)
    known = muscle.recorded(member)

    # Any text may say where something is documented, and a correction asks for no hash.
    for value in BLOWS if name == "where_documented" else (*BLOWS, *NO_SUCH):
        blow = {**sent, name: value}
        other = {"cohort": "no_transfer"} if name != "cohort" else {}
        answers = [nurse.post(f"{page_of(person)}/cohort", blow)]
        if name != "seen":
            corrected = {**blow, **other, "reason": "Misread"}
            answers.append(nurse.post(f"{page_of(member)}/cohort/correct", corrected))
        assert {one.status_code for one in answers} <= {400, 409, 422}, value

    assert muscle.recorded(person) is None
    assert muscle.recorded(member) == known
