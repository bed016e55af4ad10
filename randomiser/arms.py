"""The parts of a design that come from the study version: arms and stratifying factors."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Arm:
    """One treatment group and its whole-number share of the ratio."""

    name: str
    ratio: int


@dataclass(frozen=True)
class Factor:
    """A stratifying variable; levels None is open: every new code opens new lists."""

    name: str
    levels: tuple[str, ...] | None = None
