"""Two people who put the same thing right at the same moment: one does, the other is told."""

from __future__ import annotations

import pytest

from capture.access import Role
from capture.corrections import service
from capture.db import Database
from capture.entry import reads as entries
from capture.entry import service as entry
from capture.ledger.concealment import Concealment
from capture.oversight.service import ask_redaction, redact
from capture.participants import service as participants
from capture.problems import InvalidInput, NotFound, Problem, Stale
from forms.evaluation_scope import Place
from tests.support.entries import FULL_VITALS, VITALS, Desk
from tests.support.racing import agrees, together
from tests.support.randomising import definition
from tests.support.trial import GIST, make_actor, make_trial

KEEPER = make_actor(Role.DATA_MANAGER)
STATUS = Place("baseline", 1, "performance_status")


@pytest.fixture
def a(database: Database, concealment: Concealment) -> Desk:
    trial = make_trial(database, concealment)
    return Desk(trial, trial.enrolled())


@pytest.fixture
def b(a: Desk) -> Desk:
    return Desk(a.trial, a.trial.enrolled(sex="male"))


def put(wrong: Desk, right: Desk, key: Place) -> object:
    found = wrong.stored(key)
    said = service.EntryOwner(found.id, found.version, 1, right.person.id, key, 0, "Swapped")
    with wrong.trial.acting() as tx:
        return service.move_answers(tx, definition(wrong.trial), 1, wrong.person.id, said)


def strike(desk: Desk, entry_id: str) -> object:
    with desk.trial.acting() as tx:
        return entry.strike_entry(
            tx, definition(desk.trial), 1, desk.person.id, entry_id, version=1, reason="Wrong"
        )


def move(desk: Desk, to: str) -> object:
    said = participants.SiteTransfer(to, "northfield", "2026-03-02", "Moved house")
    with desk.trial.acting(KEEPER) as tx:
        return participants.move(tx, GIST, desk.person.id, said)


def renumber(desk: Desk, number: str) -> object:
    with desk.trial.acting() as tx:
        return participants.renumber(
            tx,
            GIST,
            desk.person.id,
            kind="participant_number",
            seen=desk.person.number,
            number=number,
            reason="Card",
        )


def test_two_swapped_forms_are_put_right_at_once_in_both_directions(a: Desk, b: Desk) -> None:
    b.save(FULL_VITALS)
    a.save({"ps_date": "2026-03-02", "ecog": "0"}, STATUS)

    outcomes = together(lambda: put(b, a, VITALS), lambda: put(a, b, STATUS))

    assert not any(isinstance(one, Problem) for one in outcomes)
    assert (a.stored().cells["weight_kg"].value, b.entry()) == ("70", None)
    assert (a.entry(STATUS), b.stored(STATUS).cells["ecog"].value) == (None, "0")
    assert agrees(a)


def test_of_two_who_strike_a_form_one_does(a: Desk) -> None:
    a.save(FULL_VITALS)
    mine = a.stored().id

    outcomes = together(lambda: strike(a, mine), lambda: strike(a, mine))

    assert sum(isinstance(one, NotFound) for one in outcomes) == 1
    assert agrees(a)


def test_a_save_that_meets_a_strike_is_told_or_struck_with_it(a: Desk) -> None:
    a.save(FULL_VITALS)
    mine = a.stored().id

    struck, saved = together(
        lambda: strike(a, mine),
        lambda: a.save({"weight_kg": "71"}, version=1, reason="Typing error"),
    )

    assert sum(isinstance(one, Stale) for one in (struck, saved)) == 1
    assert agrees(a)


def test_of_two_moves_one_happens(a: Desk) -> None:
    outcomes = together(lambda: move(a, "harbourside"), lambda: move(a, "harbourside"))

    assert sum(isinstance(one, Stale) for one in outcomes) == 1
    assert agrees(a)


def test_one_number_goes_to_one_of_two_people(a: Desk, b: Desk) -> None:
    outcomes = together(lambda: renumber(a, "NOR-0042"), lambda: renumber(b, "NOR-0042"))

    assert sum(isinstance(one, InvalidInput) for one in outcomes) == 1
    assert agrees(a)


def test_a_struck_value_can_be_redacted(a: Desk) -> None:
    a.save({**FULL_VITALS, "pulse_min": 66})
    mine = a.stored().id
    strike(a, mine)
    with a.trial.acting(KEEPER) as tx:
        asked = ask_redaction(
            tx, GIST, a.person.id, entry=mine, item="weight_kg", reason="Somebody else's"
        )

    with a.trial.acting(make_actor(Role.TRIAL_MANAGER)) as tx:
        redact(tx, GIST, asked)

    with a.trial.database.reading() as connection:
        (struck,) = entries.list_struck(connection, a.person.id)
    cells = struck.entries[0].cells
    assert (cells["weight_kg"].missing, cells["pulse_min"].value) == ("redacted", 66)
    assert agrees(a)
