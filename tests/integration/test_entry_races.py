"""Saves that meet another save, a withdrawal or a death: one wins, the other is told."""

from __future__ import annotations

import pytest

from capture.access import Role
from capture.db import Database
from capture.ledger.concealment import Concealment
from capture.participants import service as participants
from capture.problems import Problem, Refused, Stale
from tests.support.entries import Desk
from tests.support.racing import agrees, together
from tests.support.trial import GIST, make_actor, make_trial

INVESTIGATOR = make_actor(Role.INVESTIGATOR, "northfield")


@pytest.fixture
def desk(database: Database, concealment: Concealment) -> Desk:
    trial = make_trial(database, concealment)
    return Desk(trial, trial.enrolled())


def test_of_two_saves_of_a_new_form_one_wins_and_the_other_is_told(desk: Desk) -> None:
    outcomes = together(
        lambda: desk.save({"height_cm": "170"}, version=0),
        lambda: desk.save({"height_cm": "180"}, version=0, actor=INVESTIGATOR),
    )

    assert sorted(isinstance(one, Stale) for one in outcomes) == [False, True]
    assert desk.stored().version == 1
    assert agrees(desk)


def test_of_many_corrections_at_once_one_wins(desk: Desk) -> None:
    desk.save({"height_cm": "170"})

    outcomes = together(
        *(lambda cm=cm: desk.save({"height_cm": str(cm)}, version=1) for cm in range(171, 177))
    )

    assert sum(isinstance(one, Stale) for one in outcomes) == 5
    assert desk.stored().version == 2
    assert agrees(desk)


def test_a_save_that_meets_a_withdrawal_lands_before_it_or_not_at_all(desk: Desk) -> None:
    late = desk.on("2026-04-01")
    said = participants.Withdrawal("data_withdrawal", "2026-03-20", "participant", "Wishes so")

    def withdraw() -> object:
        with late.trial.acting() as tx:
            return participants.withdraw(tx, GIST, desk.person.id, said)

    saved, withdrawn = together(lambda: late.save({"height_cm": "170"}), withdraw)

    assert not isinstance(withdrawn, Problem)
    assert isinstance(saved, Refused) == (desk.entry() is None)
    assert agrees(desk)


def test_saves_of_different_forms_both_land(desk: Desk) -> None:
    first = desk.trial.enrolled(birth_date="1970-02-03")
    other = Desk(desk.trial, first)

    outcomes = together(
        lambda: desk.save({"height_cm": "170"}), lambda: other.save({"height_cm": "180"})
    )

    assert not any(isinstance(one, Problem) for one in outcomes)
    assert agrees(desk)
