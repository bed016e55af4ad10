"""What runs beside the pages: the keeper that seals and signs; a demonstration's own secrets."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest
import sqlalchemy as sa

from capture.access import SYSTEM, SYSTEM_ACTOR, Action
from capture.ledger.service import Transaction
from capture.ledger.tables import seal as seal_table
from capture.ledger.tables import unsealed
from capture.local_secrets import NAMES, with_own_secrets
from capture.problems import ConfigurationProblem
from capture.serving import Keeper
from capture.web.request_context import Services
from tests.support.builders import make_user


def record_sign_out(tx: Transaction) -> None:
    tx.about("user/1", study=SYSTEM).record(Action.USER_SIGN_OUT, {})


def heads(services: Services) -> list[str]:
    path = services.config.data / "checkpoints" / f"{SYSTEM}.jsonl"
    lines = path.read_text("utf-8").splitlines() if path.exists() else []
    return [line for line in lines if line]


def test_keeper_seals_what_a_stopped_worker_left(services: Services) -> None:
    concealment = services.concealment
    with services.database.writing() as connection:
        # Committed, and the worker stopped before it could seal.
        tx = Transaction(connection, SYSTEM_ACTOR, concealment)
        record_sign_out(tx)
        tx.append()

    Keeper(services).tick(0.0)

    with services.database.reading() as connection:
        assert connection.execute(sa.select(unsealed)).all() == []
        assert len(connection.execute(sa.select(seal_table)).all()) == 1


def test_keeper_signs_at_once_and_then_each_minute_if_there_is_news(services: Services) -> None:
    keeper = Keeper(services)
    make_user(services, email="first@site.example", role=None)
    keeper.tick(0.0)
    make_user(services, email="second@site.example", role=None)
    keeper.tick(59.0)
    assert len(heads(services)) == 1
    keeper.tick(60.0)
    keeper.tick(120.0)

    assert [json.loads(line)["size"] for line in heads(services)] == [1, 2]


def test_keeper_tries_in_a_minute_again_what_the_disk_did_not_take(services: Services) -> None:
    make_user(services, email="first@site.example", role=None)
    in_the_way = services.config.data / "checkpoints"
    in_the_way.write_text("no folder")
    keeper = Keeper(services)
    with pytest.raises(OSError, match="File exists"):
        keeper.tick(0.0)
    keeper.tick(59.0)
    in_the_way.unlink()
    keeper.tick(60.0)

    assert [json.loads(line)["size"] for line in heads(services)] == [1]


def test_demonstration_makes_its_secrets_once_for_its_owner_alone(tmp_path: Path) -> None:
    environ = {"SARCOMERE_DATA": str(tmp_path / "var")}

    first, second = with_own_secrets(environ), with_own_secrets(environ)

    assert first == second
    assert len({first[name] for name in NAMES}) == 3
    assert stat.S_IMODE((tmp_path / "var" / "secrets.json").stat().st_mode) == 0o600


def test_unreadable_secrets_are_said_in_words(tmp_path: Path) -> None:
    (tmp_path / "secrets.json").write_text("{}")

    with pytest.raises(ConfigurationProblem, match="empty data folder"):
        with_own_secrets({"SARCOMERE_DATA": str(tmp_path)})
