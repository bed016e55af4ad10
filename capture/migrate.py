"""Bring a database up to the newest migration, as its owner, with the application's grants."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import command
from alembic.config import Config as AlembicConfig
from alembic.script import ScriptDirectory

from capture.db import NEVER_REWRITTEN, Database
from capture.problems import ConfigurationProblem
from capture.readiness import MIGRATIONS, OF_FIRST_RELEASE, find_revision, is_of_first_release
from capture.tables import metadata

WITHOUT_DELETE = {"attached_file", "ledger_body", "request", "counter"}


def migrate(owner: Database, application_role: str = "") -> None:
    """Run the missing migrations. application_role: PostgreSQL role that the program will use.

    Raises ConfigurationProblem for a database of the first release, which stays as it is.
    """
    with owner.writing() as connection:
        if is_of_first_release(find_revision(connection)):
            raise ConfigurationProblem(OF_FIRST_RELEASE)
        config = _alembic()
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        if not owner.is_sqlite and application_role:
            _grant(connection, application_role)


def is_known(revision: str) -> bool:
    """Return whether this release has the migration that a database or a backup stands at."""
    scripts = ScriptDirectory.from_config(_alembic()).walk_revisions()
    return revision in {script.revision for script in scripts}


def _alembic() -> AlembicConfig:
    config = AlembicConfig()
    config.set_main_option("script_location", str(MIGRATIONS))
    return config


def _grant(connection: sa.Connection, role: str) -> None:
    name = connection.dialect.identifier_preparer.quote(role)
    connection.exec_driver_sql(f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {name}")
    for table in metadata.sorted_tables:
        verbs = "SELECT, INSERT"
        if table.name not in NEVER_REWRITTEN:
            verbs += ", UPDATE" if table.name in WITHOUT_DELETE else ", UPDATE, DELETE"
        connection.exec_driver_sql(f"REVOKE ALL ON {table.name} FROM {name}")
        connection.exec_driver_sql(f"GRANT {verbs} ON {table.name} TO {name}")
    connection.exec_driver_sql(f"GRANT SELECT ON alembic_version TO {name}")
