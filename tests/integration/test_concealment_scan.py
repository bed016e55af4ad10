"""Nothing that anybody is given depends on a key: two trials that differ in it alone are one.

Both are the same rehearsal, with a design version activated after it under another R and v. If a
page, a dataset, a length or a log line told of an allocation to come, the two would differ in it.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from flask import Flask

from capture import clock, create_app
from capture.access import SYSTEM_ACTOR, Role
from capture.config import Config
from capture.export import service as export
from capture.export.request import ExportRequest
from capture.synthetic import RehearsalPlan
from capture.web.request_context import EXTENSION, Services
from tests.support.builders import Visitor, make_user
from tests.support.crawler import Walk
from tests.support.randomising import DURATION
from tests.support.randomising import activate as activate_design
from tests.support.rehearsed import rehearsed_config
from tests.support.trial import GIST, Trial

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
CT1A = "ct1a-demo"
NAMES = {GIST: DURATION, CT1A: "induction"}
DESIGNS = {GIST: {"sizes": [86, 98]}, CT1A: {"measure": "variance", "p": "83/97", "first": 5}}
PLANS = {
    GIST: None,
    CT1A: RehearsalPlan(
        CT1A,
        16,
        5,
        date(2024, 1, 8),
        date(2026, 2, 2),
        folder=Path(__file__).parents[1] / "studies" / CT1A,
    ),
}
MADE_ANEW = re.compile(
    r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}"  # ids made by chance
    r"|[0-9a-f]{32,}"  # commitments, hashes, signatures
)
GUARD = re.compile(r'(?<=name="csrf_token" value=")[^"]+')
KINDS = {role: f"{role.value}@unit.example" for role in Role}


@dataclass(frozen=True)
class Twins:
    """Two installations of one study, which differ in the key alone."""

    study: str
    randomisation: str
    apps: tuple[Flask, Flask]


def ready(folder: Path, study: str, v: str) -> Config:
    """A rehearsed trial whose second design version is activated under a key of its own."""
    config = rehearsed_config("sqlite", folder, plan=PLANS[study])
    services = Services.of(config)
    trial = Trial(services.database, services.concealment, NOW)
    activate_design(trial, design=DESIGNS[study], study=study, v=v)
    for role, email in KINDS.items():
        make_user(services, email=email, name=role.label, role=role, study=study)
    services.database.engine.dispose()
    return config


@pytest.fixture(scope="module", params=list(NAMES))
def twins(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Twins]:
    study = str(request.param)
    with ExitStack() as stack:
        stack.enter_context(clock.running_at(NOW))
        first, second = (
            create_app(ready(tmp_path_factory.mktemp(name), study, v))
            for name, v in (("first", "six dice: 4 1 6 6 2 3"), ("second", "six dice: 2 5 1 3 3 4"))
        )
        yield Twins(study, NAMES[study], (first, second))


def walked(twins: Twins, app: Flask, role: Role) -> dict[str, str]:
    """Every page that this role comes to from home, without what is made anew for each."""
    visitor = Visitor(app)
    assert visitor.sign_in(KINDS[role]).status_code == 303
    place = f"/studies/{twins.study}/randomisations/{twins.randomisation}"
    more = [f"{place}{rest}" for rest in ("", "/simulation", "/envelopes")]
    walk = Walk(app, visitor, most=6).from_home(*more)
    assert not [one for one in walk.broken if one.startswith("5")]
    return {page.address: same(page.answer.text) for page in walk.pages}


def same(text: str) -> str:
    text = GUARD.sub("", text)
    return MADE_ANEW.sub(lambda found: "x" * len(found[0]), text).replace(
        "2 5 1 3 3 4", "4 1 6 6 2 3"
    )


@pytest.mark.slow
@pytest.mark.parametrize("role", Role)
def test_no_page_of_anybody_differs_by_the_key(twins: Twins, role: Role) -> None:
    with clock.running_at(NOW):
        first, second = (walked(twins, app, role) for app in twins.apps)

    assert len(first) > 5
    assert first.keys() == second.keys()
    assert [address for address in first if first[address] != second[address]] == []
    assert {a: len(text) for a, text in first.items()} == {a: len(t) for a, t in second.items()}


@pytest.mark.slow
def test_no_dataset_or_log_line_differs_by_the_key(
    twins: Twins, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    found = []
    for number, app in enumerate(twins.apps):
        services: Services = app.extensions[EXTENSION]
        keys = export.ExportKeys(
            services.database, services.concealment, services.config.checkpoint_key
        )
        caplog.clear()
        with clock.running_at(NOW), caplog.at_level(logging.DEBUG):
            asked = ExportRequest(
                study=twins.study, formats="csv", as_of="", cutoff="", identifying=""
            )
            export.export_to(keys, SYSTEM_ACTOR, asked, tmp_path / str(number))
        files = {
            path.relative_to(tmp_path / str(number)): same(path.read_text(encoding="utf-8"))
            for path in sorted((tmp_path / str(number)).rglob("*.csv"))
        }
        found.append((files, same(caplog.text)))

    assert len(found[0][0]) > 3
    assert found[0] == found[1]
