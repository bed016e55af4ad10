"""YAML as a tree of plain values that remember the file and line they stand on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

Scalar = str | int | bool | None
Plain = Scalar | list["Plain"] | dict[str, "Plain"]
Path = Sequence[str | int]

NAMING_KEYS = ("name", "slug", "arm", "factor", "code", "unit", "level")


@dataclass(frozen=True, slots=True)
class Node:
    """A scalar, a list or a mapping, with the place where it starts."""

    value: Scalar | list[Node] | dict[str, Node]
    file: str
    line: int

    def plain(self) -> Plain:
        """Return the value without its places."""
        if isinstance(self.value, list):
            return [node.plain() for node in self.value]
        if isinstance(self.value, dict):
            return {key: node.plain() for key, node in self.value.items()}
        return self.value

    def mapping(self) -> dict[str, Node]:
        """Return the value as a mapping; empty when it is none."""
        return self.value if isinstance(self.value, dict) else {}

    def sequence(self) -> list[Node]:
        """Return the value as a list; empty when it is none."""
        return self.value if isinstance(self.value, list) else []

    def text(self, key: str) -> str | None:
        """Return the text under a key of a mapping; None when there is none."""
        found = self.mapping().get(key)
        return found.value if found is not None and isinstance(found.value, str) else None

    def with_value(self, value: list[Node] | dict[str, Node]) -> Node:
        """Return the same place with another value."""
        return replace(self, value=value)

    def at(self, path: Path) -> Node:
        """The node at a path, or the nearest above it; a list is entered by index or by name."""
        node = self
        for step in path:
            inner = node.step(step)
            node = inner or node
        return node

    def step(self, step: str | int) -> Node | None:
        """The node one step down: a key, an index, or the part of a list that bears the name."""
        if isinstance(step, int):
            parts = self.sequence()
            return parts[step] if step < len(parts) else None
        if isinstance(self.value, list):
            return next((part for part in self.value if part.is_named(step)), None)
        return self.mapping().get(step)

    def is_named(self, name: str) -> bool:
        """Return whether this is a part that bears the name."""
        return any(
            str(node.value) == name
            for key, node in self.mapping().items()
            if key in NAMING_KEYS and not isinstance(node.value, list | dict)
        )
