"""Predictions of a guesser who knows the design of permuted blocks but not the size of each block.

For every list position, the chance that a block begins there is computed from all earlier arms, and
from it the chance of each arm.
"""

from __future__ import annotations

from math import lgamma

import numpy as np

from randomiser.design import Design
from randomiser.simulation.arrays import Real, Whole, Yes
from randomiser.simulation.drawn_lists import credit


def guess_without_sizes(design: Design, arm: Whole, lengths: Whole) -> tuple[Real, Yes]:
    """Return the guesser's credit for each participant and where the guess is certain.

    arm: arms of lists of these lengths, one after the other.
    """
    used = np.arange(int(lengths.max(initial=0))) < lengths[:, np.newaxis]
    table = np.zeros(used.shape, dtype=np.uint8)
    table[used] = arm
    longest_first = np.argsort(-lengths, kind="stable")
    informed = np.zeros(used.shape, dtype=np.float32)
    certain = np.zeros(used.shape, dtype=bool)
    follower = _Follower(design, len(lengths))
    for place in range(used.shape[1]):
        going_on = longest_first[: int(np.count_nonzero(lengths > place))]
        now = table[going_on, place]
        shares = follower.shares(len(going_on))
        # Chances that differ only by rounding are a tie.
        informed[going_on, place], _ = credit(np.round(shares, 9), now)
        certain[going_on, place] = (shares > 0).sum(axis=0) == 1
        follower.take(now)
    return informed[used], certain[used]


class _Follower:
    """Where the current block may have begun, for all lists at the same time.

    begun[j]:  the chance, up to a common factor, of the arms so far together with a block that
               begins j positions before the next one.
    counts[j]: how often each arm occurred since then (arms along the second axis).
    A pair is a block size and how many of its positions are used; it is the first axis of:
    full:      the number of positions of each arm in such a block.
    factor:    the chance of the size times the factor common to all orders of the block.
    """

    def __init__(self, design: Design, lists: int) -> None:
        ratio = np.array([arm.ratio for arm in design.arms], dtype=np.int64)
        chances = np.array(design.weights) / sum(design.weights)
        pairs = [(i, taken) for i, size in enumerate(design.sizes) for taken in range(size)]
        size = np.array([design.sizes[i] for i, _ in pairs])
        self.taken = np.array([taken for _, taken in pairs])
        self.left = size - self.taken
        self.full = np.outer(size // int(ratio.sum()), ratio)[:, :, np.newaxis]
        ways = np.array([lgamma(n + 1) for n in range(max(design.sizes) + 1)])  # logarithms of n!
        common = ways[self.left] + ways[self.full[:, :, 0]].sum(axis=1) - ways[size]
        self.factor = (chances[[i for i, _ in pairs]] * np.exp(common))[:, np.newaxis]
        self.per_order = np.exp(-ways)
        self.begun = np.zeros((max(design.sizes), lists))
        self.begun[0] = 1
        self.counts = np.zeros((max(design.sizes), len(ratio), lists), dtype=np.int64)

    def shares(self, lists: int) -> Real:
        """Return each arm's chance at the next position of the first `lists` lists, arms first."""
        self.begun, self.counts = self.begun[:, :lists], self.counts[:, :, :lists]
        left, self.weight = self._weigh()
        part = self.weight[:, np.newaxis] * left / self.left[:, np.newaxis, np.newaxis]
        found = part.sum(axis=0)
        whole: Real = found / found.sum(axis=0)
        return whole

    def _weigh(self) -> tuple[Whole, Real]:
        """Return the positions left for each arm in each pair, and the chance of the pair."""
        left = self.full - self.counts[self.taken]
        weight = self.factor * self.begun[self.taken]
        for arm in range(left.shape[1]):
            weight *= self.per_order[np.maximum(left[:, arm], 0)] * (left[:, arm] >= 0)
        return left, weight

    def take(self, arm: Whole) -> None:
        """Move to the next position, given this arm; a block with one position left ends."""
        ends = self.left == 1
        last = np.take_along_axis(
            self.full[ends] - self.counts[self.taken[ends]], arm[np.newaxis, np.newaxis], axis=1
        )[:, 0]
        after = (self.weight[ends] * (last == 1)).sum(axis=0)
        self.counts = self.counts + (np.arange(self.counts.shape[1])[:, np.newaxis] == arm)
        self.counts = np.concatenate([np.zeros_like(self.counts[:1]), self.counts[:-1]])
        self.begun = np.concatenate([after[np.newaxis], self.begun[:-1]])
        self.begun /= self.begun.max(axis=0)
