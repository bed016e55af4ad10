"""Permuted blocks for many lists at once, looked up in a table of all possible orders."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from math import factorial, gcd, lcm, prod

import numpy as np

from randomiser.design import Design
from randomiser.simulation.arrays import Real, Whole, Yes
from randomiser.simulation.arrivals import draw_below, draw_by_share
from randomiser.simulation.drawn_lists import Drawn, credit

MOST_ROWS = 65_536


@dataclass(frozen=True)
class _Blocks:
    """Blocks along the first axis, positions along the second, padded to the largest size."""

    size: Whole
    arm: Whole
    informed: Real
    certain: Yes

    def __getitem__(self, rows: Whole) -> _Blocks:
        return _Blocks(self.size[rows], self.arm[rows], self.informed[rows], self.certain[rows])


def block_lists(design: Design, lengths: Whole, rng: np.random.Generator) -> Drawn:
    """Draw lists of these lengths, one after the other."""
    each = -(-int(lengths.max(initial=0)) // min(design.sizes))
    ratio = tuple(arm.ratio for arm in design.arms)
    deck = _deck(ratio, design.sizes, design.weights)
    if deck is None:
        size = np.array(design.sizes, dtype=np.int32)[
            draw_by_share(design.weights, (len(lengths), each), rng)
        ]
        begun, left = _begin_blocks(size, lengths)
        blocks = _shuffle_blocks(ratio, size[begun], max(design.sizes), rng)
    else:
        row = draw_below(len(deck.size), (len(lengths), each), rng)
        begun, left = _begin_blocks(deck.size[row], lengths)
        blocks = deck[row[begun]]
    used = np.arange(max(design.sizes), dtype=np.int32) < np.minimum(left, blocks.size)[:, None]
    return Drawn(blocks.arm[used], blocks.informed[used], blocks.certain[used])


def _begin_blocks(size: Whole, lengths: Whole) -> tuple[Yes, Whole]:
    """Return which blocks (by list and number) are begun, and the most participants in each."""
    start = np.cumsum(size, axis=1, dtype=np.int32) - size
    left = lengths.astype(np.int32)[:, np.newaxis] - start
    begun = left > 0
    return begun, left[begun]


def _orders(ratio: tuple[int, ...], size: int) -> int:
    """Return how many orders a block has: size! divided by the product of each arm's count!"""
    times = size // sum(ratio)
    return factorial(size) // prod(factorial(part * times) for part in ratio)


@lru_cache(maxsize=8)
def _deck(
    ratio: tuple[int, ...], sizes: tuple[int, ...], weights: tuple[int, ...]
) -> _Blocks | None:
    """Return every order of every size, repeated so that all rows are equally likely.

    Returns None when there would be too many rows.
    """
    orders = [_orders(ratio, size) for size in sizes]
    share = lcm(
        *(count // gcd(count, weight) for count, weight in zip(orders, weights, strict=True))
    )
    if share * sum(weights) > MOST_ROWS:
        return None
    parts = []
    for size, weight, count in zip(sizes, weights, orders, strict=True):
        rows = np.repeat(_every_order(ratio, size), share * weight // count, axis=0)
        parts.append(_credit_places(ratio, rows, max(sizes)))
    return _Blocks(
        np.concatenate([part.size for part in parts]),
        np.concatenate([part.arm for part in parts]),
        np.concatenate([part.informed for part in parts]),
        np.concatenate([part.certain for part in parts]),
    )


def _every_order(ratio: tuple[int, ...], size: int) -> Whole:
    """Return all orders of a block, one in each row."""
    times = size // sum(ratio)
    found: list[tuple[tuple[int, ...], tuple[int, ...]]] = [((), (0,) * len(ratio))]
    for _ in range(size):
        found = [
            ((*order, arm), (*counts[:arm], counts[arm] + 1, *counts[arm + 1 :]))
            for order, counts in found
            for arm in range(len(ratio))
            if counts[arm] < ratio[arm] * times
        ]
    return np.array([order for order, _ in found], dtype=np.uint8)


def _credit_places(ratio: tuple[int, ...], rows: Whole, width: int) -> _Blocks:
    """Return blocks of one size, padded to a width, with the credit of an informed guess."""
    blocks, size = rows.shape
    times = size // sum(ratio)
    before = np.stack([np.cumsum(rows == arm, axis=1) - (rows == arm) for arm in range(len(ratio))])
    left = np.array([part * times for part in ratio])[:, np.newaxis, np.newaxis] - before
    informed, certain = credit(left, rows)
    wide = ((0, 0), (0, width - size))
    return _Blocks(
        np.full(blocks, size, dtype=np.int32),
        np.pad(rows, wide),
        np.pad(informed, wide),
        np.pad(certain, wide),
    )


def _shuffle_blocks(
    ratio: tuple[int, ...], size: Whole, width: int, rng: np.random.Generator
) -> _Blocks:
    """Return shuffled blocks of these sizes, for when a table of all orders would be too large."""
    shape = (len(size), width)
    found = _Blocks(
        size, np.zeros(shape, np.uint8), np.zeros(shape, np.float32), np.zeros(shape, np.bool_)
    )
    for own in np.unique(size):
        here = np.flatnonzero(size == own)
        ordered = np.repeat(np.arange(len(ratio)), [part * own // sum(ratio) for part in ratio])
        rows = rng.permuted(np.tile(ordered.astype(np.uint8), (len(here), 1)), axis=1)
        told = _credit_places(ratio, rows, width)
        found.arm[here], found.informed[here], found.certain[here] = (
            told.arm,
            told.informed,
            told.certain,
        )
    return found
