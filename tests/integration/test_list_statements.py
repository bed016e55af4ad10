"""What a list leaves out for who is masked costs no statement more, however many people it has."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from capture import clock
from capture.access import Role
from capture.accounts.service import NewMembership
from capture.participants import reads, service
from capture.web.request_context import EXTENSION, Services
from tests.support.builders import Visitor, make_membership, make_user
from tests.support.clinic import SignIn
from tests.support.entries import VITALS, Desk
from tests.support.randomising_pages import running_trial
from tests.support.trial import GIST, Trial

STUDY = f"/studies/{GIST}"
LISTS = {
    Role.NURSE: (
        "/",
        f"{STUDY}/participants",
        f"{STUDY}/participants?attention=due",
        f"{STUDY}/participants?attention=query",
        f"{STUDY}/queries",
    ),
    Role.MONITOR: (
        "/",
        f"{STUDY}/queries",
        f"{STUDY}/audit",
        f"{STUDY}/dashboard",
        f"{STUDY}/dashboard/forms",
    ),
}


@pytest.fixture
def trial(app: Flask) -> Trial:
    services: Services = app.extensions[EXTENSION]
    return running_trial(services)


def add_person(trial: Trial, year: int, arm: str) -> None:
    """Somebody allocated, with an appointment and an odd value, so that every list names them."""
    person = trial.enrolled(birth_date=f"{year}-05-14")
    trial.allocate(person, arm)
    day = (clock.today("Europe/London") + timedelta(days=3)).isoformat()
    with trial.acting() as tx:
        visit = reads.list_visits(tx.connection, person.id)[0]
        service.appoint(tx, GIST, person.id, visit.id, day)
    Desk(trial, person).save({"weight_kg": "187"}, VITALS)


def reader(app: Flask, sign_in: SignIn, role: Role, *, masked: bool) -> Visitor:
    services: Services = app.extensions[EXTENSION]
    email = f"{role.value}.{masked}@site.example"
    user = make_user(services, email=email, role=None)
    new = NewMembership(user.id, role, ("northfield",), "2020-01-01", masked=masked)
    make_membership(services, new=new)
    return sign_in(email)


def statements(app: Flask, visitor: Visitor, address: str) -> int:
    """How many statements a page takes, once what it keeps of the study is known."""
    seen: list[str] = []
    engine = app.extensions[EXTENSION].database.engine

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        seen.append(statement)

    visitor.get(address)
    sa.event.listen(engine, "before_cursor_execute", note)
    assert visitor.get(address).status_code == 200, address
    sa.event.remove(engine, "before_cursor_execute", note)
    return len(seen)


@pytest.mark.parametrize("role", LISTS)
def test_a_list_takes_as_many_for_the_masked_and_for_many_people(
    app: Flask, sign_in: SignIn, trial: Trial, role: Role
) -> None:
    readers = [reader(app, sign_in, role, masked=masked) for masked in (False, True)]

    def counted() -> dict[str, list[int]]:
        return {
            address: [statements(app, visitor, address) for visitor in readers]
            for address in LISTS[role]
        }

    add_person(trial, 1930, "IM60")
    few = counted()
    for year in range(1931, 1937):
        add_person(trial, year, ("IM36", "IM60")[year % 2])

    uneven = {address: both for address, both in few.items() if len(set(both)) > 1}
    assert uneven == {}
    assert counted() == few
