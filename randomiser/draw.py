"""Integers from a keyed stream; they depend on the key, list and position alone."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from itertools import count
from struct import Struct
from typing import Protocol

from randomiser.canonical import canonical_json
from randomiser.problems import require_length

PERSON = b"sarcomere-draw"
WORD = 2**64
EIGHT_WORDS = Struct(">8Q")
POSITION_AND_COUNTER = Struct(">2Q")


class Integers(Protocol):
    """The source of integers for an allocation method."""

    def below(self, n: int) -> int:
        """Return the next integer from 0 to n - 1, each equally likely."""


Draw = Callable[[str, int], Integers]
"""Opens the integers of one list (by its name) at one list position."""


class Stream:
    """The integers of one list at one list position.

    Source: docs/randomisation-protocol.md section 6; BLAKE2: RFC 7693.
    """

    __slots__ = ("_words",)

    def __init__(self, begun: hashlib.blake2b, position: int) -> None:
        self._words = _words(begun, position)

    def below(self, n: int) -> int:
        """Return the next integer from 0 to n - 1; rejection keeps every one equally likely."""
        if not 1 <= n <= WORD:
            raise ValueError(f"no integer can be drawn below {n}")
        while True:
            word = next(self._words)
            rest = word % n
            # A word in the last, incomplete run of n below 2^64 is rejected; another is drawn.
            if word - rest + n <= WORD:
                return rest


def below(integers: Integers, n: int) -> int:
    """Return the next integer from 0 to n - 1, joining several words when n is above 2^64.

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


def make_draw(key: bytes) -> Draw:
    """Return the draw for real allocations: the keyed stream of this key.

    key: 32 bytes. The draw takes list positions from 1 to 2^64 - 1; others raise ValueError.
    Raises KeyProblem.
    """
    require_length("The key", key)

    @cache
    def hash_list(name: str) -> hashlib.blake2b:
        text = name.encode("utf-8")
        message = len(text).to_bytes(4, "big") + text
        return hashlib.blake2b(message, digest_size=64, key=key, person=PERSON)

    def open_stream(name: str, position: int) -> Stream:
        if not 1 <= position < WORD:
            raise ValueError(f"list position {position} is not from 1 to 2^64 - 1")
        return Stream(hash_list(name), position)

    return open_stream


def list_name(randomisation: str, design_version: int, codes: Sequence[str]) -> str:
    """Return the name of a list: canonical JSON of randomisation, design version, level codes.

    codes: one level code per factor, in the order of the design.
    Source: docs/randomisation-protocol.md section 5.
    """
    return canonical_json([randomisation, design_version, list(codes)]).decode("utf-8")


def _words(begun: hashlib.blake2b, position: int) -> Iterator[int]:
    for counter in count():
        hashed = begun.copy()
        hashed.update(POSITION_AND_COUNTER.pack(position, counter))
        yield from EIGHT_WORDS.unpack(hashed.digest())
