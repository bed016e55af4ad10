"""Whole labels of pages, studies and documents: none that a trials unit does not use."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache

import pytest

from tests.house import tree
from tests.house.forbidden_labels import DOCS, ROWS, Row

YAML_LABEL = re.compile(
    r"""\b(?:label|title|hint|intro|message|wording|low_label|high_label):[ ]*"""
    r"""(?:"([^"]*)"|'([^']*)'|([^,{}\[\]\n#][^,{}\n]*))"""
)
COMMENT = re.compile(r"\{#.*?#\}", re.DOTALL)
MARKUP = re.compile(r"\{%.*?%\}|\{\{.*?\}\}|<[^>]*>", re.DOTALL)
QUOTED = re.compile(r'"([^"\n]*)"')
DOC_PHRASE = re.compile(r"\*\*([^*]+)\*\*|\*([^*]+)\*|“([^”]+)”|\|\s*([^|\n]+?)\s*(?=\|)")
EDGES = " \t\n:,;()"


def whole(text: str) -> str:
    """A label in one line, without the marks around it."""
    return " ".join(text.split()).strip(EDGES)


def forms_of(label: str) -> set[str]:
    """A label as it stands, and without the marks around it."""
    return {" ".join(label.split()), whole(label)}


def of_yaml(text: str) -> Iterator[str]:
    for found in YAML_LABEL.finditer(text):
        yield next(part for part in found.groups() if part is not None)


def of_template(text: str) -> Iterator[str]:
    """Text between marks, and every quoted word inside them."""
    text = COMMENT.sub("", text)
    yield from MARKUP.split(text)
    for found in MARKUP.finditer(text):
        yield from (part.group(1) for part in QUOTED.finditer(found.group(0)))


def of_script(text: str) -> Iterator[str]:
    yield from (found.group(1) for found in QUOTED.finditer(text))


def of_python(text: str) -> Iterator[str]:
    """Every string that is no docstring, and what stands in it between marks of a page."""
    nodes = list(ast.walk(ast.parse(text)))
    docs = {id(node.value) for node in nodes if isinstance(node, ast.Expr)}
    for node in nodes:
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docs:
            yield node.value
            yield from MARKUP.split(node.value)


READERS = {".yaml": of_yaml, ".html": of_template, ".js": of_script, ".py": of_python}


@cache
def labels_of(name: str) -> frozenset[str]:
    """The whole labels of one file."""
    read = READERS.get(name[name.rfind(".") :])
    labels = read(tree.text(name)) if read else ()
    return frozenset(form for label in labels for form in forms_of(label))


def files_of(row: Row) -> list[str]:
    vendor = "capture/static/vendor/"
    return [
        name for name in tree.files() if name.startswith(row.places) and not name.startswith(vendor)
    ]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.labels[0])
def test_no_forbidden_label_stands_in_its_place(row: Row) -> None:
    refused = frozenset(row.labels)
    wrong = [
        f"{name}: {label!r}; say {row.instead}"
        for name in files_of(row)
        for label in sorted(refused & labels_of(name))
    ]

    assert files_of(row), f"no file stands in {row.places}"
    assert wrong == []


def test_documents_call_nothing_by_a_forbidden_label() -> None:
    names = ["README.md", *tree.under("docs", suffix=".md")]
    wrong = [
        f"{name}: {phrase!r}"
        for name in sorted(names)
        for found in DOC_PHRASE.finditer(tree.text(name))
        for phrase in [whole(next(part for part in found.groups() if part is not None))]
        if phrase in DOCS
    ]

    assert wrong == []


@pytest.mark.parametrize(
    "kind, text",
    [
        (".yaml", "- {code: other, label: Best day}"),
        (".yaml", '  title: "Best day"\n'),
        (".html", "<dt>Best day:</dt>"),
        (".html", '{{ heading("Best day") }}'),
        (".js", 'words.textContent = "Best day";'),
        (".py", 'ROW = SummaryRow("Best day", day)'),
        (".py", 'ROW = f"<h2>Best day</h2>{day}"'),
    ],
)
def test_a_label_is_found_however_a_file_says_it(kind: str, text: str) -> None:
    assert "Best day" in set(map(whole, READERS[kind](text)))
