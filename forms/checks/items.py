"""Check of each item by itself; its type has the rules (forms/items/)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from forms.checks.context import CheckContext, placed_items
from forms.yaml_tree import Path


def prove_items(ground: CheckContext) -> None:
    """Note the problems of every item of the study by itself."""
    for placed in placed_items(ground.study):
        placed.item.prove(_PlacedProof(ground, placed.path))


@dataclass(frozen=True, slots=True)
class _PlacedProof:
    """The check of one item, which notes problems at the item's lines."""

    ground: CheckContext
    path: Path

    def problem(self, path: Sequence[str | int], words: str) -> None:
        self.ground.problem([*self.path, *path], words)

    def require_known(
        self, path: Sequence[str | int], name: str, known: Iterable[str], what: str
    ) -> None:
        self.ground.require_known([*self.path, *path], name, known, what)

    def require_unique(self, path: Sequence[str | int], names: Iterable[str], what: str) -> None:
        self.ground.require_unique([*self.path, *path], names, what)
