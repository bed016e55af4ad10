"""What an item asks of those around it: a proof of the study, a scope, an inventor of answers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Literal, Protocol, TypeVar

Chosen = TypeVar("Chosen")

Holds = Callable[[str], bool]
"""Tells whether a condition holds where the item stands."""


class Purpose(StrEnum):
    """What a study may name an item for; each type says which it can serve."""

    BIRTH_DATE = "birth date"
    SEX = "sex"
    EVENT_DATE = "event date"
    ASSESSMENT_DATE = "assessment date"
    SCORE = "score"


@dataclass(frozen=True, slots=True)
class ItemFormula:
    """One expression of an item; `place` leads from the item's lines to it."""

    text: str
    place: tuple[str, ...]
    purpose: Literal["show_if", "check", "choice", "formula", "rule"]

    @property
    def is_check(self) -> bool:
        """Whether it only asks about a value."""
        return self.purpose == "check"


REQUEST = "Please confirm or correct."
"""How every finding of ours ends; a study writes the messages of its own checks."""


@dataclass(frozen=True, slots=True)
class Doubt:
    """Why a stored value is asked about: it is outside its range."""

    question: Literal["range"]
    words: str


class ItemProof(Protocol):
    """Where an item's mistakes are noted; paths lead on from the item's own lines."""

    def problem(self, path: Sequence[str | int], words: str) -> None:
        """Note a mistake."""

    def require_known(
        self, path: Sequence[str | int], name: str, known: Iterable[str], what: str
    ) -> None:
        """Note a mistake when a name is none of the known ones."""

    def require_unique(self, path: Sequence[str | int], names: Iterable[str], what: str) -> None:
        """Note a mistake where two of a list share a name."""


class Chance(Protocol):
    """A stream of chance, such as `random.Random`; here nobody draws but by one that is given."""

    def random(self) -> float:
        """Return a number from 0 to below 1."""

    def randint(self, a: int, b: int) -> int:
        """Return a whole number from a to b."""

    def choice(self, seq: Sequence[Chosen]) -> Chosen:
        """Return one of several."""


@dataclass(frozen=True, slots=True)
class Inventor:
    """What an invented answer is made from.

    random: the only source of chance. day: the day at the site. holds: whether a condition holds
    at the entry. attach: makes a file of this name, and gives the value of an item that holds it.
    reason: the code of a reason why a value is missing.
    """

    random: Chance
    day: date
    holds: Holds
    attach: Callable[[str], str]
    reason: str
