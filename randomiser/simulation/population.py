"""The expected participants: sites with their sizes, and how often each factor level occurs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import product
from math import prod

from randomiser.arms import Factor
from randomiser.canonical import name_problem
from randomiser.design import Design
from randomiser.problems import RandomiserProblem

LARGEST_SUM = 50_000
MOST_SITES = 500
MOST_STRATA = 20_000


class PopulationProblem(RandomiserProblem):
    """A population that cannot be simulated under a design, with every reason."""

    def __init__(self, problems: list[str]) -> None:
        self.problems = tuple(problems)
        super().__init__(" ".join(problems))


@dataclass(frozen=True)
class Site:
    """A site, its relative size and the levels that all its participants have."""

    name: str
    size: int
    levels: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Population:
    """Sites, and for every factor not fixed by the site: level code to share in whole numbers.

    Factors are independent of each other and of the site unless the site fixes them.
    """

    sites: tuple[Site, ...]
    prevalence: Mapping[str, Mapping[str, int]] = field(default_factory=dict)

    def codes(self, factor: str) -> tuple[str, ...]:
        """Return the level codes of a factor in order; those of sites in order of first mention."""
        if factor in self.prevalence:
            return tuple(self.prevalence[factor])
        return tuple(dict.fromkeys(site.levels[factor] for site in self.sites))


def factors_of(design: Design) -> tuple[Factor, ...]:
    """Return every factor for which this design needs a participant's level."""
    return (*design.factors, *design.minimised)


def require_fitting(design: Design, population: Population) -> Population:
    """Return the population. Raises PopulationProblem when it does not fit the design."""
    found = [*_site_problems(population)]
    for factor in factors_of(design):
        found.extend(_factor_problems(factor, population))
    if not found:
        strata = prod(len(population.codes(factor.name)) for factor in design.factors)
        if strata > MOST_STRATA:
            found.append(f"There are {strata} strata; at most {MOST_STRATA} can be simulated.")
    if found:
        raise PopulationProblem(found)
    return population


def _site_problems(population: Population) -> Iterator[str]:
    if not 1 <= len(population.sites) <= MOST_SITES:
        yield f"There are {len(population.sites)} sites; give 1 to {MOST_SITES}."
    yield from _share_problems("sites", {site.name: site.size for site in population.sites})
    if len({site.name for site in population.sites}) < len(population.sites):
        yield "sites: two have the same name; give each a name of its own."


def _factor_problems(factor: Factor, population: Population) -> Iterator[str]:
    fixed = [site for site in population.sites if factor.name in site.levels]
    shares = population.prevalence.get(factor.name)
    if shares is None and len(fixed) < len(population.sites):
        yield f"{factor.name}: the prevalence of its levels is missing; give it."
        return
    if shares is not None and fixed:
        yield f"{factor.name}: give its prevalence or its level at each site, not both."
    if shares is not None:
        yield from _share_problems(factor.name, shares)
    for code in population.codes(factor.name):
        if factor.levels is not None and code not in factor.levels:
            known = ", ".join(factor.levels)
            yield f"{factor.name}: the design has no level {code!r}; it knows {known}."


def _share_problems(what: str, shares: Mapping[str, int]) -> Iterator[str]:
    for name, share in shares.items():
        problem = name_problem(f"{what}: the name", name)
        if problem:
            yield problem
        if share < 0:
            yield f"{what}: {name} has {share}; give a whole number, 0 or more."
            return
    if not 1 <= sum(shares.values()) <= LARGEST_SUM:
        yield f"{what}: the numbers add up to {sum(shares.values())}; give 1 to {LARGEST_SUM}."


def stratum_shares(design: Design, population: Population) -> dict[tuple[str, ...], Fraction]:
    """Return the exact chance that a participant is in each stratum of the design."""
    return combination_shares([factor.name for factor in design.factors], population)


def combination_shares(
    names: Sequence[str], population: Population
) -> dict[tuple[str, ...], Fraction]:
    """Return the exact chance of each combination of levels of some factors."""
    shares = dict.fromkeys(product(*(population.codes(name) for name in names)), Fraction(0))
    everybody = sum(site.size for site in population.sites)
    alike: dict[tuple[str | None, ...], int] = {}
    for site in population.sites:
        fixed = tuple(site.levels.get(name) for name in names)
        alike[fixed] = alike.get(fixed, 0) + site.size
    for fixed, size in alike.items():
        options = [
            _chances(population, name, code) for name, code in zip(names, fixed, strict=True)
        ]
        for levels in product(*(each.items() for each in options)):
            codes = tuple(code for code, _ in levels)
            shares[codes] += prod((chance for _, chance in levels), start=Fraction(size, everybody))
    return shares


def _chances(population: Population, factor: str, fixed: str | None) -> dict[str, Fraction]:
    """Return the chance of each level of a factor at a site that fixes it, or of its prevalence."""
    if factor not in population.prevalence:
        return {str(fixed): Fraction(1)}
    shares = population.prevalence[factor]
    return {code: Fraction(share, sum(shares.values())) for code, share in shares.items()}
