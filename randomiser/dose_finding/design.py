"""How a dose-finding part decides: its levels, cohorts, limits and the parameters of its method."""

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
    """A dose-finding design; an impossible one cannot be made.

    method:        one of METHODS.
    levels:        names of the dose levels, the lowest dose first.
    start:         index of the level that opens first.
    cohort:        how many people are judged together.
    per_level:     the most people at one level; BOIN and CRM stop when a level has so many.
    people:        the most people in the whole part; None: the table ends it by itself.
    target:        the DLT rate aimed at (BOIN, CRM, TITE-CRM).
    second_condition: whether a second condition is judged beside DLT (table).
    table:         the decisions, for the methods that are tables.
    safe, toxic:   BOIN: a DLT rate that is too low, and one that is too high.
    cutoff:        how sure one must be that a level is too toxic to close it.
    skeleton:      CRM: first guesses of the DLT rate of each level, rising.
    model, estimate: CRM: the dose-toxicity curve, and how its parameter is found.
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
        """The target of a method that has one."""
        if self.target is None:
            raise DoseDesignProblem([f"{self.method} has no target."])
        return self.target

    @property
    def decisions(self) -> DecisionTable:
        """The table of a method that is one."""
        if self.table is None:
            raise DoseDesignProblem([f"{self.method} is no table."])
        return self.table


def _shape(design: DoseDesign) -> Iterator[str]:
    if design.method not in METHODS:
        yield f"There is no method {design.method}; there is {', '.join(METHODS)}."
    if not FEWEST <= len(design.levels) <= MOST:
        yield f"A dose-finding part has {FEWEST} to {MOST} levels."
    if len(set(design.levels)) != len(design.levels):
        yield "Two levels have the same name."
    if not 0 <= design.start < len(design.levels):
        yield "The level that opens first is none of the levels."
    if not 1 <= design.cohort <= design.per_level <= MOST_PEOPLE:
        yield f"The cohort is 1 to the most people at a level, which is at most {MOST_PEOPLE}."
    if design.cohort > MOST_IN_COHORT:
        yield f"A cohort has at most {MOST_IN_COHORT} people."
    if design.people is not None and not design.cohort <= design.people <= MOST_PEOPLE:
        yield f"The most people in all is at least one cohort and at most {MOST_PEOPLE}."


def _method(design: DoseDesign) -> Iterator[str]:
    if design.method in TABLE_METHODS:
        yield from _of_table(design)
        return
    if design.table is not None or design.second_condition:
        yield f"{design.method} takes no table and no second condition; use method table."
    yield from _target(design)
    if design.people is None:
        yield f"{design.method} needs the most people in all; without it the part never ends."
    if design.method in MODEL_METHODS:
        yield from _of_model(design)


def _of_table(design: DoseDesign) -> Iterator[str]:
    if design.table is None:
        yield f"{design.method} needs its decision table."
        return
    if design.table.people > MOST_IN_TABLE:
        yield f"A table goes up to {MOST_IN_TABLE} people at a level."
        return
    if design.table.people != design.per_level:
        yield "The table goes up to another number of people than the most at a level."
    if design.per_level % design.cohort:
        yield "The most people at a level is a multiple of the cohort."
    if design.table.second_condition != design.second_condition:
        yield "The table and the design differ in whether there is a second condition."
    yield from (_sentence(problem.words) for problem in table_problems(design.table))


def _sentence(words: str) -> str:
    return f"{words[0].upper()}{words[1:]}."


def _target(design: DoseDesign) -> Iterator[str]:
    target = design.target
    if target is None or not 0 < target < 1:
        yield "The target is a DLT rate above 0 and below 1."
        return
    if design.method == "boin":
        safe, toxic = _interval(design, target)
        if not 0 < safe < target < toxic < 1:
            yield "BOIN needs 0 < safe < target < toxic < 1."
    if not Fraction(1, 2) <= design.cutoff < 1:
        yield "The certainty that closes a level is from 0.5 to below 1."


def _interval(design: DoseDesign, target: Fraction) -> tuple[Fraction, Fraction]:
    """The rates that are too low and too high; Liu and Yuan's 0.6 and 1.4 of the target unsaid."""
    safe = target * Fraction(6, 10) if design.safe is None else design.safe
    toxic = target * Fraction(14, 10) if design.toxic is None else design.toxic
    return safe, toxic


def interval(design: DoseDesign) -> tuple[Fraction, Fraction]:
    """The DLT rates that BOIN takes as too low and as too high."""
    return _interval(design, design.rate)


def _of_model(design: DoseDesign) -> Iterator[str]:
    guesses = design.skeleton
    if len(guesses) != len(design.levels):
        yield "The skeleton has one first guess for each level."
    if any(not 0 < guess < 1 for guess in guesses):
        yield "Each first guess of the skeleton lies above 0 and below 1."
    if any(low >= high for low, high in pairwise(guesses)):
        yield "The skeleton rises from level to level."
    if design.model not in MODELS:
        yield f"There is no model {design.model}; there is {' and '.join(MODELS)}."
    if design.estimate not in ESTIMATES:
        yield f"There is no estimate {design.estimate}; there is {' and '.join(ESTIMATES)}."
    if not 0 < design.prior_variance <= WIDEST_PRIOR:
        yield f"The variance of the prior is above 0 and at most {WIDEST_PRIOR}."
