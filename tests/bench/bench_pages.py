"""Pages of a form of 40 items, a draw and the dashboard, beside floors of the same run.

Reported, never asserted. Both databases, one worker, through the test client; the CPU is the
worker's, not that of a PostgreSQL server.
"""

from __future__ import annotations

import statistics
from collections.abc import Callable

from flask import Flask, render_template

from capture.access import SYSTEM_ACTOR, Role
from capture.accounts import passwords
from capture.ledger.service import transaction
from capture.participants import reads as participant_reads
from capture.participants import service as participants
from capture.participants.duplicates import derive_key
from capture.study import service as studies
from capture.web.request_context import Services
from tests.bench.bench_export import SLUG, study_files
from tests.bench.measuring import (
    WARM_UP,
    DatabasePart,
    database_part,
    driver_floor,
    heading,
    median,
    report,
    waits_for_the_disk,
)
from tests.support.builders import CSRF, PASSWORD, Visitor, make_user, password_hash
from tests.support.clinic import Tab
from tests.support.randomising_pages import answers, hidden, running_trial, screened, settle, url
from tests.support.trial import GIST, make_actor

TIMES = 40
DRAWS = 30
WRITTEN = 50
"""Rows that a draw writes: three ledger rows in four tables, thirty visits, the rest."""

SITE = "north"
BARE = """<!doctype html><title>{{ title }}</title><form method="post">
{% for item in items %}<div><label for="{{ item }}">Item {{ item }}</label>
<input id="{{ item }}" name="{{ item }}" value="{{ values[item] }}"></div>{% endfor %}
<button>Save</button></form>"""
SignIn = Callable[..., Visitor]


def bare_page() -> Callable[[int], object]:
    """Flask and Jinja alone: a page of 40 inputs, its template compiled once as ours are."""
    app = Flask("bare")
    template = app.jinja_env.from_string(BARE)
    names = [f"item_{n:02d}" for n in range(40)]

    @app.get("/")
    def page() -> str:
        return render_template(
            template, title="Bare", items=names, values=dict.fromkeys(names, "12")
        )

    client = app.test_client()
    return lambda _number: client.get("/").text


def open_form(services: Services, sign_in: SignIn) -> Tab:
    """A nurse with a form of 40 items of an enrolled person open."""
    with transaction(services.database, SYSTEM_ACTOR, services.concealment) as tx:
        studies.publish(tx, studies.check_definition(study_files()), add_sites=True)
    make_user(services, study=SLUG, sites=(SITE,))
    nurse = make_actor(Role.NURSE, SITE, study=SLUG)
    with transaction(services.database, nurse, services.concealment) as tx:
        day = participants.Screening("2026-03-02")
        person = participants.screen(tx, SLUG, SITE, day).id
        facts = participants.Enrolment(
            birth_date="1961-05-14",
            sex="female",
            consent=participants.ConsentTaken("main", "1.0", "2026-03-02", "A. Cole"),
        )
        key = derive_key(services.config.concealment_key)
        participants.enrol(tx, SLUG, person, facts, likeness_key=key)
        visit = participant_reads.list_visits(tx.connection, person)[0].id
    address = f"/studies/{SLUG}/participants/{person}/visits/{visit}/leg"
    visitor = sign_in("nurse@site.example")
    return Tab(visitor, address, visitor.get(address))


def typed(number: int) -> dict[str, str]:
    """All 40 items, each another value than the time before."""
    values: dict[str, str] = {}
    for n in range(40):
        name = f"item_{n:02d}"
        plain = (str(number % 90 + 5), f"{number % 90 + 5}.25", f"answer {number}")
        if n % 4 == 3:
            day = {"day": str(number % 28 + 1), "month": "2", "year": "2024"}
            values |= {f"{name}-{part}": text for part, text in day.items()}
        else:
            values[name] = plain[n % 4]
    return {**values, "reason_words": "measured again"}


def test_form_of_40_items(app: Flask, services: Services, sign_in: SignIn) -> None:
    tab = open_form(services, sign_in)
    engine = app.extensions["sarcomere"].database.engine
    bare = median(bare_page(), TIMES)
    heading(f"a form of 40 items, CPU; {waits_for_the_disk(services.database)}")
    page = median(lambda _number: tab.visitor.get(tab.url), TIMES)
    report("page GET, floor bare Flask + Jinja", page.cpu, bare.cpu, budget="at most 6 ms")

    def filled_in(number: int) -> dict[str, str]:
        tab.page = tab.visitor.get(tab.url)
        return tab.fields(**typed(number + 10))

    def save(fields: dict[str, str]) -> None:
        with database_part(engine) as part:
            answer = tab.visitor.client.post(tab.url, data=fields)
        assert answer.status_code == 303, answer.text
        parts.append(part)

    parts: list[DatabasePart] = []
    saved = median(save, TIMES, filled_in)
    report("save POST, floor bare Flask + Jinja", saved.cpu, bare.cpu, budget="at most 7 ms")
    rows = round(statistics.median(part.writes for part in parts))
    floor = driver_floor(services.config, rows=rows, times=TIMES)
    spent = statistics.median(part.seconds for part in parts) * 1_000
    report(f"  its database part, floor {rows} rows", spent, floor.wall, budget="within 3x")


def test_draw(services: Services, sign_in: SignIn) -> None:
    trial = running_trial(services)
    make_user(services, sites=("northfield",))
    nurse = sign_in("nurse@site.example")
    people = [screened(trial) for _ in range(DRAWS + WARM_UP)]

    def ready(number: int) -> tuple[str, dict[str, str]]:
        person = people[number + WARM_UP]
        same = {"same-duplicate_confirmed": "y", "same-duplicate_reason": "somebody else"}
        born = {"birth_date-year": str(1940 + number + WARM_UP)}
        check = settle(nurse, person, {**answers(), **born, **same})
        assert check.request.path == url(person, "/check"), check.text
        token = CSRF.search(check.text)
        assert token, check.text
        sent = {**hidden(check), "csrf_token": token[1], "password": PASSWORD}
        return url(person, "/check"), sent

    def randomise(request: tuple[str, dict[str, str]]) -> None:
        answer = nurse.client.post(request[0], data=request[1])
        assert answer.status_code == 303, answer.text

    bare = median(bare_page(), TIMES)
    heading(f"randomise through HTTP; {waits_for_the_disk(services.database)}")
    password = median(lambda _number: passwords.is_match(password_hash(), PASSWORD), DRAWS)
    drawn = median(randomise, DRAWS, ready)
    spent = drawn.cpu - password.cpu
    report("randomise, floor bare Flask + Jinja, CPU", spent, bare.cpu, budget="at most 10 ms")
    floor = driver_floor(services.config, rows=WRITTEN, times=TIMES)
    report(f"randomise, floor {WRITTEN} rows, wall", drawn.wall - password.wall, floor.wall)


def test_dashboard(app: Flask, services: Services, sign_in: SignIn) -> None:
    running_trial(services)
    make_user(services, role=Role.TRIAL_MANAGER)
    manager = sign_in("nurse@site.example")
    engine = app.extensions["sarcomere"].database.engine
    parts: list[DatabasePart] = []

    def look(_number: int) -> None:
        with database_part(engine) as part:
            assert manager.get(f"/studies/{GIST}/dashboard").status_code == 200
        parts.append(part)

    heading("dashboard, whose counters do not grow with the entries")
    bare = median(bare_page(), TIMES)
    page = median(look, TIMES)
    report("dashboard GET, CPU, floor bare Flask + Jinja", page.cpu, bare.cpu)
    spent = statistics.median(part.seconds for part in parts) * 1_000
    report("  its database part", spent, budget="under 5 ms")
