"""Home: what waits for each person, by the date at the site, over all studies and sites."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from html import unescape

import pytest
import sqlalchemy as sa
from flask import Flask

from capture import clock
from capture.access import SYSTEM, SYSTEM_ACTOR, Action, Actor, Role
from capture.accounts import service as accounts
from capture.db import Database
from capture.entry import service as entries
from capture.home import reads
from capture.ledger.concealment import Concealment
from capture.oversight import service as oversight
from capture.participants import reads as participant_reads
from capture.participants import service as participants
from capture.study import service as study_service
from capture.web.request_context import Services
from forms.evaluation_scope import Place
from forms.load import BUNDLED_STUDIES, read_folder
from tests.support.builders import Visitor, make_membership, make_user
from tests.support.entries import VITALS, Desk
from tests.support.randomising import activate, delegate, draw, fill_in, ready
from tests.support.trial import GIST, NURSE, Trial, make_actor, make_trial

SignIn = Callable[..., Visitor]
TAGS = re.compile(r"<[^>]+>")


@pytest.fixture
def trial(app: Flask) -> Trial:
    """The study with a participant-free record, today."""
    services: Services = app.extensions["sarcomere"]
    made = make_trial(services.database, services.concealment)
    return Trial(made.database, made.concealment, datetime.now(UTC))


def ago(trial: Trial, days: int) -> Trial:
    return Trial(trial.database, trial.concealment, trial.moment - timedelta(days=days))


def at_home(app: Flask, sign_in: SignIn, role: Role, **more: object) -> str:
    email = f"{role.value}@unit.example"
    make_user(app.extensions["sarcomere"], email=email, role=role, study=GIST, **more)  # type: ignore[arg-type]
    answer = sign_in(email).get("/")
    assert answer.status_code == 200
    return answer.text


def section(page: str, identity: str) -> str:
    """One section of the page."""
    found = re.search(rf'<section>\s*<h2[^>]* id="{identity}".*?</section>', page, re.DOTALL)
    assert found, f"there is no section {identity}"
    return unescape(found[0])


def words(html: str) -> str:
    return " ".join(TAGS.sub(" ", html).split())


# --- visits ---------------------------------------------------------------------------------------


def test_an_overdue_visit_leads_to_its_first_unfinished_form(
    app: Flask, trial: Trial, sign_in: SignIn
) -> None:
    person = ago(trial, 40).screen()
    with trial.database.reading() as connection:
        visit = participant_reads.list_visits(connection, person.id)[0]

    overdue = section(at_home(app, sign_in, Role.NURSE), "overdue")

    form = f"/studies/{GIST}/participants/{person.id}/visits/{visit.id}/demography"
    assert form in overdue
    assert person.number in overdue
    # The window closes 28 days after screening, so 40 days later it is 12 days late.
    assert "12 days" in words(overdue)


def test_a_visit_of_this_week_is_due_and_one_of_next_week_is_not(
    app: Flask, trial: Trial, sign_in: SignIn
) -> None:
    person = trial.screen()

    page = at_home(app, sign_in, Role.NURSE)

    assert person.number in section(page, "due")
    assert "No visits are overdue." in section(page, "overdue")


def test_an_appointment_shows_its_day_and_time(app: Flask, trial: Trial, sign_in: SignIn) -> None:
    person = trial.screen()
    day = (clock.today("Europe/London") + timedelta(days=3)).isoformat()
    with trial.acting() as tx:
        visit = participant_reads.list_visits(tx.connection, person.id)[0]
        participants.appoint(tx, GIST, person.id, visit.id, f"{day}T14:30")

    booked = section(at_home(app, sign_in, Role.NURSE), "booked")

    assert person.number in booked
    assert "14:30" in booked


def test_a_nurse_of_one_site_sees_nothing_of_another(
    app: Flask, trial: Trial, sign_in: SignIn
) -> None:
    redgum = make_actor(Role.NURSE, "redgum")
    elsewhere = ago(trial, 40).screen("redgum", redgum)

    page = at_home(app, sign_in, Role.NURSE, sites=("northfield",))

    assert elsewhere.number not in page


@contextmanager
def at(moment: str) -> Iterator[None]:
    with clock.running_at(datetime.fromisoformat(moment)):
        yield


def test_the_date_at_the_site_decides_what_is_overdue(
    database: Database, concealment: Concealment
) -> None:
    trial = make_trial(database, concealment).on("2026-02-02")
    here = trial.screen("northfield", make_actor(Role.NURSE))
    there = trial.screen("redgum", make_actor(Role.NURSE))

    # Both windows close on 2 March. At 20:00 in London it is 07:00 on 3 March in Sydney.
    with at("2026-03-02T20:00:00+00:00"), database.reading() as connection:
        place = reads.list_workplaces(connection, make_actor(Role.NURSE), _saving())[0]
        late, count = reads.list_overdue_visits(connection, place)
        soon, _ = reads.list_due_visits(connection, place)

    assert ([one.person.id for one in late], count) == ([there.id], 1)
    assert [one.person.id for one in soon] == [here.id]
    assert late[0].today.isoformat() == "2026-03-03"


def _saving() -> Action:
    return Action.ENTRY_SAVE


@pytest.mark.parametrize(
    "day, listed",
    [("2026-03-02", "due"), ("2026-03-16", "due"), ("2026-03-17", "overdue")],
)
def test_unscheduled_visit_of_a_day_gone_by_is_overdue_two_weeks_after_it_was_added(
    database: Database, concealment: Concealment, day: str, listed: str
) -> None:
    trial = make_trial(database, concealment)
    person = trial.on("2025-06-02").enrolled()
    with trial.acting() as tx:
        participants.add_visit(tx, GIST, person.id, slug="unscheduled", date="2025-08-04")

    with at(f"{day}T09:00:00+00:00"), database.reading() as connection:
        place = reads.list_workplaces(connection, NURSE, _saving())[0]
        lists = {
            "due": reads.list_due_visits(connection, place)[0],
            "overdue": reads.list_overdue_visits(connection, place)[0],
        }

    found = {name for name, rows in lists.items() for one in rows if not one.visit.planned}
    assert found == {listed}


def test_a_masked_nurse_sees_no_visit_that_one_arm_alone_has(
    database: Database, concealment: Concealment
) -> None:
    trial = make_trial(database, concealment)
    trial.allocate(trial.enrolled(), "IM60")
    masked = make_actor(Role.NURSE, masked=True)

    with at("2026-03-20T09:00:00+00:00"), database.reading() as connection:
        seen = [_slugs(connection, actor) for actor in (NURSE, masked)]

    assert "drug_m1" in seen[0]
    assert "drug_m1" not in seen[1]


def _slugs(connection: sa.Connection, actor: Actor) -> set[str]:
    place = reads.list_workplaces(connection, actor, _saving())[0]
    return {one.visit.slug for one in reads.list_due_visits(connection, place)[0]}


# --- queries, drafts, allocations -----------------------------------------------------------------


def test_an_open_query_leads_to_its_value(app: Flask, trial: Trial, sign_in: SignIn) -> None:
    desk = Desk(trial, trial.enrolled())
    desk.save({"weight_kg": "187"})

    queries = section(at_home(app, sign_in, Role.NURSE), "queries")

    assert desk.queries()[0].message in queries
    assert "/vitals#weight_kg" in queries


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_a_query_of_a_log_form_waits_for_somebody_masked_too(
    database: Database, concealment: Concealment
) -> None:
    trial = make_trial(database, concealment)
    person = trial.enrolled()
    trial.allocate(person, "IM60")  # with visits that nobody masked may know of
    dates = {"ae_term": "Rash", "ae_onset": "2026-03-02", "ae_end": "2026-03-01"}
    Desk(trial, person).save(dates, Place("log", 1, "adverse_events"))

    with at("2026-03-02T10:00:00+00:00"), database.reading() as connection:
        place = reads.list_workplaces(connection, make_actor(Role.NURSE, masked=True), _saving())[0]
        found, count = reads.list_open_queries(connection, place)

    assert ([(one.visit, one.item) for one in found], count) == ([("log", "ae_end")], 1)


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
@pytest.mark.parametrize("asked", [10, 11])
def test_a_list_that_is_full_says_how_many_there_are_in_all(
    database: Database, concealment: Concealment, asked: int
) -> None:
    trial = make_trial(database, concealment)
    for year in range(1930, 1930 + asked):
        Desk(trial, trial.enrolled(birth_date=f"{year}-05-14")).save({"weight_kg": "187"})

    with database.reading() as connection:
        place = reads.list_workplaces(connection, NURSE, _saving())[0]
        found, count = reads.list_open_queries(connection, place)

    assert (len(found), count) == (10, asked)


def test_only_a_draft_older_than_a_day_shows(app: Flask, trial: Trial, sign_in: SignIn) -> None:
    old, new = trial.enrolled(), trial.enrolled(birth_date="1950-01-31")
    for person, days in ((old, 2), (new, 0)):
        with ago(trial, days).acting() as tx:
            typed = {"weight_kg": ["7"]}
            entries.keep_draft(tx.connection, NURSE, person, VITALS, typed, entry_version=0)

    drafts = section(at_home(app, sign_in, Role.NURSE), "drafts")

    assert old.number in drafts
    assert new.number not in drafts
    assert "2 days" in words(drafts)


def test_who_is_still_to_be_told_shows_until_all_are(
    app: Flask, trial: Trial, sign_in: SignIn
) -> None:
    earlier = Trial(trial.database, trial.concealment)
    delegate(earlier)
    activate(earlier)
    person = ready(earlier)
    draw(earlier, person)

    untold = section(at_home(app, sign_in, Role.NURSE), "untold")

    assert person.number in untold
    assert "trial pharmacy" in untold
    assert f"/participants/{person.id}/randomise/duration/result" in untold


def test_the_way_to_an_allocation_names_the_next_step(
    app: Flask, trial: Trial, sign_in: SignIn
) -> None:
    earlier = Trial(trial.database, trial.concealment)
    delegate(earlier)
    activate(earlier)
    screened = earlier.screen()
    person = ready(earlier)
    make_user(app.extensions["sarcomere"], email="n@unit.example", study=GIST)
    visitor = sign_in("n@unit.example")

    with clock.running_at(earlier.moment), trial.database.reading() as connection:
        place = reads.list_workplaces(connection, make_actor(Role.NURSE), _saving())[0]
        waiting, count = reads.list_not_allocated(connection, place, "duration")
    joining = section(visitor.get("/").text, "joining")

    assert {one.id for one in waiting} == {screened.id, person.id}
    assert count == 2
    assert f"/participants/{screened.id}/randomise/duration" in joining


def test_a_signature_is_asked_of_the_investigators_of_the_site_by_name(
    app: Flask, sign_in: SignIn
) -> None:
    services: Services = app.extensions["sarcomere"]
    trial = _signed_trial(services)
    person = trial.enrolled()
    fill_in(trial, person)
    email = "ines@unit.example"
    make_user(services, email=email, name="Ines Ivers", role=Role.INVESTIGATOR, study=GIST)
    make_user(services, email="nora@unit.example", study=GIST)
    investigator, nurse = sign_in(email), sign_in("nora@unit.example")

    with clock.running_at(trial.moment):
        seen_by_nurse = _fresh(nurse)
        seen_by_investigator = _fresh(investigator)

    assert "Signature of Ines Ivers" in section(seen_by_nurse, "joining")
    assert 'id="to-sign"' not in seen_by_nurse
    to_sign = section(seen_by_investigator, "to-sign")
    assert f"/participants/{person.id}/randomise/duration/sign" in to_sign


def _fresh(visitor: Visitor) -> str:
    return visitor.get("/").text


def _signed_trial(services: Services) -> Trial:
    """The study with eligibility signed in the program, activated."""
    files = dict(read_folder(BUNDLED_STUDIES / GIST))
    name = next(one for one in files if one.endswith("randomisations.yaml"))
    files[name] = files[name].replace(b"confirmed_by: recorded", b"confirmed_by: esign")
    trial = Trial(services.database, services.concealment)
    with trial.acting(SYSTEM_ACTOR) as tx:
        study_service.publish(tx, files, add_sites=True)
    activate(trial)
    return trial


# --- many people ----------------------------------------------------------------------------------


def test_statements_of_home_do_not_grow_with_its_people(
    app: Flask, trial: Trial, sign_in: SignIn
) -> None:
    """A form typed into, an unmet criterion, an appointment, a query: of one, then of nine."""
    make_user(app.extensions["sarcomere"], email="n@unit.example", study=GIST)
    visitor = sign_in("n@unit.example")
    _busy(trial, 1930)
    few = _statements(app, visitor)
    for year in range(1931, 1939):
        _busy(trial, year)

    assert _statements(app, visitor) == few <= 40
    page = visitor.get("/").text
    for identity in ("due", "booked", "drafts", "queries", "joining"):
        assert section(page, identity).count("<tr") == 1 + 9


def _busy(trial: Trial, year: int) -> None:
    person = trial.enrolled(birth_date=f"{year}-05-14")
    day = (clock.today("Europe/London") + timedelta(days=3)).isoformat()
    with trial.acting() as tx:
        visit = participant_reads.list_visits(tx.connection, person.id)[0]
        participants.appoint(tx, GIST, person.id, visit.id, day)
    Desk(trial, person).save({"weight_kg": "187"})
    with ago(trial, 2).acting() as tx:
        typed = {"weight_kg": ["7"]}
        entries.keep_draft(tx.connection, NURSE, person, VITALS, typed, entry_version=1)


def _statements(app: Flask, visitor: Visitor) -> int:
    seen: list[str] = []
    engine = app.extensions["sarcomere"].database.engine

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        seen.append(statement)

    visitor.get("/")
    sa.event.listen(engine, "before_cursor_execute", note)
    assert visitor.get("/").status_code == 200
    sa.event.remove(engine, "before_cursor_execute", note)
    return len(seen)


def test_a_long_list_is_cut_with_words_and_a_way_to_all(
    app: Flask, trial: Trial, sign_in: SignIn
) -> None:
    earlier = ago(trial, 40)
    people = [earlier.screen() for _ in range(31)]

    page = at_home(app, sign_in, Role.NURSE)

    overdue = section(page, "overdue")
    assert overdue.count("<tr") == 1 + 30
    assert "The first 30 of 31." in words(overdue)
    assert f'href="/studies/{GIST}/participants?attention=overdue"' in overdue
    joining = section(page, "joining")
    assert "The first 12 of 31." in words(joining)
    assert f'href="/studies/{GIST}/participants?attention=joining"' in joining
    assert len(people) == 31


def test_everything_to_do_comes_before_what_is_only_looked_at(
    app: Flask, trial: Trial, sign_in: SignIn
) -> None:
    page = at_home(app, sign_in, Role.INVESTIGATOR)

    found = re.findall(r'<h2[^>]* id="([a-z-]+)"', page)
    assert found[:5] == ["overdue", "due", "booked", "drafts", "queries"]


def test_a_signature_is_asked_for_also_of_somebody_who_is_not_among_the_newest(
    app: Flask, sign_in: SignIn
) -> None:
    services: Services = app.extensions["sarcomere"]
    trial = _signed_trial(services)
    person = trial.enrolled()
    fill_in(trial, person)
    with trial.acting() as tx:
        for _ in range(14):
            participants.screen(tx, GIST, "northfield", participants.Screening(trial.today))
    email = "ines@unit.example"
    make_user(services, email=email, name="Ines Ivers", role=Role.INVESTIGATOR, study=GIST)
    investigator = sign_in(email)

    with clock.running_at(trial.moment):
        page = _fresh(investigator)

    assert person.number in section(page, "to-sign")
    assert person.number in section(page, "joining")


# --- the other roles ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "role, wanted",
    [
        (Role.DATA_MANAGER, (f"data-{GIST}", "Open queries")),
        (Role.MONITOR, (f"data-{GIST}", "Visits overdue")),
        (Role.STATISTICIAN, (f"statistics-{GIST}", "Recurrence-free survival")),
        (Role.UNBLINDED, (f"randomisation-{GIST}", "No design yet")),
        (Role.TRIAL_MANAGER, (f"conduct-{GIST}", "randomised, recruitment target 255")),
    ],
)
def test_each_role_sees_its_own_part(
    app: Flask, trial: Trial, sign_in: SignIn, role: Role, wanted: tuple[str, str]
) -> None:
    identity, text = wanted

    assert text in words(section(at_home(app, sign_in, role), identity))


def test_a_trial_manager_sees_how_many_are_randomised(
    app: Flask, trial: Trial, sign_in: SignIn
) -> None:
    earlier = Trial(trial.database, trial.concealment)
    delegate(earlier)
    activate(earlier)
    draw(earlier, ready(earlier))

    conduct = words(section(at_home(app, sign_in, Role.TRIAL_MANAGER), f"conduct-{GIST}"))

    assert "1 randomised, recruitment target 255" in conduct


def test_a_data_manager_sees_counts_by_site(app: Flask, trial: Trial, sign_in: SignIn) -> None:
    ago(trial, 40).screen()
    desk = Desk(trial, trial.enrolled())
    desk.save({"weight_kg": "187"})

    table = words(section(at_home(app, sign_in, Role.DATA_MANAGER), f"data-{GIST}"))

    # One open query, one form begun, one visit whose window has passed.
    assert re.search(r"Northfield Hospital 1 [^0-9]*1 1 ", table)


def test_a_trial_manager_sees_sites_to_open_and_redactions_that_wait(
    app: Flask, trial: Trial, sign_in: SignIn
) -> None:
    with trial.acting(SYSTEM_ACTOR) as tx:
        new = study_service.NewSite("newtown", "Newtown Hospital", "Europe/London")
        study_service.add_site(tx, GIST, new)
    desk = Desk(trial, trial.enrolled())
    desk.save({"weight_kg": "70"})
    with trial.acting(make_actor(Role.DATA_MANAGER)) as tx:
        said = {"entry": desk.stored().id, "item": "weight_kg", "reason": "Somebody else's"}
        oversight.ask_redaction(tx, GIST, desk.person.id, **said)

    page = at_home(app, sign_in, Role.TRIAL_MANAGER)

    assert "Newtown Hospital Open site" in words(section(page, f"conduct-{GIST}")).replace(",", "")
    assert desk.person.number in section(page, f"redactions-{GIST}")


def test_a_design_that_waits_is_named_to_the_trial_manager(
    app: Flask, trial: Trial, sign_in: SignIn
) -> None:
    activate(trial)

    page = at_home(app, sign_in, Role.TRIAL_MANAGER)

    assert "Randomisation open" in section(page, f"randomisation-{GIST}")


def test_an_administrator_sees_the_installation_and_nothing_of_a_study(
    app: Flask, trial: Trial, sign_in: SignIn
) -> None:
    person = ago(trial, 40).screen()
    make_user(app.extensions["sarcomere"], email="a@unit.example", role=Role.ADMINISTRATOR)

    page = sign_in("a@unit.example").get("/").text

    assert "Entries sealed" in section(page, "integrity")
    assert "sarcomere backup" in section(page, "backup")
    assert person.number not in page


def test_somebody_without_a_role_is_told_what_to_do(app: Flask, sign_in: SignIn) -> None:
    make_user(app.extensions["sarcomere"], email="new@unit.example", role=None)

    answer = sign_in("new@unit.example").get("/")

    assert answer.status_code == 200
    assert "You have no role yet." in answer.text


def test_lists_of_two_studies_name_the_study(app: Flask, trial: Trial, sign_in: SignIn) -> None:
    services: Services = app.extensions["sarcomere"]
    files = {name: content.replace(b"slug: gist-imatinib", b"slug: gist-second")
             for name, content in read_folder(BUNDLED_STUDIES / GIST).items()}  # fmt: skip
    with trial.acting(SYSTEM_ACTOR) as tx:
        study_service.publish(tx, files, add_sites=True)
    trial.screen()
    user = make_user(services, email="two@unit.example", study=GIST)
    new = accounts.NewMembership(user.id, Role.NURSE, None, "2020-01-01")
    make_membership(services, new=new, study="gist-second")

    due = section(sign_in("two@unit.example").get("/").text, "due")

    assert ">Study</th>" in due
    assert SYSTEM not in due
