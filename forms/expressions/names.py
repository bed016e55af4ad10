"""The names of a study for the check of expressions: items, visits, arms and scopes."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol


class Kind(StrEnum):
    """The kind of value of an item or an expression."""

    NUMBER = "number"
    TEXT = "text"
    DATE = "date"
    DATETIME = "date and time"
    TIME = "time"
    TRUTH = "true or false"
    CHOICE = "choice"
    CHOICES = "multiple choice"
    ANY = "any value"  # not known before evaluation


@dataclass(frozen=True, slots=True)
class ItemType:
    """Kind of an item or fact; `codes` of a choice, or None when any code may occur."""

    kind: Kind
    codes: frozenset[str] | None = None


class Names(Protocol):
    """The names that an expression of one study may use."""

    def item(self, name: str) -> ItemType | None:
        """Return the type of an item, or None when the study has no such item."""

    def has_visit(self, name: str) -> bool:
        """Return whether the study has a visit (or the pseudo-visit `log`) of this name."""

    def is_asked_at(self, item: str, visit: str) -> bool:
        """Return whether an instrument holding the item is filled in at the visit."""

    def site_attribute(self, name: str) -> ItemType | None:
        """Return the type of `site.<name>`, or None when sites have no such attribute."""

    def arms(self, randomisation: str | None) -> frozenset[str] | None:
        """The arms of a randomisation (None: of the study's only one), or None when unknown."""

    def cohorts(self) -> frozenset[str]:
        """Return the cohorts of the study; empty when it has none."""

    def has_consent_scope(self, name: str) -> bool:
        """Return whether consent has a scope of this name."""
