"""What may go wrong in an allocation, each said in words that a person can act on.

RandomiserProblem
├── DesignProblem    the design cannot be: every reason is in `problems`
├── UnknownLevel     a factor has no level, or one that the design does not know
├── KeyProblem       a key, salt or shared value has the wrong length
├── ListFull         the list has a fixed number of people, and all of them are allocated
└── ReplayDiffers    what is stored is not what the key gives: `number` names the first
"""

from __future__ import annotations

from collections.abc import Sequence


class RandomiserProblem(Exception):
    """Anything that the engine refuses."""


class DesignProblem(RandomiserProblem):
    """An impossible design, with all its problems and not only the first."""

    def __init__(self, problems: Sequence[str]) -> None:
        self.problems = tuple(problems)
        super().__init__(" ".join(self.problems))


class UnknownLevel(RandomiserProblem):
    """The levels given do not pick exactly one list of the design."""


class KeyProblem(RandomiserProblem):
    """Bytes that cannot be a key, a salt or a part of a key."""


KEY_LENGTH = 32


def require_length(what: str, value: bytes) -> None:
    """Refuse anything but 32 bytes. Raises KeyProblem."""
    if len(value) != KEY_LENGTH:
        raise KeyProblem(f"{what} has {len(value)} bytes; it must have exactly {KEY_LENGTH}.")


class ListFull(RandomiserProblem):
    """The method fixes how many people a list takes, and they are all there."""


class ReplayDiffers(RandomiserProblem):
    """An earlier allocation is not the one that the key gives; nothing may be drawn after it."""

    def __init__(self, words: str, number: int | None) -> None:
        self.number = number
        super().__init__(words)
