"""The design of a dose-finding part: levels, cohorts, limits and parameters of its method."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

from randomiser.dose_finding.problems import DoseDesignProblem
from randomiser.dose_finding.table import DecisionTable, table_problems

TABLE_METHODS = ("three_plus_three", "rolling_six", "table")
MODEL_METHODS = ("crm", "tite_crm")
METHODS = (*TABLE_METHODS, "boin", *MODEL_METHODS)
MODELS = ("empiric", "logistic")
ESTIMATES = ("bayes", "maximum_likelihood")
FEWEST, MOST = 2, 20
MOST_PEOPLE = 500
MOST_IN_COHORT = MOST_IN_TABLE = 24
"""So that every way the awaited outcomes can end, and every state of a table, is soon looked at."""
WIDEST_PRIOR = 10
"""The curve's sum over the prior is exact to the digits shown up to here; 1.34 is usual."""


@dataclass(frozen=True)
class DoseDesign:
    """A dose-finding design; the constructor refuses an impossible one.

    method:        one of METHODS.
    levels:        names of the dose levels, the lowest dose first.
    start:         index of the level that opens first.
    cohort:        how many participants are evaluated together.
    per_level:     the most participants at one level; BOIN and CRM end when a level has so many.
    people:        the most participants in the whole part; None when the table ends it.
    target:        the target DLT rate (BOIN, CRM, TITE-CRM).
    second_condition: whether a second condition is evaluated besides DLT (table).
    table:         the decisions, for the methods that are tables.
    safe, toxic:   BOIN: a DLT rate that is too low, and one that is too high.
    cutoff:        the probability that a level is too toxic from which it is closed.
    skeleton:      CRM: prior estimates of the DLT rate of each level, increasing.
    model, estimate: CRM: the dose-toxicity curve and how its parameter is estimated.
    prior_variance: CRM: variance of the normal prior of the parameter.
    intercept:     CRM: the fixed intercept of the logistic curve.
    no_skip, coherent: CRM: at most one level up at a time; not up when the open level has a DLT
                   rate above the target.

    Raises DoseDesignProblem naming every reason.
    """

    method: str
    levels: tuple[str, ...]
    start: int
    cohort: int
    per_level: int
    people: int | None = None
    target: Fraction | None = None
    second_condition: bool = False
    table: DecisionTable | None = None
    safe: Fraction | None = None
    toxic: Fraction | None = None
    cutoff: Fraction = Fraction(95, 100)
    skeleton: tuple[Fraction, ...] = ()
    model: str = "empiric"
    estimate: str = "bayes"
    prior_variance: Fraction = Fraction(134, 100)
    intercept: Fraction = Fraction(3)
    no_skip: bool = True
    coherent: bool = True

    def __post_init__(self) -> None:
        found = [*_shape(self), *_method(self)]
        if found:
            raise DoseDesignProblem(found)

    @property
    def rate(self) -> Fraction:
        """The target DLT rate of a method that has one."""
        if self.target is None:
            raise DoseDesignProblem([f"{self.method} has no target."])
        return self.target

    @property
    def decisions(self) -> DecisionTable:
        """The decision table of a method that has one."""
        if self.table is None:
            raise DoseDesignProblem([f"{self.method} has no table."])
        return self.table


def _shape(design: DoseDesign) -> Iterator[str]:
    if design.method not in METHODS:
        yield f"method is {design.method}; choose {', '.join(METHODS)}."
    if not FEWEST <= len(design.levels) <= MOST:
        yield f"A dose-finding part must have {FEWEST} to {MOST} levels."
    if len(set(design.levels)) != len(design.levels):
        yield "Two levels have the same name."
    if not 0 <= design.start < len(design.levels):
        yield "start is not one of the levels; name the level that opens first."
    if not 1 <= design.cohort <= design.per_level <= MOST_PEOPLE:
        yield f"cohort must be from 1 to per_level, and per_level at most {MOST_PEOPLE}."
    if design.cohort > MOST_IN_COHORT:
        yield f"cohort must be at most {MOST_IN_COHORT}."
    if design.people is not None and not design.cohort <= design.people <= MOST_PEOPLE:
        yield f"people must be at least one cohort and at most {MOST_PEOPLE}."


def _method(design: DoseDesign) -> Iterator[str]:
    if design.method in TABLE_METHODS:
        yield from _of_table(design)
        return
    if design.table is not None or design.second_condition:
        yield f"{design.method} cannot have a table or a second condition; use the method table."
    yield from _target(design)
    if design.people is None:
        yield f"{design.method} needs people, the most participants in all, to end the part."
    if design.method in MODEL_METHODS:
        yield from _of_model(design)


def _of_table(design: DoseDesign) -> Iterator[str]:
    if design.table is None:
        yield f"{design.method} needs its decision table."
        return
    if design.table.people > MOST_IN_TABLE:
        yield f"A table can have at most {MOST_IN_TABLE} participants at a level."
        return
    if design.table.people != design.per_level:
        yield "The table must go up to per_level, the most participants at a level."
    if design.per_level % design.cohort:
        yield "per_level must be a multiple of the cohort."
    if design.table.second_condition != design.second_condition:
        yield "The table and the design must both have a second condition, or neither."
    yield from (_sentence(problem.words) for problem in table_problems(design.table))


def _sentence(words: str) -> str:
    return f"{words[0].upper()}{words[1:]}."


def _target(design: DoseDesign) -> Iterator[str]:
    target = design.target
    if target is None or not 0 < target < 1:
        yield "target must be a DLT rate above 0 and below 1."
        return
    if design.method == "boin":
        safe, toxic = _interval(design, target)
        if not 0 < safe < target < toxic < 1:
            yield "BOIN needs 0 < safe < target < toxic < 1."
    if not Fraction(1, 2) <= design.cutoff < 1:
        yield "cutoff must be at least 0.5 and below 1."


def _interval(design: DoseDesign, target: Fraction) -> tuple[Fraction, Fraction]:
    """Return the rates that are too low and too high; by default 0.6 and 1.4 times the target.

    Source of the defaults: Liu and Yuan (see boin.py).
    """
    safe = target * Fraction(6, 10) if design.safe is None else design.safe
    toxic = target * Fraction(14, 10) if design.toxic is None else design.toxic
    return safe, toxic


def interval(design: DoseDesign) -> tuple[Fraction, Fraction]:
    """Return the DLT rates that BOIN takes as too low and as too high."""
    return _interval(design, design.rate)


def _of_model(design: DoseDesign) -> Iterator[str]:
    guesses = design.skeleton
    if len(guesses) != len(design.levels):
        yield "skeleton must have one DLT rate for each level."
    if any(not 0 < guess < 1 for guess in guesses):
        yield "Each rate of the skeleton must be above 0 and below 1."
    if any(low >= high for low, high in pairwise(guesses)):
        yield "The skeleton must increase from level to level."
    if design.model not in MODELS:
        yield f"model is {design.model}; choose {' or '.join(MODELS)}."
    if design.estimate not in ESTIMATES:
        yield f"estimate is {design.estimate}; choose {' or '.join(ESTIMATES)}."
    if not 0 < design.prior_variance <= WIDEST_PRIOR:
        yield f"prior_variance must be above 0 and at most {WIDEST_PRIOR}."
