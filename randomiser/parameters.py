"""The parameters of methods: the class of a parameter, and those that several methods share.

A parameter of one method alone is defined in that method's file.
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
    """Return a value for JSON and design files: a fraction as text, a tuple as a list."""
    if isinstance(value, Fraction):
        return f"{value.numerator}/{value.denominator}"
    return [plain_value(part) for part in value] if isinstance(value, tuple) else value


def as_fraction(value: object) -> object:
    """Return the fraction for a text such as "2/3"; return any other value unchanged."""
    if isinstance(value, str) and re.fullmatch(r"[0-9]{1,9}/0*[1-9][0-9]{0,8}", value.strip()):
        return Fraction(value.strip())
    return value


def typed_value(value: Any) -> Any:
    """Return the value that a JSON value represents: the inverse of `plain_value`."""
    return tuple(map(typed_value, value)) if isinstance(value, list) else as_fraction(value)


def no_problems(_: object, __: Sequence[Arm]) -> Iterator[str]:
    """Yield no problem for any value: the limits of the method check it."""
    return iter(())


@dataclass(frozen=True, eq=False, kw_only=True)
class Parameter:
    """One concealed parameter of a design.

    name:     its name in design files, canonical designs and bundles; an attribute of `Design`.
    label:    its name on the design page.
    example:  a value as written in a design file, for the message when the parameter is missing; a
              list if the parameter is one.
    problems: yields the problems of a value.
    omitted:  returns the value when a design file leaves the parameter out, from the file's content
              and the minimised factors; None when the file must have it. Our defaults [D].
    offered:  returns a value that suits the arms, for a new design file; by default the example.
    as_plain, as_typed: convert to the JSON of the canonical design and back.
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
        """Return a value that suits the arms, as written in a design file."""
        return self.example if self.offered is None else self.offered(arms)

    def file_problem(self, value: object) -> str | None:
        """Return why a design file's value cannot be read; None when it can or may be left out."""
        is_listed = isinstance(self.example, list)
        if isinstance(value, list) if is_listed else value is not None:
            return None
        what = "a list of whole numbers" if is_listed else "one"
        said = "is missing" if value is None else f"is {value!r}"
        return f"{self.name} {said}; give {what}, such as {self.name}: {self.example}."


def whole_problems(name: str, value: object, least: int, most: int) -> Iterator[str]:
    """Yield the problem of a value that is not a whole number from `least` to `most`."""
    if not isinstance(value, int) or not is_whole(value) or not least <= value <= most:
        yield f"{name} is {value!r}; give a whole number from {least} to {most}."


def between(name: str, least: int, most: int) -> Rule:
    """Return the rule for a parameter that is a whole number from `least` to `most`."""
    return lambda value, _: whole_problems(name, value, least, most)


def among(name: str, words: Sequence[str]) -> Rule:
    """Return the rule for a parameter that is one of these words."""

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


P_LABEL = "Probability of the arm that is behind or preferred"

PEOPLE = Parameter(
    name="people",
    label="Participants in each list",
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
    label="Participants randomised in error",
    example="count",
    problems=among("mistakes", MISTAKES_WORDS),
    omitted=lambda _, __: "count",
)
