"""What a method needs beside arms and factors: one parameter, and those that several methods have.

A parameter of one method alone stands in that method's file.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from randomiser.arms import Arm, Factor
from randomiser.design_rules import is_whole, ratio_words, total_of

MISTAKES_WORDS = ("count", "leave_out")
MOST_PEOPLE = 1000
LARGEST_TOLERANCE = 50
LARGEST_DENOMINATOR = 1000
LARGEST_FACTOR_WEIGHT = 1000

Rule = Callable[[object, Sequence[Arm]], Iterator[str]]
"""What is wrong with the value of one parameter, given the arms."""


def plain_value(value: object) -> object:
    """Return a value as JSON and a design file have it: a fraction as text, a tuple as a list."""
    if isinstance(value, Fraction):
        return f"{value.numerator}/{value.denominator}"
    return [plain_value(part) for part in value] if isinstance(value, tuple) else value


def as_fraction(value: object) -> object:
    """Return the fraction that a text such as "2/3" writes; anything else as it is."""
    if isinstance(value, str) and re.fullmatch(r"[0-9]{1,9}/0*[1-9][0-9]{0,8}", value.strip()):
        return Fraction(value.strip())
    return value


def typed_value(value: Any) -> Any:
    """Return what a JSON value stands for: the inverse of `plain_value`."""
    return tuple(map(typed_value, value)) if isinstance(value, list) else as_fraction(value)


def no_problems(_: object, __: Sequence[Arm]) -> Iterator[str]:
    """Nothing is wrong with any value: the method's limits look at it."""
    return iter(())


@dataclass(frozen=True, eq=False, kw_only=True)
class Parameter:
    """One concealed parameter of a design.

    name:     in design files, canonical designs and bundles, and as an attribute of `Design`.
    label:    on the design page.
    example:  a value as a design file has it, named where the parameter is missing; a list where
              the parameter is one.
    problems: what is wrong with a value.
    omitted:  the value of a parameter that a design file leaves out, from what the file gives and
              the minimised factors; None where the file must have it. Our defaults [D].
    offered:  a value that suits the arms, for a design file to begin with; the example by default.
    as_plain, as_typed: to the JSON of the canonical design, and back.
    """

    name: str
    label: str
    example: object
    problems: Rule = no_problems
    omitted: Callable[[Mapping[str, Any], Sequence[Factor]], object] | None = None
    offered: Callable[[Sequence[Arm]], object] | None = None
    as_plain: Callable[[Any], object] = plain_value
    as_typed: Callable[[Any], Any] = typed_value

    def offer(self, arms: Sequence[Arm]) -> object:
        """Return a value that suits the arms, as a design file has it."""
        return self.example if self.offered is None else self.offered(arms)

    def file_problem(self, value: object) -> str | None:
        """Say why a design file's value cannot be read; None when it can or may be left out."""
        is_listed = isinstance(self.example, list)
        if isinstance(value, list) if is_listed else value is not None:
            return None
        what = "a list of whole numbers" if is_listed else "one"
        said = "is missing" if value is None else f"is {value!r}"
        return f"{self.name} {said}; give {what}, such as {self.name}: {self.example}."


def whole_problems(name: str, value: object, least: int, most: int) -> Iterator[str]:
    """Yield what is wrong with a value that must be a whole number."""
    if not isinstance(value, int) or not is_whole(value) or not least <= value <= most:
        yield f"{name} is {value!r}; give a whole number from {least} to {most}."


def between(name: str, least: int, most: int) -> Rule:
    """Return the rule of a parameter that is a whole number from `least` to `most`."""
    return lambda value, _: whole_problems(name, value, least, most)


def among(name: str, words: Sequence[str]) -> Rule:
    """Return the rule of a parameter that is one of some words."""

    def problems(value: object, _: Sequence[Arm]) -> Iterator[str]:
        if value not in words:
            yield f"{name} is {value!r}; choose {' or '.join(words)}."

    return problems


def _people_problems(people: object, arms: Sequence[Arm]) -> Iterator[str]:
    yield from whole_problems("people", people, 1, MOST_PEOPLE)
    total = total_of(arms)
    if isinstance(people, int) and total is not None and people % total:
        ratio = ratio_words(arms)
        yield f"people is {people}, not a multiple of {total}, the sum of the ratio {ratio}."


def _coin_problems(p: object, _: Sequence[Arm]) -> Iterator[str]:
    if not isinstance(p, Fraction):
        yield f"p is {p!r}; write it as a fraction of whole numbers, such as p: 2/3."
    elif not Fraction(1, 2) <= p < 1:
        yield f"p is {p}; it must be at least 1/2 and below 1, for the arm that is behind."
    elif p.denominator > LARGEST_DENOMINATOR:
        yield f"p is {p}; its denominator can be at most {LARGEST_DENOMINATOR}."


def _preferred_problems(p: object, arms: Sequence[Arm]) -> Iterator[str]:
    total = total_of(arms)
    if total is None:
        return
    share = Fraction(min(arm.ratio for arm in arms), total)
    if not isinstance(p, Fraction):
        yield f"p is {p!r}; write it as a fraction of whole numbers, such as p: 4/5."
    elif not share <= p <= 1:
        yield (
            f"p is {p}; the arm that is preferred must have at least its fair share, {share}, and "
            "at most 1/1."
        )
    elif p.denominator > LARGEST_DENOMINATOR:
        yield f"p is {p}; its denominator can be at most {LARGEST_DENOMINATOR}."


def _most_people(arms: Sequence[Arm]) -> int:
    return MOST_PEOPLE - MOST_PEOPLE % sum(arm.ratio for arm in arms)


P_LABEL = "Probability of the arm that is behind, or preferred"

PEOPLE = Parameter(
    name="people",
    label="People in each list",
    example=40,
    problems=_people_problems,
    offered=_most_people,
)
COIN_P = Parameter(name="p", label=P_LABEL, example="2/3", problems=_coin_problems)
PREFERRED_P = Parameter(name="p", label=P_LABEL, example="4/5", problems=_preferred_problems)
TOLERANCE = Parameter(
    name="tolerance",
    label="Largest difference between the arms",
    example=3,
    problems=between("tolerance", 1, LARGEST_TOLERANCE),
)
FACTOR_WEIGHTS = Parameter(
    name="factor_weights",
    label="Weights of the factors",
    example=[1, 1],
    omitted=lambda _, minimised: (1,) * len(minimised),
)
MISTAKES = Parameter(
    name="mistakes",
    label="People randomised in error",
    example="count",
    problems=among("mistakes", MISTAKES_WORDS),
    omitted=lambda _, __: "count",
)
