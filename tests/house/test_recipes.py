"""The recipes of CONTRIBUTING and the architecture name files and names that exist."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from tests.house import tree

PAGES = ("CONTRIBUTING.md", "docs/architecture.md")
QUOTED = re.compile(r"`([^`\n]+)`")
PATH = re.compile(r"^[\w.-]+(?:/[\w.-]+)*/?$")
PLACEHOLDER = re.compile(r"\b[A-Z]{3,}\b")
"""What somebody adds bears a name of their own: `forms/items/TYPE.py`."""
NAME = re.compile(r"^@?([A-Za-z_]\w*)(?:\(.*\))?$")
MACRO = re.compile(r"\b(?:macro|block) (\w+)")
PLAIN_WORDS = re.compile(r"^[a-z]+$")
"""One small word may be a folder, a command or a word of the text."""


def quoted(page: str) -> Iterator[str]:
    yield from QUOTED.findall(tree.text(page))


def has_file(path: str) -> bool:
    """Whether a path exists, from the root or the packages, or as the end of a file's path."""
    known = tree.files()
    wanted = path.rstrip("/")
    as_folder = any(f"/{name}".find(f"/{wanted}/") >= 0 for name in known)
    return as_folder or any(f"/{name}".endswith(f"/{wanted}") for name in known)


def names_in_code() -> set[str]:
    found: set[str] = set()
    for module in tree.modules("capture", "forms", "randomiser", "tests"):
        for node in ast.walk(module.tree):
            if isinstance(node, ast.FunctionDef | ast.ClassDef):
                found.add(node.name)
            elif isinstance(node, ast.Name):
                found.add(node.id)
            elif isinstance(node, ast.arg | ast.keyword):
                found.add(str(node.arg))
            elif isinstance(node, ast.Attribute):
                found.add(node.attr)
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                found.add(node.value)
    macros = (tree.text(name) for name in tree.under("capture", suffix=".html"))
    return found | {macro for text in macros for macro in MACRO.findall(text)}


def test_files_that_recipes_name_exist() -> None:
    missing = [
        f"{page}: {text}"
        for page in PAGES
        for text in quoted(page)
        if PATH.match(text) and ("/" in text or text.endswith((".py", ".yaml", ".js", ".md")))
        if not PLACEHOLDER.search(text) and not has_file(text)
    ]

    assert missing == [], "mend the page: it names files that are not there"


def test_names_that_recipes_name_exist_in_the_code() -> None:
    known = names_in_code()
    named = [
        (page, match[1])
        for page in PAGES
        for text in quoted(page)
        if (match := NAME.match(text)) and not PLAIN_WORDS.match(text)
    ]
    missing = [
        f"{page}: {name}"
        for page, name in named
        if name not in known and not has_file(f"{name}.py") and not PLACEHOLDER.fullmatch(name)
    ]

    assert missing == [], "mend the page: the code has no such name"


def test_a_file_and_a_name_that_are_not_there_are_found() -> None:
    assert not has_file("capture/doorway.py")
    assert has_file("capture/access.py")
