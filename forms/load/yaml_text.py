"""Reading one YAML file into nodes, refusing whatever could mislead a reader or hurt the server."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from forms.problems import DefinitionProblems, Problem
from forms.yaml_tree import Node, Scalar

MAX_BYTES = 1_000_000
MAX_DEPTH = 30

_WHOLE = re.compile(r"-?(0|[1-9][0-9]{0,17})")
_PLAIN_WORDS: dict[str, bool | None] = {"true": True, "false": False, "null": None, "": None}
_FORBIDDEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufeff\ud800-\udfff"  # what no database stores as text
    "\u200b\u2060\u202a-\u202e\u2066-\u2069]"  # what makes a line read otherwise than it is
)


@lru_cache(maxsize=256)  # two versions of a study, and two studies, share most of their files
def read_yaml(file: str, content: bytes) -> Node:
    """Read one file; DefinitionProblems names the line that cannot be read.

    The nodes are shared by everybody who reads the same bytes, and so never changed.

    Numbers with decimals stay text (they become exact decimals), whole numbers become int, true
    and false bool; everything else is text. Anchors, aliases, tags, tabs for indentation, a key
    twice in one mapping and several documents in a file are refused.
    """
    text = _decode(file, content)
    try:
        return _Reader(file, text).document()
    except MarkedYAMLError as problem:
        mark = problem.problem_mark or problem.context_mark
        line = mark.line + 1 if mark else 1
        raise _refusal(file, line, _syntax_words(text, line, problem)) from problem
    except YAMLError as problem:
        raise _refusal(file, 1, "the file is not YAML and cannot be read") from problem


def _refusal(file: str, line: int, words: str) -> DefinitionProblems:
    return DefinitionProblems([Problem(file, line, words)])


def _decode(file: str, content: bytes) -> str:
    if len(content) > MAX_BYTES:
        raise _refusal(file, 1, f"the file is larger than {MAX_BYTES // 1000} kB; split it")
    try:
        text = content.decode("utf-8-sig")  # Windows writes an invisible mark first
    except UnicodeDecodeError as problem:
        line = content[: problem.start].count(b"\n") + 1
        raise _refusal(file, line, "the file is not UTF-8 text; save it as UTF-8") from problem
    strange = _FORBIDDEN.search(text)
    if strange:
        line = text[: strange.start()].count("\n") + 1
        point = f"U+{ord(strange[0]):04X}"
        raise _refusal(file, line, f"the line holds an invisible character ({point}); delete it")
    return text


def _syntax_words(text: str, line: int, problem: MarkedYAMLError) -> str:
    lines = text.splitlines()
    if line <= len(lines) and "\t" in lines[line - 1]:
        return "the line is indented with a tab; use spaces"
    detail = str(problem.problem or "it cannot be read").split("\n", maxsplit=1)[0]
    return f"this is not valid YAML: {detail}; check quotes, colons and the indentation"


class _Reader:
    """Builds nodes from the events of one file; never follows an alias, never recurses deep."""

    def __init__(self, file: str, text: str) -> None:
        self._file = file
        # A pure reader: its events carry line numbers and it never builds objects from tags.
        self._events: Iterator[Event] = iter(YAML(typ="safe", pure=True).parse(text))
        self._problems: list[Problem] = []
        self._depth = 0

    def document(self) -> Node:
        """Read the one document of the file."""
        root = Node(None, self._file, 1)
        documents = 0
        for event in self._events:
            if isinstance(event, DocumentStartEvent):
                documents += 1
                root = self._node(next(self._events)) if documents == 1 else root
        if documents > 1:
            raise _refusal(self._file, 1, "the file holds several documents (---); keep one")
        if self._problems:
            raise DefinitionProblems(self._problems)
        return root

    def _node(self, event: Event) -> Node:
        line = event.start_mark.line + 1
        self._refuse_tricks(event, line)
        if isinstance(event, ScalarEvent):
            self._refuse_escapes(event, line)
            return Node(_scalar(event), self._file, line)
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise _refusal(self._file, line, f"more than {MAX_DEPTH} levels lie inside one another")
        value = self._mapping() if isinstance(event, MappingStartEvent) else self._sequence(event)
        self._depth -= 1
        return Node(value, self._file, line)

    def _refuse_tricks(self, event: Event, line: int) -> None:
        if isinstance(event, AliasEvent) or getattr(event, "anchor", None) is not None:
            raise _refusal(self._file, line, "anchors (&) and aliases (*) are not used; repeat it")
        tag = getattr(event, "tag", None)
        if tag is not None and str(tag) != "!":
            raise _refusal(self._file, line, f"tags such as {tag} are not used; remove it")

    def _refuse_escapes(self, event: ScalarEvent, line: int) -> None:
        """Refuse what a `\\` in double quotes makes and the text of a file may not hold."""
        strange = _FORBIDDEN.search(str(event.value))
        if strange:
            words = f"`\\` makes an invisible character here (U+{ord(strange[0]):04X}); remove it"
            self._problems.append(Problem(self._file, line, words))

    def _sequence(self, event: Event) -> list[Node]:
        nodes: list[Node] = []
        while isinstance(event, SequenceStartEvent):
            inner = next(self._events)
            if isinstance(inner, SequenceEndEvent):
                break
            nodes.append(self._node(inner))
        return nodes

    def _mapping(self) -> dict[str, Node]:
        found: dict[str, Node] = {}
        while not isinstance(event := next(self._events), MappingEndEvent):
            key = self._key(event)
            value = self._node(next(self._events))
            if key in found:
                words = f"`{key}` stands twice here, first in line {found[key].line}; remove one"
                self._problems.append(Problem(self._file, event.start_mark.line + 1, words))
            found[key] = value
        return found

    def _key(self, event: Event) -> str:
        line = event.start_mark.line + 1
        self._refuse_tricks(event, line)
        if not isinstance(event, ScalarEvent) or event.value == "<<":
            raise _refusal(self._file, line, "a key must be one word followed by a colon")
        self._refuse_escapes(event, line)
        return str(event.value)


def _scalar(event: ScalarEvent) -> Scalar:
    text = str(event.value)
    if event.style not in (None, ""):
        return text
    if text.lower() in _PLAIN_WORDS or text == "~":
        return _PLAIN_WORDS.get(text.lower())
    return int(text) if _WHOLE.fullmatch(text) else text
