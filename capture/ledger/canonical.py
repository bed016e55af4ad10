"""One way to write a value down, one way to hash it: canonical JSON without floats."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import TypeAlias

import orjson

Value: TypeAlias = "str | int | bool | list[Value] | dict[str, Value] | None"


def canonical(value: Value) -> bytes:
    """Compact sorted JSON in UTF-8. Raises ValueError for floats, NUL and lone surrogates."""
    _check(value)
    return write_canonical(value)


def write_canonical(value: Value) -> bytes:
    """The same without looking for what must not be in it: for what was written down before."""
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)


def _check(value: Value) -> None:
    # A growing list, and one look at all the text together: whatever is saved passes here.
    parts: list[Value] = [value]
    texts: list[str] = []
    for part in parts:
        kind = type(part)
        if kind is str:
            texts.append(part)  # type: ignore[arg-type]
        elif kind is dict:
            parts.extend(part)  # type: ignore[arg-type]
            parts.extend(part.values())  # type: ignore[union-attr]
        elif kind is list:
            parts.extend(part)  # type: ignore[arg-type]
        elif kind not in _PLAIN:
            parts.append(_as_plain(part))
    if not is_writable("".join(texts)):
        raise ValueError("text holds a NUL or half of a letter")


_PLAIN = {int, bool, type(None)}


def _as_plain(value: Value) -> Value:
    """A value of a derived type, such as an enum's, as the type that it is written down as."""
    if isinstance(value, str):
        return str(value)
    if isinstance(value, int):
        return int(value)
    if isinstance(value, list):
        return list(value)
    if isinstance(value, dict):
        return dict(value)
    raise ValueError(f"{type(value).__name__} cannot be written down exactly")


def is_writable(text: str) -> bool:
    """Whether a text may be stored: it holds no NUL and no half of a letter (lone surrogate)."""
    if "\x00" in text:
        return False
    try:
        return text.isascii() or bool(text.encode())
    except UnicodeEncodeError:
        return False


def digest(value: Value) -> str:
    """SHA-256 of the canonical form, as hexadecimal text."""
    return hashlib.sha256(canonical(value)).hexdigest()


REDACTED = "redacted"


def item_digest(name: str, content: Value) -> str:
    """Return the hash that stands for one item of a body, and that stays when the item is redacted.

    content: [salt, old, new], or {"redacted": hash} once the value and its salt are gone.
    """
    if isinstance(content, dict):
        return str(content[REDACTED])
    return hashlib.sha256(write_canonical([name, content])).hexdigest()


def body_digest(body: Mapping[str, Value]) -> str:
    """The hash of a whole body: over its items' hashes, so that redaction leaves it whole."""
    digests: Value = {name: item_digest(name, content) for name, content in body.items()}
    return hashlib.sha256(write_canonical(digests)).hexdigest()
