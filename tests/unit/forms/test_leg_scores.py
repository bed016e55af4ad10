"""The scores of leg function by the server's evaluator and by the browser's."""

from __future__ import annotations

import json
import shutil
import subprocess
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from forms.definition import Derived
from forms.edit_checks import derive, formula_version
from forms.evaluation_scope import Place, StudyScope
from forms.expressions import Mode, Reference, references, to_json
from forms.formulas import parse_formula
from forms.values import Cell
from tests.support.leg_scores import CASES, TESS, Case, items
from tests.unit.forms.studies import cells, muscle_transfer

DRIVER = Path(__file__).parents[2] / "property" / "expressions_driver.mjs"
NOON = datetime.fromisoformat("2026-03-02T12:00:00")


def scope_of(case: Case, visit: str = "assessment") -> StudyScope:
    study = muscle_transfer()
    entries = {
        Place(study.visits_with(name)[0].slug, 1, name): cells(dict(values))
        for name, values in case.elsewhere.items()
    }
    here = Place(visit, 1, case.instrument)
    return StudyScope(study, {**entries, here: cells(dict(case.answers))}, NOON, here=here)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_server_scores_as_worked_by_hand(case: Case) -> None:
    instrument = muscle_transfer().instrument(case.instrument)
    found = derive(instrument, cells(dict(case.answers)), scope_of(case))

    assert {name: _shown(found.get(name)) for name in case.scores} == {
        name: _as_number(text) for name, text in case.scores.items()
    }
    for name in case.scores.keys() & found.keys():
        item = instrument.value_items[name]
        assert isinstance(item, Derived)
        assert found[name].formula == formula_version(item)


def _shown(cell: Cell | None) -> Decimal | str | None:
    return _as_number(cell.value) if cell is not None and isinstance(cell.value, str) else None


def _as_number(text: str | None) -> Decimal | str | None:
    """A number is kept with the decimals it needs: 100.0 as 100."""
    return Decimal(text) if text and text.lstrip("-").replace(".", "").isdigit() else text


def test_the_browser_scores_as_worked_by_hand() -> None:
    """The page's evaluator is given the answers, and for derived items what was worked by hand."""
    asked = [
        (case, item)
        for case in CASES
        for item in muscle_transfer().instrument(case.instrument).items
        if isinstance(item, Derived) and item.formula and item.name in case.scores
    ]
    answers = _in_browser([_for_browser(case, item) for case, item in asked])

    assert len(asked) > 50
    for (case, item), (found, _) in zip(asked, answers, strict=True):
        wanted = case.scores[item.name]
        assert found == (None if wanted is None else float(wanted)), (case.name, item.name)


def _for_browser(case: Case, item: Derived) -> dict[str, Any]:
    tree = parse_formula(item.formula or "")
    worked = {name: Cell(text) for name, text in case.scores.items() if text is not None}
    scope = scope_of(case).with_cells({**cells(dict(case.answers)), **worked})
    values = {_key(one): _sent(scope, one) for one in references(tree)}
    return {"tree": to_json(tree), "values": values, "facts": {}}


def _key(one: Reference) -> str:
    parts = [one.item, one.visit, one.code, one.instance, one.modifier]
    return json.dumps(parts, separators=(",", ":"))


def _sent(scope: StudyScope, one: Reference) -> Any:
    cell = scope.cell(one)
    if cell is None:
        return None
    if cell.missing:
        return {"m": cell.missing}
    return scope.study.item(one.item).meaning_of(cell, one.code, Mode.REDCAP)


def _in_browser(cases: list[dict[str, Any]]) -> list[list[Any]]:
    node = shutil.which("node")
    assert node is not None, "node is needed: `make setup` brings it"
    sent = json.dumps({"today": "2026-03-02", "now": "2026-03-02 12:00:00", "cases": cases})
    done = subprocess.run(
        [node, str(DRIVER)], input=sent, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    answers: list[list[Any]] = json.loads(done.stdout, parse_int=float)
    return answers


def test_not_applicable_and_missing_are_told_apart_though_both_score_alike() -> None:
    refused, not_applicable = (
        next(case for case in TESS if case.name == f"tess: one {which}")
        for which in ("refused", "N/A")
    )

    assert cells(dict(refused.answers))["tess_30"] == Cell(missing="refused")
    assert cells(dict(not_applicable.answers))["tess_30"] == Cell("na")
    assert refused.scores == not_applicable.scores


# --- change since the first assessment ------------------------------------------------------------


def _scored(**tess: str) -> StudyScope:
    """Scores by visit, as they stand after each form was saved."""
    places = {Place(visit, 1, "tess"): {"tess_score": Cell(score)} for visit, score in tess.items()}
    return StudyScope(muscle_transfer(), places, NOON)


def _change(visit: str, answers: dict[str, Any], **earlier: str) -> tuple[Any, Any]:
    here = Place(visit, 1, "tess")
    before = _scored(**earlier)
    own = cells(answers)
    scope = StudyScope(before.study, {**before.entries, here: own}, NOON, here=here)
    found = derive(muscle_transfer().instrument("tess"), own, scope)
    return _shown(found.get("tess_first")), _shown(found.get("tess_change"))


FIFTY, HUNDRED = items("tess", (30, "3")), items("tess", (30, "5"))  # TESS 50.0 and 100.0


@pytest.mark.parametrize(
    "visit, earlier, change",
    [
        ("serial_12m", {"preoperative": "71.3", "serial_6m": "60.0"}, ("71.3", "28.7")),
        ("serial_12m", {"serial_6m": "60.1"}, ("60.1", "39.9")),
        ("serial_24m", {"assessment": "99.9"}, ("99.9", "0.1")),
        ("assessment", {"preoperative": "20.8"}, ("20.8", "79.2")),
        ("assessment", {}, ("100.0", "0.0")),  # it is the first itself
        ("serial_12m", {}, (None, None)),  # nothing to compare with
    ],
)
def test_change_is_counted_from_before_the_operation_or_else_from_the_first_after_it(
    visit: str, earlier: dict[str, str], change: tuple[str | None, str | None]
) -> None:
    assert _change(visit, HUNDRED, **earlier) == tuple(map(_as_number, change))


def test_a_score_that_is_blank_has_no_change() -> None:
    few = items("tess", (14, "5"))
    assert _change("serial_6m", few, preoperative="40.0") == (Decimal(40), None)
    worse = _change("serial_6m", FIFTY, preoperative="62.5")
    assert worse == (Decimal("62.5"), Decimal("-12.5"))


# --- what is never worked out ---------------------------------------------------------------------


def test_muscle_grades_are_in_order_and_cannot_be_added() -> None:
    grades = muscle_transfer().item("mrc_knee_ext_left").choices  # type: ignore[union-attr]

    assert [choice.code for choice in grades] == [
        "m0", "m1", "m2", "m3", "m4_minus", "m4", "m4_plus", "m5"
    ]  # fmt: skip
    assert not [
        one for one in muscle_transfer().instrument("mrc_power").items if isinstance(one, Derived)
    ]


def test_the_gait_profile_score_is_entered_and_no_formula_makes_it() -> None:
    gait = muscle_transfer().instrument("gait_laboratory")
    derived = {one.name for one in gait.items if isinstance(one, Derived)}

    assert derived == {"gps_overall_first", "gps_overall_change"}
    assert {"gps_overall", "gps_left", "gps_right"} <= gait.value_items.keys() - derived
    assert len([name for name in gait.value_items if name.startswith("gvs_")]) == 3 + 2 * 6
