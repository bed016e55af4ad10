"""An answer that is not asked is stored, shown and listed, and blank to every reader."""

from __future__ import annotations

import pytest

from capture.db import Database
from capture.entry.reads import list_values
from capture.ledger.concealment import Concealment
from forms.edit_checks import FindingKind
from forms.eligibility import Result
from forms.values import Cell
from tests.support.asked import ASKED, HABITS, LATER, Asked, publish_asked

SMOKER = {"smokes": "yes", "packs": 6, "quit_on": "2026-02-01", "kind": "rolled"}


@pytest.fixture
def asked(database: Database, concealment: Concealment) -> Asked:
    return publish_asked(database, concealment)


def criterion(asked: Asked, person: object) -> Result:
    (found,) = asked.readiness(person).verdict.criteria  # type: ignore[arg-type]
    return found.result


def test_what_is_no_longer_asked_decides_nothing_and_is_kept(asked: Asked) -> None:
    person = asked.enrolled()
    asked.save(person, SMOKER)
    asked.save(person, {"cough": "yes"}, LATER)
    assert criterion(asked, person) is Result.MET
    assert asked.readiness(person).stratum.levels == {"kind": "rolled"}
    assert ("quit", "2026-02-01") in asked.facts(person)
    assert {"clinic", "after"} <= set(asked.visits(person))
    assert asked.stored(person).cells["packs_week"].value == "42"

    asked.save(person, {"smokes": "no"})

    entry, later = asked.stored(person), asked.stored(person, LATER)
    assert criterion(asked, person) is Result.UNKNOWN
    assert asked.readiness(person).stratum.levels == {}
    assert "quit" not in dict(asked.facts(person))
    assert not {"clinic", "after"} & set(asked.visits(person))
    assert entry.cells == {"smokes": Cell("no")}
    assert list(entry.flags) == ["packs", "quit_on", "kind"]
    assert {name: cell.value for name, cell in entry.kept_cells.items()} == SMOKER | {
        "smokes": "no"
    }
    assert ("cough" in later.kept_cells, dict(later.cells).keys() & {"cough", "cough_packs"}) == (
        True,
        set(),
    )
    with asked.trial.database.reading() as connection:
        assert list(list_values(connection, ASKED, "habits", "packs")) == []
    assert asked.disagreements() == []


def test_asked_again_it_counts_again(asked: Asked) -> None:
    person = asked.enrolled()
    asked.save(person, SMOKER)
    asked.save(person, {"smokes": "no"})

    asked.save(person, {"smokes": "yes"})

    assert criterion(asked, person) is Result.MET
    assert asked.readiness(person).stratum.levels == {"kind": "rolled"}
    assert ("quit", "2026-02-01") in asked.facts(person)
    assert asked.stored(person).cells["packs_week"].value == "42"
    assert (asked.stored(person).flags, asked.open_queries(person)) == ((), [])


def test_no_tick_makes_it_count_and_clearing_it_closes_the_question(asked: Asked) -> None:
    person = asked.enrolled()
    asked.save(person, SMOKER)

    saved = asked.save(person, {"smokes": "no"}, confirm=True)

    kinds = {question.item: question.kind for question in saved.questions}
    assert kinds == {
        "packs": FindingKind.HIDDEN,
        "quit_on": FindingKind.HIDDEN,
        "kind": FindingKind.CHOICE,
    }
    assert {query.item for query in asked.open_queries(person)} == set(kinds)
    assert asked.stored(person).status == "in_progress"

    asked.save(person, {"packs": None, "quit_on": None, "kind": "none"})

    assert asked.open_queries(person) == []
    assert asked.stored(person).status == "complete"
    assert asked.readiness(person).stratum.levels == {"kind": "other"}


def test_a_condition_that_rests_on_an_item_not_asked_does_not_hold(asked: Asked) -> None:
    person = asked.enrolled()
    asked.save(person, {**SMOKER, "heavy": "Stress"})

    asked.save(person, {"smokes": "no"})

    assert "heavy" in asked.stored(person, HABITS).flags


def test_a_count_over_boxes_is_blank_until_the_question_is_answered(asked: Asked) -> None:
    person = asked.enrolled()
    asked.save(person, {"smokes": "no"})
    assert "tried_count" not in asked.stored(person).cells

    asked.save(person, {"tried": Cell(missing="refused")})
    assert "tried_count" not in asked.stored(person).cells

    asked.save(person, {"tried": ("gum",)})
    assert asked.stored(person).cells["tried_count"].value == "1"
