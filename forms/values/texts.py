"""Reading text and codes: refused when it cannot be kept whole, never cut."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

from forms.definition import BaseItem as AnyItem
from forms.definition import (
    MultipleChoice,
    Notes,
    SingleChoice,
    Text,
    YesNo,
)
from forms.values.cells import Cell, Refusal, refuse


def forbidden_character(text: str, *, lines: bool) -> str | None:
    """Name the first character no text may hold: controls, NUL, lone surrogates; else None."""
    for character in text:
        kind = unicodedata.category(character)
        if kind == "Cs" or (kind == "Cc" and not (lines and character in "\n\t")):
            return f"U+{ord(character):04X}"
    return None


def read_text(item: Text | Notes, text: str) -> Cell | Refusal | None:
    """Read text; line ends become one kind, outer blanks go; None when nothing is left."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").strip()
    if not text:
        return None
    if len(text) > item.max_length:
        over = len(text) - item.max_length
        return refuse(
            item, f"too long by {over}; it may have {item.max_length} characters. Nothing was cut"
        )
    if isinstance(item, Text) and "\n" in text:
        return refuse(item, "write it on one line")
    return Cell(text)


def read_code(item: SingleChoice | YesNo, code: str) -> Cell | Refusal | None:
    """Read one of the item's codes; None when none was chosen."""
    if not code:
        return None
    if code not in {choice.code for choice in item.choices}:
        return _unknown_code(item, code)
    return Cell(code)


def read_codes(item: MultipleChoice, codes: Sequence[str]) -> Cell | Refusal | None:
    """Read any of the item's codes, kept in the order of its list; None when none was chosen."""
    chosen = {code for code in codes if code}
    if not chosen:
        return None
    known = [choice.code for choice in item.choices]
    strange = sorted(chosen.difference(known))
    if strange:
        return _unknown_code(item, strange[0])
    alone = [
        choice.label for choice in item.choices if choice.code in chosen.intersection(item.alone)
    ]
    if alone and len(chosen) > 1:
        return refuse(item, f"“{alone[0]}” cannot stand beside another answer; choose again")
    return Cell(tuple(code for code in known if code in chosen))


def _unknown_code(item: AnyItem, code: str) -> Refusal:
    return refuse(item, f"{code[:40]!r} is not one of the answers; choose one of those shown")
