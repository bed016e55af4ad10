"""The text functions: every operand is a text, blank is "", characters are code points."""

from __future__ import annotations

from collections.abc import Callable

from forms.expressions.numbers import read_number

MAX_TEXT = 1_000_000  # limits memory if a formula multiplies its text; longer is blank
_SPACES = " \t\n\r\f\v\u00a0"
TextResult = str | float | bool | None


def _count(text: str) -> int | None:
    """Return the whole number of at least 0 that a text contains, or None."""
    number = read_number(text)
    if number is None or number < 0 or not number.is_integer():
        return None
    return int(number)


def _contains(text: str, part: str) -> bool:
    return part != "" and part.lower() in text.lower()


def _starts_with(text: str, part: str) -> bool:
    return part != "" and text.lower().startswith(part.lower())


def _ends_with(text: str, part: str) -> bool:
    return part != "" and text.lower().endswith(part.lower())


def _find(part: str, text: str) -> float:
    return float(text.find(part) + 1) if part else 0.0


def _take_left(text: str, count: str) -> str | None:
    size = _count(count)
    return None if size is None else text[:size]


def _right(text: str, count: str) -> str | None:
    size = _count(count)
    return None if size is None else text[max(len(text) - size, 0) :]


def _mid(text: str, start: str, count: str) -> str | None:
    first, size = _count(start), _count(count)
    if not first or size is None:
        return None
    return text[first - 1 : first - 1 + size]


def _replace(text: str, old: str, new: str) -> str | None:
    if not old:
        return text
    length = len(text) + text.count(old) * (len(new) - len(old))
    return text.replace(old, new) if length <= MAX_TEXT else None


def _concat(*texts: str) -> str | None:
    return "".join(texts) if sum(map(len, texts)) <= MAX_TEXT else None


def _concat_between(between: str, *texts: str) -> str | None:
    filled = [text for text in texts if text]
    length = sum(map(len, filled)) + len(between) * max(len(filled) - 1, 0)
    return between.join(filled) if length <= MAX_TEXT else None


def _is_integer(text: str) -> bool:
    number = read_number(text)
    return number is not None and number.is_integer()


def _count_numbers(*texts: str) -> float:
    return float(sum(read_number(text) is not None for text in texts))


TEXT_FUNCTIONS: dict[str, Callable[..., TextResult]] = {
    "isnumber": lambda text: read_number(text) is not None,
    "isinteger": _is_integer,
    "count_numbers": _count_numbers,
    "contains": _contains,
    "not_contain": lambda text, part: not _contains(text, part),
    "starts_with": _starts_with,
    "ends_with": _ends_with,
    "find": _find,
    "length": lambda text: float(len(text)),
    "left": _take_left,
    "right": _right,
    "mid": _mid,
    "trim": lambda text: text.strip(_SPACES),
    "upper": lambda text: text.upper(),
    "lower": lambda text: text.lower(),
    "concat": _concat,
    "concat_ws": _concat_between,
    "replace_text": _replace,
}
