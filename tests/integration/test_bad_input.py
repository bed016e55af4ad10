"""Whatever is sent: never a fault of the program, words for the person, and nothing changed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import cycle, islice
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from werkzeug.test import TestResponse

from capture import create_app
from capture.access import Action, Role
from capture.accounts.tables import membership, throttle
from capture.config import Config
from capture.db import Database
from capture.ledger.tables import ledger
from capture.migrate import migrate
from tests.integration.matrix_table import LETTERS, TABLE, address_of
from tests.support import postgres
from tests.support.builders import PASSWORD, Visitor, make_config, make_user
from tests.support.crawler import endpoint_of
from tests.support.esign import ESIGN
from tests.support.hostile import LIMITS, SCRIPT, VALUES, Blow, blows, plausible, unreadable
from tests.support.page_reading import Field, Form, PageRead
from tests.support.randomising_pages import answers, boxes, settle
from tests.support.trial import GIST
from tests.support.world import World, make_world

POSTS = sorted(name.removeprefix("POST ") for name in TABLE if name.startswith("POST "))
COSTLY = 4
"""Of forms that ask for a password, whose hash takes long, only each fourth blow is tried."""
STORES_WHAT_IS_VALID = ("entry.save", "randomisation.settle")
LEAVING_THE_DESK = {"accounts.lock": "/session/lock", "accounts.sign_out": "/sign-out"}
LIMITED = pytest.mark.both_engines("sizes, ranges and letters that one may refuse")
OPENED = pytest.mark.both_engines("each page once, with arguments that it may refuse")
OPENS = (Role.NURSE, Role.DATA_MANAGER, Role.TRIAL_MANAGER, Role.UNBLINDED)
SENT_ELSEWHERE = (*LEAVING_THE_DESK, "entry.keep")  # nothing to get wrong; as JSON
HARMLESS = (
    Action.ACCESS_DENY,
    Action.USER_FAIL_SIGN_IN,
    Action.USER_SIGN_IN,
    Action.SESSION_UNLOCK,
)
URLENCODED = "application/x-www-form-urlencoded"
LEAVING = ("death", "loss", "withdraw", "return", "correct-ending", "consent/withdraw")
"""Acts that end somebody's part in the trial happen to a person of their own."""
COHORT = ["cohort", "date-day", "date-month", "date-year", "where_documented"]
BY_HAND: dict[str, list[str]] = {
    "accounts.sign_in": ["email", "password", "next"],
    "accounts.end_other_sessions": [],
    "accounts.end_session": [],
    "corrections.put": [
        "to",
        "visit",
        "instance",
        "since",
        "version",
        "to_version",
        "overwrite",
        "reason",
    ],
    "accounts.unlock": ["password", "next"],
    "cohorts.correct": [*COHORT, "reason"],
    "cohorts.record": [*COHORT, "seen"],
    "randomisation.ask_unsealing": ["unseal-version", "unseal-reason", "unseal-password"],
    "randomisation.confirm_receipts": ["password", "reason", "receipts"],
    "randomisation.destroy_envelopes": [
        "destroy-destroyed_site",
        "destroy-words",
        "destroy-password",
    ],
    "randomisation.propose_receipts": ["receipts", "reason"],
    "randomisation.record_envelope": [
        "opened-envelope",
        "opened-opened_on-day",
        "opened-opened_on-month",
        "opened-opened_on-year",
        "opened-password",
    ],
    "randomisation.sign": ["sign-meaning", "seen", "password"],
    "randomisation.upload": ["upload-list"],
    "dose_finding.decide": ["seen", "choice", "level", "why", "password"],
    "dose_finding.outcome": ["outcome", "day-day", "day-month", "day-year", "note", "reason"],
    "dose_finding.register": ["seen", "password"],
    "study.check": ["files", "add_sites"],
    "study.open_site": ["open-open_from-day", "open-open_from-month", "open-open_from-year"],
}
"""Forms that no page shows as the world stands: their controls."""


@dataclass
class Ground:
    """The installation that is hit, who may send what, and the forms that its pages show.

    is_tried_at_limits: only with what the other engine might take.
    """

    world: World
    visitors: dict[Role, Visitor]
    sink: Visitor
    is_tried_at_limits: bool = False
    forms: dict[str, tuple[Visitor, str, Form]] = field(default_factory=dict)

    @property
    def app(self) -> Flask:
        return self.world.app

    def ledgered(self) -> int:
        wanted = sa.select(sa.func.count()).where(ledger.c.action.not_in(HARMLESS))
        with self.world.services.database.writing() as connection:
            connection.execute(sa.delete(throttle))
            return int(connection.execute(wanted).scalar_one())


def migrated(config: Config) -> Config:
    owner = Database(config.database_url if config.is_sqlite else config.owner_url)
    migrate(owner, "" if config.is_sqlite else postgres.APPLICATION)
    owner.engine.dispose()
    return config


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def ground(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Ground]:
    data, urls = tmp_path_factory.mktemp("hostile"), None
    if request.param == "sqlite":
        config = make_config(data=data)
    else:
        urls = postgres.new_database()
        config = make_config(data=data, database_url=urls.application, owner_url=urls.owner)
    world = make_world(create_app(migrated(config)))
    ground = make_ground(world)
    is_whole = request.config.getoption("--whole")
    ground.is_tried_at_limits = request.param == "postgresql" and not is_whole
    yield ground
    world.services.database.engine.dispose()
    if urls is not None:
        postgres.drop_database(urls)


def make_ground(world: World) -> Ground:
    make_user(world.services, email="sink@world.example", study=ESIGN)
    sink = Visitor(world.app)
    sink.sign_in("sink@world.example")
    ground = Ground(world, {role: world.visitor(role) for role in Role}, sink)
    born = boxes("birth_date", "1950-02-28")
    settled = settle(ground.visitors[Role.NURSE], world.ready, answers(**born))
    assert settled.request.path.endswith("/check"), settled.text
    for role, visitor in ground.visitors.items():
        for address in addresses(world, role):
            _read_forms(ground, visitor, address)
    return ground


def addresses(world: World, role: Role) -> Iterator[str]:
    """Every page that the role may open, with the ids of the own site."""
    victim = _victim(world, role)
    for rule in world.app.url_map.iter_rules():
        row = TABLE.get(f"GET {rule.endpoint}")
        if not isinstance(row, dict) or not any(
            LETTERS.get(one) is role for one in row.get(200, "")
        ):
            continue
        arguments = {**world.own, **victim}
        if rule.rule.endswith(LEAVING):
            arguments["pid"] = world.leaving.id
        if "export" not in rule.rule.rpartition("<")[2]:
            yield address_of(rule, arguments)
    for person in (world.screened, world.ready):
        home = f"/studies/{GIST}/participants/{person.id}"
        yield from (f"{home}/enrol", f"{home}/not-enrolled")
        yield from (f"{home}/randomise/duration", f"{home}/randomise/duration/check")


def _victim(world: World, role: Role) -> dict[str, str]:
    """An account that may be closed, reset and stripped of its role without harm to the test."""
    user = make_user(world.services, email=f"victim-{role.value}@world.example").id
    with world.services.database.reading() as connection:
        given = connection.execute(sa.select(membership.c.id).where(membership.c.user == user))
        return {"user": user, "membership": str(given.scalar_one())}


def _read_forms(ground: Ground, visitor: Visitor, address: str) -> None:
    answer = visitor.get(address)
    if answer.mimetype != "text/html":
        answer.close()
        return
    for form in PageRead(answer.text, address).forms:
        endpoint = endpoint_of(ground.app, form.action, form.method.upper())
        if form.method == "post":
            ground.forms.setdefault(endpoint, (visitor, form.action, form))


def form_of(ground: Ground, endpoint: str) -> tuple[Visitor, str, Form]:
    """Who sends this form where: as a page shows it, or as it is written down here."""
    if endpoint in ground.forms:
        return ground.forms[endpoint]
    row = TABLE[f"POST {endpoint}"]
    letter = next(iter(row.values()))[0] if isinstance(row, dict) else "N"
    rule = next(
        rule
        for rule in ground.app.url_map.iter_rules()
        if rule.endpoint == endpoint and "POST" in (rule.methods or ())
    )
    known = {**ground.world.own, "token_hash": "0" * 64}
    address = address_of(rule, known)
    kinds = {name: "password" if "password" in name else "text" for name in BY_HAND[endpoint]}
    fields = {name: Field(name, kind, [], []) for name, kind in kinds.items()}
    return ground.visitors[LETTERS[letter]], address, Form("post", address, fields)


def send(visitor: Visitor, address: str, one: Blow, token: str, **more: Any) -> TestResponse:
    fresh = f"csrf_token={token}&request_id=hostile-{id(one)}-{len(one.body)}&".encode()
    return visitor.client.post(address, data=fresh + one.body, content_type=URLENCODED, **more)


def fault(answer: TestResponse, words: str) -> str | None:
    """What is wrong with an answer as such; None when it is a page or a redirect of ours."""
    if answer.status_code >= 500:
        return f"{words}: {answer.status_code}"
    if SCRIPT in answer.text or "<script>alert" in answer.text:
        return f"{words}: the script came back as it was sent"
    if answer.status_code >= 400 and "<h1" not in answer.text and not answer.is_json:
        return f"{words}: {answer.status_code} without words"
    return None


def own_fields_out(sent: dict[str, list[str]]) -> dict[str, list[str]]:
    return {name: text for name, text in sent.items() if name not in ("csrf_token", "request_id")}


@LIMITED
@pytest.mark.parametrize("endpoint", [name for name in POSTS if name not in SENT_ELSEWHERE])
def test_nothing_that_is_sent_breaks_the_program(ground: Ground, endpoint: str) -> None:
    visitor, address, form = form_of(ground, endpoint)
    wrong = hit(ground, endpoint, (visitor, address, form))

    assert wrong == []


def hit(ground: Ground, endpoint: str, target: tuple[Visitor, str, Form]) -> list[str]:
    """Send every blow; give what went wrong: a fault, or a refusal that changed something."""
    visitor, address, form = target
    sent, token = own_fields_out(plausible(form, PASSWORD)), visitor.csrf_token()
    wrong, before = [], ground.ledgered()
    asks_password = any(known.kind == "password" for known in form.fields.values())
    for one in chosen(ground, blows(form, sent), asks_password=asks_password):
        answer = send(visitor, address, one, token)
        after = ground.ledgered()
        wrong.append(fault(answer, one.words))
        if answer.status_code >= 400 and endpoint not in STORES_WHAT_IS_VALID and after != before:
            wrong.append(f"{one.words}: refused with {answer.status_code}, yet on record")
        before = after
    return [words for words in wrong if words]


def chosen(ground: Ground, all_: Iterator[Blow], *, asks_password: bool) -> Iterator[Blow]:
    if ground.is_tried_at_limits:
        return (one for one in all_ if one.words.startswith(LIMITS))
    return islice(all_, 0, None, COSTLY if asks_password else 1)


@LIMITED
def test_no_type_of_item_is_broken_by_what_is_typed(ground: Ground) -> None:
    page = f"/studies/{ESIGN}/participants/{ground.world.elsewhere['pid']}/visits"
    address = f"{page}/{ground.world.elsewhere['visit']}/kitchen_sink"
    read = PageRead(ground.sink.get(address).text, address)
    form = next(form for form in read.forms if "version" in form.fields and form.fields["shown"])

    assert hit(ground, "entry.save", (ground.sink, address, form)) == []


@LIMITED
@pytest.mark.parametrize("endpoint", [name for name in POSTS if name != "entry.keep"])
def test_what_is_no_text_is_refused_and_changes_nothing(ground: Ground, endpoint: str) -> None:
    if endpoint in LEAVING_THE_DESK:
        visitor, address = ground.visitors[Role.NURSE], LEAVING_THE_DESK[endpoint]
        form = Form("post", address)
    else:
        visitor, address, form = form_of(ground, endpoint)
    sent, token = own_fields_out(plausible(form, PASSWORD)), visitor.csrf_token()
    before = ground.ledgered()
    found = {}
    for one in unreadable({**sent, "csrf_token": [token], "request_id": ["hostile-request"]}):
        answer = visitor.client.post(address, data=one.body, content_type=URLENCODED)
        found[one.words] = (answer.status_code, fault(answer, one.words))
    cut = {"CONTENT_LENGTH": "99999"}
    answer = send(visitor, address, Blow("cut", b"a=1"), token, environ_overrides=cut)
    found["cut off"] = (answer.status_code, fault(answer, "cut off"))

    assert found == dict.fromkeys(found, (400, None))
    assert ground.ledgered() == before


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b'{"typed": 1}',
        b'{"typed": {"height_cm": "1"}, "version": 0}',
        b'{"typed": {"height_cm": [1]}, "version": 0}',
        b'{"typed": {"height_cm": ["\\u0000"]}, "version": 0}',
        b'{"typed": {"height_cm": ["\\ud800"]}, "version": 0}',
        b'{"typed": {}, "version": 99999999999999999999}',
        b'{"typed": {}, "version": NaN}',
        b"[" * 100_000,
        b"\xff\xfe",
    ],
    ids=repr,
)
def test_broken_draft_is_refused_in_words(ground: Ground, body: bytes) -> None:
    own = ground.world.own
    page = f"/studies/{GIST}/participants/{own['pid']}/visits/{own['visit']}/gist_history"
    visitor = ground.visitors[Role.NURSE]
    headers = {"X-CSRFToken": visitor.csrf_token()}
    answer = visitor.client.post(
        f"{page}/draft", data=body, content_type="application/json", headers=headers
    )

    assert answer.status_code in (400, 422)
    assert json.loads(answer.text)


@pytest.mark.parametrize(
    "role", [pytest.param(role, marks=OPENED) if role in OPENS else role for role in Role], ids=str
)
def test_no_address_breaks_the_program(ground: Ground, role: Role) -> None:
    """Every route with an argument replaced, and with a hostile query behind it."""
    wrong = []
    values = cycle([text for text in VALUES.values() if len(text) < 100 and "\n" not in text])
    for address, value in zip(hostile_addresses(ground, values), values, strict=False):
        with ground.visitors[role].get(
            address, query_string=dict.fromkeys(QUERIES, value)
        ) as answer:
            text = "" if answer.is_streamed else answer.text
            if answer.status_code >= 500 or "<script>alert" in text:
                wrong.append(f"{answer.status_code} {address} with {value!r}")

    assert wrong == []


def hostile_addresses(ground: Ground, values: Iterator[str]) -> Iterator[str]:
    """Each route once as it should be, and once for each argument with that one replaced."""
    for rule in ground.app.url_map.iter_rules():
        if "GET" not in (rule.methods or ()) or rule.endpoint == "static":
            continue
        known = {name: ground.world.own.get(name, "0") for name in rule.arguments}
        yield address_of(rule, known)
        for name in sorted(rule.arguments):
            for value in (*islice(values, 2), str(2**63)):
                yield address_of(rule, {**known, name: value.replace("/", "%2F") or "-"})


QUERIES = (
    "q", "site", "status", "needs", "page", "instance", "before", "after", "person", "number",
    "action", "item", "first", "last", "history", "earlier", "next", "stored", "kind",
)  # fmt: skip
