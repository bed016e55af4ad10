"""Check that every expression can be read, fits its use and does not depend on itself."""

from __future__ import annotations

from collections.abc import Sequence

from forms.checks.circles import prove_no_circles
from forms.checks.context import CheckContext, Use, uses
from forms.definition import Instrument, Visit
from forms.expressions import Expression, Kind, Reference, check, references, result_kind
from forms.expressions.problems import ExpressionProblem
from forms.formulas import parse_formula

_CONDITIONS = frozenset({Kind.TRUTH, Kind.NUMBER, Kind.ANY})


def prove_formulas(ground: CheckContext) -> None:
    """Parse, type-check and place every expression; refuse circles among items."""
    looked_at: list[tuple[Use, Sequence[Reference]]] = []
    for use in uses(ground.study):
        tree = _tree(ground, use)
        if tree is None:
            continue
        _fits(ground, use, tree)
        looked_at.append((use, references(tree)))
        for reference in references(tree):
            _one_value(ground, use, reference)
    prove_no_circles(ground, looked_at)


def _tree(ground: CheckContext, use: Use) -> Expression | None:
    try:
        return parse_formula(use.text)
    except ExpressionProblem as problem:
        ground.problem(
            use.path, f"{problem.words}, at character {problem.column} of: {_brief(use)}"
        )
        return None


def _brief(use: Use) -> str:
    return use.text if len(use.text) <= 80 else f"{use.text[:77]}…"


def _fits(ground: CheckContext, use: Use, tree: Expression) -> None:
    problems = check(tree, ground.names, calendar_only=use.calendar_only)
    for words in problems:
        ground.problem(use.path, words)
    if problems:
        return
    kind = result_kind(tree, ground.names)
    if use.wants == "condition" and kind not in _CONDITIONS:
        ground.problem(use.path, f"this must be true or false, but it gives a {kind.value}")
    if use.path[-1] == "formula":
        _result_fits(ground, use, kind)


def _result_fits(ground: CheckContext, use: Use, kind: Kind) -> None:
    item = ground.study.item(use.item or "").derivation
    if item is None or kind is Kind.ANY:
        return
    numbers = {Kind.NUMBER, Kind.TRUTH}
    if item.result == "number" and kind not in numbers:
        ground.problem(use.path, f"`{item.name}` is to be a number, but the formula gives a {kind}")
    if item.result == "date" and kind is not Kind.DATE:
        ground.problem(use.path, f"`{item.name}` is to be a date, but the formula gives a {kind}")


def _one_value(ground: CheckContext, use: Use, reference: Reference) -> None:
    study = ground.study
    if reference.item not in study.item_names:
        return
    target = study.instrument_of(reference.item)
    if reference.visit is None:
        words = _without_visit(ground, use, target)
    else:
        words = _with_visit(ground, use, reference, target)
    if words:
        ground.problem(use.path, f"“{reference}”: {words}")


def _without_visit(ground: CheckContext, use: Use, target: Instrument) -> str | None:
    study = ground.study
    if use.home is not None and use.home.name == target.name:
        return None
    at = study.visits_with(target.name)
    home_at = study.visits_with(use.home.name) if use.home is not None else ()
    if home_at and all(visit in at for visit in home_at):
        return None
    if target.log:
        return f"`{target.name}` repeats; say which instance" if target.repeats else None
    if len(at) == 1:
        return _at_one(at[0], target)
    return "it is asked at several visits; write the visit before it, [visit][item]"


def _at_one(visit: Visit, target: Instrument) -> str | None:
    if visit.repeats is not None or visit.unscheduled or target.repeats:
        return "it is asked more than once; say which, for example [visit][item][last-instance]"
    return None


def _with_visit(
    ground: CheckContext, use: Use, reference: Reference, target: Instrument
) -> str | None:
    study = ground.study
    if reference.instance is not None or reference.visit not in {v.slug for v in study.visits}:
        return None
    visit = study.visit(reference.visit)
    if use.home is not None and visit in study.visits_with(use.home.name):
        return None
    return _at_one(visit, target)
