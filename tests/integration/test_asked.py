"""An answer that is not asked is stored, shown and listed, and blank to every reader."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from capture.access import Action, Role
from capture.db import Database
from capture.entry.fold import mention_of_recalculation
from capture.entry.reads import list_entry_history, list_values
from capture.entry.service import not_do_entry
from capture.ledger.concealment import Concealment
from capture.ledger.fold import Change
from capture.participants import service as participants
from capture.visibility import get_viewer
from forms.edit_checks import FindingKind
from forms.eligibility import Result
from forms.values import Cell
from tests.support.asked import ASKED, HABITS, LATER, NURSE, SITE, Asked, publish_asked
from tests.support.trial import make_actor

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


# --- worked out again when what it reads changes --------------------------------------------------


def test_a_formula_of_the_allocation_has_its_value_straight_after_the_draw(asked: Asked) -> None:
    person = asked.enrolled()
    asked.save(person, {"seen": "2026-03-02"}, LATER)
    before = asked.stored(person, LATER)
    assert "arm_now" not in before.cells

    asked.allocate(person, "PATCH")

    after = asked.stored(person, LATER)
    assert after.cells["arm_now"].value == "PATCH"
    assert (after.version, after.saved_by, after.saved_at) == (
        before.version,
        before.saved_by,
        before.saved_at,
    )
    asked.save(person, {"smokes_now": "no"}, LATER, version=before.version)
    assert asked.disagreements() == []


def test_consent_that_is_withdrawn_works_its_formula_out_again(asked: Asked) -> None:
    person = asked.enrolled()
    asked.save(person, {"seen": "2026-03-02"}, LATER)
    assert asked.stored(person, LATER).cells["agreed"].value == "yes"

    with asked.on("2026-03-03").trial.acting(NURSE) as tx:
        participants.withdraw_consent(
            tx, ASKED, person.id, scope="main", date="2026-03-02", told_to="A. Cole"
        )

    assert asked.stored(person, LATER).cells["agreed"].value == "no"
    assert asked.disagreements() == []


def test_a_derived_item_that_is_not_shown_has_no_value(asked: Asked) -> None:
    person = asked.enrolled()

    asked.save(person, {"seen": "2026-03-02", "smokes_now": "no"}, LATER)

    assert "agreed" not in asked.stored(person, LATER).kept_cells


def test_no_value_changes_with_the_clock(asked: Asked) -> None:
    person = asked.enrolled()
    asked.save(person, {"seen": "2026-03-02"}, LATER)
    with asked.on("2026-03-03").trial.acting(NURSE) as tx:
        participants.withdraw_consent(
            tx, ASKED, person.id, scope="main", date="2026-03-02", told_to="A. Cole"
        )
    asked.save(person, {"smokes": "no"})

    later = asked.on("2027-03-02")
    later.save(person, {"smokes_now": "yes"}, LATER)
    later.save(person, {"smokes_now": None}, LATER)

    assert asked.stored(person, LATER).cells["agreed"].value == "no"


def test_a_form_marked_as_not_done_stays_so_when_what_it_reads_changes(asked: Asked) -> None:
    person = asked.enrolled()
    asked.save(person, SMOKER)
    asked.save(person, {"cough": "yes"}, LATER)
    with asked.trial.acting(NURSE) as tx:
        not_do_entry(
            tx, asked.study, 1, person.id, LATER, missing_reason="not_done", version=1, reason="x"
        )

    asked.save(person, {"packs": 2})

    assert asked.stored(person, LATER).status == "not_done"


def test_who_may_not_see_arms_is_not_told_that_a_form_was_worked_out_after_the_draw(
    asked: Asked, concealment: Concealment
) -> None:
    person = asked.enrolled()
    asked.save(person, {"seen": "2026-03-02"}, LATER)
    asked.allocate(person, "PATCH")
    asked.save(person, SMOKER)

    with asked.trial.database.reading() as connection:
        entry = asked.stored(person, LATER)
        past = list_entry_history(connection, concealment, ASKED, person.id, entry.id)
    drawn = next(save.fact for save in past if "item:arm_now" in save.fact.body)
    nurse, blind = (
        get_viewer(make_actor(role, SITE, study=ASKED), asked.study, SITE)
        for role in (Role.NURSE, Role.STATISTICIAN)
    )
    assert [save.fact.action for save in past] == [Action.ENTRY_RECALCULATE, Action.ENTRY_SAVE]
    assert nurse.shows_act(drawn)
    assert not blind.shows_act(drawn)


def test_a_condition_of_the_arm_is_withheld_like_its_item() -> None:
    body = {
        "visit_slug": Change(None, "baseline"),
        "instrument": Change(None, "later"),
        "flags": Change([], ["arm_note"]),
    }
    fact = SimpleNamespace(body=body, new=lambda name: body[name].new if name in body else None)

    mention = mention_of_recalculation(fact)  # type: ignore[arg-type]

    assert [part.items for part in mention.parts] == [frozenset({"arm_note"})]
