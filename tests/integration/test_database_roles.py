"""PostgreSQL's two roles: the application's may add to the record and never change it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from capture.access import SYSTEM_ACTOR
from capture.config import Config
from capture.db import NEVER_REWRITTEN, Database
from capture.ledger.service import refuse
from capture.migrate import migrate
from capture.problems import ConfigurationProblem, Refused
from capture.web.request_context import Services
from tests.support import postgres

OTHER = "sarcomere_tests_{}"


@pytest.fixture
def engine_name() -> str:
    return "postgresql"


@pytest.fixture
def owner(config: Config) -> Iterator[Database]:
    opened = Database(config.owner_url)
    yield opened
    opened.engine.dispose()


def run(database: Database, statement: str) -> None:
    with database.engine.begin() as connection:
        connection.exec_driver_sql(statement)


def fill(services: Services) -> None:
    refuse(
        services.database,
        SYSTEM_ACTOR,
        services.concealment,
        study="demo",
        subject="study",
        what="an act",
        problem=Refused("no"),
    )


def test_the_application_cannot_change_or_take_away_a_row(services: Services) -> None:
    for table in NEVER_REWRITTEN:
        for verb in (changing(table), *taking_away(table)):
            with pytest.raises(sa.exc.ProgrammingError, match="permission denied"):
                run(services.database, verb)
    for verb in taking_away("ledger_body"):
        with pytest.raises(sa.exc.ProgrammingError, match="permission denied"):
            run(services.database, verb)


def changing(table: str) -> str:
    column = "sha256" if table == "study_bundle" else "study"
    return f"UPDATE {table} SET {column} = 'other'"  # noqa: S608  (our own table's name)


def taking_away(table: str) -> tuple[str, str]:
    return f"DELETE FROM {table}", f"TRUNCATE {table} CASCADE"  # noqa: S608  (the same)


def test_even_the_owner_meets_a_trigger(services: Services, owner: Database) -> None:
    fill(services)

    for statement in (changing("ledger"), *taking_away("ledger")):
        with pytest.raises(sa.exc.DBAPIError, match="append-only"):
            run(owner, statement)


def test_the_start_is_refused_to_the_owner(owner: Database) -> None:
    with pytest.raises(ConfigurationProblem, match="could rewrite the past"):
        owner.refuse_ownership()


def test_the_start_is_refused_to_who_may_become_the_owner(config: Config) -> None:
    name = OTHER.format("deputy")
    server = Database(postgres.server())
    run(server, f"DROP ROLE IF EXISTS {name}")
    run(server, f"CREATE ROLE {name} LOGIN NOINHERIT PASSWORD '{postgres.PASSWORD}'")
    run(server, f"GRANT {postgres.OWNER} TO {name}")
    url = sa.make_url(config.database_url).set(username=name, password=postgres.PASSWORD)
    deputy = Database(url.render_as_string(hide_password=False))
    try:
        with pytest.raises(ConfigurationProblem, match="could rewrite the past"):
            deputy.refuse_ownership()
    finally:
        deputy.engine.dispose()
        run(server, f"DROP ROLE {name}")
        server.engine.dispose()


def test_a_change_that_somebody_granted_is_taken_back_when_the_owner_migrates(
    services: Services, owner: Database
) -> None:
    for table in NEVER_REWRITTEN:
        run(owner, f"GRANT UPDATE, DELETE, TRUNCATE ON {table} TO {postgres.APPLICATION}")

    migrate(owner, postgres.APPLICATION)

    services.database.refuse_ownership()


def test_the_start_is_refused_where_somebody_granted_a_change(
    services: Services, owner: Database
) -> None:
    services.database.refuse_ownership()
    for table in NEVER_REWRITTEN:
        for verb in ("UPDATE", "DELETE", "TRUNCATE"):
            run(owner, f"GRANT {verb} ON {table} TO {postgres.APPLICATION}")
            with pytest.raises(ConfigurationProblem, match="could rewrite the past"):
                services.database.refuse_ownership()
            run(owner, f"REVOKE {verb} ON {table} FROM {postgres.APPLICATION}")
