"""Signing in: no account can be found out, guessing is slowed, and every attempt is on record."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.event import listens_for

from capture import clock
from capture.access import SYSTEM, SYSTEM_ACTOR
from capture.accounts import passwords, service, throttle
from capture.accounts.tables import password as password_table
from capture.ledger.reads import list_ledger_rows
from capture.ledger.service import transaction
from capture.ledger.tables import ledger_body
from capture.ledger.verify import verify_study
from capture.problems import InvalidInput, Throttled
from capture.web.request_context import Services
from tests.support.builders import PASSWORD, Visitor, make_user

EMAIL = "nurse@site.example"
ELSEWHERE = {"REMOTE_ADDR": "203.0.113.7"}
LONG_ENOUGH = 0.5
"""Seconds in which a failure that does not wait for another one is counted."""
SignIn = Callable[..., Visitor]


def without_tokens(page: str) -> str:
    page = re.sub(r'name="csrf_token" value="[^"]+"', "", page)
    return re.sub(r'value="[^"]*@[^"]*"', "", page)


def fail(visitor: Visitor, times: int, email: str = EMAIL, **options: object) -> list[int]:
    token = visitor.csrf_token()
    form = {"csrf_token": token, "email": email, "password": "not the password"}
    return [visitor.client.post("/sign-in", data=form, **options).status_code for _ in range(times)]


def actions(services: Services) -> list[str]:
    with services.database.reading() as connection:
        return [
            fact.action.value for fact in list_ledger_rows(connection, services.concealment, SYSTEM)
        ]


def test_right_password_leads_to_the_page_asked_for(services: Services, client: Visitor) -> None:
    make_user(services)

    answer = client.sign_in(EMAIL, next="/account")

    assert (answer.status_code, answer.location) == (303, "/account")
    assert "Nora Nurse" in client.get("/account").text


def test_email_is_compared_without_regard_to_case(services: Services, client: Visitor) -> None:
    make_user(services)

    assert client.sign_in("  Nurse@Site.EXAMPLE ").status_code == 303


@pytest.mark.parametrize(
    "target", ["//evil.example", "https://evil.example/", "/\\evil.example", "x"]
)
def test_sign_in_never_leads_to_another_site(
    services: Services, client: Visitor, target: str
) -> None:
    make_user(services)

    assert client.sign_in(EMAIL, next=target).location == "/"


def test_unknown_account_answers_like_a_known_one(services: Services, client: Visitor) -> None:
    make_user(services)

    known = client.sign_in(EMAIL, "not the password")
    unknown = client.sign_in("nobody@site.example", "not the password")

    assert known.status_code == unknown.status_code == 401
    assert without_tokens(known.text) == without_tokens(unknown.text)


def test_closed_account_answers_like_a_wrong_password(services: Services, client: Visitor) -> None:
    user = make_user(services).id
    wrong = client.sign_in(EMAIL, "not the password")
    with transaction(services.database, SYSTEM_ACTOR, services.concealment) as tx:
        service.disable_user(tx, user, "left the hospital")

    closed = client.sign_in(EMAIL)

    assert closed.status_code == 401
    assert without_tokens(closed.text) == without_tokens(wrong.text)


def test_tenth_failure_blocks_the_account_for_a_while(services: Services, client: Visitor) -> None:
    make_user(services)
    start = datetime(2026, 3, 2, 9, tzinfo=UTC)
    with clock.running_at(start):
        assert fail(client, 11) == [401] * 10 + [429]
        assert client.sign_in(EMAIL).status_code == 429
    with clock.running_at(start + timedelta(seconds=31)):
        assert client.sign_in(EMAIL).status_code == 303


def test_unknown_account_is_blocked_alike(client: Visitor) -> None:
    assert fail(client, 11, "nobody@site.example") == [401] * 10 + [429]


def test_attacker_elsewhere_does_not_lock_the_person_out(
    services: Services, client: Visitor, sign_in: SignIn
) -> None:
    make_user(services)
    sign_in(EMAIL)
    attacker = fail(client, 11, environ_overrides=ELSEWHERE)

    assert attacker[-1] == 429
    assert client.sign_in(EMAIL).status_code == 303


def test_delay_doubles_up_to_a_quarter_of_an_hour(services: Services) -> None:
    start = datetime(2026, 3, 2, 9, tzinfo=UTC)
    counted = throttle.list_counters("hash", "203.0.113.7", familiar=False)
    waits = []
    with clock.running_at(start), services.database.writing() as connection:
        for _ in range(17):
            throttle.note_failure(connection, counted)
            until = connection.execute(
                select(throttle.table.c.blocked_until).where(throttle.table.c.key == "account/hash")
            ).scalar_one()
            waits.append(until and int((clock.from_text(until) - start).total_seconds()))

    assert waits == [None] * 9 + [30, 60, 120, 240, 480, 900, 900, 900]


def test_failures_at_the_same_moment_are_each_counted(services: Services) -> None:
    counted = throttle.list_counters("hash", "203.0.113.7", familiar=False)

    def fail_again() -> None:
        with services.database.writing() as connection:
            throttle.note_failure(connection, counted)

    fail_again()
    coming: list[Future[None]] = []

    def begin_another(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        """Between reading the counter and writing it."""
        if statement.startswith("UPDATE") and not coming:
            coming.append(pool.submit(fail_again))
            wait(coming, timeout=LONG_ENOUGH)

    with ThreadPoolExecutor(1) as pool, services.database.writing() as connection:
        listens_for(connection, "before_cursor_execute")(begin_another)
        throttle.note_failure(connection, counted)

    assert [one.result() for one in coming] == [None]
    with services.database.reading() as connection:
        failures = connection.execute(select(throttle.table.c.failures)).scalars().all()
    assert failures == [3, 3]


def test_fiftieth_failure_blocks_the_address_for_every_account(services: Services) -> None:
    with services.database.writing() as connection:
        for number in range(50):
            counted = throttle.list_counters(f"hash {number}", "203.0.113.7", familiar=False)
            throttle.note_failure(connection, counted)
        fresh = throttle.list_counters("another", "203.0.113.7", familiar=True)
        with pytest.raises(Throttled, match="Wait 1 minute"):
            throttle.refuse_blocked(connection, fresh)


def test_old_failures_are_forgotten_after_an_hour(services: Services) -> None:
    start = datetime(2026, 3, 2, 9, tzinfo=UTC)
    counted = throttle.list_counters("hash", "203.0.113.7", familiar=False)
    with services.database.writing() as connection:
        for minutes in range(0, 90, 10):
            with clock.running_at(start + timedelta(minutes=minutes)):
                throttle.note_failure(connection, counted)
                throttle.refuse_blocked(connection, counted)


def test_every_attempt_is_on_record(services: Services, client: Visitor) -> None:
    make_user(services)
    fail(client, 1)
    fail(client, 1, "nobody@site.example")
    client.sign_in(EMAIL)
    client.post("/sign-out")

    done = actions(services)

    assert done.count("user.fail_sign_in") == 2
    assert done.count("user.sign_in") == 1
    assert done.count("user.sign_out") == 1
    with services.database.reading() as connection:
        assert verify_study(connection, services.concealment, SYSTEM).findings == []


def test_failed_attempt_stores_no_address_of_a_person(services: Services, client: Visitor) -> None:
    fail(client, 1, "secret.person@site.example\r\nforged: line")

    with services.database.reading() as connection:
        bodies = connection.execute(select(ledger_body.c.body)).scalars().all()

    assert len(bodies) == 1
    assert "secret.person" not in bodies[0]


@pytest.mark.parametrize(
    "email, password", [("", ""), ("a" * 500, "x"), ("x", "y" * 100_000), ("😀@x.y", "😀")]
)
def test_odd_credentials_are_refused_in_words(client: Visitor, email: str, password: str) -> None:
    answer = client.sign_in(email, password)

    assert answer.status_code in (401, 422)
    assert "There is a problem" in answer.text


def test_old_hash_is_renewed_at_sign_in(services: Services, client: Visitor) -> None:
    user = make_user(services).id
    weak = passwords.PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)
    table = password_table
    with services.database.writing() as connection:
        connection.execute(table.update().where(table.c.user == user).values(hash=weak))

    assert client.sign_in(EMAIL).status_code == 303
    with services.database.reading() as connection:
        stored = connection.execute(select(table.c.hash).where(table.c.user == user)).scalar_one()
    assert not passwords.needs_new_hash(stored)


@pytest.mark.parametrize(
    "password",
    ["elevenchars", "password12345", "aaaaaaaaaaaaaaa", "1" * 257, "my nurse@site.example"],
)
def test_weak_password_is_refused(password: str) -> None:
    with pytest.raises(InvalidInput):
        passwords.refuse_weak(password, EMAIL)


def test_password_matches_however_its_letters_are_composed() -> None:
    stored = passwords.hash_password("Zoë says seven words")

    assert passwords.is_match(stored, "Zoe\u0308 says seven words")
    assert not passwords.is_match(stored, "Zoe says seven words")
    assert not passwords.is_match(None, "Zoë says seven words")


def test_program_hashes_passwords_with_argon2id_of_46_mib_and_two_passes() -> None:
    code = (
        "from capture.accounts import passwords; "
        "print(passwords.hash_password('seven plain words'))"
    )
    made = subprocess.run(
        [sys.executable, "-c", code], check=True, capture_output=True, text=True
    ).stdout

    assert made.startswith("$argon2id$v=19$m=47104,t=2,p=1$")


def test_one_time_passwords_differ_and_are_strong_enough() -> None:
    made = {passwords.make_one_time_password() for _ in range(50)}

    assert len(made) == 50
    for password in made:
        passwords.refuse_weak(password, EMAIL)


def test_demonstration_lists_its_accounts_only_when_it_is_one(app: Flask) -> None:
    assert "demo.example" not in app.test_client().get("/sign-in").text
