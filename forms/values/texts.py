"""Characters that no text may hold."""

from __future__ import annotations

import unicodedata


def forbidden_character(text: str, *, lines: bool) -> str | None:
    """Name the first character no text may hold: controls, NUL, lone surrogates; else None."""
    for character in text:
        kind = unicodedata.category(character)
        if kind == "Cs" or (kind == "Cc" and not (lines and character in "\n\t")):
            return f"U+{ord(character):04X}"
    return None
