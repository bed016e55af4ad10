"""What is told of a design after its simulation: plain values, and the same as JSON keeps them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass


@dataclass(frozen=True)
class Estimate:
    """A mean over trials and its standard error."""

    value: float
    error: float


@dataclass(frozen=True)
class Imbalance:
    """How unequal the arms are among some of the people, at the end of a trial.

    Each arm's count is divided by its share of the ratio. With two arms the difference is the
    first less the second, with more the largest less the smallest.

    people:  how many there are in the mean.
    mean:    of the difference without its sign.
    sd:      root of the mean square: the standard deviation around equality.
    largest: difference without its sign in any trial.
    chances: how often each difference occurred.
    """

    people: float
    mean: float
    sd: float
    largest: float
    chances: Mapping[float, float]


@dataclass(frozen=True)
class Guessing:
    """How often somebody names the next arm rightly.

    stratum:  who counts the arms of the participant's stratum, at all sites, and names the one
              behind.
    own_site: the same, who sees only the own site's people of the stratum.
    designed: who knows the design, everybody's factors and earlier arms, and works out the chances;
              of blocks of random size not how large each one is. Of some trials where there are
              many.
    informed: the same, who also knows how large each block is.
    designed_certain, certain: share of people whose arm these two know for sure.
    """

    stratum: Estimate
    own_site: Estimate
    designed: Estimate
    designed_certain: Estimate
    informed: Estimate
    certain: Estimate


@dataclass(frozen=True)
class Characteristics:
    """What a design does over many simulated trials.

    shares:   of each arm among the people allocated.
    arrivals: of each arm among the first, second … to arrive.
    refused:  share of people whom a full list refused.
    overall, factors (of each level), sites, strata: imbalance; that of strata over all of them.
    empty:    how many strata have nobody.
    """

    trials: int
    people: int
    seed: int
    shares: Mapping[str, Estimate]
    arrivals: tuple[Mapping[str, float], ...]
    refused: float
    overall: Imbalance
    factors: Mapping[str, Mapping[str, Imbalance]]
    sites: Mapping[str, Imbalance]
    strata: Imbalance
    guessing: Guessing
    empty: float

    def as_plain(self) -> dict[str, object]:
        """Return the same with text for every name, as JSON keeps it."""
        return asdict(self)
