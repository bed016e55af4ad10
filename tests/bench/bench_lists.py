"""Finding people among 2,000 with a hundred visits each: the grid, the search, home.

Reported, never asserted. Both databases, one worker, through the test client: the whole time of
the server, middle and slowest twentieth, beside a bare table of as many cells in the same run. On
a machine that does other work as well only the CPU of the worker says much.
"""

from __future__ import annotations

import gzip
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask, render_template

from capture import clock, ids
from capture.access import SYSTEM_ACTOR, Role
from capture.accounts.service import NewMembership
from capture.config import Config
from capture.db import Database, metadata
from capture.ledger.service import transaction
from capture.study import service as studies
from capture.web.request_context import Services
from tests.bench.bench_export import person_row
from tests.bench.measuring import heading, report, spread
from tests.support.builders import Visitor, make_membership, make_user
from tests.support.study_files import HUNDRED as SLUG
from tests.support.study_files import VISITS, hundred_visits

PEOPLE = 2_000
TIMES = 30
BUDGET = "p95 at most 150 ms"
SITE = "northfield"
LISTS = f"/studies/{SLUG}/participants"
PAGES = {
    "grid, first page": LISTS,
    "grid, last page": f"{LISTS}?page=40",
    "grid, visit overdue": f"{LISTS}?attention=overdue",
    "grid, part of a number": f"{LISTS}?q=9",
    "grid, 100 on a page": f"{LISTS}?size=100",
    "search with many hits": "/find?number=00",
    "home": "/",
}
BARE = """<!doctype html><title>Bare</title><table>{% for row in rows %}<tr>{% for cell in row %}
<td><a href="/{{ cell }}">{{ cell }}</a></td>{% endfor %}</tr>{% endfor %}</table>"""
SignIn = Callable[..., Visitor]


def visit_rows(person: dict[str, Any], begun: int) -> Iterator[dict[str, Any]]:
    """A hundred visits of somebody who is so many weeks in the study, and missed one of late."""
    today = clock.today("Europe/London")
    for n in range(1, VISITS + 1):
        day = today + timedelta(days=7 * (n - begun))
        is_past = n < begun - 1 and not (n % 10 == 3 and n > begun - 10)
        yield {
            "id": ids.new_id(),
            "study": SLUG,
            "subject": person["subject"],
            "participant": person["id"],
            "site": SITE,
            "slug": f"w{n:03d}",
            "occurrence": 1,
            "target_date": day.isoformat(),
            "earliest": (day - timedelta(days=2)).isoformat(),
            "latest": (day + timedelta(days=4)).isoformat(),
            "anchor": "consent",
            "planned": True,
            "status": "complete" if is_past else "planned",
            "visit_date": day.isoformat() if is_past else None,
            "instruments": ["leg"],
            "forms": {"leg": "complete"} if is_past else {},
            "open_queries": 0,
        }


def fill(database: Database) -> None:
    person, visit = metadata.tables["participant"], metadata.tables["visit"]
    for start in range(0, PEOPLE, 100):
        people = []
        for number in range(start, start + 100):
            new = ids.new_id()
            place = {"study": SLUG, "site": SITE, "site_recruited": SITE}
            own = {"id": new, "subject": f"participant/{new}"}
            people.append({**person_row(number), **place, **own})
        visits = [
            row
            for number, one in enumerate(people, start)
            for row in visit_rows(one, begun=number % VISITS)
        ]
        with database.writing() as connection:
            connection.execute(person.insert(), people)
            connection.execute(visit.insert(), visits)


def look_at_tables(config: Config) -> None:
    """Let a PostgreSQL server know its rows, which it does by itself some minutes after."""
    if not config.is_sqlite:
        owner = Database(config.owner_url)
        with owner.writing() as connection:
            connection.execute(sa.text("ANALYZE"))
        owner.engine.dispose()


@pytest.fixture
def reader(services: Services, sign_in: SignIn) -> Visitor:
    with transaction(services.database, SYSTEM_ACTOR, services.concealment) as tx:
        studies.publish(tx, studies.check_definition(hundred_visits()), add_sites=True)
    fill(services.database)
    look_at_tables(services.config)
    make_user(services, study=SLUG)
    return sign_in("nurse@site.example")


def bare_table(rows: int, columns: int) -> Callable[[int], object]:
    """Flask and Jinja alone: a table of as many links as the grid has cells."""
    app = Flask("bare")
    template = app.jinja_env.from_string(BARE)
    table = [[f"cell-{row}-{column}" for column in range(columns)] for row in range(rows)]

    @app.get("/")
    def page() -> str:
        return render_template(template, rows=table)

    client = app.test_client()
    return lambda _number: client.get("/").text


def test_lists(reader: Visitor) -> None:
    floor = spread(bare_table(50, 15), TIMES)
    heading(f"{PEOPLE} participants with {VISITS} visits each, wall; floor bare Flask + Jinja")
    for what, address in PAGES.items():
        answer = reader.get(address)
        assert answer.status_code == 200, answer.text
        found = spread(lambda _number, at=address: reader.get(at).text, TIMES)
        weight = len(gzip.compress(answer.data, 6)) / 1_000
        report(f"{what}, p50 ({weight:.1f} kB gzip)", found.middle, floor.middle)
        report("  p95", found.slowest_twentieth, floor.slowest_twentieth, budget=BUDGET)
        report("  CPU, p95", found.cpu_slowest_twentieth, floor.cpu_slowest_twentieth)


def test_grid_of_a_masked_reader(reader: Visitor, services: Services, sign_in: SignIn) -> None:
    user = make_user(services, email="masked@site.example", role=None)
    new = NewMembership(user.id, Role.NURSE, None, "2020-01-01", masked=True)
    make_membership(services, new=new, study=SLUG)
    masked = sign_in("masked@site.example")
    heading("the same, of somebody masked")
    found = spread(lambda _number: masked.get(LISTS).text, TIMES)
    report("grid, p50", found.middle)
    report("  p95", found.slowest_twentieth, budget=BUDGET)
    report("  CPU, p95", found.cpu_slowest_twentieth)
