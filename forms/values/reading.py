"""Reading what was typed into an item as a cell, or refusing it in words."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from forms.definition import (
    DateItem,
    DateTimeItem,
    DecimalNumber,
    FileItem,
    Integer,
    Item,
    MissingReason,
    MultipleChoice,
    Notes,
    SingleChoice,
    Text,
    TimeItem,
    VisualAnalogue,
    YesNo,
)
from forms.values import dates, files, numbers, texts
from forms.values.cells import Cell, Refusal, refuse

MAX_TYPED = 100_000
"""Characters looked at for one item; more is refused before anything is parsed."""


def read_value(
    item: Item, raw: Sequence[str] | str, *, today: date, unit: str | None = None
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
    typed = [text.strip() for text in typed]
    if isinstance(item, MultipleChoice):
        return texts.read_codes(item, typed)
    if isinstance(item, DateItem):
        return dates.read_date(item, typed, today)
    if isinstance(item, DateTimeItem):
        return dates.read_datetime(item, typed, today)
    if len([text for text in typed if text]) > 1:
        return refuse(item, "there is more than one answer; give one")
    return _read_single(item, next((text for text in typed if text), ""), unit)


def _read_single(item: Item, text: str, unit: str | None) -> Cell | Refusal | None:
    match item:
        case Text() | Notes():
            return texts.read_text(item, text)
        case Integer() | VisualAnalogue():
            return numbers.read_integer(item, text)
        case DecimalNumber():
            return numbers.read_decimal(item, text, unit)
        case SingleChoice() | YesNo():
            return texts.read_code(item, text)
        case TimeItem():
            return dates.read_time(item, text)
        case FileItem():
            return files.read_file(item, text)
        case _:
            return refuse(item, "it is not typed in; it is worked out or shown") if text else None


def _broken(item: Item, typed: Sequence[str]) -> Refusal | None:
    if sum(len(text) for text in typed) > MAX_TYPED:
        return refuse(item, f"more than {MAX_TYPED} characters arrived; nothing was kept")
    lines = isinstance(item, Notes)
    for text in typed:
        character = texts.forbidden_character(text.replace("\r\n", "\n"), lines=lines)
        if character:
            return refuse(item, f"it holds a character that cannot be kept ({character})")
    return None


def read_missing(item: Item, code: str, reasons: Sequence[MissingReason]) -> Cell | Refusal | None:
    """Read the reason a value is missing; None when no reason was chosen."""
    if not code:
        return None
    if code not in {reason.code for reason in reasons}:
        return refuse(item, "choose one of the reasons shown for a missing value")
    return Cell(missing=code)
