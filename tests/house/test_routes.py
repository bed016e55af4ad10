"""Every address is marked with the action it needs, and reads like the others."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from flask import Flask

import capture
from capture.access import PUBLIC, SIGNED_IN, Action
from capture.config import Config
from capture.db import Database
from capture.migrate import migrate

PART = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*(\.[a-z]+)?")
KEY = "11" * 32


@pytest.fixture
def app(tmp_path: Path) -> Flask:
    url = f"sqlite:///{tmp_path / 'routes.sqlite'}"
    database = Database(url)
    migrate(database)
    database.engine.dispose()
    return capture.create_app(
        Config(
            data=tmp_path,
            database_url=url,
            owner_url="",
            secret_key=KEY,
            concealment_key=bytes.fromhex(KEY),
            checkpoint_key=bytes.fromhex(KEY),
        )
    )


def test_every_view_is_marked_with_an_action(app: Flask) -> None:
    unmarked = [
        f"{endpoint} ({view.__module__}.{view.__qualname__})"
        for endpoint, view in app.view_functions.items()
        if not endpoint.endswith("static")
        and getattr(view, "allowed_action", None) not in {PUBLIC, SIGNED_IN, *Action}
    ]

    assert unmarked == [], "mark these views with @allow(Action.…) under their route"


def test_a_view_without_a_mark_is_refused(app: Flask) -> None:
    app.add_url_rule("/unmarked", "unmarked", lambda: "what nobody may see")

    answer = app.test_client().get("/unmarked")

    assert answer.status_code != 200
    assert "what nobody may see" not in answer.text


def test_addresses_are_kebab_case(app: Flask) -> None:
    odd = [
        rule.rule
        for rule in app.url_map.iter_rules()
        if rule.endpoint != "static"
        for part in re.sub(r"<[^>]*>", "", rule.rule).split("/")
        if part and not PART.fullmatch(part)
    ]

    assert odd == []
