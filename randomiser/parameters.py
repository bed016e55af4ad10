"""What each method needs beside arms and factors, and the reasons why a value cannot be."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from fractions import Fraction

from randomiser.arms import Arm, Factor
from randomiser.design_rules import is_whole, size_problems, total_of, weight_problems
from randomiser.list_rules import hash_problems, row_problems

PARAMETERS: Mapping[str, tuple[str, ...]] = {
    "permuted_blocks": ("sizes", "weights"),
    "simple": (),
    "random_allocation_rule": ("people",),
    "efron_biased_coin": ("p",),
    "chen_biased_coin": ("p", "tolerance"),
    "big_stick": ("tolerance",),
    "wei_urn": ("alpha", "beta"),
    "block_urn": ("balanced_sets",),
    "maximal_procedure": ("people", "tolerance"),
    "minimisation": ("measure", "p", "factor_weights", "first", "mistakes"),
    "hu_hu": ("p", "overall_weight", "factor_weights", "stratum_weight", "mistakes"),
    "uploaded_list": ("file_hash", "lists"),
}
"""The parameters of every method, by the names they have in a design."""
ADAPTIVE = {"minimisation", "hu_hu"}
"""Methods whose arm follows from the levels of earlier people, not from the key alone."""
MEASURES = ("range", "variance", "standard_deviation", "squared_difference", "marginal_balance")
MISTAKES = ("count", "leave_out")
EXAMPLES = {
    "sizes": "[4, 6]",
    "weights": "[1, 1]",
    "people": "40",
    "p": "2/3",
    "tolerance": "3",
    "alpha": "1",
    "beta": "1",
    "balanced_sets": "3",
    "measure": "range",
    "factor_weights": "[1, 1]",
    "overall_weight": "1",
    "stratum_weight": "1",
    "first": "0",
    "mistakes": "count",
}
TWO_EQUAL = {"efron_biased_coin", "chen_biased_coin", "big_stick", "maximal_procedure", "hu_hu"}
EQUAL = {"wei_urn"}
MOST_PEOPLE = 1000
LARGEST_TOLERANCE = 50
LARGEST_DENOMINATOR = 1000
MOST_BALLS = 1000
MOST_SETS = 50
MOST_FIRST = 1000
LARGEST_FACTOR_WEIGHT = 1000

Rule = Callable[[object, Sequence[Arm]], Iterator[str]]
"""What is wrong with the value of one parameter, given the arms."""


def parameter_problems(
    method: str,
    arms: Sequence[Arm],
    given: Mapping[str, object],
    minimised: Sequence[Factor] = (),
) -> Iterator[str]:
    """Yield what is wrong with a method and the parameters given for it, by their names."""
    own = PARAMETERS.get(method)
    if own is None:
        yield f"The method {method!r} is not known; choose {' or '.join(PARAMETERS)}."
        return
    for name in given:
        if name not in own:
            yield foreign(method, name)
    yield from _ratio_problems(method, arms)
    yield from _block_problems(arms, given)
    for name, rule in RULES.items():
        if name in own and name in given and not (name == "p" and method in ADAPTIVE):
            yield from rule(given[name], arms)
    yield from _minimised_problems(method, given, minimised)
    if method in ADAPTIVE:
        yield from _adaptive_problems(arms, given)
    if method == "wei_urn" and given.get("alpha") == given.get("beta") == 0:
        yield "alpha and beta are both 0, so that nothing is ever in the urn; give one of them."


def as_fraction(value: object) -> object:
    """Return the fraction that a text such as "2/3" writes; anything else as it is."""
    if isinstance(value, str) and re.fullmatch(r"[0-9]{1,9}/0*[1-9][0-9]{0,8}", value.strip()):
        return Fraction(value.strip())
    return value


def foreign(method: str, name: object) -> str:
    """Say that a name is not a parameter of this method."""
    known = " and ".join(PARAMETERS[method]) or "nothing: write {}"
    return f"{name!s} is not a parameter of {spoken(method)}; a design file has {known}."


def spoken(method: str) -> str:
    """Return the name of a method as a sentence has it."""
    return method.replace("_", " ")


def _ratio_problems(method: str, arms: Sequence[Arm]) -> Iterator[str]:
    if total_of(arms) is None:
        return
    ratio = _ratio(arms)
    if method in TWO_EQUAL and ratio != "1:1":
        yield f"The ratio {ratio} is not possible: {spoken(method)} takes two arms 1:1."
    if method in EQUAL and len({arm.ratio for arm in arms}) > 1:
        yield f"The ratio {ratio} is not possible: {spoken(method)} takes arms of equal share."


def _ratio(arms: Sequence[Arm]) -> str:
    return ":".join(str(arm.ratio) for arm in arms)


def _block_problems(arms: Sequence[Arm], given: Mapping[str, object]) -> Iterator[str]:
    sizes, weights = given.get("sizes"), given.get("weights")
    if isinstance(sizes, Sequence):
        yield from size_problems(sizes, arms)
        if isinstance(weights, Sequence):
            yield from weight_problems(weights, sizes)


def _people_problems(people: object, arms: Sequence[Arm]) -> Iterator[str]:
    yield from _whole_problems("people", people, 1, MOST_PEOPLE)
    total = total_of(arms)
    if isinstance(people, int) and total is not None and people % total:
        ratio = _ratio(arms)
        yield f"people is {people}, not a multiple of {total}, the sum of the ratio {ratio}."


def _p_problems(p: object, _: Sequence[Arm]) -> Iterator[str]:
    if not isinstance(p, Fraction):
        yield f"p is {p!r}; write it as a fraction of whole numbers, such as p: 2/3."
    elif not Fraction(1, 2) <= p < 1:
        yield f"p is {p}; it must be at least 1/2 and below 1, for the arm that is behind."
    elif p.denominator > LARGEST_DENOMINATOR:
        yield f"p is {p}; its denominator can be at most {LARGEST_DENOMINATOR}."


def _minimised_problems(
    method: str, given: Mapping[str, object], minimised: Sequence[Factor]
) -> Iterator[str]:
    if method in ADAPTIVE and not minimised:
        yield f"{spoken(method)} has no factor to balance; name one under minimisation_factors."
    if method not in ADAPTIVE and minimised:
        yield f"{spoken(method)} balances no factors; name {minimised[0].name} as a stratum."
    weights = given.get("factor_weights")
    if method not in ADAPTIVE or not isinstance(weights, Sequence):
        return
    if len(weights) != len(minimised):
        yield (
            f"There are {len(weights)} factor weights for {len(minimised)} minimisation factors; "
            "give one for each, in their order."
        )
    least = 1 if method == "minimisation" else 0
    for weight in weights:
        yield from _whole_problems("A factor weight", weight, least, LARGEST_FACTOR_WEIGHT)
    others = [given.get("overall_weight"), given.get("stratum_weight")]
    if method == "hu_hu" and not any([*others, *weights]):
        yield "All weights are 0, so that nothing is balanced; give one of them."


def _adaptive_problems(arms: Sequence[Arm], given: Mapping[str, object]) -> Iterator[str]:
    total = total_of(arms)
    if "p" in given and total is not None:
        yield from _preferred_problems(given["p"], Fraction(min(arm.ratio for arm in arms), total))
    if given.get("measure") == "squared_difference" and len(arms) != 2:
        yield "The squared difference is for two arms; choose variance for more."


def _preferred_problems(p: object, share: Fraction) -> Iterator[str]:
    if not isinstance(p, Fraction):
        yield f"p is {p!r}; write it as a fraction of whole numbers, such as p: 4/5."
    elif not share <= p <= 1:
        yield (
            f"p is {p}; the arm that is preferred must have at least its fair share, {share}, and "
            "at most 1/1."
        )
    elif p.denominator > LARGEST_DENOMINATOR:
        yield f"p is {p}; its denominator can be at most {LARGEST_DENOMINATOR}."


def _one_of(name: str, words: Sequence[str]) -> Rule:
    def problems(value: object, _: Sequence[Arm]) -> Iterator[str]:
        if value not in words:
            yield f"{name} is {value!r}; choose {' or '.join(words)}."

    return problems


def _between(name: str, least: int, most: int) -> Rule:
    def problems(value: object, _: Sequence[Arm]) -> Iterator[str]:
        return _whole_problems(name, value, least, most)

    return problems


def _whole_problems(name: str, value: object, least: int, most: int) -> Iterator[str]:
    if not isinstance(value, int) or not is_whole(value) or not least <= value <= most:
        yield f"{name} is {value!r}; give a whole number from {least} to {most}."


RULES: Mapping[str, Rule] = {
    "people": _people_problems,
    "p": _p_problems,
    "tolerance": _between("tolerance", 1, LARGEST_TOLERANCE),
    "alpha": _between("alpha", 0, MOST_BALLS),
    "beta": _between("beta", 0, MOST_BALLS),
    "balanced_sets": _between("balanced_sets", 1, MOST_SETS),
    "overall_weight": _between("overall_weight", 0, LARGEST_FACTOR_WEIGHT),
    "stratum_weight": _between("stratum_weight", 0, LARGEST_FACTOR_WEIGHT),
    "first": _between("first", 0, MOST_FIRST),
    "measure": _one_of("measure", MEASURES),
    "mistakes": _one_of("mistakes", MISTAKES),
    "file_hash": hash_problems,
    "lists": row_problems,
}
