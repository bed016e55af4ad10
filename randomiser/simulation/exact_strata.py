"""Exact characteristics over all lists of a stratified design, with binomial stratum sizes.

Each participant is in a stratum independently, with its chance in the population.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import comb

from randomiser.design import Design
from randomiser.simulation.exact import list_exactly
from randomiser.simulation.population import Population, stratum_shares


@dataclass(frozen=True)
class StrataExactly:
    """Exact figures for a number of participants over all strata.

    converged, informed, certain: as in `ListExactly`, as a share of all participants.
    mean_lead:      the mean absolute difference in a stratum over all strata.
    square_lead:    the mean square of the difference in a stratum.
    overall_square: the mean square of the overall difference; only with two arms, and only if the
                    mean difference of every stratum is 0.
    empty:          number of strata without participants.
    """

    converged: Fraction
    informed: Fraction
    certain: Fraction
    mean_lead: Fraction
    square_lead: Fraction
    overall_square: Fraction | None
    empty: Fraction


MOST_STEPS = 60_000
MOST_SIZES = 3_000


def is_feasible(design: Design, population: Population, people: int) -> bool:
    """Return whether exact figures can be computed quickly.

    They cannot for adaptive methods, uploaded lists and lists that may be full.
    """
    if design.method.is_adaptive or design.method.takes_list or 0 < design.people < people:
        return False
    others = len(design.arms) - 1
    states: int
    if design.sizes:
        states = sum(size * (size // 2 + 1) ** others for size in design.sizes)
    else:
        states = (people + 1) ** others
    kinds = len(set(stratum_shares(design, population).values()))
    return states * people <= MOST_STEPS and kinds * people <= MOST_SIZES


def strata_exactly(design: Design, population: Population, people: int) -> StrataExactly:
    """Return the exact figures of a design for `people` participants of a population.

    Call `is_feasible` first.
    """
    shares = Counter(stratum_shares(design, population).values())
    strata = sum(shares.values())
    stratum = list_exactly(design, people)
    sizes = {share: sizes_of_stratum(people, share) for share in shares}
    leads = [_moments(chances) for chances in stratum.leads]

    def sum_over(values: Sequence[Fraction]) -> Fraction:
        """Return the sum over strata of the mean of a value that depends on the stratum's size."""
        return sum(
            (
                times * chance * values[size]
                for share, times in shares.items()
                for size, chance in enumerate(sizes[share])
            ),
            Fraction(0),
        )

    return StrataExactly(
        converged=sum_over(_sums(stratum.converged)) / people,
        informed=sum_over(_sums(stratum.informed)) / people,
        certain=sum_over(_sums(stratum.certain)) / people,
        mean_lead=sum_over([absolute for _, absolute, _ in leads]) / strata,
        square_lead=sum_over([square for _, _, square in leads]) / strata,
        overall_square=_overall(design, leads, sum_over),
        empty=sum((times * sizes[share][0] for share, times in shares.items()), Fraction(0)),
    )


def sizes_of_stratum(people: int, share: Fraction) -> list[Fraction]:
    """Return the chances that 0, 1, 2 … of `people` participants are in a stratum (binomial)."""
    return [chance_of_size(people, share, size) for size in range(people + 1)]


def _sums(values: Sequence[Fraction]) -> list[Fraction]:
    found = [Fraction(0)]
    for value in values:
        found.append(found[-1] + value)
    return found


def _moments(chances: Mapping[int, Fraction]) -> tuple[Fraction, Fraction, Fraction]:
    """Return the means of a difference, of its absolute value and of its square, in scale units."""
    mean = sum((chance * value for value, chance in chances.items()), Fraction(0))
    size = sum((chance * abs(value) for value, chance in chances.items()), Fraction(0))
    square = sum((chance * value**2 for value, chance in chances.items()), Fraction(0))
    return mean, size, square


def _overall(
    design: Design,
    leads: Sequence[tuple[Fraction, Fraction, Fraction]],
    sum_over: Callable[[Sequence[Fraction]], Fraction],
) -> Fraction | None:
    """Return the mean square of the overall difference; None when it cannot be computed exactly.

    Given their sizes, lists are independent, so their squares add up when the means are 0.
    """
    if len(design.arms) != 2 or any(mean for mean, _, _ in leads):
        return None
    return sum_over([square for _, _, square in leads])


def short_strata(design: Design, population: Population, people: int) -> float | None:
    """Return the mean number of non-empty strata in which no block is ever completed.

    A first block of size s is incomplete with 1 to s - 1 participants. None for methods without
    blocks. Exact except for floating-point rounding: fractions would be slow for many strata.
    """
    if not design.sizes:
        return None
    total = sum(design.weights)
    open_still = [
        sum(w for s, w in zip(design.sizes, design.weights, strict=True) if s > held) / total
        for held in range(1, min(max(design.sizes), people + 1))
    ]
    return sum(
        times
        * comb(people, held)
        * float(share) ** held
        * float(1 - share) ** (people - held)
        * part
        for share, times in Counter(stratum_shares(design, population).values()).items()
        for held, part in enumerate(open_still, start=1)
    )


def chance_of_size(people: int, share: Fraction, size: int) -> Fraction:
    """Return the chance that a stratum has exactly `size` of all participants (binomial)."""
    inside, outside = share.numerator, share.denominator - share.numerator
    ways = comb(people, size) * inside**size * outside ** (people - size)
    return Fraction(ways, share.denominator**people)
