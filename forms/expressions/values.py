"""The values of expressions: number, text, truth, blank, missing with a reason, or unknown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum, StrEnum
from typing import Final, Literal, Protocol, TypeAlias

from forms.expressions.tree import Reference


class Mode(StrEnum):
    """The logic in which an expression is evaluated."""

    REDCAP = "redcap"  # two-valued: show-if, checks, calculations
    KLEENE = "kleene"  # three-valued: gates, strata, cohorts, safety rules


class Unknown(Enum):
    """The type of the single value UNKNOWN: neither known to be true nor known to be false."""

    UNKNOWN = "unknown"

    def __bool__(self) -> bool:
        """Raise TypeError, because neither answer would be right; use `value is True` instead."""
        raise TypeError("UNKNOWN is neither true nor false; compare with `is True`")


UNKNOWN: Final = Unknown.UNKNOWN


@dataclass(frozen=True, slots=True)
class Missing:
    """A missing answer with its reason, e.g. Missing("not_done")."""

    reason: str


Known: TypeAlias = float | str | bool
Value: TypeAlias = Known | Missing | Literal[Unknown.UNKNOWN] | None


class Scope(Protocol):
    """The values available to an expression; implementations never raise."""

    def value(self, reference: Reference) -> Value:
        """Return the stored value: number or numeric text, text, code, ISO date; None when blank.

        `[item(code)]` is 1 or 0 once the question is answered, None or Missing before.
        """

    def now(self) -> str:
        """Return the instant in the site's local time, `YYYY-MM-DD HH:MM:SS`."""

    def today(self) -> str:
        """Return the site's date, `YYYY-MM-DD`."""

    def context(self, name: str, arguments: Sequence[Known]) -> Value:
        """Return a fact that is not an item; None when there is none.

        `site.<attribute>`, `cohort`, `participant.status`; `allocation.arm` and `allocation.date`
        (argument: the randomisation, if named); `consent.in_force` (scope, full ISO date or
        instant); or a smart variable as `event-name` (arguments: its parameters).
        """
