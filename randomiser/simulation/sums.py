"""Sums over many trials: frequencies of differences, and rates with their standard errors."""

from __future__ import annotations

from collections import Counter
from math import sqrt

import numpy as np

from randomiser.simulation.arrays import Real, Whole
from randomiser.simulation.characteristics import Estimate, Imbalance


class Differences:
    """How often each difference between the arms occurred."""

    def __init__(self, ratios: list[int]) -> None:
        self.scale = int(np.lcm.reduce(ratios))
        self.steps = np.array([self.scale // ratio for ratio in ratios], dtype=np.int64)
        self.found: Counter[int] = Counter()
        self.people = 0

    def add(self, counts: Whole) -> None:
        """Add groups of participants; `counts` has the arms along its last axis."""
        scaled = counts.reshape(-1, len(self.steps)) * self.steps
        if len(self.steps) == 2:
            leads = scaled[:, 0] - scaled[:, 1]
        else:
            leads = scaled.max(axis=1) - scaled.min(axis=1)
        self.people += int(counts.sum())
        low = int(leads.min())
        occurred = np.bincount(leads - low)
        self.found.update({low + int(i): int(occurred[i]) for i in np.flatnonzero(occurred)})

    def summarise(self) -> Imbalance:
        """Return the imbalance from the sums."""
        groups, scale = self.found.total(), self.scale
        return Imbalance(
            people=self.people / groups,
            mean=sum(abs(lead) * times for lead, times in self.found.items()) / groups / scale,
            sd=sqrt(sum(lead**2 * times for lead, times in self.found.items()) / groups) / scale,
            largest=max(map(abs, self.found)) / scale,
            chances={lead / scale: self.found[lead] / groups for lead in sorted(self.found)},
        )


class Rate:
    """A mean over trials of a value that each trial has once."""

    def __init__(self) -> None:
        self.trials = 0
        self.total = self.squares = 0.0

    def add(self, values: Real | Whole) -> None:
        """Add one value for each trial."""
        self.trials += len(values)
        self.total += float(values.sum())
        self.squares += float((values.astype(np.float64) ** 2).sum())

    def summarise(self) -> Estimate:
        """Return the mean and its standard error."""
        mean = self.total / self.trials
        variance = max(0.0, self.squares / self.trials - mean**2)
        return Estimate(mean, sqrt(variance / max(1, self.trials - 1)))
