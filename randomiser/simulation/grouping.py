"""Participants of many trials sorted by group; in each group in the order of arrival."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from randomiser.simulation.arrays import Real, Whole, Yes


@dataclass(frozen=True)
class Groups:
    """The participants of every trial sorted by group.

    order:   for each trial, the arrivals in that order.
    lengths: number of participants of each group, trial by trial; 0 for an empty one.
    """

    order: Whole
    lengths: Whole

    def sort(self, values: Whole) -> Whole:
        """Return values indexed by [trial, arrival] as one row, one group after the other."""
        return np.asarray(np.take_along_axis(values, self.order, axis=1).ravel())

    def unsort(self, values: Whole | Real | Yes) -> Whole:
        """Return values in one row indexed by [trial, arrival] again."""
        found = np.empty(self.order.shape, dtype=values.dtype)
        np.put_along_axis(found, self.order, values.reshape(found.shape), axis=1)
        return found


def group_people(index: Whole, groups: int) -> Groups:
    """Return the participants sorted by the index of their group, which is below `groups`."""
    trials = len(index)
    own = np.arange(trials, dtype=np.int64)[:, np.newaxis] * groups + index
    return Groups(
        order=np.argsort(index, axis=1, kind="stable"),
        lengths=np.bincount(own.ravel(), minlength=trials * groups),
    )


def credit_counting(arm: Whole, lengths: Whole, ratios: list[int]) -> Real:
    """Return the credit of a guesser who counts the arms of a group and names the one behind.

    arm: in the order of `Groups.sort`. The arm behind has the smallest count divided by its share
    of the ratio; of several, the one with the largest share. If several are left, the guesser picks
    one at random (credit a half of two, a third of three).
    Source: Blackwell and Hodges, Ann Math Stat 1957;28:449-460.
    """
    scale = int(np.lcm.reduce(ratios))
    begins = (np.cumsum(lengths) - lengths)[lengths > 0]
    lengths = lengths[lengths > 0]
    counts = []
    for index, ratio in enumerate(ratios):
        is_arm = arm == index
        before = np.cumsum(is_arm, dtype=np.int32)
        before -= is_arm
        before -= np.repeat(before[begins], lengths)
        before *= scale // ratio
        counts.append(before)
    least = np.minimum.reduce(counts)
    named = _largest_share([count == least for count in counts], ratios)
    right = np.zeros(arm.shape, dtype=np.float32)
    for index, is_named in enumerate(named):
        right += is_named & (arm == index)
    right /= np.add.reduce(named, dtype=np.int8)
    return right


def _largest_share(behind: list[Yes], ratios: list[int]) -> list[Yes]:
    """Return, of the arms behind, those with the largest share."""
    return [
        np.logical_and.reduce(
            [mine, *(~other for other, share in zip(behind, ratios, strict=True) if share > ratio)]
        )
        for mine, ratio in zip(behind, ratios, strict=True)
    ]
