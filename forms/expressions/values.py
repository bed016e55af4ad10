"""What an expression can give: number, text, truth, blank, missing with a reason, or unknown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum, StrEnum
from typing import Final, Literal, Protocol, TypeAlias

from forms.expressions.tree import Reference


class Mode(StrEnum):
    """Which logic an expression is evaluated in."""

    REDCAP = "redcap"  # two-valued: show-if, checks, calculations
    KLEENE = "kleene"  # three-valued: gates, strata, cohorts, safety rules


class Unknown(Enum):
    """The type of the one value UNKNOWN: not known to be true, nor to be false."""

    UNKNOWN = "unknown"

    def __bool__(self) -> bool:
        """Refuse, because neither answer would be right; ask `value is True` instead."""
        raise TypeError("UNKNOWN is neither true nor false; compare with `is True`")


UNKNOWN: Final = Unknown.UNKNOWN


@dataclass(frozen=True, slots=True)
class Missing:
    """An answer that is not there for a stated reason, e.g. Missing("not_done")."""

    reason: str


Known: TypeAlias = float | str | bool
Value: TypeAlias = Known | Missing | Literal[Unknown.UNKNOWN] | None


class Scope(Protocol):
    """What an expression may look at; implementations answer and never raise."""

    def value(self, reference: Reference) -> Value:
        """The stored value: number or numeric text, text, code, ISO date; None when blank.

        `[item(code)]` is 1 or 0 once the question is answered, None or Missing before.
        """

    def now(self) -> str:
        """The instant in the site's local time, `YYYY-MM-DD HH:MM:SS`."""

    def today(self) -> str:
        """The site's date, `YYYY-MM-DD`."""

    def context(self, name: str, arguments: Sequence[Known]) -> Value:
        """A fact that is no item; None when there is none.

        `site.<attribute>`, `cohort`, `participant.status`; `allocation.arm` and `allocation.date`
        (argument: the randomisation, if named); `consent.in_force` (scope, full ISO date or
        instant); or a smart variable as `event-name` (arguments: its parameters).
        """
