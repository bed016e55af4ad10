"""The errors of the engine; each message says what is wrong and what to do.

RandomiserProblem
├── DesignProblem    the design is not possible: `problems` has every reason
├── UnknownLevel     a factor has no level, or one that the design does not have
├── KeyProblem       a key, salt or shared value has the wrong length
├── ListFull         every position of a list of fixed length is allocated
└── ReplayDiffers    a stored allocation is not the one that the key gives: `number` is the first
"""

from __future__ import annotations

from collections.abc import Sequence


class RandomiserProblem(Exception):
    """The base class of the engine's errors."""


class DesignProblem(RandomiserProblem):
    """An impossible design, with every problem."""

    def __init__(self, problems: Sequence[str]) -> None:
        self.problems = tuple(problems)
        super().__init__(" ".join(self.problems))


class UnknownLevel(RandomiserProblem):
    """The levels given do not pick exactly one list of the design."""


class KeyProblem(RandomiserProblem):
    """Bytes that cannot be a key, a salt or a part of a key."""


KEY_LENGTH = 32


def require_length(what: str, value: bytes) -> None:
    """Raise KeyProblem unless the value has 32 bytes."""
    if len(value) != KEY_LENGTH:
        raise KeyProblem(f"{what} has {len(value)} bytes; it must have exactly {KEY_LENGTH}.")


class ListFull(RandomiserProblem):
    """The list has a fixed length, and all its positions are allocated."""


class ReplayDiffers(RandomiserProblem):
    """An earlier allocation is not the one that the key gives; nothing more may be allocated."""

    def __init__(self, words: str, number: int | None) -> None:
        self.number = number
        super().__init__(words)
