"""Expressions of a study, parsed once for each text and evaluated in the logic of their use."""

from __future__ import annotations

from functools import lru_cache

from forms.definition import LOG_VISIT, Study
from forms.evaluation_scope import StudyScope
from forms.expressions import Expression, Kind, Mode, Value, evaluate, parse
from forms.expressions.names import ItemType


@lru_cache(maxsize=16384)
def parse_formula(text: str) -> Expression:
    """Return the parsed expression, cached by text. Raises ExpressionProblem."""
    return parse(text)


def two_valued(text: str, scope: StudyScope) -> Value:
    """Return the value in two-valued logic, as for show-if, checks and calculations."""
    return evaluate(parse_formula(text), scope.in_mode(Mode.REDCAP), Mode.REDCAP)


def three_valued(text: str, scope: StudyScope) -> Value:
    """Return the value in three-valued logic: UNKNOWN for blank or missing values."""
    return evaluate(parse_formula(text), scope.in_mode(Mode.KLEENE), Mode.KLEENE)


def holds(text: str, scope: StudyScope) -> bool:
    """Return whether a condition is true in two-valued logic."""
    found = two_valued(text, scope)
    return isinstance(found, float | bool) and bool(found)


class StudyNames:
    """The names of one study for its expressions."""

    def __init__(self, study: Study) -> None:
        self._study = study

    def item(self, name: str) -> ItemType | None:
        """Return the type of an item; None when the study has none of this name."""
        known = name in self._study.item_names
        return self._study.item(name).expression_type if known else None

    def has_visit(self, name: str) -> bool:
        """Return whether the study has the visit; the log counts as one."""
        return name == LOG_VISIT or any(visit.slug == name for visit in self._study.visits)

    def is_asked_at(self, item: str, visit: str) -> bool:
        """Return whether an instrument holding the item is filled in at the visit."""
        if item not in self._study.item_names:
            return False
        instrument = self._study.instrument_of(item)
        if visit == LOG_VISIT:
            return instrument.log
        return instrument.name in self._study.visit(visit).instruments

    def site_attribute(self, name: str) -> ItemType | None:
        """Return the codes of a site attribute; None when the study declares none of this name."""
        for attribute in self._study.site_attributes:
            if attribute.name == name:
                codes = frozenset(choice.code for choice in attribute.choices)
                return ItemType(Kind.CHOICE, codes)
        return None

    def arms(self, randomisation: str | None) -> frozenset[str] | None:
        """Return the arms of a randomisation or of the only one; None when there is no such."""
        found = [row for row in self._study.randomisations if randomisation in (None, row.name)]
        return frozenset(arm.arm for arm in found[0].arms) if len(found) == 1 else None

    def cohorts(self) -> frozenset[str]:
        """Return the cohorts of the study."""
        return frozenset(cohort.name for cohort in self._study.cohorts)

    def has_consent_scope(self, name: str) -> bool:
        """Return whether consent has a scope of this name."""
        return any(scope.name == name for scope in self._study.consents)
