"""How invented answers lean: what a profile of a study is made of."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from random import Random

from forms.evaluation_scope import StudyScope
from forms.values import Cell
from forms.values.numbers import plain

Traits = Mapping[str, float | str]
"""What stays the same for one invented person, such as the way they take part."""


@dataclass(frozen=True)
class Situation:
    """Where an answer is invented. day: at the site. scope: stands at the entry, answers so far."""

    random: Random
    day: date
    scope: StudyScope
    traits: Traits


Lean = Callable[[Situation], Cell]


def _no_traits(_random: Random) -> Traits:
    return {}


def _at_once(_traits: Traits, _visit: str) -> tuple[int, int] | None:
    return None


def _everything(_traits: Traits, _name: str) -> bool:
    return True


@dataclass(frozen=True)
class Profile:
    """What the invented people of one study are like.

    leanings: by item. traits: drawn once for each person.
    instances: how often a repeating form is filled in at one visit.
    waits: days from enrolment until the forms of a visit can be filled in; None is at once.
    concerns: whether a log, a further consent or an event (by name) can be about a person.
    years: the youngest and the oldest at enrolment.
    """

    leanings: Mapping[str, Lean] = field(default_factory=dict)
    traits: Callable[[Random], Traits] = _no_traits
    instances: Mapping[str, int] = field(default_factory=dict)
    waits: Callable[[Traits, str], tuple[int, int] | None] = _at_once
    concerns: Callable[[Traits, str], bool] = _everything
    years: tuple[int, int] = (30, 82)


def one_of(weights: Mapping[str, int]) -> Lean:
    """Return a code, drawn with whole-number weights."""
    codes, odds = list(weights), list(weights.values())
    return lambda now: Cell(now.random.choices(codes, odds)[0])


def whole(low: int, high: int) -> Lean:
    return lambda now: Cell(now.random.randint(low, high))


def number(low: int, high: int, decimals: int) -> Lean:
    """Return a decimal as canonical text; low and high in units of its last decimal."""
    return lambda now: decimal(now.random.randint(low, high), decimals)


def decimal(units: int, decimals: int) -> Cell:
    """Return a decimal from so many units of its last decimal."""
    return Cell(plain(Decimal(units).scaleb(-decimals)))


def days_before(low: int, high: int) -> Lean:
    """Return a date so many days before the day of the act."""
    return lambda now: Cell((now.day - timedelta(now.random.randint(low, high))).isoformat())
