"""What is drawn for many lists: the arms, and what somebody who knows the design could tell."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from randomiser.simulation.arrays import Real, Whole, Yes


@dataclass(frozen=True)
class Drawn:
    """One entry a person, in any order that the maker states.

    arm:      index of the arm; the number of arms where a full list refused the person.
    informed: how much of a right guess is due to who knows design, block sizes and all earlier
              people: 1, a half where two arms were equally likely, …, 0.
    certain:  whether that guesser could not be wrong.
    """

    arm: Whole
    informed: Real
    certain: Yes


def credit(shares: Whole | Real, arm: Whole) -> tuple[Real, Yes]:
    """Return what an informed guess gets, and where it is certain.

    shares: chances (or whole-number odds) with the arms along the first axis.
    arm:    what was drawn, as an index along that axis.
    """
    top = shares.max(axis=0)
    likeliest = shares == top
    hit = np.take_along_axis(likeliest, arm[np.newaxis], axis=0)[0]
    gained = hit.astype(np.float32)
    gained /= np.maximum(likeliest.sum(axis=0, dtype=np.int16), 1)
    certain = (shares > 0).sum(axis=0, dtype=np.int16) == 1
    return gained, certain
