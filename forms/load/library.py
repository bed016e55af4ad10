"""Instruments of the shared library used by name in a study, with the study's own changes."""

from __future__ import annotations

from collections.abc import Mapping

from forms.problems import Problem
from forms.yaml_tree import Node

LIBRARY = "library/"
_OWN_KEYS = frozenset({"use", "items", "drop", "more"})


def with_library(node: Node, library: Mapping[str, Node], problems: list[Problem]) -> Node | None:
    """Return an instrument as the study means it; `use: name` takes it from the library.

    Beside `use`, `drop` lists items left out, `items` maps an item to the keys it changes, `more`
    lists sections of the study's own that follow, and any other key replaces the library's. None
    when the library has no such instrument.
    """
    used = node.text("use")
    if used is None:
        return node
    shared = library.get(used)
    if shared is None:
        place = node.at(["use"])
        problems.append(
            Problem(
                place.file, place.line, f"the library has no instrument {used!r}; see `{LIBRARY}`"
            )
        )
        return None
    return _Change(node, problems).of(shared)


class _Change:
    """The changes one study makes to a library instrument; remembers which of them fitted."""

    def __init__(self, node: Node, problems: list[Problem]) -> None:
        self._node = node
        self._problems = problems
        self._drop = {str(part.value): part for part in node.at(["drop"]).sequence()}
        self._items = (node.mapping().get("items") or node.with_value({})).mapping()
        self._fitted: set[str] = set()

    def of(self, shared: Node) -> Node:
        """The library's instrument with the changes made; unknown item names are problems."""
        sections = [self._section(section) for section in shared.at(["sections"]).sequence()]
        kept = [section for section in sections if section.at(["items"]).sequence()]
        kept += self._node.at(["more"]).sequence()
        changed = {
            key: value for key, value in self._node.mapping().items() if key not in _OWN_KEYS
        }
        result = {
            **shared.mapping(),
            "sections": shared.at(["sections"]).with_value(kept),
            **changed,
        }
        for name, place in {**self._drop, **self._items}.items():
            if name not in self._fitted:
                words = f"the library instrument has no item {name!r} to change or drop"
                self._problems.append(Problem(place.file, place.line, words))
        return self._node.with_value(result)

    def _section(self, section: Node) -> Node:
        items = [self._item(item) for item in section.at(["items"]).sequence()]
        kept = [item for item in items if item is not None]
        return section.with_value(
            {**section.mapping(), "items": section.at(["items"]).with_value(kept)}
        )

    def _item(self, item: Node) -> Node | None:
        name = item.text("name") or ""
        if name in self._drop:
            self._fitted.add(name)
            return None
        if name in self._items:
            self._fitted.add(name)
            return item.with_value({**item.mapping(), **self._items[name].mapping()})
        return item
