"""The results of a simulation, as values and as JSON."""

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
    """The difference between the arms in a group of participants at the end of a trial.

    Each arm's count is divided by its share of the ratio. With two arms the difference is the
    first minus the second, with more arms the largest minus the smallest.

    people:  mean number of participants in the group.
    mean:    mean absolute difference.
    sd:      root mean square of the difference: the standard deviation around 0.
    largest: largest absolute difference in any trial.
    chances: how often each difference occurred.
    """

    people: float
    mean: float
    sd: float
    largest: float
    chances: Mapping[float, float]


@dataclass(frozen=True)
class Guessing:
    """How often a guesser names the next arm correctly.

    stratum:  counts the arms of the participant's stratum at all sites and names the arm behind.
    own_site: the same with only the own site's participants of the stratum.
    designed: knows the design and all participants' factors and earlier arms and works out the
              chances, but does not know the sizes of blocks of random size. Estimated from a part
              of the trials when there are many.
    informed: the same, and also knows the size of each block.
    designed_certain, certain: share of participants whose arm these two guessers know for sure.
    """

    stratum: Estimate
    own_site: Estimate
    designed: Estimate
    designed_certain: Estimate
    informed: Estimate
    certain: Estimate


@dataclass(frozen=True)
class Characteristics:
    """The characteristics of a design over many simulated trials.

    shares:   share of each arm among the participants allocated.
    arrivals: share of each arm among the first, second … to arrive.
    refused:  share of participants whom a full list refused.
    overall, factors, sites, strata: imbalance overall, in each level of each factor, in each site,
              and over all strata.
    empty:    number of strata without participants.
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
        """Return the characteristics as a JSON object, in which every name is text."""
        return asdict(self)
