"""Check that a gate can be passed: behind an impossible one no participant could join.

Only what can be proved is refused: criteria on choices, and on numbers with fixed limits, are tried
with all combinations of answers. Criteria on dates or facts are not checked.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from forms.checks.answers import Trial
from forms.checks.context import CheckContext
from forms.definition import Gate, Study
from forms.expressions import Expression, Reference, check, references
from forms.expressions.problems import ExpressionProblem
from forms.formulas import parse_formula


@dataclass(frozen=True, slots=True)
class _Tried:
    """A criterion that can be tried, with the references it looks at."""

    name: str
    tree: Expression
    looks_at: frozenset[Reference]


def prove_gates(ground: CheckContext) -> None:
    """Note every criterion that no answers can meet, alone or together with earlier criteria."""
    for gate in ground.study.gates:
        _gate(ground, gate)


def _gate(ground: CheckContext, gate: Gate) -> None:
    draws = any(randomisation.gate == gate.name for randomisation in ground.study.randomisations)
    lost = "so nobody could be randomised" if draws else "so nobody could pass"
    _asked_in_time(ground, gate)
    before: list[_Tried] = []
    for criterion in _list_sound_criteria(ground, gate):
        path = ["gates", gate.name, "criteria", criterion.name, "holds"]
        if not _can_hold(ground, [criterion]):
            ground.problem(path, f"no answer fulfils this, {lost}")
        elif not _can_hold(ground, [*_list_linked(criterion, before), criterion]):
            ground.problem(path, f"this contradicts the criteria before it, {lost}")
        else:
            before.append(criterion)


def _asked_in_time(ground: CheckContext, gate: Gate) -> None:
    """Note items used by a gate before a randomisation but asked only at visits after it."""
    draws = [
        f"allocation.{randomisation.name}"
        for randomisation in ground.study.randomisations
        if randomisation.gate == gate.name
    ]
    for criterion in gate.criteria if draws else ():
        for reference in _references(criterion.holds):
            anchors = _anchors(ground.study, reference)
            if len(anchors) == 1 and anchors <= set(draws):
                words = f"“{reference.item}” is asked only at visits counted from the allocation"
                path = ["gates", gate.name, "criteria", criterion.name, "holds"]
                ground.problem(path, f"{words}, when it is too late for this gate")


def _references(text: str) -> Iterator[Reference]:
    try:
        yield from dict.fromkeys(references(parse_formula(text)))
    except ExpressionProblem:
        return  # noted by the check of expressions


def _anchors(study: Study, reference: Reference) -> set[str | None]:
    """Return the anchors of the visits that a reference can mean; None for a visit without one."""
    if reference.item not in study.item_names:
        return set()
    asked = study.visits_with(study.instrument_of(reference.item).name)
    visits = [visit for visit in asked if visit.slug == reference.visit] or asked
    return {
        study.event_name(timing.anchor) if timing.anchor else None
        for visit in visits
        for timing in visit.timings
    }


def _list_sound_criteria(ground: CheckContext, gate: Gate) -> Iterator[_Tried]:
    for criterion in gate.criteria:
        try:
            tree = parse_formula(criterion.holds)
        except ExpressionProblem:
            continue
        is_sound = not check(tree, ground.names, calendar_only=True)
        if is_sound and Trial(ground, [tree]).is_complete:
            yield _Tried(criterion.name, tree, frozenset(references(tree)))


def _list_linked(criterion: _Tried, before: Sequence[_Tried]) -> list[_Tried]:
    """Return the earlier criteria that share items with this one, directly or through others."""
    linked: list[_Tried] = []
    seen = criterion.looks_at
    while more := [each for each in before if each not in linked and each.looks_at & seen]:
        linked += more
        seen = seen.union(*(each.looks_at for each in more))
    return linked


def _can_hold(ground: CheckContext, tried: Sequence[_Tried]) -> bool:
    """Return whether some combination of answers meets all criteria; True if too many to try."""
    trial = Trial(ground, [criterion.tree for criterion in tried])
    return not trial.is_complete or trial.example() is not None
