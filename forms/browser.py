"""Data for a page's scripts, so that conditions on other visits and facts work in the browser."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache

from forms.build import InstrumentForm
from forms.expressions import UNKNOWN, Expression, Missing, Scope, Value, facts, references
from forms.expressions.tree import Fact, Literal, Reference
from forms.formulas import parse_formula
from forms.items import Item


def page_scope(form: type[InstrumentForm], scope: Scope, *, visit: str | None) -> str:
    """Return the JSON for a page's conditions: values of other entries, facts, the site's time.

    Only what the conditions of this page use is sent; scripts read answers from the page itself.
    """
    outside = [
        reference for reference in _references(form) if not _is_asked_here(form, reference, visit)
    ]
    sent = {
        "visit": visit,
        "now": scope.now(),
        "today": scope.today(),
        "values": {_key(reference): _plain(scope.value(reference)) for reference in outside},
        "facts": {
            _fact_key(fact): _plain(scope.context(fact.name, _list_arguments(fact)))
            for fact in _facts(form)
        },
    }
    return json.dumps(sent, ensure_ascii=False, separators=(",", ":"))


def _is_asked_here(form: type[InstrumentForm], reference: Reference, visit: str | None) -> bool:
    is_here = reference.visit in (None, visit) and reference.instance is None
    return is_here and reference.item in form.answerable


def _conditions(form: type[InstrumentForm]) -> Iterator[str]:
    """Yield the conditions on the page; others could reveal what the role may not see."""
    for section in form.instrument.sections:
        items = [item for item in section.items if _is_on_page(form, item)]
        if items:
            yield from filter(None, [section.show_if])
        for item in items:
            yield from (
                formula.text
                for formula in item.list_formulas()
                if formula.purpose in ("show_if", "choice")
            )


def _is_on_page(form: type[InstrumentForm], item: Item) -> bool:
    names = [leaf.name for leaf in item.leaves()]
    return not names or any(form.shows(name) for name in names)


@cache
def _trees(form: type[InstrumentForm]) -> tuple[Expression, ...]:
    return tuple(parse_formula(text) for text in dict.fromkeys(_conditions(form)))


def _references(form: type[InstrumentForm]) -> Iterator[Reference]:
    return (reference for tree in _trees(form) for reference in references(tree))


def _facts(form: type[InstrumentForm]) -> Iterator[Fact]:
    return (fact for tree in _trees(form) for fact in facts(tree))


def _key(reference: Reference) -> str:
    parts = [
        reference.item,
        reference.visit,
        reference.code,
        reference.instance,
        reference.modifier,
    ]
    return json.dumps(parts, ensure_ascii=False, separators=(",", ":"))


def _list_arguments(fact: Fact) -> list[float | str | bool]:
    """Return the arguments as the browser writes them, where 2.0 and 2 are the same number."""
    values = [argument.value for argument in fact.arguments if isinstance(argument, Literal)]
    return [int(v) if isinstance(v, float) and v.is_integer() else v for v in values]


def _fact_key(fact: Fact) -> str:
    return json.dumps(
        [fact.name, *_list_arguments(fact)], ensure_ascii=False, separators=(",", ":")
    )


def _plain(value: Value) -> object:
    if isinstance(value, Missing):
        return {"m": value.reason}
    return None if value is UNKNOWN else value
