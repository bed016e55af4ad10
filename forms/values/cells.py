"""Cells: one typed value, or the reason it is missing, as it is stored in an entry's document."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

Value = str | int | tuple[str, ...]
REDACTED = "redacted"
"""The reason that a redacted value bears; nobody can give it or take it away."""
JsonCell = dict[str, str | int | list[str]]


class NotACell(ValueError):
    """A stored document holds something this version cannot read as a cell."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One value and what must be known about it; never a float.

    value: int; decimal as canonical text in the canonical unit; date `2024`, `2024-03` or
        `2024-03-09`; time `14:30`; datetime `2024-03-09T14:30` at the site; a code; codes in the
        order of the item's list. None when missing.
    missing: the code of the reason there is no value.
    unit, raw: the unit and the number as typed, where they differ from the canonical ones.
    sign: `<` or `>` where the value is only a limit, beyond which nothing could be counted.
    formula, rule: of a derived item: the version of its formula and the clause that fired.
    """

    value: Value | None = None
    missing: str | None = None
    unit: str | None = None
    raw: str | None = None
    sign: str | None = None
    formula: str | None = None
    rule: str | None = None

    def to_json(self) -> JsonCell:
        """Return the form in which the cell is stored: `{"v": …}` or `{"m": reason}`."""
        found: dict[str, Value | None] = {
            "v": self.value,
            "m": self.missing,
            "u": self.unit,
            "raw": self.raw,
            "s": self.sign,
            "f": self.formula,
            "rule": self.rule,
        }
        return {
            key: list(value) if isinstance(value, tuple) else value
            for key, value in found.items()
            if value is not None
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, object]) -> Cell:
        """Read a stored cell; NotACell when it is not one."""
        unknown = set(stored) - {"v", "m", "u", "raw", "s", "f", "rule"}
        if unknown:
            raise NotACell(f"a stored value has the unknown key {sorted(unknown)[0]!r}")
        return cls(
            value=_value(stored.get("v")),
            missing=_text(stored, "m"),
            unit=_text(stored, "u"),
            raw=_text(stored, "raw"),
            sign=_text(stored, "s"),
            formula=_text(stored, "f"),
            rule=_text(stored, "rule"),
        )


def _value(stored: object) -> Value | None:
    if isinstance(stored, list):
        return tuple(str(code) for code in stored)
    if stored is None or isinstance(stored, str):
        return stored
    if isinstance(stored, int) and not isinstance(stored, bool):
        return stored
    raise NotACell(f"a stored value is a {type(stored).__name__}, which no item holds")


def _text(stored: Mapping[str, object], key: str) -> str | None:
    found = stored.get(key)
    if found is None or isinstance(found, str):
        return found
    raise NotACell(f"the key {key!r} of a stored value is not text")


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why something typed cannot be a value, in words for the person who typed it.

    part: of a date or a time in boxes, the box to correct: day, month, year or time.
    """

    words: str
    part: str | None = None


class Labelled(Protocol):
    """Whatever people know by a label."""

    @property
    def label(self) -> str:
        """What stands before it on a page."""


def refuse(item: Labelled, words: str, part: str | None = None) -> Refusal:
    """Refuse with the item's label before the words, so that a list of refusals can be read."""
    return Refusal(f"{item.label.rstrip('?:. ')}: {words}", part)
