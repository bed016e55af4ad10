"""Canonical JSON: the single form of everything that is hashed or that names a list."""

from __future__ import annotations

import json
import unicodedata

FORBIDDEN = frozenset('"\\')
LONGEST_NAME = 200


def canonical_json(value: object) -> bytes:
    """Return sorted, compact UTF-8 JSON of objects, arrays, text, whole numbers and null.

    Raises TypeError for a float, which has no single form.
    Source: docs/randomisation-protocol.md section 2.
    """
    _refuse_floats(value)
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return text.encode("utf-8")


def name_problem(what: str, name: object) -> str | None:
    """Return why a name or code cannot be written in canonical JSON; None when it can."""
    if not isinstance(name, str) or not name.strip():
        return f"{what} is blank or not text; give it a name."
    if len(name) > LONGEST_NAME:
        return f"{what} is longer than {LONGEST_NAME} characters; shorten it."
    if name != name.strip():
        return f"{what} {name.strip()!r} begins or ends with a space; remove it."
    if any(character in FORBIDDEN or _is_control(character) for character in name):
        shown = ascii(name)
        return f"{what} {shown} has a quotation mark, backslash or control character; remove it."
    return None


def _is_control(character: str) -> bool:
    # A lone surrogate (Cs) has no UTF-8. Unicode never changes either category.
    return unicodedata.category(character) in {"Cc", "Cs"}


def _refuse_floats(value: object) -> None:
    if isinstance(value, float):
        raise TypeError(f"{value!r} is a float; only whole numbers have a single form")
    if isinstance(value, dict):
        for inner in value.values():
            _refuse_floats(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            _refuse_floats(inner)
