"""The dashboard: recruitment against dated targets and screening, pooled over the arms."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from datetime import date
from html import unescape

import pytest
from flask import Flask

from capture.access import SYSTEM_ACTOR, Role
from capture.corrections import service as corrections
from capture.db import Database
from capture.home import reads
from capture.home.dashboard import recruitment, screening
from capture.home.dashboard.context import DashboardContext
from capture.ledger.concealment import Concealment
from capture.ledger.verify import verify_study
from capture.participants import service as participants
from capture.study import service as studies
from capture.study.reads import Site
from capture.web.request_context import Services
from forms.blinding import Revealing
from tests.support.builders import Visitor, make_user
from tests.support.randomising import activate, definition, delegate, draw, ready
from tests.support.trial import GIST, Trial, make_actor, make_trial

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
    reasons = {row[0]: row[1:] for row in table(browser, "not-enrolled")}

    assert heads[:6] == ["Site", "Screened", "Waiting", "Not enrolled", "Enrolled", "Randomised"]
    assert by_site["Northfield Hospital"][:5] == ["3", "1", "1", "1", "1"]
    assert by_site["Fjordvik Hospital"][:5] == ["0", "0", "0", "0", "0"]
    assert by_site["All sites of the study"] == ["3", "1", "1", "1", "1", "0", "0", "0"]
    assert table(browser, "not-enrolled")[0][4] == "Northfield Hospital"
    assert reasons["Declined to take part"] == ["0", "0", "0", "1", "0", "0", "1"]
    assert [table(browser, "months-duration")[1][index] for index in (0, -1)] == ["March 2026", "1"]
    with trial.database.reading() as connection:
        assert verify_study(connection, trial.concealment, GIST).findings == []


def test_the_target_of_a_day_lies_on_the_line_that_is_in_force(
    app: Flask, trial: Trial, sign_in: SignIn
) -> None:
    fill(trial)
    browser = visitor(app, sign_in, Role.MONITOR)

    # From 1 May 2015 to 31 December 2027 are 4627 days, to 31 March 2026 3987 of them:
    # 255 * 3987 / 4627 is 219.7.
    assert table(browser, "recruitment-duration")[1] == ["31 March 2026", "1", "220"]
    sites = {row[0]: row[1:] for row in table(browser, "sites-duration")[1:]}
    assert sites["Northfield Hospital"][0] == "1"
    assert sites["Northfield Hospital"][2:] == ["60", "31 December 2027"]
    assert sites["Redgum Bay Hospital"][2:] == ["30", "31 December 2027"]


def test_recruitment_counts_where_somebody_was_recruited_after_a_move_too(
    app: Flask, trial: Trial, sign_in: SignIn
) -> None:
    delegate(trial)
    activate(trial)
    person = ready(trial)
    draw(trial, person)
    browser = visitor(app, sign_in, Role.MONITOR)
    before = [table(browser, name) for name in ("by-site", "sites-duration", "months-duration")]

    with trial.acting(make_actor(Role.DATA_MANAGER)) as tx:
        said = participants.SiteTransfer("redgum", "northfield", trial.today, "Moved house")
        participants.move(tx, GIST, person.id, said)

    after = [table(browser, name) for name in ("by-site", "sites-duration", "months-duration")]
    assert after == before
    assert before[1][4][:2] == ["Northfield Hospital", "1"]


def test_somebody_entered_in_error_was_never_screened(
    app: Flask, trial: Trial, sign_in: SignIn
) -> None:
    person = trial.enrolled()
    with trial.acting() as tx:
        corrections.strike_participant(tx, definition(trial), person.id, reason="Invented")

    rows = table(visitor(app, sign_in, Role.MONITOR), "by-site")

    assert rows[-1] == ["All sites of the study", *["0"] * 8]


def test_a_person_of_one_site_sees_the_rows_of_that_site_and_the_total(
    app: Flask, trial: Trial, sign_in: SignIn
) -> None:
    trial.screen("redgum", make_actor(Role.NURSE, "redgum"))

    rows = table(visitor(app, sign_in, Role.NURSE, "northfield"), "by-site")

    assert [row[0] for row in rows[1:]] == ["Northfield Hospital", "All sites of the study"]
    assert [row[1] for row in rows[1:]] == ["0", "1"]


@pytest.mark.parametrize("role", [Role.STATISTICIAN, Role.NURSE])
def test_nothing_tells_an_arm(app: Flask, trial: Trial, sign_in: SignIn, role: Role) -> None:
    fill(trial)
    browser = visitor(app, sign_in, role)
    scores = browser.get(f"{PAGE}/scores").text

    for page in (browser.get(PAGE).text, browser.get(f"{PAGE}/forms").text, scores):
        words = unescape(page)
        assert "IM36" not in words
        assert "IM60" not in words
        assert "5 years (continue imatinib)" not in words


def test_the_drawing_has_its_words_and_its_table(app: Flask, trial: Trial, sign_in: SignIn) -> None:
    fill(trial)

    page = visitor(app, sign_in, Role.TRIAL_MANAGER).get(PAGE).text

    assert "1 randomised; recruitment target 255 by 31 December 2027, " in page
    words = r"<desc[^>]*>1 randomised by [^;]+; the target is 255 by 31 December 2027\.</desc>"
    assert re.search(words, page)
    assert "Northfield Hospital</figcaption>" in page
    assert 'role="img"' in page
    identities = re.findall(r'\sid="([^"]+)"', page)
    assert len(identities) == len(set(identities))


def test_an_empty_study_has_a_dashboard(app: Flask, trial: Trial, sign_in: SignIn) -> None:
    browser = visitor(app, sign_in, Role.TRIAL_MANAGER)

    page = browser.get(PAGE).text

    assert "Nothing to count yet." in page
    assert "0 people screened, 0 enrolled." in page
    assert browser.get(f"{PAGE}/csv/no-such-table").status_code == 404
    assert browser.get(f"{PAGE}/csv/completeness").status_code == 404


def test_the_dashboard_is_not_for_an_administrator(
    app: Flask, trial: Trial, sign_in: SignIn
) -> None:
    make_user(app.extensions["sarcomere"], email="a@unit.example", role=Role.ADMINISTRATOR)

    assert sign_in("a@unit.example").get(PAGE).status_code == 404


def scene(trial: Trial, found: dict[tuple[str, str], int], today: date) -> DashboardContext:
    site = Site(
        GIST, "north", "=North", "gb", "Europe/London", "2024-01-01", None, (), 12, "2024-12-31"
    )
    return DashboardContext(definition(trial), found, {"north": site}, today, Revealing())


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

    study, sites, *_others = recruitment.list_sections(drawn)

    assert [row[:2] for row in study.tables[0].rows] == [
        ("31 December 2023", "2"),
        ("31 January 2024", "2"),
        ("29 February 2024", "3"),
        ("10 March 2024", "3"),
    ]
    # 2024 has 365 days from 1 January to 31 December; 10 March is 69 on: 12 * 69 / 365 is 2.3.
    assert sites.tables[0].rows == (("=North", "2", "2", "12", "31 December 2024"),)


def test_the_name_of_a_site_is_no_formula_in_a_file(
    app: Flask, trial: Trial, sign_in: SignIn
) -> None:
    with trial.acting(SYSTEM_ACTOR) as tx:
        studies.add_site(
            tx,
            GIST,
            studies.NewSite("bad", "=1+1", "Europe/London", attributes={"country": "gb"}),
        )
    rows = table(visitor(app, sign_in, Role.MONITOR), "by-site")

    assert ["'=1+1", *["0"] * 8] in rows


def test_people_not_enrolled_are_drawn_by_reason(
    database: Database, concealment: Concealment
) -> None:
    found = {
        ("north", "participant.not_enrolled"): 4,
        ("north", "not_recruited.declined"): 1,
        ("south", "not_recruited.declined"): 2,
        ("north", "not_recruited.other"): 3,
    }
    drawn = screening.make_section(
        scene(make_trial(database, concealment), found, date(2024, 3, 10))
    )

    assert "Declined to take part: 3; " in drawn.figures[0].drawing
    assert ("Declined to take part", "1", "3") in drawn.tables[1].rows


def test_only_the_counters_that_are_asked_for_are_read(
    database: Database, concealment: Concealment
) -> None:
    trial = make_trial(database, concealment)
    trial.screen()

    with trial.database.reading() as connection:
        found = reads.list_counts(connection, GIST, "participant", "allocated")
        everything = reads.list_counts(connection, GIST, "participant", "visit")

    assert found == {("northfield", "participant.screened"): 1}
    assert ("northfield", "visit.baseline.planned") in everything
