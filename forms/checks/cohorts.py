"""Check that cohorts have evidence and that no participant can belong to two of them."""

from __future__ import annotations

from itertools import combinations

from forms.checks.answers import Answers, Trial
from forms.checks.context import CheckContext
from forms.checks.randomisations import SITE_STAFF
from forms.definition import Cohort
from forms.expressions import Expression, Reference, Value
from forms.expressions.problems import ExpressionProblem
from forms.expressions.tree import Fact, walk
from forms.formulas import parse_formula

_BY_CHANCE = frozenset({"allocation.arm", "allocation.date", "cohort"})


def prove_cohorts(ground: CheckContext) -> None:
    """Note cohorts that are impossible, use no items or use an arm, and cohorts that overlap."""
    for cohort in ground.study.cohorts:
        _rests_on_evidence(ground, cohort)
    seeing = SITE_STAFF.intersection(ground.study.arm_visibility.visible_to)
    if ground.study.cohorts and not seeing:
        words = "cohorts are recorded by site staff; show them to the nurse or the investigator"
        ground.problem(["arm_visibility", "visible_to"], words)
    trees = {
        cohort.name: tree for cohort in ground.study.cohorts if (tree := _tree(cohort)) is not None
    }
    for name, tree in trees.items():
        alone = Trial(ground, [tree])
        if alone.is_complete and alone.example() is None:
            words = f"no answers make `{name}` hold; nobody could ever be in this cohort"
            ground.problem(["cohorts", name, "when"], words)
    for first, second in combinations(trees, 2):
        both = Trial(ground, [trees[first], trees[second]])
        found = both.example() if both.is_complete else None
        if found is not None:
            words = f"`{first}` and `{second}` both hold when {_words(found)}; set them apart"
            ground.problem(["cohorts", second, "when"], words)


def _tree(cohort: Cohort) -> Expression | None:
    try:
        return parse_formula(cohort.when)
    except ExpressionProblem:
        return None


def _rests_on_evidence(ground: CheckContext, cohort: Cohort) -> None:
    path = ["cohorts", cohort.name]
    texts = [("when", cohort.when)]
    if cohort.gate is not None:
        gates = {gate.name: gate for gate in ground.study.gates}
        ground.require_known([*path, "gate"], cohort.gate, gates, "gate")
        criteria = gates[cohort.gate].criteria if cohort.gate in gates else ()
        texts += [("gate", criterion.holds) for criterion in criteria]
    for where, text in texts:
        for name in sorted(_facts(text) & _BY_CHANCE):
            words = f"this rests on `{name}`, but a cohort is found by evidence about the person"
            ground.problem([*path, where], words)
    tree = _tree(cohort)
    if tree is not None and not any(isinstance(node, Reference | Fact) for node in walk(tree)):
        ground.problem([*path, "when"], "this looks at nothing; name the items that show it")


def _facts(text: str) -> set[str]:
    try:
        return {node.name for node in walk(parse_formula(text)) if isinstance(node, Fact)}
    except ExpressionProblem:
        return set()


def _words(answers: Answers) -> str:
    shown = (f"{reference} is {_number(value)}" for reference, value in answers.items())
    return " and ".join(shown)


def _number(value: Value) -> str:
    if isinstance(value, float | str | bool):
        return f"{value:g}" if isinstance(value, float) else str(value)
    return "blank"
