"""Saves that are killed at any moment: what was answered is there, and nothing is half written."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import sqlalchemy as sa

from capture.access import Action
from capture.config import Config
from capture.ledger.reads import list_ledger_rows
from capture.ledger.sealing import seal
from capture.ledger.tables import unsealed
from capture.ledger.verify import verify_study
from capture.web.request_context import Services
from tests.fault.allocating import read_log
from tests.support.entries import VITALS, Desk
from tests.support.trial import GIST, make_trial

ROOT = Path(__file__).parents[2]
DRILLS = pytest.mark.parametrize(
    "saves, kills", [(30, 4), pytest.param(120, 15, marks=pytest.mark.long)]
)
"""How many saves there are at least, and how many processes are killed meanwhile."""


def attack(
    config: Config, participants: list[str], log: Path, *, saves: int, kills: int
) -> dict[str, int]:
    task = {
        "url": config.database_url,
        "key": config.concealment_key.hex(),
        "participants": participants,
        "log": str(log),
        "saves": saves,
        "kills": kills,
        "seed": 7,
    }
    done = subprocess.run(
        [sys.executable, "-m", "tests.fault.saving"],
        check=True,
        cwd=ROOT,
        env={**os.environ, "PYTHONWARNINGS": "ignore"},
        input=json.dumps(task),
        stdout=subprocess.PIPE,
        text=True,
    )
    return dict(json.loads(done.stdout))


def saved(services: Services, participant: str) -> dict[int, str]:
    """Version to weight of every save of the form that the ledger holds."""
    with services.database.reading() as connection:
        about = list_ledger_rows(
            connection, services.concealment, GIST, subject=f"participant/{participant}"
        )
        return {
            fact.new("version"): fact.new("item:weight_kg")["v"]
            for fact in about
            if fact.action is Action.ENTRY_SAVE and fact.new("instrument") == VITALS.instrument
        }


@pytest.mark.slow
@pytest.mark.both_engines("locks and races")
@DRILLS
def test_killed_saves_lose_nothing_and_leave_nothing_half_written(
    services: Services, config: Config, tmp_path: Path, saves: int, kills: int
) -> None:
    trial = make_trial(services.database, services.concealment)
    desks = [Desk(trial, trial.enrolled(birth_date=born)) for born in ("1961-05-14", "1955-01-31")]
    services.database.engine.dispose()

    log = tmp_path / "answers.jsonl"
    outcome = attack(config, [desk.person.id for desk in desks], log, saves=saves, kills=kills)
    answers = read_log(log)

    assert outcome["failed"] == 0
    assert outcome["killed"] >= kills
    for desk in desks:
        versions = saved(services, desk.person.id)
        told = {a["version"]: a["weight"] for a in answers if a["participant"] == desk.person.id}
        assert sorted(versions) == list(range(1, len(versions) + 1))
        assert told.items() <= versions.items()
        assert desk.version() == len(versions)
    assert len({(a["participant"], a["version"]) for a in answers}) == len(answers)
    _agrees_once_sealed(services)


def _agrees_once_sealed(services: Services) -> None:
    """What a killed process left unsealed is sealed by whoever comes next."""
    seal(services.database)
    with services.database.reading() as connection:
        assert connection.execute(sa.select(unsealed)).all() == []
        assert verify_study(connection, services.concealment, GIST).findings == []
