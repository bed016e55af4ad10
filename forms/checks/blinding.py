"""Check that a role cannot see hidden items or arms in any other way."""

from __future__ import annotations

import re

from forms import blinding  # as a module: the two modules import each other
from forms.checks.context import CheckContext, PlacedItem, Use, placed_items, uses
from forms.definition import BUILT_IN_EVENTS, Role, Study
from forms.expressions import references
from forms.expressions.problems import ExpressionProblem
from forms.formulas import parse_formula

_IN_WORDS = re.compile(r"\[([a-z][a-z0-9_]*)\]")
_SEES_NO_DATA = frozenset({Role.ADMINISTRATOR, Role.COMMITTEE})
"""The committee is shown dose levels and outcomes without a name, and no participant's data."""


def prove_blinding(ground: CheckContext) -> None:
    """Note hidden items that can be seen, and what reveals an arm and is not dealt with."""
    hidden = _list_hidden(ground.study)
    for use in uses(ground.study):
        _carried_by_formula(ground, use, hidden)
    for placed in placed_items(ground.study):
        _carried_by_words(ground, placed, hidden)
    _check_arm_visibility(ground)
    _arms(ground)


def _list_hidden(study: Study) -> dict[str, frozenset[Role]]:
    return {
        name: frozenset(item.hidden_from)
        for instrument in study.instruments
        for name, item in instrument.value_items.items()
    }


def _carried_by_formula(ground: CheckContext, use: Use, hidden: dict[str, frozenset[Role]]) -> None:
    try:
        named = {reference.item for reference in references(parse_formula(use.text))}
    except ExpressionProblem:
        return
    reaches = _hidden_of(ground.study, use.item)
    for name in sorted(named & set(hidden)):
        roles = sorted(hidden[name] - reaches)
        if roles:
            words = f"`{name}` is hidden from {roles[0]}, but this would carry it to that role"
            ground.problem(use.path, words)


def _hidden_of(study: Study, item: str | None) -> frozenset[Role]:
    for placed in placed_items(study):
        if placed.item.name == item:
            return frozenset(placed.item.hidden_from)
    return frozenset()


def _carried_by_words(
    ground: CheckContext, placed: PlacedItem, hidden: dict[str, frozenset[Role]]
) -> None:
    item = placed.item
    texts = {"label": item.label, "hint": item.hint or ""}
    texts |= {f"checks {check.name}": check.message for check in item.checks}
    for where, text in texts.items():
        for name in _IN_WORDS.findall(text):
            roles = sorted(hidden.get(name, frozenset()) - set(item.hidden_from))
            if roles:
                words = f"these words name `{name}`, which is hidden from {roles[0]}"
                ground.problem([*placed.path, *where.split()], words)


def _nameable(study: Study) -> set[str]:
    instruments = {instrument.name for instrument in study.instruments}
    events = {event.name for event in study.events}
    return {*instruments, *study.item_names, *events, *BUILT_IN_EVENTS}


def _check_arm_visibility(ground: CheckContext) -> None:
    """Note names in `arm_visibility` that do not exist and acceptances without a reason."""
    study, visibility = ground.study, ground.study.arm_visibility
    if visibility.revealing == "accept" and visibility.reason is None:
        ground.problem(["arm_visibility"], "`revealing: accept` needs a `reason`")
    if visibility.accepts and visibility.reason is None:
        ground.problem(["arm_visibility", "accepts"], "`accepts` needs a `reason`")
    for name in sorted(set(visibility.reveals) - _nameable(study)):
        words = f"`{name}` is no instrument, item or event of this study"
        ground.problem(["arm_visibility", "reveals"], words)
    slugs = {visit.slug for visit in study.visits}
    for name in sorted(set(visibility.accepts) - _nameable(study) - slugs):
        words = f"`{name}` is no visit, instrument, item or event of this study"
        ground.problem(["arm_visibility", "accepts"], words)


def _arms(ground: CheckContext) -> None:
    study, visibility = ground.study, ground.study.arm_visibility
    blind = sorted(set(Role) - set(visibility.visible_to) - _SEES_NO_DATA)
    if visibility.revealing is not None or not blind:
        return
    found = blinding.arm_revealing(study)
    what = "arm" if study.randomisations else "cohort"
    words = (
        f"would tell {blind[0]} the {what}; say `revealing: withhold` (or accept, with a reason)"
    )
    for slug in sorted(found.visits):
        ground.problem(["visits", slug], f"visit `{slug}` {words} under arm_visibility")
    loose = {
        name for name in found.items if study.instrument_of(name).name not in found.instruments
    }
    for placed in placed_items(study):
        if placed.item.name in loose:
            name = placed.item.name
            ground.problem(placed.path, f"item `{name}` {words} under arm_visibility")
