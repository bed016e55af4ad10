"""Takes out of a stylesheet what no page of ours uses, so that a first page stays light."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from pathlib import Path

PREFIX = "nhsuk-"
CLASS = re.compile(r"nhsuk-([a-z0-9]+(?:-[a-z0-9]+)*)")
SELECTED = re.compile(r"\.nhsuk-([a-z0-9]+(?:-[a-z0-9]+)*)")
EXCLUDED = re.compile(r":not\([^()]*\)")
COMMA = re.compile(r",(?![^()]*\))")
SOURCES = ("*.html", "*.py", "*.js")
GROUPS = ("@media", "@supports")


def classes_in(folders: Collection[Path]) -> frozenset[str]:
    """Return every block of the NHS.UK frontend that our own files name (`nhsuk-tag__x`: `tag`)."""
    found: set[str] = set()
    for folder in folders:
        for kind in SOURCES:
            for path in sorted(folder.rglob(kind)):
                if "vendor" not in path.parts:
                    found.update(CLASS.findall(path.read_text("utf-8")))
    return frozenset(found)


def only_used(css: str, used: Collection[str]) -> str:
    """The rules whose selectors name nothing but what is used, or no class of NHS.UK at all."""
    return "".join(_keep_rule(head, body, used) for head, body in _rules(css))


def _rules(css: str) -> Iterator[tuple[str, str]]:
    """Each rule or group of a minified stylesheet: what stands before its braces and in them."""
    start = opened = depth = 0
    for place, letter in enumerate(css):
        if letter == "{":
            depth += 1
            opened = place if depth == 1 else opened
        elif letter == "}":
            depth -= 1
            if depth == 0:
                yield css[start:opened], css[opened + 1 : place]
                start = place + 1


def _keep_rule(head: str, body: str, used: Collection[str]) -> str:
    if head.startswith(GROUPS):
        inner = only_used(body, used)
        return f"{head}{{{inner}}}" if inner else ""
    if head.startswith("@"):
        return f"{head}{{{body}}}"
    selectors = [part for part in COMMA.split(head) if _is_used(part, used)]
    return f"{','.join(selectors)}{{{body}}}" if selectors else ""


def _is_used(selector: str, used: Collection[str]) -> bool:
    return all(name in used for name in SELECTED.findall(EXCLUDED.sub("", selector)))
