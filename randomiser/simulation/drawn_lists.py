"""The arms drawn for many lists, and how well a guesser who knows the design predicts them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from randomiser.simulation.arrays import Real, Whole, Yes


@dataclass(frozen=True)
class Drawn:
    """One element for each participant; the function that returns it states the order.

    arm:      index of the arm; the number of arms when a full list refused the participant.
    informed: credit of a guesser who knows the design, block sizes and all earlier participants: 1
              for a correct guess, a half when two arms were equally likely, …, 0.
    certain:  whether that guesser could not be wrong.
    """

    arm: Whole
    informed: Real
    certain: Yes


def credit(shares: Whole | Real, arm: Whole) -> tuple[Real, Yes]:
    """Return the credit of an informed guess and where the guess is certain.

    shares: chances (or whole-number odds) with the arms along the first axis.
    arm:    index of the drawn arm along that axis.
    """
    top = shares.max(axis=0)
    likeliest = shares == top
    hit = np.take_along_axis(likeliest, arm[np.newaxis], axis=0)[0]
    gained = hit.astype(np.float32)
    gained /= np.maximum(likeliest.sum(axis=0, dtype=np.int16), 1)
    certain = (shares > 0).sum(axis=0, dtype=np.int16) == 1
    return gained, certain
