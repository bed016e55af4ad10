"""What a role may not see: what would reveal an arm or a cohort, and items hidden from the role."""

from __future__ import annotations

import weakref
from collections.abc import Collection
from dataclasses import dataclass

from forms.checks.context import uses
from forms.definition import BUILT_IN_EVENTS, Role, Study, Visit
from forms.expressions import Expression, Reference, facts, references
from forms.expressions.problems import ExpressionProblem
from forms.formulas import parse_formula

_ARM_FACTS = frozenset({"allocation.arm", "arm-name", "arm-number", "arm-label", "cohort"})


@dataclass(frozen=True, slots=True)
class Revealing:
    """The parts of a study from which an arm, a cohort or a hidden value could be read."""

    visits: frozenset[str] = frozenset()
    instruments: frozenset[str] = frozenset()
    items: frozenset[str] = frozenset()
    events: frozenset[str] = frozenset()

    @property
    def is_empty(self) -> bool:
        """Whether nothing reveals an arm."""
        return not (self.visits or self.instruments or self.items or self.events)

    def __or__(self, other: Revealing) -> Revealing:
        return Revealing(
            visits=self.visits | other.visits,
            instruments=self.instruments | other.instruments,
            items=self.items | other.items,
            events=self.events | other.events,
        )

    def has_form(self, visit: str, instrument: str) -> bool:
        """Return whether the existence of data in this form at this visit reveals an arm."""
        return visit in self.visits or instrument in self.instruments


def arm_revealing(study: Study) -> Revealing:
    """Return everything that depends on an arm or a cohort; computed once for each definition.

    This is what the study names; a visit for some arms or cohorts only, or with its own timing for
    a cohort; an item that determines a cohort; an event dated by a revealing item and a visit
    anchored on it; an instrument filled in only at such visits; an item shown, offered or derived
    from any of these. What the study accepts to be shown is left out, with all that depends on it.
    """
    known = _known.get(id(study))
    if known is None or known[0]() is not study:
        key = id(study)
        known = (weakref.ref(study, lambda _: _known.pop(key, None)), _find_revealing(study))
        _known[key] = known
    return known[1]


_known: dict[int, tuple[weakref.ref[Study], Revealing]] = {}


def _find_revealing(study: Study) -> Revealing:
    found = _get_revealing_base(study)
    while (more := _widen(study, found)) != found:
        found = more
    return found


def _get_revealing_base(study: Study) -> Revealing:
    """Return what the study declares as revealing an arm, and the items that determine a cohort."""
    accepted = frozenset(study.arm_visibility.accepts)
    named = frozenset(study.arm_visibility.reveals) - accepted
    return Revealing(
        instruments=named & {instrument.name for instrument in study.instruments},
        items=(named | (_evidence(study) - accepted)) & study.item_names,
        events=named & {*BUILT_IN_EVENTS, *(event.name for event in study.events)},
    )


def _evidence(study: Study) -> set[str]:
    """Return the items that determine cohorts: those in their conditions and their evidence."""
    texts = [
        text
        for cohort in study.cohorts
        for text in (cohort.when, *(used.value for used in cohort.evidence.values))
    ]
    return {reference.item for text in texts for reference in _read(text)}


def _read(text: str) -> tuple[Reference, ...]:
    try:
        return references(parse_formula(text))
    except ExpressionProblem:
        return ()


def _widen(study: Study, known: Revealing) -> Revealing:
    visits = {
        visit.slug for visit in study.visits if visit.arms or visit.cohorts or visit.by_cohort
    }
    accepted = set(study.arm_visibility.accepts)
    dated = {event.name for event in study.events if event.date_item in known.items}
    events = (dated - accepted) | known.events
    visits |= known.visits | {visit.slug for visit in study.visits if _hangs_on(visit, events)}
    items = set(known.items)
    for use in uses(study):
        if not use.is_check and rests_on_arm(use.text, known):
            if use.path[0] == "visits":
                visits.add(str(use.path[1]))
            elif use.item is not None:
                items.add(use.item)
    visits -= accepted
    alone = {name for name in _names(study) if _only_at(study, name, visits)} - accepted
    instruments = alone | known.instruments
    items |= {item for name in instruments for item in study.instrument(name).value_items}
    items = (items | _rows(study, items)) - accepted
    return Revealing(*map(frozenset, (visits, instruments, items, events)))


def _hangs_on(visit: Visit, events: set[str]) -> bool:
    return any(timing.anchor in events or timing.due in events for timing in visit.timings)


def _names(study: Study) -> list[str]:
    return [instrument.name for instrument in study.instruments if not instrument.log]


def _only_at(study: Study, instrument: str, visits: set[str]) -> bool:
    at = study.visits_with(instrument)
    return bool(at) and all(visit.slug in visits for visit in at)


def _rows(study: Study, items: set[str]) -> set[str]:
    return {
        leaf.name
        for instrument in study.instruments
        for item in instrument.items
        if item.name in items
        for leaf in item.leaves()
    }


def rests_on_arm(text: str, known: Revealing) -> bool:
    """Return whether an expression's value could reveal an arm or a cohort, as `known` does."""
    try:
        tree: Expression = parse_formula(text)
    except ExpressionProblem:
        return False
    if any(fact.name in _ARM_FACTS for fact in facts(tree)):
        return True
    return any(
        reference.item in known.items or reference.visit in known.visits
        for reference in references(tree)
    )


def find_hidden(study: Study, roles: Collection[Role]) -> Revealing:
    """Return what the definition hides from a user who has all of these roles.

    Items are hidden by `hidden_from` if it names any of the roles; an instrument if all its items
    are hidden; an event dated by a hidden item, and a visit anchored on it; a visit if all its
    instruments are hidden.
    """
    items = {
        name
        for instrument in study.instruments
        for item in instrument.items
        if not set(item.hidden_from).isdisjoint(roles)
        for name in (item.name, *(leaf.name for leaf in item.leaves()))
    }
    if not items:
        return Revealing()
    events = {event.name for event in study.events if event.date_item in items}
    instruments = {
        instrument.name
        for instrument in study.instruments
        if instrument.value_items and instrument.value_items.keys() <= items
    }
    visits = {
        visit.slug
        for visit in study.visits
        if _hangs_on(visit, events)
        or (visit.instruments and instruments.issuperset(visit.instruments))
    }
    return Revealing(*map(frozenset, (visits, instruments, items, events)))


def withheld_from(study: Study, role: Role) -> Revealing:
    """Return what a role may not see because it reveals an arm; empty if the role may see arms."""
    visibility = study.arm_visibility
    if role in visibility.visible_to or visibility.revealing == "accept":
        return Revealing()
    return arm_revealing(study)
