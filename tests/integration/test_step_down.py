"""While the database is held up a draw ends in bounded time, nothing written; a retry works."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
import sqlalchemy as sa

from capture import db, writelock
from capture.db import Database, metadata
from capture.randomisation import reads
from capture.randomisation.tables import number_head
from capture.web.request_context import Services
from tests.support.builders import PASSWORD, Visitor, make_user
from tests.support.randomising import DURATION
from tests.support.randomising_pages import answers, hidden, running_trial, screened, settle, url
from tests.support.trial import GIST

PATIENCE = 30.0
"""More than any of the limits, seconds: a draw that takes longer was not bounded at all."""


@contextmanager
def held_up(database: Database) -> Iterator[None]:
    """Somebody else's transaction that has counted a number and does not end."""
    held, done = threading.Event(), threading.Event()

    def hold() -> None:
        with database.writing() as connection:
            connection.execute(
                number_head.update()
                .where(number_head.c.randomisation == DURATION)
                .values(next_number=number_head.c.next_number)
            )
            held.set()
            done.wait(PATIENCE * 2)

    other = threading.Thread(target=hold)
    other.start()
    try:
        assert held.wait(PATIENCE)
        yield
    finally:
        done.set()
        other.join()


def counted(database: Database) -> dict[str, int]:
    with database.reading() as connection:
        return {
            table.name: connection.execute(
                sa.select(sa.func.count()).select_from(table)
            ).scalar_one()
            for table in metadata.sorted_tables
            if table.name not in ("web_session", "session")
        }


def test_a_held_lock_refuses_clearly_in_bounded_time_and_the_retry_is_answered(
    services: Services, sign_in: Callable[..., Visitor]
) -> None:
    trial = running_trial(services)
    make_user(services)
    nurse = sign_in("nurse@site.example")
    first, second = screened(trial), screened(trial)
    tick = {"same-duplicate_confirmed": "y", "same-duplicate_reason": "another"}
    for person in (first, second):
        settle(nurse, person, answers(**tick))
    before_first = nurse.get(url(first, "/check"))
    done = nurse.post(
        url(first, "/check"), {**hidden(before_first), "password": PASSWORD}, follow_redirects=True
    )
    assert done.request.path == url(first, "/result")
    sent = {**hidden(nurse.get(url(second, "/check"))), "password": PASSWORD}
    before = counted(services.database)

    with held_up(services.database):
        started = time.monotonic()
        refused = nurse.post(url(second, "/check"), sent)
        took = time.monotonic() - started

    after = counted(services.database)
    assert refused.status_code == 503
    assert "Nothing was changed. Try again in a moment." in refused.text
    assert took < PATIENCE
    assert after == before
    again = nurse.post(url(second, "/check"), sent, follow_redirects=True)
    assert again.request.path == url(second, "/result")
    with services.database.reading() as connection:
        found = reads.list_allocations(connection, GIST, DURATION)
    assert [(one.participant, one.number) for one in found] == [(first.id, 1), (second.id, 2)]


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_the_waits_are_the_ones_that_are_documented(database: Database) -> None:
    assert (db.LOCK_TIMEOUT, writelock.WAIT_SECONDS) == ("5s", 10.0)
