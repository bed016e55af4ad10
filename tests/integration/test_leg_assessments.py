"""Scores of leg function as stored: with formula version, followed by what hangs on them."""

from __future__ import annotations

from pathlib import Path

import pytest

from capture.db import Database
from capture.ledger.concealment import Concealment
from capture.ledger.verify import verify_study
from capture.web.request_context import Services
from forms.definition import Derived
from forms.edit_checks import formula_version
from forms.values import Cell
from tests.support.builders import make_config
from tests.support.leg_scores import items
from tests.support.legs import CONSENT, LEGS, OPERATION, Legs, begun, enrolled, leg_stage, recovered

ANSWERED = {"tess_mode": "paper", "tess_by": "self"}
KNEES = {"rom_date": "2025-10-01", "rom_knee_act_left": 95, "rom_knee_act_right": 140}


@pytest.fixture
def legs(database: Database, tmp_path: Path) -> Legs:
    """Somebody who takes part from before the operation, enrolled."""
    config = make_config(data=tmp_path, database_url=database.url)
    services = Services(database, Concealment(config.concealment_key), config)
    person = enrolled(leg_stage(services, CONSENT), CONSENT)
    begun(person)
    return person


def tess(legs: Legs, day: str, visit: str, answers: dict[str, object], reason: str = "") -> None:
    legs.save(day, visit, "tess", {"tess_date": day, **ANSWERED, **answers}, reason)


def findings(legs: Legs) -> list[str]:
    services = legs.stage.services
    with services.database.reading() as connection:
        return list(verify_study(connection, services.concealment, LEGS).findings)


def test_a_score_is_stored_with_the_version_of_its_formula(legs: Legs) -> None:
    tess(legs, CONSENT, "preoperative", items("tess", (20, "4"), (10, "na")))

    # 100 * (80 - 20) / 80 = 75
    cell = legs.cell("preoperative", "tess", "tess_score")
    item = legs.stage.study.item("tess_score")
    assert isinstance(item, Derived)
    assert cell == Cell("75", formula=formula_version(item))
    assert findings(legs) == []


def test_not_applicable_is_stored_as_an_answer_and_a_missing_reason_beside_none(legs: Legs) -> None:
    answers = items("tess", (28, "5"), (1, "na"), (1, Cell(missing="refused")))
    tess(legs, CONSENT, "preoperative", answers)

    assert legs.cell("preoperative", "tess", "tess_29") == Cell("na")
    assert legs.cell("preoperative", "tess", "tess_30") == Cell(missing="refused")
    assert legs.value("preoperative", "tess", "tess_answered") == "28"
    assert legs.value("preoperative", "tess", "tess_score") == "100"


def test_a_correction_of_the_first_score_moves_the_change_at_later_visits(legs: Legs) -> None:
    tess(legs, CONSENT, "preoperative", items("tess", (30, "3")))
    recovered(legs)
    tess(legs, "2025-10-01", "assessment", items("tess", (30, "5")))
    assert legs.value("assessment", "tess", "tess_first") == "50"
    assert legs.value("assessment", "tess", "tess_change") == "50"

    # One 3 becomes a 5: the sum is 92, and 100 * (92 - 30) / 120 = 51.666…
    correction = {"tess_1": "5"}
    legs.save("2025-10-02", "preoperative", "tess", correction, "Read wrongly from the paper")

    assert legs.value("preoperative", "tess", "tess_score") == "51.7"
    assert legs.value("assessment", "tess", "tess_first") == "51.7"
    assert legs.value("assessment", "tess", "tess_change") == "48.3"
    assert findings(legs) == []


def test_a_first_score_entered_late_is_found_by_the_visits_entered_before(legs: Legs) -> None:
    recovered(legs)
    tess(legs, "2025-10-01", "assessment", items("tess", (30, "5")))
    assert legs.value("assessment", "tess", "tess_change") == "0"

    tess(legs, "2025-10-02", "preoperative", items("tess", (30, "1")))

    assert legs.value("assessment", "tess", "tess_first") == "0"
    assert legs.value("assessment", "tess", "tess_change") == "100"


def test_the_deficit_follows_the_operated_side_of_another_visit(legs: Legs) -> None:
    legs.save(CONSENT, "preoperative", "range_of_movement", KNEES | {"rom_date": CONSENT})
    assert legs.value("preoperative", "range_of_movement", "rom_knee_act_deficit") is None

    legs.save("2025-10-01", "operation", "surgery_record", OPERATION)
    assert legs.value("preoperative", "range_of_movement", "rom_knee_act_deficit") == "45"

    wrong_side = {"operated_side": "right"}
    legs.save("2025-10-02", "operation", "surgery_record", wrong_side, "The note says right")
    assert legs.value("preoperative", "range_of_movement", "rom_knee_act_deficit") == "-45"
    assert findings(legs) == []
