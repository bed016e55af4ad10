"""The Merkle tree of RFC 9162, section 2.1, over the sealed rows of one study."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable


def leaf_hash(row_hash: str, position: int, sealed_at: str) -> str:
    """Hash of one leaf: 0x00, then row hash, position and sealing time as text lines."""
    content = f"{row_hash}\n{position}\n{sealed_at}".encode()
    return hashlib.sha256(b"\x00" + content).hexdigest()


class Growing:
    """A tree that leaves are added to, oldest first; kept as its complete subtrees."""

    def __init__(self) -> None:
        self.size = 0
        self._peaks: list[tuple[int, bytes]] = []

    def add(self, leaf: str) -> None:
        size, node = 1, bytes.fromhex(leaf)
        while self._peaks and self._peaks[-1][0] == size:
            node = _hash_pair(self._peaks.pop()[1], node)
            size *= 2
        self._peaks.append((size, node))
        self.size += 1

    def root(self) -> str:
        """Return the head of the tree so far; the hash of nothing when it is empty."""
        if not self._peaks:
            return hashlib.sha256(b"").hexdigest()
        *larger, (_, node) = self._peaks
        for _, peak in reversed(larger):
            node = _hash_pair(peak, node)
        return node.hex()


def root(leaves: Iterable[str]) -> str:
    """Return the tree head of the leaves in order."""
    tree = Growing()
    for leaf in leaves:
        tree.add(leaf)
    return tree.root()


def _hash_pair(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()
