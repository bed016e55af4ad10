"""Sessions: a new token at each sign-in, idle and longest limits, and an end that works at once."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from flask import Flask
from sqlalchemy import select

from capture import clock
from capture.access import SYSTEM_ACTOR, Action
from capture.accounts import service, sessions
from capture.accounts.tables import session as session_table
from capture.ledger.service import transaction
from capture.ledger.tables import ledger
from capture.web.request_context import Services
from tests.support.builders import PASSWORD, Visitor, make_user

EMAIL = "nurse@site.example"
NEW_PASSWORD = "another four plain words"
START = datetime(2026, 3, 2, 9, tzinfo=UTC)
SignIn = Callable[..., Visitor]


def token_of(visitor: Visitor) -> str:
    cookie = visitor.client.get_cookie("sarcomere")
    assert cookie is not None
    return cookie.value


def account_status(visitor: Visitor) -> int:
    return visitor.get("/account").status_code


def change_password(visitor: Visitor, **typed: str) -> int:
    form = {
        "current_password": PASSWORD,
        "new_password": NEW_PASSWORD,
        "new_password_again": NEW_PASSWORD,
    }
    return visitor.post("/account/password", {**form, **typed}).status_code


def test_planted_token_is_worth_nothing_after_sign_in(services: Services, app: Flask) -> None:
    make_user(services)
    victim, attacker = Visitor(app), Visitor(app)
    for visitor in (victim, attacker):
        visitor.client.set_cookie("sarcomere", "ab" * 32)

    victim.sign_in(EMAIL)

    assert token_of(victim) != "ab" * 32
    assert account_status(victim) == 200
    assert account_status(attacker) == 401


def test_database_holds_no_token(services: Services, sign_in: SignIn) -> None:
    make_user(services)
    token = token_of(sign_in(EMAIL))

    with services.database.reading() as connection:
        rows = connection.execute(select(session_table)).all()

    assert len(rows) == 1
    assert token not in str(rows)


def test_signing_in_as_another_person_ends_the_first_session(
    services: Services, app: Flask, sign_in: SignIn
) -> None:
    make_user(services)
    make_user(services, email="other@site.example", name="Olga Other")
    visitor, thief = sign_in(EMAIL), Visitor(app)
    thief.client.set_cookie("sarcomere", token_of(visitor))

    visitor.sign_in("other@site.example")

    assert "Olga Other" in visitor.get("/account").text
    assert account_status(thief) == 401


def test_session_ends_after_half_an_hour_without_a_request(
    services: Services, sign_in: SignIn
) -> None:
    with clock.running_at(START):
        make_user(services)
        visitor = sign_in(EMAIL)
    with clock.running_at(START + timedelta(minutes=29)):
        assert account_status(visitor) == 200
    with clock.running_at(START + timedelta(minutes=58)):
        assert account_status(visitor) == 200
    with clock.running_at(START + timedelta(minutes=88)):
        assert account_status(visitor) == 401


def test_session_ends_after_twelve_hours_however_busy(services: Services, sign_in: SignIn) -> None:
    with clock.running_at(START):
        make_user(services)
        visitor = sign_in(EMAIL)
    minutes = 0
    while minutes < 12 * 60:
        with clock.running_at(START + timedelta(minutes=minutes)):
            assert account_status(visitor) == 200
        minutes += 20
    with clock.running_at(START + timedelta(hours=12)):
        assert account_status(visitor) == 401


def test_last_seen_is_written_at_most_once_a_minute(services: Services, sign_in: SignIn) -> None:
    def last_seen() -> str:
        with services.database.reading() as connection:
            return str(connection.execute(select(session_table.c.last_seen)).scalar_one())

    with clock.running_at(START):
        make_user(services)
        visitor = sign_in(EMAIL)
    with clock.running_at(START + timedelta(seconds=59)):
        visitor.get("/account")
        assert last_seen() == clock.as_text(START)
    with clock.running_at(START + timedelta(seconds=60)):
        visitor.get("/account")
        assert last_seen() == clock.instant()


def test_sign_out_ends_the_session_on_the_server(
    services: Services, app: Flask, sign_in: SignIn
) -> None:
    make_user(services)
    visitor, thief = sign_in(EMAIL), Visitor(app)
    thief.client.set_cookie("sarcomere", token_of(visitor))

    assert visitor.post("/sign-out").status_code == 303

    assert visitor.client.get_cookie("sarcomere") is None
    assert account_status(thief) == 401


def test_closing_an_account_ends_all_its_sessions_at_once(
    services: Services, sign_in: SignIn
) -> None:
    user = make_user(services).id
    visitors = [sign_in(EMAIL), sign_in(EMAIL)]
    with transaction(services.database, SYSTEM_ACTOR, services.concealment) as tx:
        service.disable_user(tx, user, "left the hospital")

    assert [account_status(visitor) for visitor in visitors] == [401, 401]


def test_person_ends_one_session_of_their_own(services: Services, sign_in: SignIn) -> None:
    make_user(services)
    here, there = sign_in(EMAIL), sign_in(EMAIL)
    page = here.get("/account").text
    address = re.search(r'action="(/account/sessions/[0-9a-f]{64}/end)"', page)
    assert address is not None

    here.post(address[1])

    assert (account_status(here), account_status(there)) == (200, 401)


def test_nobody_ends_another_persons_session(services: Services, sign_in: SignIn) -> None:
    make_user(services)
    make_user(services, email="other@site.example")
    mine, other = sign_in(EMAIL), sign_in("other@site.example")
    with services.database.reading() as connection:
        hashes = connection.execute(select(session_table.c.token_hash)).scalars().all()

    for token_hash in hashes:
        other.post(f"/account/sessions/{token_hash}/end")

    assert account_status(mine) == 200


def test_a_session_that_is_not_there_is_not_put_on_record_as_ended(
    services: Services, sign_in: SignIn
) -> None:
    make_user(services)
    make_user(services, email="other@site.example")
    mine, other = sign_in(EMAIL), sign_in("other@site.example")
    token_hash = sessions.hash_token(token_of(mine))

    for unknown in (token_hash, "0" * 64):
        assert other.post(f"/account/sessions/{unknown}/end").status_code == 422

    with services.database.reading() as connection:
        wanted = select(ledger.c.id).where(ledger.c.action == Action.SESSION_REVOKE.value)
        assert connection.execute(wanted).all() == []


def test_person_ends_all_other_sessions(services: Services, sign_in: SignIn) -> None:
    make_user(services)
    here, there = sign_in(EMAIL), sign_in(EMAIL)

    here.post("/account/sessions/end-others")

    assert (account_status(here), account_status(there)) == (200, 401)


def test_new_password_ends_every_session_but_renews_this_one(
    services: Services, app: Flask, sign_in: SignIn
) -> None:
    make_user(services)
    here, there, thief = sign_in(EMAIL), sign_in(EMAIL), Visitor(app)
    thief.client.set_cookie("sarcomere", token_of(here))

    assert change_password(here) == 303

    assert [account_status(one) for one in (here, there, thief)] == [200, 401, 401]
    assert sign_in(EMAIL, NEW_PASSWORD)
    assert Visitor(app).sign_in(EMAIL, PASSWORD).status_code == 401


def test_password_change_is_refused_in_words(services: Services, sign_in: SignIn) -> None:
    make_user(services)
    visitor = sign_in(EMAIL)

    assert change_password(visitor, current_password="not the password") == 422
    assert change_password(visitor, new_password_again="something else") == 422
    assert change_password(visitor, new_password="short", new_password_again="short") == 422
    assert account_status(visitor) == 200


def test_first_password_must_be_changed_before_anything_else(
    services: Services, sign_in: SignIn
) -> None:
    make_user(services, must_change=True)
    visitor = sign_in(EMAIL)

    answer = visitor.get("/account")
    assert (answer.status_code, answer.location) == (303, "/account/password")
    assert change_password(visitor) == 303
    assert account_status(visitor) == 200


def test_cookie_is_bound_to_the_host_over_https(services: Services, app: Flask) -> None:
    make_user(services)
    client = app.test_client()
    page = client.get("/sign-in", base_url="https://trial.example").text
    token = re.search(r'csrf_token" value="([^"]+)"', page)
    assert token is not None
    form = {"csrf_token": token[1], "email": EMAIL, "password": PASSWORD}

    answer = client.post("/sign-in", data=form, base_url="https://trial.example")

    cookie = next(one for one in answer.headers.getlist("Set-Cookie") if "sarcomere=" in one)
    assert cookie.startswith("__Host-sarcomere=")
    assert {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"} <= set(cookie.split("; "))
    assert "Domain" not in cookie
    assert answer.headers["Strict-Transport-Security"].startswith("max-age=")
