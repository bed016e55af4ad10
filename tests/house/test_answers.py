"""Answers that are not asked reach no reader: only named modules look at everything stored."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from tests.house import tree

STORED = frozenset({"doc"})
"""The column of an entry in which everything lies that was ever typed and not cleared."""
KEEPS = frozenset({"kept_cells"})
"""The attribute of an Entry that holds the same."""
MAY_READ_STORED = {
    "capture/entry/tables.py": "the column itself",
    "capture/entry/fold.py": "changes it",
    "capture/entry/reads/answers.py": "gives the answers that count",
    "capture/entry/reads/entries.py": "makes entries of rows",
}
MAY_READ_KEPT = {
    "capture/entry/reads/entries.py": "makes entries of rows",
    "capture/entry/reads/history.py": "gives every value of the past",
    "capture/entry/service/": "judges what is asked from everything stored",
    "capture/entry/views/form_page.py": "shows the form itself, with what is no longer asked",
    "capture/entry/views/files.py": "the form itself, with the files attached to it",
    "capture/entry/views/query_list.py": "lists what is to be cleared",
    "capture/randomisation/allocation/views/prerandomisation_forms.py": "a part of the form",
    "capture/randomisation/allocation/service/missing_items.py": "what the form would ask again",
    "capture/corrections/": "moves and shows whole forms",
}


def test_only_named_modules_look_at_answers_that_do_not_count() -> None:
    found = [
        f"{module.path}:{line} reads {what}"
        for module in tree.modules("capture")
        for line, what in raw_reads(module)
    ]

    assert found == [], "\n".join(
        [*found, "Read `Entry.cells` or `list_answers` of capture.entry.reads: what is asked."]
    )


def test_every_exception_is_still_needed() -> None:
    paths = [module.path for module in tree.modules("capture")]
    needless = [
        place
        for place in (*MAY_READ_STORED, *MAY_READ_KEPT)
        if not any(path.startswith(place) for path in paths)
    ]

    assert needless == []


def test_ways_to_raw_answers_are_seen() -> None:
    ways = [
        'value = row["doc"].get(item)',
        "statement = sa.select(entry.c.doc)",
        'document = {**row, "doc": cells}',
        "typed = entry.kept_cells[name]",
    ]
    missed = [
        way for way in ways if not list(raw_reads(tree.Module("capture/x/y.py", 1, ast.parse(way))))
    ]

    assert missed == []


def raw_reads(module: tree.Module) -> Iterator[tuple[int, str]]:
    """Where a module looks at stored answers without leave."""
    forbidden = {
        *(() if _is_named(module.path, MAY_READ_STORED) else STORED),
        *(() if _is_named(module.path, MAY_READ_KEPT) else KEEPS),
    }
    for node in ast.walk(module.tree):
        name = ""
        if isinstance(node, ast.Attribute):
            name = node.attr
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            name = node.value
        if name in forbidden:
            yield node.lineno, f"`{name}`"


def _is_named(path: str, named: dict[str, str]) -> bool:
    return any(path.startswith(place) for place in named)
