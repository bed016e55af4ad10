"""The dashboards of a study of 2,000 participants, beside floors of the same run.

SARCOMERE_BENCH_PARTICIPANTS says how many (2,000 without it). Reported, never asserted. The state
is written by itself, with the counters its rows count in; a tenth of the assessments is overdue.
"""

from __future__ import annotations

import os
import statistics
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from capture.access import SYSTEM_ACTOR, Role
from capture.db import Database
from capture.entry.tables import entry
from capture.ledger.fold import COUNTED
from capture.ledger.service import transaction
from capture.ledger.tables import counter
from capture.participants.tables import participant, visit
from capture.study import service as studies
from capture.web.request_context import Services
from forms.load import BUNDLED_STUDIES, read_folder
from tests.bench.bench_pages import bare_page
from tests.bench.measuring import DatabasePart, database_part, heading, median, report
from tests.support.builders import make_user
from tests.support.legs import LEGS

PEOPLE = int(os.environ.get("SARCOMERE_BENCH_PARTICIPANTS", "2000"))
TIMES = 15
TODAY = date(2026, 3, 2)
SITES = ("ardenholm", "strathfinnan", "wexcombe", "kilmorrow")
COHORTS = ("transfer", "no_transfer", "control")
VISITS = ("preoperative", "assessment", "serial_6m", "serial_12m", "serial_24m")
SCORES = {
    "tess": ("tess_score", 30),
    "lefs": ("lefs_score", 20),
    "msts": ("msts_sum", 6),
    "gait_laboratory": ("gps_overall", 12),
    "timed_up_and_go": ("tug_best_s", 6),
}
SignIn = Callable[..., Any]


def person_row(number: int) -> dict[str, Any]:
    day = date(2023, 1, 1) + timedelta(days=number % 1100)
    return {
        "id": f"p{number:07d}",
        "study": LEGS,
        "subject": f"participant/p{number:07d}",
        "site": SITES[number % 4],
        "site_recruited": SITES[number % 4],
        "screening_number": f"S-{number:07d}",
        "participant_number": f"P-{number:07d}",
        "status": "enrolled",
        "participation": "on_study",
        "screened_on": day.isoformat(),
        "enrolled_on": day.isoformat(),
        "reason_not_recruited": None,
        "duplicate_keys": [],
        "episode": 1,
        "logs": {},
        "open_queries": 0,
        "cohort": COHORTS[number % 3],
    }


def visit_row(number: int, place: int) -> dict[str, Any]:
    """The last of five visits is overdue for every other person: a tenth of all."""
    person = f"p{number:07d}"
    is_late = place == len(VISITS) - 1 and number % 2 == 0
    return {
        "id": f"v{number:07d}{place}",
        "study": LEGS,
        "subject": f"participant/{person}",
        "participant": person,
        "site": SITES[number % 4],
        "slug": VISITS[place],
        "occurrence": 1,
        "target_date": "2025-01-01",
        "earliest": "2024-12-01",
        "latest": "2025-02-01",
        "planned": True,
        "status": "planned" if is_late else "complete",
        "instruments": list(SCORES),
        "forms": {} if is_late else dict.fromkeys(SCORES, "complete"),
        "open_queries": 0,
    }


def entry_rows(at: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for instrument in at["forms"]:
        item, answers = SCORES[instrument]
        number = int(at["participant"][1:])
        doc = {f"{instrument}_{n}": {"v": str(n % 5)} for n in range(answers)}
        doc[item] = {"v": f"{number % 100}.{number % 10}", "f": "1f8b6a0c"}
        yield {
            "id": f"e{at['id']}{instrument}",
            **{name: at[name] for name in ("study", "subject", "participant", "site")},
            "visit": at["id"],
            "visit_slug": at["slug"],
            "occurrence": 1,
            "instrument": instrument,
            "instance": 1,
            "version": 1,
            "status": "complete",
            "doc": doc,
            "study_version": 1,
            "saved_at": "2025-01-01T09:00:00.000000Z",
            "saved_by": "u",
            "flags": [],
            "days_late": number % 40 - 10,
        }


def seed(services: Services) -> int:
    """Publish the study and write people, visits, forms and counters; gives how many forms."""
    with transaction(services.database, SYSTEM_ACTOR, services.concealment) as tx:
        files = read_folder(BUNDLED_STUDIES / LEGS)
        studies.publish(tx, studies.check_definition(files), add_sites=True)
    counted: Counter[tuple[str, str]] = Counter()
    forms = 0
    with services.database.writing() as connection:
        for first in range(0, PEOPLE, 200):
            numbers = range(first, min(first + 200, PEOPLE))
            visits = [visit_row(number, place) for number in numbers for place in range(5)]
            entries = [row for one in visits for row in entry_rows(one)]
            people = [person_row(number) for number in numbers]
            for table, rows in ((participant, people), (visit, visits), (entry, entries)):
                connection.execute(table.insert(), rows)
                for row in rows:
                    counted.update(COUNTED[table.name](row))
            forms += len(entries)
        connection.execute(
            counter.insert(),
            [
                {"study": LEGS, "site": site, "name": name, "n": n}
                for (site, name), n in counted.items()
            ],
        )
    _settle(services.database)
    return forms


def _settle(database: Database) -> None:
    """What a database does by itself after a while: it counts what lies where."""
    with database.engine.connect() as connection:
        connection.execute(sa.text("ANALYZE"))
        connection.commit()


@pytest.mark.parametrize("page", ["", "/forms", "/scores"])
def test_dashboard(app: Flask, services: Services, sign_in: SignIn, page: str) -> None:
    forms = seed(services)
    make_user(services, role=Role.MONITOR, study=LEGS)
    monitor = sign_in("nurse@site.example")
    engine = app.extensions["sarcomere"].database.engine
    parts: list[DatabasePart] = []

    def look(_number: int) -> None:
        with database_part(engine) as part:
            assert monitor.get(f"/studies/{LEGS}/dashboard{page}").status_code == 200
        parts.append(part)

    name = "SQLite" if services.database.is_sqlite else "PostgreSQL"
    heading(f"dashboard{page}, {PEOPLE:,} participants, {forms:,} forms; {name}")
    bare = median(bare_page(), TIMES)
    spent = median(look, TIMES)
    report("page GET, CPU, floor bare Flask + Jinja", spent.cpu, bare.cpu)
    report("  wall", spent.wall)
    database = statistics.median(part.seconds for part in parts) * 1_000
    report("  its database part", database, _scan(services), budget=_BUDGETS[page])


_BUDGETS = {
    "": "under 5 ms",
    "/forms": "floor: one pass over the forms",
    "/scores": "floor: one pass over the forms",
}


def _scan(services: Services) -> float:
    """What the database takes to read every form's values once, without putting them together."""
    statement = sa.select(sa.func.count(), sa.func.max(sa.cast(entry.c.doc, sa.Text)))

    def once(_number: int) -> None:
        with services.database.engine.connect() as connection:
            connection.execute(statement).all()

    return median(once, 5).wall
