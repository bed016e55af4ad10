"""Dumps of a PostgreSQL database by its own programs, as the database's owner."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

import sqlalchemy as sa

from capture.problems import ConfigurationProblem, Refused

QUIETLY = "SET client_min_messages = warning;\nSET lock_timeout = '10s';\n"
OWNED = """
SELECT format('DROP TABLE IF EXISTS %I.%I CASCADE', schemaname, tablename) FROM pg_tables
WHERE schemaname = 'public' AND tableowner = current_user
UNION ALL
SELECT format('DROP FUNCTION IF EXISTS %s CASCADE', oid::regprocedure) FROM pg_proc
WHERE pronamespace = 'public'::regnamespace AND pg_get_userbyid(proowner) = current_user
"""
CONNECTED = """
SELECT count(*) FROM pg_stat_activity
WHERE datname = current_database() AND usename = :role AND pid <> pg_backend_pid()
"""


def dump(connection: sa.Connection, owner_url: str, target: Path) -> None:
    """Write the state that the connection sees (a snapshot) into a file."""
    snapshot = connection.execute(sa.text("SELECT pg_export_snapshot()")).scalar_one()
    _run(
        owner_url,
        "pg_dump",
        "--format=custom",
        "--no-owner",
        "--no-privileges",
        "--schema=public",
        f"--snapshot={snapshot}",
        f"--file={target}",
        _make_address(owner_url),
    )


def put_back(connection: sa.Connection, owner_url: str, source: Path) -> None:
    """Replace everything the owner has in the database by the dump, in one transaction."""
    drops = "".join(f"{line};\n" for line in connection.execute(sa.text(OWNED)).scalars())
    connection.rollback()
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder) / "restore.sql"
        _run(
            owner_url,
            "pg_restore",
            "--no-owner",
            "--no-privileges",
            "--schema=public",  # what is in it; the schema itself is there
            f"--file={script}",
            str(source),
        )
        first = Path(folder) / "drop.sql"
        first.write_text(f"{QUIETLY}{drops}", encoding="utf-8")
        _run(
            owner_url,
            "psql",
            "--no-psqlrc",
            "--quiet",
            "--output=/dev/null",
            "--single-transaction",
            "--set=ON_ERROR_STOP=1",
            f"--file={first}",
            f"--file={script}",
            _make_address(owner_url),
        )


def refuse_running_servers(connection: sa.Connection, role: str) -> None:
    """Raises Refused while the application is connected."""
    count = connection.execute(sa.text(CONNECTED), {"role": role}).scalar_one()
    if count:
        raise Refused(
            f"Sarcomere still holds {count} connections to this database. Stop its servers first."
        )


def _make_address(owner_url: str) -> str:
    """How the programs reach the database; the password travels apart, out of the process list."""
    url = sa.make_url(owner_url).set(drivername="postgresql", password=None)
    return f"--dbname={url.render_as_string()}"


def _run(owner_url: str, program: str, *words: str) -> None:
    found = shutil.which(program)
    if found is None:
        raise ConfigurationProblem(
            f"{program} is not on this machine's PATH. Install PostgreSQL's client programs, of "
            "the server's own version."
        )
    password = sa.make_url(owner_url).password
    settings = {**os.environ, **({"PGPASSWORD": str(password)} if password else {})}
    done = subprocess.run(  # noqa: S603  (a program of PostgreSQL's, with words of ours)
        [found, *words], check=False, env=settings, capture_output=True, text=True
    )
    if done.returncode:
        raise Refused(f"{program} failed: {done.stderr.strip()[-600:]}")
