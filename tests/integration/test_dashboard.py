"""The dashboard: recruitment, screening and forms out of the counters, pooled over the arms."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from html import unescape

import pytest
import sqlalchemy as sa
from flask import Flask

from capture.access import Role
from capture.charts import Point
from capture.db import Database
from capture.home import dashboard, reads
from capture.home.dashboard import Scene
from capture.ledger.concealment import Concealment
from capture.ledger.verify import verify_study
from capture.participants import service as participants
from capture.study.reads import Site
from capture.wiring import Services
from forms.blinding import Revealing
from forms.scopes import Place
from tests.builders import Visitor, make_user
from tests.entries import Desk
from tests.randomising import activate, definition, delegate, draw, ready
from tests.trial import GIST, Trial, make_actor, make_trial

PAGE = f"/studies/{GIST}/dashboard"
SignIn = Callable[..., Visitor]


@pytest.fixture
def trial(app: Flask) -> Trial:
    services: Services = app.extensions["sarcomere"]
    return make_trial(services.database, services.concealment)


def fill(trial: Trial) -> None:
    """Three people screened at Northfield: one declines, one is randomised, one waits."""
    delegate(trial)
    activate(trial)
    declined = trial.screen()
    with trial.acting() as tx:
        participants.not_enrol(tx, GIST, declined.id, "declined", "")
    draw(trial, ready(trial))
    trial.screen()


def visitor(app: Flask, sign_in: SignIn, role: Role, *sites: str) -> Visitor:
    email = f"{role.value}@unit.example"
    make_user(app.extensions["sarcomere"], email=email, role=role, study=GIST, sites=sites or None)
    return sign_in(email)


def table(browser: Visitor, name: str) -> list[list[str]]:
    answer = browser.get(f"{PAGE}/csv/{name}")
    assert answer.status_code == 200
    assert f"{GIST}-{name}.csv" in answer.headers["Content-Disposition"]
    return list(csv.reader(io.StringIO(answer.text)))


def test_the_numbers_are_those_of_the_people(app: Flask, trial: Trial, sign_in: SignIn) -> None:
    fill(trial)
    browser = visitor(app, sign_in, Role.MONITOR)

    heads, *rows = table(browser, "by-site")
    by_site = {row[0]: row[1:] for row in rows}

    assert heads[:5] == ["Site", "Waiting", "Not enrolled", "Enrolled", "Randomised"]
    assert by_site["Northfield Hospital"][:4] == ["1", "1", "1", "1"]
    assert by_site["Fjordvik Hospital"][:4] == ["0", "0", "0", "0"]
    assert by_site["All sites of the study"] == ["1", "1", "1", "1", "0", "0", "0", "255"]
    assert ["Declined to take part", "1"] in table(browser, "not-enrolled")
    assert [table(browser, "months-duration")[1][index] for index in (0, -1)] == ["March 2026", "1"]
    assert table(browser, "recruitment-duration")[1] == ["31 March 2026", "1", "255"]
    with trial.database.reading() as connection:
        assert verify_study(connection, trial.concealment, GIST).findings == []


def test_forms_are_counted_by_status(app: Flask, trial: Trial, sign_in: SignIn) -> None:
    desk = Desk(trial, trial.enrolled())
    desk.save({"vitals_date": "2026-03-02", "weight_kg": "70"})
    desk.save({"sex": "female"}, Place("baseline", 1, "demography"))

    rows = {row[0]: row[1:] for row in table(visitor(app, sign_in, Role.NURSE), "completeness")}

    assert rows["Vital signs"] == ["0", "1", "0", "100 %"]
    assert rows["Demography"] == ["1", "0", "0", "0 %"]
    assert rows["Follow-up"] == ["0", "0", "0", ""]


def test_a_person_of_one_site_sees_the_rows_of_that_site_and_the_total(
    app: Flask, trial: Trial, sign_in: SignIn
) -> None:
    trial.screen("redgum", make_actor(Role.NURSE, "redgum"))

    rows = table(visitor(app, sign_in, Role.NURSE, "northfield"), "by-site")

    assert [row[0] for row in rows[1:]] == ["Northfield Hospital", "All sites of the study"]
    assert [row[1] for row in rows[1:]] == ["0", "1"]


def test_nothing_tells_an_arm(app: Flask, trial: Trial, sign_in: SignIn) -> None:
    fill(trial)
    blinded = visitor(app, sign_in, Role.STATISTICIAN)
    nurse = visitor(app, sign_in, Role.NURSE)

    pages = [unescape(one.get(PAGE).text) for one in (blinded, nurse)]

    for page in pages:
        assert "IM36" not in page
        assert "Continue to 5 years" not in page
    # Only one arm has treatment visits, so their forms would say how many are in it.
    assert "Imatinib treatment" not in pages[0]
    assert "left out" in pages[0]
    assert "Imatinib treatment" in pages[1]


def test_the_drawing_has_its_words_and_its_table(app: Flask, trial: Trial, sign_in: SignIn) -> None:
    fill(trial)

    page = visitor(app, sign_in, Role.TRIAL_MANAGER).get(PAGE).text

    assert "1 randomised of 255 aimed at." in page
    assert re.search(r"<desc[^>]*>1 randomised by [^;]+; the target is 255\.</desc>", page)
    assert 'role="img"' in page
    identities = re.findall(r'\sid="([^"]+)"', page)
    assert len(identities) == len(set(identities))


def test_an_empty_study_has_a_dashboard(app: Flask, trial: Trial, sign_in: SignIn) -> None:
    browser = visitor(app, sign_in, Role.TRIAL_MANAGER)

    assert "Nothing to count yet." in browser.get(PAGE).text
    assert browser.get(f"{PAGE}/csv/no-such-table").status_code == 404


def test_the_dashboard_is_not_for_an_administrator(
    app: Flask, trial: Trial, sign_in: SignIn
) -> None:
    make_user(app.extensions["sarcomere"], email="a@unit.example", role=Role.ADMINISTRATOR)

    assert sign_in("a@unit.example").get(PAGE).status_code == 404


def scene(trial: Trial, found: dict[tuple[str, str], int], today: date) -> Scene:
    site = Site(GIST, "north", "=North", "gb", "Europe/London", None, None, (), 12)
    return Scene(definition(trial), found, {"north": site}, today, Revealing())


def test_every_month_from_the_first_to_today_has_its_point(
    database: Database, concealment: Concealment
) -> None:
    name = "allocated.duration"
    found = {
        ("north", name): 3,
        ("north", f"{name}.2023-12"): 2,
        ("south", f"{name}.2024-02"): 1,
    }
    drawn = scene(make_trial(database, concealment), found, date(2024, 3, 10))

    one = dashboard.recruitments(drawn)[0]

    assert [row[:2] for row in one.table.rows] == [
        ("31 December 2023", "2"),
        ("31 January 2024", "2"),
        ("29 February 2024", "3"),
        ("10 March 2024", "3"),
    ]


def test_the_aim_steps_on_the_day_it_changed(database: Database, concealment: Concealment) -> None:
    # The study aims at 300 from 1 May 2015 and at 255 from 1 January 2025.
    drawn = scene(make_trial(database, concealment), {}, date(2025, 3, 31))

    assert dashboard.aims(drawn, date(2024, 11, 20)) == [
        Point(date(2024, 11, 1), 300),
        Point(date(2024, 12, 31), 300),
        Point(date(2025, 1, 1), 255),
        Point(date(2025, 3, 31), 255),
    ]
    early = replace(drawn, today=date(2015, 4, 30))
    assert dashboard.aims(early, date(2015, 4, 1)) == []


def test_counters_of_single_visits_are_not_read(
    database: Database, concealment: Concealment
) -> None:
    trial = make_trial(database, concealment)
    trial.screen()

    with trial.database.reading() as connection:
        found = reads.counts(connection, GIST)
        visits = connection.execute(
            sa.text("SELECT count(*) FROM counter WHERE name LIKE 'visit.%'")
        ).scalar_one()

    assert visits
    assert not any(name.startswith("visit.") for _site, name in found)
    assert found["northfield", "participant.screened"] == 1
