"""A validation error of a model in the words of a trial manager, at its file and line."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from difflib import get_close_matches
from functools import cache
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from forms.definition import Part
from forms.problems import Problem
from forms.yaml_tree import Node

_NAME_RULE = "small letters, digits and _, starting with a letter, at most 26 characters"
_PATTERN_RULES = {
    "slug": "small letters, digits and - (for a site or visit _), starting with a letter",
    "provenance": "S, S22, B, D or U; several are joined by a comma",
    "version": "letters, digits, points and -, at most 20 characters",
    "code": "letters, digits, _ . or -, at most 50 characters",
    "value": "letters, digits, _ . or -, at most 50 characters",
    "arm": "letters, digits and _, starting with a letter, at most 26 characters",
    "level": "letters, digits, _ . or -, at most 50 characters",
    "start": "letters, digits, _ . or -, at most 50 characters",
    "evaluable": 'a number of people, or two such as "4-5"',
    "dlts": 'a number of people, or two such as "4-5"',
    "met": 'a number of people, or two such as "4-5"',
    "arms": "letters, digits and _, starting with a letter, at most 26 characters",
}
_KINDS = {
    "string_type": "text; put quotes around it",
    "int_type": "a whole number",
    "bool_type": "true or false",
    "tuple_type": "a list, one line with a dash (-) for each",
    "dict_type": "keys with values, one `key: value` on each line",
    "mapping_type": "keys with values, one `key: value` on each line",
    "model_type": "keys with values, one `key: value` on each line",
    "model_attributes_type": "keys with values, one `key: value` on each line",
    "decimal_parsing": "a number such as 40 or 1.5",
    "decimal_type": "a number such as 40 or 1.5",
    "date_from_datetime_parsing": "a date such as 2024-03-09",
    "date_parsing": "a date such as 2024-03-09",
    "date_type": "a date such as 2024-03-09",
}


def problems_of(error: ValidationError, root: Node) -> list[Problem]:
    """Turn everything a model refused into problems at the lines of the tree it was made from."""
    details = error.errors()
    return [
        _problem(detail, root) for detail in details if not _follows_from_another(detail, details)
    ]


def _follows_from_another(detail: ErrorDetails, details: Sequence[ErrorDetails]) -> bool:
    """Return whether a list only seems too short because one of its own parts was refused."""
    place = detail["loc"]
    return detail["type"] == "too_short" and any(
        len(detail["loc"]) > len(place) and detail["loc"][: len(place)] == place
        for detail in details
    )


def _problem(detail: ErrorDetails, root: Node) -> Problem:
    path = [step for step in detail["loc"] if step != "[key]"]
    node = root.at(path)
    return Problem(node.file, node.line, _words(detail, _last_key(detail), node))


def _last_key(detail: ErrorDetails) -> str:
    keys = [step for step in detail["loc"] if isinstance(step, str) and step != "[key]"]
    return keys[-1] if keys else "this"


def _words(detail: ErrorDetails, key: str, node: Node) -> str:
    kind, context = detail["type"], detail.get("ctx", {})
    if node.value is None and kind in _KINDS:
        return f"`{key}` is empty; it must be {_KINDS[kind].partition(';')[0]}"
    if kind in _KINDS:
        return f"`{key}` must be {_KINDS[kind]}"
    teller = _TELLERS.get(kind)
    return teller(key, context, node) if teller else f"`{key}`: {detail['msg'].lower()}"


Context = Mapping[str, Any]


def _missing(key: str, _context: Context, node: Node) -> str:
    name = next(
        (node.text(naming) for naming in ("name", "slug", "factor", "title") if node.text(naming)),
        None,
    )
    where = f" in `{name}`" if name else ""
    return f"`{key}` is missing{where}; add a line `{key}: …`"


def _extra(key: str, _context: Context, _node: Node) -> str:
    close = get_close_matches(key, _known_keys(), n=1)
    return f"`{key}` is not known here; " + (
        f"did you mean `{close[0]}`?" if close else "remove it"
    )


def _pattern(key: str, _context: Context, node: Node) -> str:
    given = f"{node.value!r}"[:60] if not isinstance(node.value, list | dict) else "this"
    return f"`{key}`: {given} is not allowed; use {_PATTERN_RULES.get(key, _NAME_RULE)}"


def _one_of(key: str, context: Context, node: Node) -> str:
    return f"`{key}` is {node.value!r}; it must be {context['expected']}"


def _wrong_type(_key: str, context: Context, node: Node) -> str:
    known = context.get("expected_tags", "")
    return f"type {node.text('type')!r} is not a type of item; use {known}"


def _no_type(_key: str, _context: Context, node: Node) -> str:
    return f"`type` is missing from item `{node.text('name') or '?'}`; add a line `type: text`"


def _bound(words: str, limit: str) -> Callable[[str, Context, Node], str]:
    return lambda key, context, _node: f"`{key}` must be {words} {context[limit]}"


def _too_short(key: str, context: Context, _node: Node) -> str:
    return f"`{key}` needs at least {context['min_length']}"


def _too_long(key: str, context: Context, _node: Node) -> str:
    return f"`{key}` is too long; at most {context['max_length']} characters"


def _empty(key: str, _context: Context, _node: Node) -> str:
    return f"`{key}` is empty; write something"


_TELLERS: Mapping[str, Callable[[str, Context, Node], str]] = {
    "missing": _missing,
    "extra_forbidden": _extra,
    "string_pattern_mismatch": _pattern,
    "literal_error": _one_of,
    "enum": _one_of,
    "union_tag_invalid": _wrong_type,
    "union_tag_not_found": _no_type,
    "greater_than_equal": _bound("at least", "ge"),
    "greater_than": _bound("more than", "gt"),
    "less_than_equal": _bound("at most", "le"),
    "decimal_max_places": _bound("a number with decimals at most", "decimal_places"),
    "too_short": _too_short,
    "string_too_short": _empty,
    "string_too_long": _too_long,
}


@cache
def _known_keys() -> tuple[str, ...]:
    waiting, keys = [Part], set[str]()
    while waiting:
        model = waiting.pop()
        waiting.extend(model.__subclasses__())
        keys.update(field.alias or name for name, field in model.model_fields.items())
    return tuple(sorted(keys))
