"""Evaluates the conditions of visits for a participant; an unknown one plans no visit."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

from capture import clock
from capture.entry.reads import get_casebook
from capture.ledger.service import Transaction
from forms.definition import Study
from forms.evaluation_scope import StudyScope
from forms.formulas import three_valued


def make_condition_check(tx: Transaction, study: Study, participant: str) -> Callable[[str], bool]:
    """Make a function that evaluates a visit's condition; the casebook is read at its first use."""

    @cache
    def scope() -> StudyScope:
        return get_casebook(tx.connection, study, participant).scope(clock.now())

    def holds(condition: str) -> bool:
        found = three_valued(condition, scope())
        return isinstance(found, float | bool) and bool(found)

    return holds
