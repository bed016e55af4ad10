"""A rehearsal: the real services on a forward clock, the same for the same seed on both databases."""

from __future__ import annotations

from collections import Counter
from datetime import date
from pathlib import Path

import pytest
import sqlalchemy as sa

from capture.db import Database
from capture.ledger.concealment import Concealment
from capture.ledger.tables import ledger, seal
from capture.ledger.verify import verify_study
from capture.participants.tables import participant
from capture.problems import InvalidInput, Refused
from capture.randomisation.tables import allocation, confirmation
from capture.rehearsal import Plan, Summary, rehearse
from capture.wiring import Services
from tests.builders import make_config

GIST = Plan("gist-imatinib", 12, 7, date(2024, 1, 8), date(2025, 11, 3))
ESIGN = Plan(
    "esign-demo",
    12,
    3,
    date(2025, 1, 6),
    date(2025, 9, 1),
    folder=Path(__file__).parents[1] / "studies" / "esign-demo",
)


def _services(database: Database, tmp_path: Path) -> Services:
    config = make_config(data=tmp_path, database_url=database.url)
    return Services(database, Concealment(config.concealment_key), config)


def _rehearsed(database: Database, tmp_path: Path, plan: Plan) -> tuple[Services, Summary]:
    services = _services(database, tmp_path)
    return services, rehearse(services, plan)


def _rows(database: Database, study: str) -> list[tuple[str, str]]:
    with database.reading() as connection:
        statement = (
            sa.select(ledger.c.row_hash, seal.c.sealed_at)
            .join(seal, seal.c.ledger_id == ledger.c.id)
            .where(ledger.c.study == study)
            .order_by(seal.c.position)
        )
        return [(row.row_hash, row.sealed_at) for row in connection.execute(statement)]


def test_a_rehearsed_trial_verifies_and_has_every_kind_of_person(
    database: Database, tmp_path: Path
) -> None:
    services, summary = _rehearsed(database, tmp_path, GIST)

    with database.reading() as connection:
        report = verify_study(connection, services.concealment, GIST.study)
        statuses = Counter(connection.execute(sa.select(participant.c.status)).scalars())
        allocated = connection.execute(sa.select(sa.func.count()).select_from(allocation)).scalar()
    assert report.findings == []
    assert report.unsealed == 0
    assert sum(statuses.values()) == summary.participants
    assert 0 < (allocated or 0) <= statuses["enrolled"]


@pytest.mark.parametrize("engine_name", ["postgresql"], indirect=True)
def test_the_same_seed_gives_the_same_ledger_on_both_databases(
    database: Database, tmp_path: Path, migrated_file: Path
) -> None:
    twin_file = tmp_path / "twin.sqlite"
    twin_file.write_bytes(migrated_file.read_bytes())
    twin = Database(f"sqlite:///{twin_file}")
    _rehearsed(database, tmp_path / "one", GIST)
    _rehearsed(twin, tmp_path / "two", GIST)
    rows, twins = _rows(database, GIST.study), _rows(twin, GIST.study)
    twin.engine.dispose()

    assert len(rows) > 100
    assert rows == twins


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_an_investigator_signs_where_the_study_asks_for_it(
    database: Database, tmp_path: Path
) -> None:
    services, _ = _rehearsed(database, tmp_path, ESIGN)

    with database.reading() as connection:
        styles = set(connection.execute(sa.select(confirmation.c.style)).scalars())
        report = verify_study(connection, services.concealment, ESIGN.study)
    assert styles == {"esign"}
    assert report.findings == []


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("plan", "words"),
    [
        (Plan("gist-imatinib", -1, 1), "number from 0"),
        (Plan("gist-imatinib", 1, 1, date(2025, 5, 1), date(2025, 4, 1)), "not before the end"),
        (Plan("gist-imatinib", 1, 1, end=date(2999, 1, 1)), "future"),
    ],
)
def test_an_impossible_plan_is_refused(
    database: Database, tmp_path: Path, plan: Plan, words: str
) -> None:
    with pytest.raises(InvalidInput, match=words):
        rehearse(_services(database, tmp_path), plan)


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_an_unknown_study_is_refused(database: Database, tmp_path: Path) -> None:
    with pytest.raises(Refused, match="neither published nor bundled"):
        rehearse(_services(database, tmp_path), Plan("nothing", 1, 1))


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_a_rehearsal_goes_on_after_the_last_row_and_not_before(
    database: Database, tmp_path: Path
) -> None:
    services, _ = _rehearsed(database, tmp_path, Plan("gist-imatinib", 3, 1, end=date(2024, 6, 1)))

    with pytest.raises(InvalidInput, match="last row"):
        rehearse(services, Plan("gist-imatinib", 1, 2, date(2020, 6, 1)))

    rehearse(services, Plan("gist-imatinib", 3, 2))
    with database.reading() as connection:
        assert verify_study(connection, services.concealment, "gist-imatinib").findings == []
