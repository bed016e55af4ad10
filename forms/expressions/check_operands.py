"""The check of operands of operators, functions and comparisons, with its messages."""

from __future__ import annotations

from forms.expressions.compare import compare, to_text
from forms.expressions.dates import date_bounds
from forms.expressions.names import ItemType, Kind
from forms.expressions.numbers import read_number
from forms.expressions.tree import Fact, Literal, Node, Reference

NO_KIND = ItemType(Kind.ANY)
_DATES = frozenset({Kind.DATE, Kind.DATETIME})
_NUMBERS = frozenset({Kind.NUMBER, Kind.TRUTH})
_WANTED = {
    "n": "works with numbers",
    "s": "works with numbers",
    "d": "works with dates",
    "c": "needs something that is true or false: compare it with a value",
}
_LONGEST_LIST = 12


def show(node: Node) -> str:
    """Return a node as written in a message."""
    if isinstance(node, Literal):
        return f"“{to_text(node.value)}”" if node.value != "" else "a blank"
    if isinstance(node, Reference):
        return f"“{node}”"
    if isinstance(node, Fact):
        return f"“{node.name}”" if "-" not in node.name else f"“[{node.name}]”"
    return f"the result of “{node.name}”"


def several_answers(node: Node) -> str:
    """Return the problem of a multiple choice used as if it had one answer."""
    return f"{show(node)} may have several answers; ask for one box, as in [item(code)]"


def operand_problem(name: str, letter: str, node: Node, found: ItemType) -> str | None:
    """Return why an operand does not fit the letter of a signature, or None when it does."""
    if found.kind is Kind.CHOICES:
        return several_answers(node)
    if _fits(letter, node, found):
        return None
    written = "-" if name == "neg" else name
    return f"{show(node)} is {_sort(found)}, and “{written}” {_WANTED[letter]}"


def _fits(letter: str, node: Node, found: ItemType) -> bool:
    if letter in {"a", "t"} or found.kind is Kind.ANY:
        return True
    if isinstance(node, Literal) and isinstance(node.value, str):
        return _literal_fits(letter, node.value)
    if letter == "d":
        return found.kind in _DATES
    if letter == "s" and found.kind is Kind.CHOICE:
        return found.codes is None or any(map(_is_number, found.codes))
    return found.kind in _NUMBERS or (found.kind is Kind.CHOICE and _is_numeric(found))


def _literal_fits(letter: str, text: str) -> bool:
    if letter == "d":
        return text == "" or text.lower() in {"today", "now"} or _looks_like_date(text)
    return letter in {"n", "s"} and (text == "" or read_number(text) is not None)


def _looks_like_date(text: str) -> bool:
    return date_bounds(text) is not None or any(
        date_bounds(f"{text[-4:]}-{first}-{second}") is not None
        for first, second in ((text[:2], text[3:5]), (text[3:5], text[:2]))
    )


def _is_numeric(found: ItemType) -> bool:
    return all(map(_is_number, found.codes or ()))


def _is_number(code: str) -> bool:
    return read_number(code) is not None


def _sort(found: ItemType) -> str:
    if found.kind is Kind.CHOICE:
        return "a choice whose codes are not numbers"
    return found.kind if found.kind in {Kind.TEXT, Kind.ANY, Kind.TRUTH} else f"a {found.kind}"


def comparison_problems(
    sign: str, left: Node, left_type: ItemType, right: Node, right_type: ItemType
) -> list[str]:
    """Return what is wrong with `left sign right`."""
    sides = [(left, left_type), (right, right_type)]
    several = [several_answers(node) for node, found in sides if found.kind is Kind.CHOICES]
    if several:
        return several
    if Literal("") in (left, right):
        return [] if sign in {"=", "<>"} else [f"“{sign}” with a blank is never true"]
    found = (
        _order_problem(sign, left, left_type)
        or _order_problem(sign, right, right_type)
        or _literal_problem(sign, left, left_type, right)
        or _literal_problem(sign, right, right_type, left)
        or _family_problem(sign, sides)
    )
    return [found] if found else []


def _order_problem(sign: str, node: Node, found: ItemType) -> str | None:
    if sign in {"=", "<>"} or found.kind is not Kind.CHOICE or _is_numeric(found):
        return None
    return f"{show(node)} is a choice whose codes are not numbers, so “{sign}” has no meaning"


def _literal_problem(sign: str, node: Node, found: ItemType, other: Node) -> str | None:
    """Return why a literal cannot be a value of what it is compared with; None if it can."""
    if not isinstance(other, Literal) or isinstance(node, Literal):
        return None
    text = to_text(other.value)
    if found.kind is Kind.CHOICE and found.codes is not None and sign in {"=", "<>"}:
        return _code_problem(node, found.codes, other)
    if found.kind in _DATES and date_bounds(text) is None:
        hint = f"; write {text.lower()} without quotes" if text.lower() in {"today", "now"} else ""
        return f"{show(node)} is a {found.kind}, and “{text}” is not one (YYYY-MM-DD){hint}"
    ordered_choice = found.kind is Kind.CHOICE and sign not in {"=", "<>"}
    if (found.kind in _NUMBERS or ordered_choice) and read_number(text) is None:
        return f"{show(node)} is compared with “{text}”, which is not a number"
    return None


def _code_problem(node: Node, codes: frozenset[str], other: Literal) -> str | None:
    if any(compare("=", code, other.value) for code in codes):
        return None
    listed = ", ".join(sorted(codes)[:_LONGEST_LIST])
    more = " …" if len(codes) > _LONGEST_LIST else ""
    return f"{show(node)} has no code {show(other)}; its codes are {listed}{more}"


def _family_problem(sign: str, sides: list[tuple[Node, ItemType]]) -> str | None:
    families = [_family(node, found) for node, found in sides]
    if "" in families or families[0] == families[1]:
        return None
    (left, left_type), (right, right_type) = sides
    return (
        f"{show(left)} is {_sort(left_type)} and {show(right)} is {_sort(right_type)},"
        f" so “{sign}” cannot compare them"
    )


def _family(node: Node, found: ItemType) -> str:
    if isinstance(node, Literal) or found.kind in {Kind.CHOICE, Kind.ANY}:
        return ""
    if found.kind in _NUMBERS:
        return "number"
    return "date" if found.kind in _DATES else found.kind
