"""A rehearsed trial, for tests that need a whole record of a study."""

from __future__ import annotations

import atexit
import shutil
import tempfile
from datetime import date
from functools import cache
from pathlib import Path

from capture.config import Config
from capture.db import Database
from capture.migrate import migrate
from capture.synthetic import RehearsalPlan, rehearse
from capture.web.request_context import Services
from tests.support import postgres
from tests.support.builders import make_config
from tests.support.trial import GIST

PARTICIPANTS, SEED = 12, 11
ESIGN = RehearsalPlan(
    "esign-demo",
    12,
    3,
    date(2025, 1, 6),
    date(2025, 9, 1),
    folder=Path(__file__).parents[1] / "studies" / "esign-demo",
)
"""The demo study, whose people have files attached to their forms."""
START, END = date(2023, 3, 1), date(2026, 3, 1)


def rehearsed_config(
    engine_name: str,
    data: Path,
    *,
    participants: int = PARTICIPANTS,
    plan: RehearsalPlan | None = None,
) -> Config:
    """An installation of its own on either engine, with the GIST study rehearsed in it, or a plan.

    On PostgreSQL the caller drops the database (postgres.drop_database) when it is done.
    """
    plan = plan or RehearsalPlan(GIST, participants, SEED, START, END)
    if engine_name == "sqlite":
        shutil.copytree(_rehearsed_folder(plan), data, dirs_exist_ok=True)
        return make_config(data=data)
    data.mkdir(parents=True, exist_ok=True)
    urls = postgres.new_database()
    config = make_config(data=data, database_url=urls.application, owner_url=urls.owner)
    _migrate(config.owner_url, postgres.APPLICATION)
    _rehearse(config, plan)
    return config


@cache
def _rehearsed_folder(plan: RehearsalPlan) -> Path:
    """The data folder that a rehearsal leaves on SQLite: made once in a process, then copied."""
    folder = Path(tempfile.mkdtemp(prefix="sarcomere-rehearsed-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    config = make_config(data=folder)
    _migrate(config.database_url)
    _rehearse(config, plan)
    return folder


def _rehearse(config: Config, plan: RehearsalPlan) -> None:
    services = Services.of(config)
    rehearse(services, plan)
    services.database.engine.dispose()


def _migrate(url: str, application_role: str = "") -> None:
    owner = Database(url)
    migrate(owner, application_role)
    owner.engine.dispose()
