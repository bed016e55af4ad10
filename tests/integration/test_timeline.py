"""One row of the ledger says the same on every page; what it costs, and what it leaves out."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape

import pytest
import sqlalchemy as sa
from flask import Flask

from capture.access import Role
from capture.oversight import service as oversight
from capture.participants import service as participants
from capture.participants.reads import list_visits
from capture.web.request_context import Services
from forms.evaluation_scope import Place
from tests.support.builders import Visitor, make_user
from tests.support.entries import Desk
from tests.support.trial import GIST, make_actor, make_trial

HOME = f"/studies/{GIST}"
DEMOGRAPHY = Place("baseline", 1, "demography")
TAGS = re.compile(r"<[^>]+>")
SignIn = Callable[..., Visitor]


@pytest.fixture
def desk(app: Flask) -> Desk:
    services: Services = app.extensions["sarcomere"]
    trial = make_trial(services.database, services.concealment)
    return Desk(trial, trial.enrolled())


def words(html: str) -> str:
    return " ".join(unescape(TAGS.sub(" ", html.partition("<main")[2])).split())


def visitor(app: Flask, sign_in: SignIn, role: Role) -> Visitor:
    email = f"{role.value}@unit.example"
    make_user(app.extensions["sarcomere"], email=email, role=role, study=GIST)
    return sign_in(email)


def test_an_action_reads_the_same_in_both_histories_and_in_the_audit_trail(
    app: Flask, desk: Desk, sign_in: SignIn
) -> None:
    desk.save({"vitals_date": "2026-03-02", "weight_kg": "70"})
    desk.save({"weight_kg": "71.5"}, reason="Typing error")
    manager = visitor(app, sign_in, Role.DATA_MANAGER)
    with desk.trial.database.reading() as connection:
        visit = list_visits(connection, desk.person.id)[0].id
    person = f"{HOME}/participants/{desk.person.id}"

    history = words(manager.get(f"{person}/history").text)
    form = words(manager.get(f"{person}/visits/{visit}/vitals?history=all").text)
    trail = words(manager.get(f"{HOME}/audit").text)

    for page in (history, trail):
        assert "Form saved: Vital signs, Screening" in page
        assert "Weight: 70 kg → 71.5 kg" in page
    assert "Form saved, " in form
    assert "Weight 70 kg 71.5 kg" in form
    assert all("Typing error" in page for page in (history, form, trail))


def test_a_history_is_short_and_the_audit_trail_whole(
    app: Flask, desk: Desk, sign_in: SignIn
) -> None:
    desk.save({"vitals_date": "2026-03-02", "height_cm": "170"})
    desk.trial.allocate(desk.person, "IM36")
    manager = visitor(app, sign_in, Role.DATA_MANAGER)

    history = words(manager.get(f"{HOME}/participants/{desk.person.id}/history").text)
    trail = words(manager.get(f"{HOME}/audit").text)

    assert "2 answers filled in" in history
    assert "Height: 170 cm" not in history
    assert "more, the last of them" in history
    assert "Height: 170 cm" in trail
    assert "Visit schedule updated" in history
    assert "Visit schedule updated" in trail


def test_a_cancelled_visit_and_an_event_that_was_taken_back_say_so(
    app: Flask, desk: Desk, sign_in: SignIn
) -> None:
    desk.trial.allocate(desk.person, "IM36")
    with desk.trial.on("2026-04-10").acting() as tx:
        participants.die(tx, GIST, desk.person.id, date="2026-03-09")
    manager = visitor(app, sign_in, Role.DATA_MANAGER)

    trail = words(manager.get(f"{HOME}/audit").text)

    assert "Death recorded" in trail
    assert "Participant status: Active → Died" in trail
    assert re.search(r"Imaging month 6: \d+ \w+ 2026 → Cancelled", trail)


def test_a_redaction_tells_who_requested_and_who_did_it(
    app: Flask, desk: Desk, sign_in: SignIn
) -> None:
    desk.save({"hospital_number": "HX-778812"}, DEMOGRAPHY)
    entry = desk.stored(DEMOGRAPHY).id
    with desk.trial.acting(make_actor(Role.DATA_MANAGER)) as tx:
        asked = oversight.ask_redaction(
            tx, GIST, desk.person.id, entry=entry, item="hospital_number", reason="Not needed"
        )
    with desk.trial.acting(make_actor(Role.TRIAL_MANAGER)) as tx:
        oversight.redact(tx, GIST, asked)
    manager = visitor(app, sign_in, Role.DATA_MANAGER)

    page = words(manager.get(f"{HOME}/redactions/{asked}").text)
    trail = words(manager.get(f"{HOME}/audit?action=redaction.request").text)

    assert page.index("Redaction requested") < page.index("Value redacted")
    assert "Reason: Not needed" in page
    assert f"Redaction requested {desk.person.number} Item: Hospital number" in trail


def test_statements_of_the_audit_trail_do_not_grow_with_its_rows(
    app: Flask, desk: Desk, sign_in: SignIn
) -> None:
    manager = visitor(app, sign_in, Role.DATA_MANAGER)
    desk.save({"weight_kg": "70"})
    few = statements(app, manager, f"{HOME}/audit")
    for weight in range(71, 100):
        desk.save({"weight_kg": str(weight)}, reason="Again")
    other = Desk(desk.trial, desk.trial.enrolled(birth_date="1950-01-31"))
    other.save({"weight_kg": "70"})

    assert statements(app, manager, f"{HOME}/audit") == few <= 12


def test_statements_of_a_history_do_not_grow_with_its_rows(
    app: Flask, desk: Desk, sign_in: SignIn
) -> None:
    nurse = visitor(app, sign_in, Role.NURSE)
    page = f"{HOME}/participants/{desk.person.id}/history"
    desk.save({"weight_kg": "70"})
    few = statements(app, nurse, page)
    for weight in range(71, 90):
        desk.save({"weight_kg": str(weight)}, reason="Again")

    assert statements(app, nurse, page) == few


def statements(app: Flask, visitor: Visitor, path: str) -> int:
    """How many statements a page takes."""
    seen: list[str] = []
    engine = app.extensions["sarcomere"].database.engine

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        seen.append(statement)

    visitor.get(path)
    sa.event.listen(engine, "before_cursor_execute", note)
    assert visitor.get(path).status_code == 200
    sa.event.remove(engine, "before_cursor_execute", note)
    return len(seen)
