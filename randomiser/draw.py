"""Integers from a keyed stream: fixed by key, list and position, by nothing else."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from struct import Struct
from typing import Protocol

from randomiser.canonical import canonical_json
from randomiser.design import Design, level_codes
from randomiser.keys import require_length

PERSON = b"sarcomere-draw"
WORD = 2**64
EIGHT_WORDS = Struct(">8Q")


class Integers(Protocol):
    """Where an allocation method takes its integers from."""

    def below(self, n: int) -> int:
        """Return the next integer from 0 to n - 1, each equally likely."""


Draw = Callable[[str, int], Integers]
"""Opens the integers of one list (by its name) at one list position."""


class Stream:
    """The integers of one list at one list position under one key.

    key: 32 bytes; list_name: see `list_name`; position: list position, counted from 1.
    Raises KeyProblem, and ValueError for a position outside 1 to 2^64 - 1.
    Source: docs/randomisation-protocol.md section 6; BLAKE2: RFC 7693.
    """

    __slots__ = ("_words",)

    def __init__(self, key: bytes, list_name: str, position: int) -> None:
        require_length("The key", key)
        if not 1 <= position < WORD:
            raise ValueError(f"list position {position} is not from 1 to 2^64 - 1")
        self._words = _words(key, _message(list_name, position))

    def below(self, n: int) -> int:
        """Return the next integer from 0 to n - 1; rejection keeps every one equally likely."""
        if not 1 <= n <= WORD:
            raise ValueError(f"no integer can be drawn below {n}")
        limit = WORD - WORD % n
        word = next(self._words)
        while word >= limit:
            word = next(self._words)
        return word % n


def below(integers: Integers, n: int) -> int:
    """Return the next integer from 0 to n - 1, of several words where n is more than 2^64.

    Source: docs/randomisation-protocol.md section 10.
    """
    if n <= WORD:
        return integers.below(n)
    words = -(-(n - 1).bit_length() // 64)
    limit = WORD**words - WORD**words % n
    while True:
        joined = 0
        for _ in range(words):
            joined = joined * WORD + integers.below(WORD)
        if joined < limit:
            return joined % n


def keyed(key: bytes) -> Draw:
    """Return the draw of a real allocation: the keyed stream of this key."""

    def open_stream(name: str, position: int) -> Stream:
        return Stream(key, name, position)

    return open_stream


def list_name(randomisation: str, design_version: int, codes: Sequence[str]) -> str:
    """Return the name of a list: canonical JSON of randomisation, design version, level codes.

    codes: one level code per factor, in the order of the design.
    Source: docs/randomisation-protocol.md section 5.
    """
    return canonical_json([randomisation, design_version, list(codes)]).decode("utf-8")


def list_of(design: Design, levels: Mapping[str, str]) -> str:
    """Return the name of the list that these levels (factor to code) pick. Raises UnknownLevel."""
    return list_name(design.randomisation, design.version, level_codes(design, levels))


def _message(name: str, position: int) -> bytes:
    text = name.encode("utf-8")
    return len(text).to_bytes(4, "big") + text + position.to_bytes(8, "big")


def _words(key: bytes, message: bytes) -> Iterator[int]:
    counter = 0
    while True:
        digest = hashlib.blake2b(
            message + counter.to_bytes(8, "big"), digest_size=64, key=key, person=PERSON
        ).digest()
        yield from EIGHT_WORDS.unpack(digest)
        counter += 1
