"""The content of square brackets: items with visit and instance, and smart variables."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from forms.expressions.tree import Fact, Literal, Reference

_BRACKET = re.compile(
    r"\s*(?P<name>[A-Za-z][A-Za-z0-9_-]*|[0-9]+)\s*(?:\(\s*(?P<code>[^()\[\]]*?)\s*\))?"
    r"(?P<rest>(?:\s*:[^:\[\]]*)*)\s*"
)
_NUMBERED = r"([A-Za-z][A-Za-z0-9_]*?)([0-9]+)"
_RANGE = re.compile(rf"\[\s*{_NUMBERED}\s*\.\.\s*{_NUMBERED}\s*\]")
MOST_IN_RANGE = 100
EVENT_VARIABLES = frozenset(
    f"{which}event-name" for which in ("", "previous-", "next-", "first-", "last-")
)
INSTANCE_VARIABLES = frozenset(
    {"new-instance"}
    | {f"{which}-instance" for which in ("current", "previous", "next", "first", "last")}
)
SMART_VARIABLES = (
    EVENT_VARIABLES
    | INSTANCE_VARIABLES
    | {
        "record-name",
        "record-dag-name",
        "record-dag-id",
        "record-dag-label",
        "user-name",
        "user-role-id",
        "user-role-name",
        "user-role-label",
        "event-id",
        "event-number",
        "event-label",
        "arm-name",
        "arm-number",
        "arm-label",
        "form-name",
        "form-label",
        "is-form",
        "is-survey",
        "project-id",
        "redcap-version",
        "today",
        "now",
    }
)
REFUSED_VARIABLES = {
    "survey-": "participants do not answer through REDCap surveys here",
    "aggregate-": "a value must not depend on other participants",
    "mycap-": "there is no MyCap app here",
    "calendar-": "there is no REDCap calendar here",
}


class BracketProblem(ValueError):
    """A chain of brackets that is not valid; `words` say why, `place` which bracket."""

    def __init__(self, words: str, place: int) -> None:
        super().__init__(words)
        self.words = words
        self.place = place


@dataclass(frozen=True, slots=True)
class _Bracket:
    name: str
    code: str | None
    parameters: tuple[str, ...]

    @property
    def is_smart(self) -> bool:
        return "-" in self.name or self.name in {"today", "now"}

    @property
    def is_instance(self) -> bool:
        return self.name.isdigit() or self.name in INSTANCE_VARIABLES


def read_chain(texts: Sequence[str]) -> Reference | Fact:
    """Return the reference or smart variable that a chain such as `[visit][item][2]` names.

    texts: each bracket with its “[” and “]”. Raises BracketProblem.
    """
    chain = [_read(text, place) for place, text in enumerate(texts)]
    if len(chain) == 1 and chain[0].is_smart:
        return _smart(chain[0])
    instance = chain.pop().name if len(chain) > 1 and chain[-1].is_instance else None
    visit = _visit(chain, texts) if len(chain) > 1 else None
    return _reference(chain[-1], visit, instance, len(chain) - 1)


def read_range(texts: Sequence[str]) -> tuple[Reference, ...]:
    """Return the references that a range such as `[tess_1..tess_30]` stands for, in order.

    texts: each bracket, the range last; a visit may stand before it. Raises BracketProblem.
    """
    written, place = texts[-1], len(texts) - 1
    match = _RANGE.fullmatch(written)
    if match is None or match[1].lower() != match[3].lower():
        raise BracketProblem(
            f"“{written}” is no range: write two items that differ in the number at their end,"
            " as in [item_1..item_9]",
            place,
        )
    names = _list_numbered_names(match[1].lower(), match[2], match[4])
    if not 2 <= len(names) <= MOST_IN_RANGE:
        raise BracketProblem(
            f"“{written}” does not count up over 2 to {MOST_IN_RANGE} items", place
        )
    return tuple(Reference(name, _visit_before(texts)) for name in names)


def _visit_before(texts: Sequence[str]) -> str | None:
    chain = [_read(text, place) for place, text in enumerate(texts[:-1])]
    return _visit([*chain, _Bracket("", None, ())], texts) if chain else None


def _list_numbered_names(stem: str, first: str, last: str) -> list[str]:
    """Return names from the first number to the last; a leading zero fixes the number of digits."""
    if max(len(first), len(last)) > 6 or int(last) - int(first) >= MOST_IN_RANGE:
        return []
    width = len(first) if first.startswith("0") else 0
    names = [f"{stem}{number:0{width}d}" for number in range(int(first), int(last) + 1)]
    return names if names and names[-1] == f"{stem}{last}" else []


def refusal_of(name: str) -> str | None:
    """Return why a smart variable cannot be used, or None when it can."""
    for start, reason in REFUSED_VARIABLES.items():
        if name.startswith(start):
            return f"[{name}] cannot be used: {reason}"
    if name not in SMART_VARIABLES:
        return f"[{name}] is not a smart variable that is known here"
    return None


def _read(text: str, place: int) -> _Bracket:
    match = _BRACKET.fullmatch(text[1:-1])
    if match is None and ".." in text:
        raise BracketProblem(
            f"“{text}” is a range, which stands only among the values of a function: sum({text})",
            place,
        )
    if match is None:
        raise BracketProblem(f"“{text}” is neither an item nor a smart variable", place)
    parameters = tuple(part.strip() for part in match["rest"].split(":")[1:])
    return _Bracket(match["name"].lower(), match["code"], parameters)


def _smart(bracket: _Bracket) -> Fact:
    return Fact(bracket.name, tuple(Literal(text) for text in bracket.parameters))


def _visit(chain: Sequence[_Bracket], texts: Sequence[str]) -> str:
    first = chain[0]
    if len(chain) > 2:
        raise BracketProblem(
            f"“{''.join(texts)}” has too many brackets: write [visit][item][instance]", 2
        )
    if first.code is not None or first.parameters or first.name.isdigit():
        raise BracketProblem(f"“{texts[0]}” is not the name of a visit", 0)
    if first.is_smart and first.name not in EVENT_VARIABLES:
        raise BracketProblem(f"“{texts[0]}” cannot stand before an item: name a visit", 0)
    return first.name


def _reference(bracket: _Bracket, visit: str | None, instance: str | None, place: int) -> Reference:
    if bracket.is_smart or bracket.name.isdigit():
        raise BracketProblem(
            f"“[{bracket.name}]” is not an item, and an item must stand here", place
        )
    if bracket.code == "":
        raise BracketProblem(f"“[{bracket.name}()]” names no code between its brackets", place)
    if len(bracket.parameters) > 1 or "" in bracket.parameters:
        raise BracketProblem(f"“[{bracket.name}]” takes one word after “:”", place)
    modifier = bracket.parameters[0].lower() if bracket.parameters else None
    return Reference(bracket.name, visit, bracket.code, instance, modifier)
