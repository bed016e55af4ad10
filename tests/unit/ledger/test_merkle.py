"""The tree against RFC 9162 worked by hand with hashlib alone."""

from __future__ import annotations

import hashlib

import pytest

from capture.ledger import merkle


def _leaf(text: str) -> bytes:
    return hashlib.sha256(b"\x00" + text.encode()).digest()


def _node(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()


def _by_definition(leaves: list[bytes]) -> bytes:
    """MTH of RFC 9162 section 2.1.1, as it is written there: split at the largest power of two."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    return _node(_by_definition(leaves[:split]), _by_definition(leaves[split:]))


@pytest.mark.parametrize("count", [0, 1, 2, 3, 4, 5, 7, 8, 9, 31, 32, 33, 100])
def test_root_is_the_recursive_definition(count: int) -> None:
    leaves = [_leaf(str(number)) for number in range(count)]

    assert merkle.root(leaf.hex() for leaf in leaves) == _by_definition(leaves).hex()


def test_leaf_covers_row_hash_position_and_time() -> None:
    expected = hashlib.sha256(b"\x00abc\n7\n2026-01-01T00:00:00.000000Z").hexdigest()

    assert merkle.leaf_hash("abc", 7, "2026-01-01T00:00:00.000000Z") == expected


def test_growing_tree_gives_every_earlier_head() -> None:
    leaves = [_leaf(str(number)) for number in range(20)]
    tree = merkle.Growing()
    for size, leaf in enumerate(leaves, start=1):
        tree.add(leaf.hex())

        assert tree.root() == _by_definition(leaves[:size]).hex()
