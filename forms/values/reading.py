"""Reading what was typed into an item as a cell, or refusing it in words."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING

from forms.values.cells import Cell, Refusal, refuse
from forms.values.texts import forbidden_character

if TYPE_CHECKING:
    from forms.definition import MissingReason
    from forms.items import BaseItem

MAX_TYPED = 100_000
"""Characters looked at for one item; more is refused before anything is parsed."""


def read_value(
    item: BaseItem, raw: Sequence[str] | str, *, today: date, unit: str | None = None
) -> Cell | Refusal | None:
    """Read what was typed or chosen for one item; None when the item was left blank.

    raw: one text, or several: day, month and year of a date (and the time of a datetime), the
        chosen codes of a multiple choice.
    today: the site's date, after which a date is in the future.
    unit: the unit chosen beside a number; None means the canonical one.
    Hard limits refuse; what is merely unlikely is accepted here and asked about by `findings`.
    """
    typed = [raw] if isinstance(raw, str) else list(raw)
    broken = _broken(item, typed)
    if broken:
        return broken
    return item.read([text.strip() for text in typed], today=today, unit=unit)


def _broken(item: BaseItem, typed: Sequence[str]) -> Refusal | None:
    if sum(len(text) for text in typed) > MAX_TYPED:
        return refuse(item, f"more than {MAX_TYPED} characters arrived; nothing was kept")
    for text in typed:
        character = forbidden_character(text.replace("\r\n", "\n"), lines=item.takes_lines)
        if character:
            return refuse(item, f"it holds a character that cannot be kept ({character})")
    return None


def read_missing(
    item: BaseItem, code: str, reasons: Sequence[MissingReason]
) -> Cell | Refusal | None:
    """Read the reason a value is missing; None when no reason was chosen."""
    if not code:
        return None
    if code not in {reason.code for reason in reasons}:
        return refuse(item, "choose one of the reasons shown for a missing value")
    return Cell(missing=code)
