"""Role x route x site: who gets what from every address, own site, another site, another study."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask
from werkzeug.routing import Rule

from capture import create_app
from capture.access import Action, Role
from capture.accounts.tables import throttle
from capture.ledger.tables import ledger
from tests.integration.matrix_table import LETTERS, TABLE, address_of
from tests.support.builders import Visitor, make_config
from tests.support.trial import GIST
from tests.support.world import SITE_BOUND, World, make_world

PLACES = {"other": {"pid", "slug"}, "elsewhere": {"study"}}
"""Which argument of an address makes it another one at another site, in another study."""
HARMLESS = (
    Action.ACCESS_DENY,
    Action.USER_SIGN_IN,
    Action.USER_FAIL_SIGN_IN,
    Action.USER_SIGN_OUT,
    Action.SESSION_LOCK,
)
NOBODY = "-"
SIGNS_OUT = "POST accounts.sign_out"
LAST = ("POST accounts.lock", "POST accounts.unlock", SIGNS_OUT)
"""A locked session answers with its lock, whatever is asked; a session that is left with none."""


@dataclass(frozen=True)
class Case:
    """One route under one method."""

    rule: Rule
    method: str

    @property
    def name(self) -> str:
        return f"{self.method} {self.rule.endpoint}"

    def address(self, arguments: dict[str, str | int]) -> str:
        return address_of(self.rule, arguments)


@dataclass
class Ground:
    """The installation in which the questions are asked."""

    world: World
    own: dict[str, str | int]
    other: dict[str, str | int]
    elsewhere: dict[str, str | int]

    def ledgered(self) -> int:
        """How many acts are on record, refusals and signing in and out apart."""
        wanted = sa.select(sa.func.count()).where(ledger.c.action.not_in(HARMLESS))
        with self.world.services.database.reading() as connection:
            return int(connection.execute(wanted).scalar_one())

    def forget_failures(self) -> None:
        """Empty passwords count as attempts; here they must not add up."""
        with self.world.services.database.writing() as connection:
            connection.execute(sa.delete(throttle))


@pytest.fixture(scope="module")
def ground(migrated_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ground]:
    data = tmp_path_factory.mktemp("matrix")
    (data / "sarcomere.sqlite").write_bytes(migrated_file.read_bytes())
    app = create_app(make_config(data=data))
    world = make_world(app)
    more = taken_away(world)
    yield Ground(world, {**world.own, **more}, {**world.other, **more}, {**world.elsewhere, **more})
    world.services.database.engine.dispose()


def taken_away(world: World) -> dict[str, str]:
    """What the data manager has taken away: a trail and datasets; a session of nobody."""
    home, visitor = f"/studies/{GIST}", world.visitor(Role.DATA_MANAGER)
    trail = visitor.post(f"{home}/audit/exports").location.rpartition("/")[2]
    visitor.post(f"{home}/datasets", {"formats": "csv"})
    found = re.search(r'datasets/([^/"]+)/bundle', visitor.get(f"{home}/datasets").text)
    assert found
    return {"export_id": trail, "export": found[1], "token_hash": "0" * 64}


def cases(app: Flask) -> list[Case]:
    """Every route under every method; locking and signing out come last."""
    found = [
        Case(rule, method)
        for rule in app.url_map.iter_rules()
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})
        if rule.endpoint != "static"
    ]
    return sorted(found, key=lambda case: (_turn(case.name), case.name))


def _turn(name: str) -> int:
    return LAST.index(name) + 1 if name in LAST else 0


def expected(case: Case, role: Role | None) -> int:
    """The status at the own site, as the table says it."""
    said = TABLE[case.name]
    if isinstance(said, int):
        return said
    letter = next((letter for letter, known in LETTERS.items() if known is role), NOBODY)
    found = next((status for status, letters in said.items() if letter in letters), 0)
    if found or role is None:
        return found or 401
    return 404 if role is Role.ADMINISTRATOR and "study" in case.rule.arguments else 403


def expected_away(case: Case, role: Role | None, place: str) -> int:
    """The status for the same with another site's, or another study's, participant or site."""
    here = expected(case, role)
    if role is None or (here == 403 and place == "other"):
        return here
    return 404 if place == "elsewhere" or role in SITE_BOUND else here


def status(visitor: Visitor, case: Case, address: str, *, whole: bool) -> int:
    """What one request answers; a form that is not whole comes without its request id."""
    if case.method == "GET":
        answer = visitor.get(address)
    else:
        answer = visitor.post(address, {} if whole else {"request_id": ""})
    answer.close()
    return answer.status_code


def visitor_of(ground: Ground, role: Role | None) -> Visitor:
    return ground.world.visitor(role) if role else Visitor(ground.world.app)


def test_every_route_has_a_row_and_every_row_a_route(ground: Ground) -> None:
    names = {case.name for case in cases(ground.world.app)}

    assert names - TABLE.keys() == set(), "say who gets what there: matrix_table.py"
    assert TABLE.keys() - names == set(), "these routes are gone: take their rows out"


@pytest.mark.parametrize("role", [*Role, None], ids=str)
def test_every_route_answers_each_role_as_the_table_says(ground: Ground, role: Role | None) -> None:
    visitor, before = visitor_of(ground, role), ground.ledgered()
    wrong = []
    for case in cases(ground.world.app):
        ground.forget_failures()
        found = status(visitor, case, case.address(ground.own), whole=False)
        if case.name != SIGNS_OUT and found != expected(case, role):
            wrong.append(f"{case.name}: {found}, not {expected(case, role)}")

    assert wrong == []
    assert ground.ledgered() == before, "a blank form changed something"


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("role", [*Role, None], ids=str)
def test_other_sites_and_studies_are_not_found(
    ground: Ground, role: Role | None, place: str
) -> None:
    visitor, before = visitor_of(ground, role), ground.ledgered()
    wrong = []
    for case in cases(ground.world.app):
        if not PLACES[place] & case.rule.arguments:
            continue
        ground.forget_failures()
        wanted = expected_away(case, role, place)
        found = status(visitor, case, case.address(getattr(ground, place)), whole=wanted == 404)
        if found != wanted:
            wrong.append(f"{case.name}: {found}, not {wanted}")

    assert wrong == []
    assert ground.ledgered() == before
