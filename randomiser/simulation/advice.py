"""Warnings about a design for the statistician, in plain words, before it is activated."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from math import prod

from randomiser.design import Design
from randomiser.figures import percent
from randomiser.simulation.exact import (
    Departure,
    certain_in_block,
    largest_departure,
    list_exactly,
    positions_to_follow,
)
from randomiser.simulation.exact_adaptive import largest_departure_on_arrival
from randomiser.simulation.population import Population, stratum_shares

POSITIONS = 12
"""How many list positions, or people to arrive, departures are looked for at."""
NEARLY_FULL = Fraction(4, 5)


@dataclass(frozen=True)
class Trial:
    """The trial for which a design is planned.

    is_open_label: whether people at the sites see the arms that were allocated.
    site_factors:  the names of the factors whose level is fixed by the site.
    """

    population: Population
    people: int
    is_open_label: bool
    site_factors: frozenset[str]


def departure_of(design: Design, population: Population) -> tuple[Departure | None, int]:
    """Return the largest departure of an arm's chance from its share, and the positions checked."""
    if design.minimised:
        return largest_departure_on_arrival(design, population, POSITIONS)
    positions = positions_to_follow(design, POSITIONS)
    return largest_departure(design, positions), positions


def warnings(design: Design, trial: Trial, departure: Departure | None) -> list[str]:
    """Return the warnings about a design, each with its figure; empty when there are none."""
    found = [words for rule in RULES for words in rule(design, trial)]
    found += [words for warning in design.method.warnings for words in warning(design)]
    if departure is not None:
        found.append(_departure(design, departure))
    return found


def _departure(design: Design, departure: Departure) -> str:
    which = "of the participants to arrive" if design.minimised else "of the list positions"
    chance, share = percent(departure.chance), percent(departure.share)
    return (
        f"An arm's chance is not its share everywhere: {departure.arm} has {chance} at "
        f"number {departure.position} {which}, and a share of {share}. "
        "Permuted blocks and simple randomisation keep an unequal ratio at every position."
    )


def mean_block(design: Design) -> Fraction:
    """Return the mean size of a block."""
    weighted = zip(design.sizes, design.weights, strict=True)
    return Fraction(sum(size * weight for size, weight in weighted), sum(design.weights))


def _too_many_strata(design: Design, trial: Trial) -> Iterator[str]:
    strata = prod(len(trial.population.codes(factor.name)) for factor in design.factors)
    each = Fraction(trial.people, strata)
    if design.sizes and strata > 1 and each < mean_block(design):
        yield (
            f"Too many strata: {trial.people} participants in {strata} strata are "
            f"{float(each):.1f} in each on average, fewer than the mean block of "
            f"{float(mean_block(design)):.1f}. Most strata end inside a block, and their "
            "imbalances add up. Use fewer factors, or minimisation."
        )


def _fixed_blocks_at_sites(design: Design, trial: Trial) -> Iterator[str]:
    by_site = any(factor.name in trial.site_factors for factor in design.factors)
    if trial.is_open_label and by_site and len(design.sizes) == 1:
        size = design.sizes[0]
        certain = certain_in_block([arm.ratio for arm in design.arms], size) / size
        yield (
            f"One fixed block size, {size}, with strata by site in an open-label trial: "
            f"a user who counts the arms at a site knows {percent(certain)} of them for sure. "
            f"Use random sizes, such as {suggest_sizes(design)}."
        )


def suggest_sizes(design: Design) -> str:
    """Return the block sizes suggested for open-label trials: 4 and 6 for two arms 1:1."""
    total = design.ratio_sum
    return f"{2 * total} and {3 * total}"


def _smallest_block(design: Design, _: Trial) -> Iterator[str]:
    size = design.ratio_sum
    alone = replace(design, sizes=(size,), weights=(1,)) if size in design.sizes else None
    if alone and positions_to_follow(alone, size) == size:
        guessed = sum(list_exactly(alone, size).informed) / size
        certain = certain_in_block([arm.ratio for arm in design.arms], size) / size
        yield (
            f"A block of {size} is the smallest possible: in it a user who counts "
            f"names {percent(guessed)} of the arms correctly and knows {percent(certain)} "
            "for sure. Use larger blocks."
        )


def _no_random_element(design: Design, _: Trial) -> Iterator[str]:
    if design.minimised and design.p == 1:
        yield (
            "No random element: with p = 1 a user who knows the earlier participants knows the "
            "next arm unless the arms tie. Use a p below 1, such as 4/5."
        )


def _tolerance_of_one(design: Design, _: Trial) -> Iterator[str]:
    if design.tolerance == 1:
        yield (
            "A tolerance of 1 makes blocks of 2: a user who counts the arms knows every second "
            "one for sure. Use 2 or more."
        )


def _short_lists(design: Design, trial: Trial) -> Iterator[str]:
    largest = max(stratum_shares(design, trial.population).values()) * trial.people
    if design.people and largest > NEARLY_FULL * design.people:
        yield (
            f"A list has {design.people} positions, and the largest stratum "
            f"expects {float(largest):.1f} of {trial.people} participants. When a list is full, "
            "no more participants can be randomised from it."
        )


Rule = Callable[[Design, Trial], Iterator[str]]

RULES: tuple[Rule, ...] = (
    _too_many_strata,
    _fixed_blocks_at_sites,
    _smallest_block,
    _no_random_element,
    _tolerance_of_one,
    _short_lists,
)
