"""One word, one meaning: names and pages use the glossary's words and never their synonyms."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from tests.house import tree

FORBIDDEN = {
    "patient": "participant",
    "patients": "participants",
    "centre": "site",
    "centres": "sites",
    "center": "site",
    "centers": "sites",
    "crf": "instrument (the definition) or entry (filled in)",
    "crfs": "instruments or entries",
    "ecrf": "instrument or entry",
    "randomize": "randomise",
    "randomized": "randomised",
    "randomization": "randomisation",
    "randomizer": "randomiser",
    "subjects": "participants",
    "subject": "participant (or, in capture, the ledger's subject under exactly that name)",
}
LEDGER_NAMES = {"subject", "subject_id", "subjects"}
PAGE_WORDS = re.compile(
    r"\b(patients?|subjects?|centres?|e?CRFs?|randomiz\w+)\b(?!-)", re.IGNORECASE
)
NOT_TEXT = re.compile(r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}|<[^>]*>|#.*?$", re.DOTALL | re.MULTILINE)


def named(module: tree.Module) -> Iterator[tuple[int, str]]:
    """Every name that a module gives: functions, classes, arguments, variables, attributes."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node.lineno, node.name
        elif isinstance(node, ast.arg):
            yield node.lineno, node.arg
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.lineno, node.id


def words(name: str) -> list[str]:
    """The words of a snake_case or CamelCase name."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower().split("_")


def is_forbidden(module: tree.Module, name: str) -> bool:
    if name.lower() in LEDGER_NAMES and module.path.startswith("capture/"):
        return False
    if "capture/ledger/" in module.path and set(words(name)) & {"subject", "subjects"}:
        return False
    return bool(FORBIDDEN.keys() & set(words(name)))


def test_names_use_the_words_of_the_glossary() -> None:
    wrong = [
        f"{module.path}:{line} {name}: say {_instead(name)}"
        for module in tree.modules()
        for line, name in named(module)
        if is_forbidden(module, name)
    ]

    assert wrong == []


def test_pages_and_studies_use_the_words_of_the_glossary() -> None:
    names = [
        *tree.under("capture", suffix=".html"),
        *tree.under("forms/studies", "forms/library", suffix=".yaml"),
    ]
    wrong = [
        f"{name}: {found.group(0)!r}"
        for name in names
        for found in PAGE_WORDS.finditer(NOT_TEXT.sub(" ", tree.text(name)))
    ]

    assert wrong == []


def test_glossary_lists_every_forbidden_word() -> None:
    glossary = tree.text("docs/glossary.md").lower()
    missing = [word for word in ("patient", "centre", "crf", "subject") if word not in glossary]

    assert missing == []


def test_glossary_says_each_word_once_in_three_columns() -> None:
    rows = [line for line in tree.text("docs/glossary.md").splitlines() if line.startswith("| ")]
    columns = [line.strip("|").split("|") for line in rows]
    defined = [word.strip() for first, *_ in columns for word in first.split(",")]

    assert [row for row, cells in zip(rows, columns, strict=True) if len(cells) != 3] == []
    assert sorted({word for word in defined if defined.count(word) > 1}) == []


def _instead(name: str) -> str:
    return " / ".join(FORBIDDEN[word] for word in words(name) if word in FORBIDDEN)
