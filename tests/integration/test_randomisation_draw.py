"""The draw: what must hold before it, what it stores, and that nothing gives two answers."""

from __future__ import annotations

import pytest

from capture.db import Database
from capture.ledger.concealment import Concealment
from capture.ledger.verify import verify_study
from tests.randomising import activate, delegate, draw, ready
from tests.trial import GIST, Trial, make_trial


@pytest.fixture
def trial(database: Database, concealment: Concealment) -> Trial:
    made = make_trial(database, concealment)
    delegate(made)
    activate(made)
    return made


def agrees(trial: Trial) -> list[str]:
    with trial.database.reading() as connection:
        return verify_study(connection, trial.concealment, GIST).findings


def test_a_draw_stores_number_arm_levels_and_gate(trial: Trial) -> None:
    done = draw(trial, ready(trial))

    assert (done.number, done.levels) == (
        1,
        {"tumour_site": "gastric", "rupture": "intact", "country": "gb"},
    )
    assert done.arm in ("IM36", "IM60")
    assert all(one["result"] == "met" for one in done.gate)
    assert agrees(trial) == []
