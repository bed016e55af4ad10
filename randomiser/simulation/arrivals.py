"""Participants who arrive in many trials at once: site, levels and stratum of each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from math import prod

import numpy as np

from randomiser.design import Design
from randomiser.simulation.arrays import Whole
from randomiser.simulation.population import Population, factors_of


@dataclass(frozen=True)
class Arrivals:
    """Site, levels and stratum of each participant, all as indexes, by trial and arrival.

    site:    index of the population's site.
    levels:  for each factor of the design, the index of the code in the population.
    stratum: index of the combination of levels; the last factor changes fastest.
    strata:  the number of strata.
    """

    site: Whole
    levels: Mapping[str, Whole]
    stratum: Whole
    strata: int

    @property
    def people(self) -> int:
        return int(self.stratum.shape[1])


def arrive(
    design: Design, population: Population, shape: tuple[int, int], rng: np.random.Generator
) -> Arrivals:
    """Draw participants; `shape` is (trials, participants in each trial)."""
    site = draw_by_share([site.size for site in population.sites], shape, rng)
    levels = {
        factor.name: _levels(population, factor.name, site, rng) for factor in factors_of(design)
    }
    counts = [len(population.codes(factor.name)) for factor in design.factors]
    return Arrivals(
        site=site,
        levels=levels,
        stratum=join_indexes([levels[factor.name] for factor in design.factors], counts, shape),
        strata=prod(counts),
    )


def draw_by_share(shares: Sequence[int], shape: tuple[int, ...], rng: np.random.Generator) -> Whole:
    """Return random indexes; the chance of each is its whole-number share of the sum."""
    if len(shares) == 1:
        return np.zeros(shape, dtype=np.uint8)
    by_integer = np.repeat(np.arange(len(shares), dtype=_smallest(len(shares))), shares)
    return by_integer[draw_below(sum(shares), shape, rng)]


def draw_below(n: int, shape: tuple[int, ...], rng: np.random.Generator) -> Whole:
    """Return integers from 0 to n - 1, each equally likely."""
    return rng.integers(0, n, size=shape, dtype=_smallest(n))


def join_indexes(parts: Sequence[Whole], counts: Sequence[int], shape: tuple[int, ...]) -> Whole:
    """Return one index for several; the last one changes fastest."""
    kind = _smallest(prod(counts))
    start: Whole = np.zeros(shape, dtype=kind)
    return reduce(
        lambda index, part: index * kind(part[1]) + part[0].astype(kind, copy=False),
        zip(parts, counts, strict=True),
        start,
    )


def _levels(population: Population, factor: str, site: Whole, rng: np.random.Generator) -> Whole:
    codes = population.codes(factor)
    if factor in population.prevalence:
        return draw_by_share(list(population.prevalence[factor].values()), site.shape, rng)
    of_site = [codes.index(site.levels[factor]) for site in population.sites]
    return np.array(of_site, dtype=_smallest(len(codes)))[site]


def _smallest(values: int) -> type[np.uint8 | np.uint16 | np.uint32]:
    if values <= 256:
        return np.uint8
    return np.uint16 if values <= 65_536 else np.uint32
