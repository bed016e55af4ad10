"""What the conditions of visits say about a participant now; unknown plans nothing."""

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
    """What visits' conditions say now; nothing is read for a study whose visits have none."""

    @cache
    def scope() -> StudyScope:
        return get_casebook(tx.connection, study, participant).scope(clock.now())

    def holds(condition: str) -> bool:
        found = three_valued(condition, scope())
        return isinstance(found, float | bool) and bool(found)

    return holds
