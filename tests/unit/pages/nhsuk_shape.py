"""Reduces HTML to its shape in NHS.UK terms, so that our markup can be held against the macros."""

from __future__ import annotations

from html.parser import HTMLParser

VOID = frozenset({"input", "br", "img", "hr"})
OURS = ("app-missing", "app-no-answer", "app-optional", "app-clear")
IGNORED = frozenset({"autocomplete", "novalidate", "tabindex"})

Shape = tuple[str, tuple[tuple[str, str], ...], tuple["Shape | str", ...]]


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.stack: list[tuple[str, tuple[tuple[str, str], ...], list[Shape | str]]] = [
            ("", (), [])
        ]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.stack.append((tag, _attributes(attrs), []))
        if tag in VOID:
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        name, attributes, inner = self.stack.pop()
        assert name == tag, f"<{name}> is closed by </{tag}>"
        if not _is_ours(name, attributes):
            self.stack[-1][2].append((name, attributes, tuple(inner)))

    def handle_data(self, data: str) -> None:
        if data.strip():
            self.stack[-1][2].append(" ".join(data.split()))


def _attributes(attrs: list[tuple[str, str | None]]) -> tuple[tuple[str, str], ...]:
    found = {name: value or "" for name, value in attrs}
    classes = sorted(one for one in found.pop("class", "").split() if not one.startswith("app-"))
    raw = next((value or "" for name, value in attrs if name == "class"), "")
    ours = [one for one in raw.split() if one in OURS]
    kept = {
        name: value
        for name, value in found.items()
        if name not in IGNORED and (not name.startswith("data-") or name == "data-module")
    }
    return tuple(sorted({**kept, "class": " ".join(classes + ours)}.items()))


def _is_ours(tag: str, attributes: tuple[tuple[str, str], ...]) -> bool:
    given = dict(attributes)
    is_marker = tag == "input" and given.get("type") == "hidden"
    return is_marker or any(one in OURS for one in given.get("class", "").split())


def shape(html: str) -> tuple[Shape | str, ...]:
    """Give the elements, their classes, attributes and words, without what only we add."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    assert len(reader.stack) == 1, f"<{reader.stack[-1][0]}> is never closed"
    return tuple(reader.stack[0][2])
