"""The source items of a rule: what people fill in, also behind every derived item."""

from __future__ import annotations

from collections.abc import Iterable

from capture import clock
from capture.entry.reads.casebook import Casebook
from forms.definition import Derived
from forms.eligibility import Source, sources


def find_source_items(
    casebook: Casebook, looked_at: Iterable[Source], *, only_unknown: bool = False
) -> dict[str, Source]:
    """The sources that people fill in or that are facts, by name, in the order they are found.

    only_unknown: leave out what is known, on every step.
    """
    found: dict[str, Source] = {}
    _collect(casebook, found, looked_at, only_unknown)
    return found


def _collect(
    casebook: Casebook, found: dict[str, Source], looked_at: Iterable[Source], only_unknown: bool
) -> None:
    for source in looked_at:
        if source.name in found or (only_unknown and source.is_known):
            continue
        item = (
            casebook.study.item(source.name) if source.name in casebook.study.item_names else None
        )
        if item is None or item.derivation is None:
            found[source.name] = source
            continue
        scope = casebook.scope(clock.now(), source.place)
        for text in list_formulas(item.derivation):
            others = [other for other in sources(text, scope) if other.name != source.name]
            _collect(casebook, found, others, only_unknown)


def list_formulas(item: Derived) -> list[str]:
    """Every expression that calculates a derived item."""
    return [*([item.formula] if item.formula else []), *(rule.when for rule in item.rules)]
