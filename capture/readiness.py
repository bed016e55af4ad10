"""Whether an installation is ready for this release; what is missing is told in one line."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa

from capture.config import Config
from capture.db import Database
from capture.problems import ConfigurationProblem

MIGRATIONS = Path(__file__).resolve().parent.parent / "migrations"
LINE = "r2_"
"""Begins the names of all migrations since the tables were made anew, and sorts after the first
release's, which were bare numbers: both releases see from a name that a database is not theirs."""
OF_FIRST_RELEASE = (
    "The database was made by the first release (0.1), and this release cannot use it. Start with "
    "an empty database, or go on with release 0.1."
)
REVISION = sa.text("SELECT version_num FROM alembic_version")


@contextmanager
def telling_start_problems() -> Iterator[None]:
    """Turn what a driver or the disk says into one line. Raises ConfigurationProblem."""
    try:
        yield
    except sa.exc.DBAPIError as problem:
        said = str(problem.orig).strip() or "it does not answer"
        raise ConfigurationProblem(
            f"The database cannot be used: {said.splitlines()[0]}"
        ) from problem
    except OSError as problem:
        place = f"{problem.filename} cannot be used: " if problem.filename else ""
        raise ConfigurationProblem(f"{place}{problem.strerror or problem}") from problem


def refuse_unwritable(config: Config) -> None:
    """Stop a start in a data folder that cannot be written to. Raises ConfigurationProblem."""
    is_folder = config.data.is_dir() and os.access(config.data, os.W_OK | os.X_OK)
    if config.data.exists() and not is_folder:
        raise ConfigurationProblem(
            f"The data folder {config.data} cannot be written to. Let the account that runs "
            "Sarcomere write there, or name another folder in SARCOMERE_DATA."
        )


def refuse_missing(config: Config) -> None:
    """Stop a start without a database, before anything makes an empty one.

    Raises ConfigurationProblem, also for a data folder that cannot be written to.
    """
    refuse_unwritable(config)
    if not config.is_sqlite or _sqlite_file(config).exists():
        return
    command = "sarcomere serve --demonstration" if config.demo else "sarcomere migrate"
    raise ConfigurationProblem(
        f"There is no database in {config.data} yet. Run `{command}` first, or say in "
        "SARCOMERE_DATA or SARCOMERE_DATABASE_URL where it is."
    )


def refuse_unready(database: Database, *, may_be_older: bool = False) -> None:
    """Stop a start on a database that this release cannot work with.

    may_be_older: whether an older release's will do.
    Raises ConfigurationProblem; what the driver says is left to `telling_start_problems`.
    """
    database.refuse_ownership()
    with database.reading() as connection:
        revision = find_revision(connection)
    if is_of_first_release(revision):
        raise ConfigurationProblem(OF_FIRST_RELEASE)
    newest = newest_revision()
    if revision is None or (revision < newest and not may_be_older):
        raise ConfigurationProblem(
            "The database does not belong to this release yet. Run `sarcomere migrate` first."
        )
    if revision > newest:
        raise ConfigurationProblem(
            f"The database belongs to a later release: its migration is {revision}, the newest "
            f"here is {newest}. Install that release."
        )


def find_revision(connection: sa.Connection) -> str | None:
    """Return the migration that a database stands at; None where no migration has run."""
    has_revision = sa.inspect(connection).has_table("alembic_version")
    return connection.execute(REVISION).scalar() if has_revision else None


def is_of_first_release(revision: str | None) -> bool:
    """Return whether a database or a backup at this migration was made by the first release."""
    return revision is not None and not revision.startswith(LINE)


def newest_revision() -> str:
    """Return the name of this release's last migration; the files bear its number."""
    numbers = (path.name[:4] for path in (MIGRATIONS / "versions").glob("[0-9]*.py"))
    return f"{LINE}{max(numbers)}"


def _sqlite_file(config: Config) -> Path:
    return Path(str(sa.make_url(config.database_url).database))
