"""What a save changed in a form, as sentences for the history of its participant."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

from capture.act_words import ACTS
from capture.ledger.bodies import REDACTED_VALUE
from capture.ledger.fold import Change, Fact
from forms.definition import LOG_VISIT, Item, Study
from forms.values import Cell, NotACell, show_value

ITEM = "item:"
"""How the body of a save names the items of its instrument."""
REMOVED = "removed for privacy"


def form_title(fact: Fact, study: Study) -> str:
    """The act, the form and where it hangs: Saved: Imaging, Imaging month 6."""
    titles = {one.name: one.title for one in study.instruments}
    name = str(fact.new("instrument"))
    words = f"{ACTS[fact.action]}: {titles.get(name, name)}"
    if fact.new("visit_slug") == LOG_VISIT:
        return f"{words} {fact.new('instance')}"
    return f"{words}, {_visit_title(fact, study)}"


def _visit_title(fact: Fact, study: Study) -> str:
    slug = str(fact.new("visit_slug"))
    visits = {one.slug: one for one in study.visits}
    return visits[slug].occurrence_title(fact.new("occurrence")) if slug in visits else slug


def changed_answers(
    fact: Fact, study: Study, hidden: Collection[str], *, withheld: Collection[str] = ()
) -> Iterator[str]:
    """The answers that changed, old and new, and how many were filled in for the first time.

    hidden: items whose values this reader is not told here. withheld: items of which this reader is
    told nothing at all, as they would tell an arm or a cohort.
    """
    changes = {
        name.removeprefix(ITEM): change
        for name, change in fact.body.items()
        if name.startswith(ITEM) and name.removeprefix(ITEM) not in withheld
    }
    fresh = sum(change.old is None for change in changes.values())
    if fresh:
        yield f"{fresh} {'answer' if fresh == 1 else 'answers'} filled in"
    for name, change in changes.items():
        if change.old is not None:
            yield _change_words(study, name, change, is_hidden=name in hidden)


def _change_words(study: Study, name: str, change: Change, *, is_hidden: bool) -> str:
    item = _item(study, name)
    label = item.label if item else name
    if is_hidden:
        return f"{label}: changed"
    old, new = (stored_words(study, item, stored) for stored in (change.old, change.new))
    return f"{label}: {old or 'blank'} → {new or 'blank'}"


def _item(study: Study, name: str) -> Item | None:
    if name not in study.item_names:
        return None
    return study.instrument_of(name).value_items.get(name)


def stored_words(study: Study, item: Item | None, stored: Any) -> str:
    """A stored cell in words, blank where there is none; an item that is gone as it is stored."""
    if stored is None:
        return ""
    if stored == REDACTED_VALUE:
        return REMOVED
    try:
        cell = Cell.from_json(stored)
    except (NotACell, TypeError):
        return str(stored)
    if item is None:
        return str(cell.missing if cell.value is None else cell.value)
    return show_value(item, cell, study.missing_reasons)
