"""What surrounds the control of one item on a page: its label, hint, conditions and reasons."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from forms.expressions import parse, to_json
from forms.widgets.parts import Frame, hint_html, json_attribute, missing_control, safe

if TYPE_CHECKING:
    from forms.definition import MissingReason
    from forms.items import BaseItem, Choice


@dataclass(frozen=True, slots=True)
class PageSettings:
    """What holds for a whole form: the study's missing reasons, and whether it is only read."""

    reasons: Sequence[MissingReason]
    read_only: bool = False


@lru_cache(maxsize=16384)
def condition(formula: str | None) -> object:
    """Return an expression as the tree that the browser evaluates; None when there is none."""
    return None if formula is None else to_json(parse(formula))


def choice_conditions(choices: Sequence[Choice]) -> Mapping[str, object]:
    """Return the trees by which choices are offered, by code; none for those always offered."""
    return {choice.code: condition(choice.when) for choice in choices if choice.when is not None}


def item_attributes(item: BaseItem) -> str:
    """Give the attributes by which scripts know an item: its name, how it is read, its show-if."""
    tree = condition(item.show_if)
    shown = f' data-show-if="{json_attribute(tree)}"' if tree is not None else ""
    kind = f'data-reads="{item.browser_kind}"'
    return f' id="{item.name}-item" data-item="{item.name}" {kind}{shown}'


def make_labelled_frame(item: BaseItem, page: PageSettings, attributes: str = "") -> Frame:
    """Surround one box; `attributes` are told to scripts beside those of every item."""
    head = f'<label class="nhsuk-label app-label" for="{item.name}">{_label_words(item)}</label>'
    return Frame(
        name=item.name,
        attributes=f"{item_attributes(item)}{attributes}",
        head=head,
        hint=hint_html(item.name, _hint(item)),
        missing=missing_control(item, page.reasons),
    )


def make_grouped_frame(item: BaseItem, page: PageSettings, *, is_row: bool = False) -> Frame:
    """Surround several controls with a fieldset; `is_row` puts them beside its legend."""
    head = (
        '<legend class="nhsuk-fieldset__legend nhsuk-fieldset__legend--s app-label">'
        f"{_label_words(item)}</legend>"
    )
    return Frame(
        name=item.name,
        attributes=item_attributes(item),
        head=head,
        hint=hint_html(item.name, _hint(item)),
        missing=missing_control(item, page.reasons),
        legend=True,
        fieldset_class=" app-row" if is_row else "",
        item_class=" app-item--row" if is_row else "",
    )


def make_row_frame(item: BaseItem, page: PageSettings) -> Frame:
    """Surround one row of a grid."""
    return Frame(
        name=item.name,
        attributes=item_attributes(item),
        head=safe(item.label),
        hint="",
        missing=missing_control(item, page.reasons),
    )


def _label_words(item: BaseItem) -> str:
    optional = "" if item.required else ' <span class="app-optional">(optional)</span>'
    return f"{safe(item.label)}{_unit_words(item)}{optional}"


def _unit_words(item: BaseItem) -> str:
    """Say the unit to those who cannot see it behind the box."""
    unit = item.spoken_unit
    return f'<span class="nhsuk-u-visually-hidden">, in {safe(unit)}</span>' if unit else ""


def _hint(item: BaseItem) -> str | None:
    return ". ".join(words for words in (item.hint, item.example) if words) or None
