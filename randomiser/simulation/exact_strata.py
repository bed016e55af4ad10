"""What all lists of a stratified design do together, exactly: binomial numbers of people in each.

Everybody falls into a stratum independently, with the chance that the population gives it.
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
    """Exact figures for a number of people over all strata.

    converged, informed, certain: as in `ListExactly`, the share of all people.
    mean_lead:  the mean over all strata of the difference in a stratum without its sign.
    square_lead: the mean of its square.
    overall_square: the mean square of the difference over everybody; two arms alone, and only
                where the difference of every stratum is 0 in the mean.
    empty:      how many strata have nobody.
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
    """Whether exact figures can be had while somebody waits.

    Not for methods that look at other people's factors, for lists that are uploaded or may be full.
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
    """Return the exact figures of a design for so many people of a population.

    Ask `is_feasible` first.
    """
    shares = Counter(stratum_shares(design, population).values())
    strata = sum(shares.values())
    stratum = list_exactly(design, people)
    sizes = {share: sizes_of_stratum(people, share) for share in shares}
    leads = [_moments(chances) for chances in stratum.leads]

    def sum_over(values: Sequence[Fraction]) -> Fraction:
        """The sum over strata of the mean of a value that depends on how many people are in it."""
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
    """Return the chance that 0, 1, 2 … of so many people fall into a stratum (binomial)."""
    return [chance_of_size(people, share, size) for size in range(people + 1)]


def _sums(values: Sequence[Fraction]) -> list[Fraction]:
    found = [Fraction(0)]
    for value in values:
        found.append(found[-1] + value)
    return found


def _moments(chances: Mapping[int, Fraction]) -> tuple[Fraction, Fraction, Fraction]:
    """The mean of a difference, of its size and of its square, in units of the scale."""
    mean = sum((chance * value for value, chance in chances.items()), Fraction(0))
    size = sum((chance * abs(value) for value, chance in chances.items()), Fraction(0))
    square = sum((chance * value**2 for value, chance in chances.items()), Fraction(0))
    return mean, size, square


def _overall(
    design: Design,
    leads: Sequence[tuple[Fraction, Fraction, Fraction]],
    sum_over: Callable[[Sequence[Fraction]], Fraction],
) -> Fraction | None:
    """Lists are independent once their numbers are given, so that squares add up at mean 0."""
    if len(design.arms) != 2 or any(mean for mean, _, _ in leads):
        return None
    return sum_over([square for _, _, square in leads])


def short_strata(design: Design, population: Population, people: int) -> float | None:
    """Return in how many strata with anybody in them no block is ever completed, in the mean.

    A first block of size s stays open with 1 to s - 1 people. None for methods without blocks.
    Exact but for the rounding of floats: fractions would take long for many strata.
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
    """Return the chance that a stratum has exactly so many of all people (binomial)."""
    inside, outside = share.numerator, share.denominator - share.numerator
    ways = comb(people, size) * inside**size * outside ** (people - size)
    return Fraction(ways, share.denominator**people)
