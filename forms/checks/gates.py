"""Proof that a gate can be passed: nobody could join behind one that cannot.

Only what can be proved is refused: criteria that rest on choices, and on numbers against fixed
limits, are tried with every combination of answers; what rests on dates or facts is left alone.
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
    """Note every criterion no answer fulfils, alone or beside those before it."""
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
    """Note what a gate before a draw looks at and only visits after that draw ask."""
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
        return  # told where expressions are checked


def _anchors(study: Study, reference: Reference) -> set[str | None]:
    """What the visits that a reference can mean are counted from; None for no event."""
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
    """The earlier criteria that look at what this one looks at, directly or through others."""
    linked: list[_Tried] = []
    seen = criterion.looks_at
    while more := [each for each in before if each not in linked and each.looks_at & seen]:
        linked += more
        seen = seen.union(*(each.looks_at for each in more))
    return linked


def _can_hold(ground: CheckContext, tried: Sequence[_Tried]) -> bool:
    """Whether some combination of answers makes all of them true; yes where there are too many."""
    trial = Trial(ground, [criterion.tree for criterion in tried])
    return not trial.is_complete or trial.example() is not None
