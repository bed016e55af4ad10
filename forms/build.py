"""The WTForms class of an instrument: its fields, its page and the reading of a save."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any, ClassVar, cast

from markupsafe import Markup
from wtforms import Form

from forms.definition import Instrument, Role, Section, Study
from forms.edit_checks import Finding, FindingKind
from forms.fields import FieldsMadeOnce, ItemField, SentForm
from forms.items import Item
from forms.values import Cell
from forms.widgets import PageSettings, Question, Shown, Widget
from forms.widgets.display import ReadOnly
from forms.widgets.frames import condition
from forms.widgets.parts import json_attribute, safe


@dataclass(frozen=True, slots=True)
class ErrorLink:
    """One line of the error summary: the message and the control that it links to."""

    text: str
    href: str


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a page: fixed HTML, followed by the control of one item or of none."""

    html: str
    item: str | None = None
    control: Widget | None = None


class InstrumentForm(Form):
    """The form of one instrument; only `form_class` makes its subclasses.

    formdata: what the browser sent or a draft contains; None shows the stored values.
    cells: the stored cells by item. today: the site's date, after which dates are in the future.
    """

    Meta = FieldsMadeOnce
    instrument: ClassVar[Instrument]
    pieces: ClassVar[Sequence[Piece]]
    answerable: ClassVar[frozenset[str]]

    def __init__(
        self,
        formdata: SentForm | None = None,
        *,
        cells: Mapping[str, Cell] | None = None,
        today: date,
    ) -> None:
        self.today = today
        stored = {attribute_of(name): cell for name, cell in (cells or {}).items()}
        super().__init__(formdata=formdata, data=stored)  # type: ignore[arg-type]  # getlist is all

    def field(self, item: str) -> ItemField:
        """Return the field of an item; KeyError when this page does not ask it."""
        return cast(ItemField, self._fields[attribute_of(item)])

    def asks(self, item: str) -> bool:
        """Return whether this page shows the item."""
        return attribute_of(item) in self._fields

    @classmethod
    def shows(cls, item: str) -> bool:
        """Return whether pages of this class show the item."""
        return hasattr(cls, attribute_of(item))

    @property
    def item_fields(self) -> Iterable[ItemField]:
        """Every item's field in page order."""
        return cast(Iterable[ItemField], self._fields.values())

    def cells(self) -> Mapping[str, Cell | None]:
        """Return what a save may store after `validate`: items that were sent and could be read.

        None means that the item was left blank. Refused items and items not sent are absent.
        """
        return {
            field.name: field.data
            for field in self.item_fields
            if field.was_sent and not field.errors
        }

    def refusals(self) -> Mapping[str, str]:
        """Return the errors of refused items, by item in page order."""
        return {field.name: field.errors[0] for field in self.item_fields if field.errors}

    def get_typed_texts(self) -> Mapping[str, Sequence[str]]:
        """Return the texts in the controls, by control name, as a draft stores them."""
        return {
            name: texts for field in self.item_fields for name, texts in field.sent_texts().items()
        }

    def confirms(self, finding: Finding) -> bool:
        """Return whether the user confirmed that the value of a finding is correct.

        A value outside the soft range may also be confirmed beside the box, before it has a key.
        """
        field = self._place_of(finding.item)
        if field is None:
            return False
        is_range = finding.kind is FindingKind.RANGE
        return finding.key in field.confirmed or (
            is_range and CONFIRMED_AS_TYPED in field.confirmed
        )

    def ask(self, finding: Finding, *, is_answered: bool = False) -> bool:
        """Show a finding under its item; return False when this page does not show the item."""
        field = self._place_of(finding.item)
        if field is not None:
            question = Question(
                finding.message, finding.key, is_answered, confirmable=finding.is_confirmable
            )
            field.questions = (*field.questions, question)
        return field is not None

    def _place_of(self, item: str) -> ItemField | None:
        """Return the field of an item or, for a grid, which has none, that of its last row."""
        if self.asks(item):
            return self.field(item)
        grids = [other for other in self.instrument.items if other.name == item]
        rows = [leaf.name for grid in grids for leaf in grid.leaves()]
        return next((self.field(row) for row in reversed(rows) if self.asks(row)), None)

    def refuse(self, item: str, words: str) -> None:
        """Add an error to an item for a reason that only the service knows, e.g. it is required."""
        self.field(item).errors = (words,)

    def put_below(self, item: str, html: Markup) -> None:
        """Show this HTML (history link, open query) under the item's control."""
        self.field(item).below = html

    def page_errors(self) -> Sequence[ErrorLink]:
        """Return the error summary, in page order."""
        return [
            ErrorLink(field.errors[0], f"#{_wrong_id(field)}")
            for field in self.item_fields
            if field.errors
        ]

    def render(self) -> Markup:
        """Return the page's items with their headings; the caller owns `<form>` and buttons."""
        parts = []
        for piece in self.pieces:
            parts.append(piece.html)
            if piece.item is not None and piece.control is not None:
                parts.append(piece.control.render(self.field(piece.item).get_shown()))
        return Markup("".join(parts))  # noqa: S704 - the controls escape what people typed

    def __html__(self) -> str:
        return self.render()


CONFIRMED_AS_TYPED = "as-typed"
"""What the browser sends when a soft limit was confirmed beside the box, before any save."""


def attribute_of(item: str) -> str:
    """Return the form attribute of an item; the prefix avoids clashes with names such as `data`."""
    return f"item_{item}"


def form_class(
    study: Study,
    instrument: Instrument,
    *,
    role: Role,
    read_only: bool = False,
    only: frozenset[str] | None = None,
    without: frozenset[str] = frozenset(),
) -> type[InstrumentForm]:
    """Build the WTForms class of an instrument as one role sees it.

    Items hidden from the role are left out. Items that the role may only read have no control, and
    values sent for them are ignored. `only` asks only some items (such as the blank items of a
    gate), without section headings; `without` leaves some out, as if hidden from the role. This
    parses expressions and makes all fixed HTML, so call it once for each published version
    (`PublishedForms` keeps the classes), not for each request.
    """
    layout = _Layout(study, role, read_only=read_only, only=only, without=without)
    for number, section in enumerate(instrument.sections, start=1):
        layout.add_section(section, f"{instrument.name}-section-{number}")
    fields: dict[str, Any] = {
        attribute_of(name): ItemField(
            item=instrument.item(name),
            control=control,
            reasons=study.missing_reasons,
            name=name,
            id=name,
        )
        for name, control in layout.controls.items()
    }
    answerable = {
        name for name, control in layout.controls.items() if not isinstance(control, ReadOnly)
    }
    attributes = {
        **fields,
        "instrument": instrument,
        "pieces": tuple(layout.pieces),
        "answerable": frozenset(answerable),
    }
    return type(f"{instrument.name.title()}Form", (InstrumentForm,), attributes)


class PublishedForms:
    """The form classes of one published study version, each built when it is first needed."""

    def __init__(self, study: Study) -> None:
        self.study = study
        self._built: Callable[..., type[InstrumentForm]] = cache(self._build)

    def form_class(
        self,
        instrument: str,
        *,
        role: Role,
        read_only: bool = False,
        only: frozenset[str] | None = None,
        without: frozenset[str] = frozenset(),
    ) -> type[InstrumentForm]:
        """Return the class of an instrument (see `form_class`); KeyError when there is none."""
        return self._built(instrument, role=role, read_only=read_only, only=only, without=without)

    def _build(self, instrument: str, **seen: Any) -> type[InstrumentForm]:
        return form_class(self.study, self.study.instrument(instrument), **seen)


class _Layout:
    """The pieces of a page; adjacent fixed HTML is joined."""

    def __init__(
        self,
        study: Study,
        role: Role,
        *,
        read_only: bool,
        only: frozenset[str] | None,
        without: frozenset[str],
    ) -> None:
        self._study = study
        self._role = role
        self._read_only = read_only
        self._only = only
        self._without = without
        self.pieces: list[Piece] = []
        self.controls: dict[str, Widget] = {}

    def add_section(self, section: Section, identity: str) -> None:
        """Add a section with its heading, unless the role may see none of its items."""
        items = [
            item
            for item in section.items
            if self._role not in item.hidden_from and item.name not in self._without
        ]
        if self._only is None and items:
            self._html(_section_opening(section, identity))
        for item in items:
            self._add_item(item)
        if self._only is None and items:
            self._html("</section>")

    def _add_item(self, item: Item) -> None:
        settings = PageSettings(
            self._study.missing_reasons, self._read_only or self._role in item.read_only_for
        )
        if not item.is_answered:
            self._html(item.make_control(settings).render(Shown()) if self._only is None else "")
            return
        asked = [leaf for leaf in item.leaves() if self._asks(leaf)]
        opening, closing = item.surround_leaves(settings) if asked else ("", "")
        self._html(opening)
        for leaf in asked:
            control = item.make_leaf_control(leaf, settings)
            self.controls[leaf.name] = control
            self.pieces.append(Piece("", leaf.name, control))
        self._html(closing)

    def _asks(self, item: Item) -> bool:
        """Return whether an item is asked here; a file can be attached only on the whole form."""
        only = self._only
        return only is None or (item.name in only and item.attachment is None)

    def _html(self, html: str) -> None:
        if html:
            self.pieces.append(Piece(html))


def _section_opening(section: Section, identity: str) -> str:
    tree = condition(section.show_if)
    shown = f' data-show-if="{json_attribute(tree)}"' if tree is not None else ""
    intro = f'<p class="app-readable">{safe(section.intro)}</p>' if section.intro else ""
    return (
        f'<section class="app-section" aria-labelledby="{identity}"{shown}>'
        f'<h2 class="nhsuk-heading-m" id="{identity}">{safe(section.title)}</h2>{intro}'
    )


def _wrong_id(field: ItemField) -> str:
    if field.wrong_part:
        return f"{field.name}-{field.wrong_part}"
    return field.first_id
