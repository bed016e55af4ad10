"""Designs and study versions that change at the moment somebody else rests on them."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait

import pytest

from capture.access import Actor
from capture.db import Database
from capture.ledger.concealment import Concealment
from capture.ledger.service import Transaction
from capture.ledger.verify import verify_study
from capture.problems import Problem, Refused, Stale
from capture.randomisation import reads
from capture.randomisation.allocation.service.allocate import randomise
from capture.randomisation.designs.service import designs
from capture.randomisation.recovery.service import envelopes
from capture.randomisation.recovery.service.envelope_opening import open_envelope
from tests.support.randomising import (
    ADDED,
    CLOSED,
    DURATION,
    KEY_COPY,
    MANAGER,
    UNBLINDED,
    V,
    blocks_of_four,
    definition,
    ready,
    republish,
)
from tests.support.trial import GIST, NURSE, Trial

SITE = "northfield"
LONG_ENOUGH = 0.5
"""Seconds in which an act that does not wait for the other one is done."""

Act = Callable[[Transaction], object]


@pytest.fixture
def trial(database: Database, concealment: Concealment) -> Trial:
    return blocks_of_four(database, concealment)


def meanwhile(trial: Trial, first: tuple[Actor, Act], second: tuple[Actor, Act]) -> object:
    """What the second act gives, or its Problem, when it begins before the first is committed."""

    def run() -> object:
        try:
            with trial.acting(second[0]) as tx:
                return second[1](tx)
        except Problem as problem:
            return problem

    with ThreadPoolExecutor(1) as pool:
        with trial.acting(first[0]) as tx:
            first[1](tx)
            coming = pool.submit(run)
            wait([coming], timeout=LONG_ENOUGH)
        return coming.result()


def enter(trial: Trial, size: int) -> Act:
    study = definition(trial)
    return lambda tx: designs.enter_design(tx, study, 1, DURATION, {"sizes": [size]})


def activating(trial: Trial, number: int) -> Act:
    study, version = definition(trial), f"{DURATION}/{number}"
    return lambda tx: designs.activate(tx, study, 1, version, v=V, key_copy=KEY_COPY)


def states(trial: Trial) -> list[str]:
    """The states of all versions, once verify agrees that they follow from the ledger."""
    with trial.database.reading() as connection:
        assert verify_study(connection, trial.concealment, GIST).findings == []
        return [one.state for one in reads.list_design_versions(connection, GIST, DURATION)]


def test_a_design_entered_during_an_activation_does_not_take_it_back(trial: Trial) -> None:
    with trial.acting(UNBLINDED) as tx:
        enter(trial, 6)(tx)

    third = meanwhile(trial, (MANAGER, activating(trial, 2)), (UNBLINDED, enter(trial, 2)))

    assert third == f"{DURATION}/3"
    assert states(trial) == ["superseded", "active", "entered"]


def test_a_key_unsealed_during_an_activation_stays_unsealed(trial: Trial) -> None:
    with trial.acting(UNBLINDED) as tx:
        enter(trial, 6)(tx)
        designs.ask_unsealing(tx, GIST, f"{DURATION}/1", "An envelope lay open")

    def unseal(tx: Transaction) -> None:
        designs.unseal(tx, GIST, f"{DURATION}/1")

    meanwhile(trial, (MANAGER, unseal), (MANAGER, activating(trial, 2)))

    assert states(trial) == ["disclosed", "active"]


def test_nobody_is_drawn_from_a_list_whose_key_is_unsealed_meanwhile(trial: Trial) -> None:
    person, study = ready(trial), definition(trial)
    with trial.acting(UNBLINDED) as tx:
        designs.ask_unsealing(tx, GIST, f"{DURATION}/1", "An envelope lay open")

    def unseal(tx: Transaction) -> None:
        designs.unseal(tx, GIST, f"{DURATION}/1")

    def draw(tx: Transaction) -> object:
        return randomise(tx, study, 1, person.id, DURATION)

    told = meanwhile(trial, (MANAGER, unseal), (NURSE, draw))

    assert isinstance(told, Refused)
    assert states(trial) == ["disclosed"]


def test_two_designs_entered_at_once_have_two_numbers(trial: Trial) -> None:
    third = meanwhile(trial, (UNBLINDED, enter(trial, 6)), (UNBLINDED, enter(trial, 2)))

    assert third == f"{DURATION}/3"
    assert states(trial) == ["active", "withdrawn", "entered"]


def test_an_envelope_opened_while_the_others_are_destroyed_is_refused(trial: Trial) -> None:
    study, person = definition(trial), ready(trial)
    with trial.acting(UNBLINDED) as tx:
        envelopes.print_envelopes(tx, study, 1, DURATION, site=SITE, count="2")

    def destroy(tx: Transaction) -> None:
        envelopes.record_destruction(tx, GIST, DURATION, site=SITE, words="Burnt by Dr Quist")

    def use(tx: Transaction) -> object:
        return open_envelope(tx, study, 1, person.id, DURATION, label="1-1", opened_on=trial.today)

    told = meanwhile(trial, (UNBLINDED, destroy), (NURSE, use))

    assert "on record as destroyed" in str(told)
    assert states(trial) == ["active"]


def test_a_study_published_while_a_draw_waits_for_its_turn_refuses_it(trial: Trial) -> None:
    person, study = ready(trial), definition(trial)
    republish(trial, ADDED, CLOSED)

    with pytest.raises(Stale, match="published anew"), trial.acting(NURSE) as tx:
        randomise(tx, study, 1, person.id, DURATION)
    with pytest.raises(Stale, match="published anew"), trial.acting(UNBLINDED) as tx:
        envelopes.print_envelopes(tx, study, 1, DURATION, site=SITE, count="2")

    with trial.database.reading() as connection:
        assert reads.find_allocation(connection, GIST, person.id, DURATION) is None
        assert envelopes.list_envelopes(connection, GIST, DURATION) == []
