"""The base class of items; each type overrides what is special to it in its own file."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import TYPE_CHECKING, ClassVar, cast

from forms.expressions import ItemType, Kind, Missing, Mode, Value
from forms.items.columns import ColumnKind, ItemColumn, MergedItem
from forms.items.parts import Check, Choice, Range
from forms.items.surroundings import Doubt, Holds, Inventor, ItemFormula, ItemProof, Purpose
from forms.roles import Role
from forms.values.cells import Cell, Refusal, refuse
from forms.values.showing import Typed
from forms.vocabulary import Formula, Name, Part, Provenance, Words
from forms.widgets.display import ReadOnly
from forms.widgets.frames import PageSettings, item_attributes
from forms.widgets.parts import Widget, safe

if TYPE_CHECKING:
    from forms.items import Item
    from forms.items.derived import Derived
    from forms.items.file import FileItem


class BaseItem(Part):
    """The keys and methods of an item of any type."""

    if TYPE_CHECKING:
        type: str

    is_answered: ClassVar[bool] = True
    """Whether it holds answers, itself or in its rows."""
    boxes: ClassVar[tuple[str, ...]] = ()
    """What its controls are called after its name and a hyphen; none where one control has it."""
    takes_lines: ClassVar[bool] = False
    """Whether its text may have several lines."""
    takes_typed_reason: ClassVar[bool] = False
    """Whether the short word of a missing reason may be typed in place of a value."""
    browser_kind: ClassVar[str] = "text"
    """How a page's scripts read its value from its controls (capture/static/item-values.js)."""
    blank_words: ClassVar[str] = "Blank"
    """What stands in place of a value where there is none and the item is only read."""

    name: Name
    label: Words
    hint: Words | None = None
    provenance: Provenance | None = None
    required: bool = False
    identifying: bool = False
    critical: bool = False
    hidden_from: tuple[Role, ...] = ()
    read_only_for: tuple[Role, ...] = ()
    show_if: Formula | None = None
    checks: tuple[Check, ...] = ()

    # In the rest of a study.

    @property
    def attachment(self) -> FileItem | None:
        """The item itself if a file is attached to it; otherwise None."""
        return None

    @property
    def derivation(self) -> Derived | None:
        """The item itself if its value is derived; otherwise None."""
        return None

    @property
    def is_derived(self) -> bool:
        """Whether its value is derived instead of typed."""
        return self.derivation is not None

    @property
    def answers(self) -> tuple[Choice, ...]:
        """The possible codes of its value, with labels; empty if it has no codes."""
        return ()

    @property
    def serves(self) -> frozenset[Purpose]:
        """The purposes for which a study may name it."""
        return frozenset()

    @property
    def soft_range(self) -> Range | None:
        """The range of numbers outside which its value must be confirmed."""
        return None

    @property
    def canonical_unit(self) -> str | None:
        """The unit in which its value is stored."""
        return None

    @property
    def stored_as(self) -> str:
        """How its values are stored, in words; a live study cannot change this."""
        return self.type.replace("_", " ")

    @property
    def names(self) -> tuple[str, ...]:
        """Return the names that it uses among the study's items."""
        return (self.name,)

    @property
    def columns_claimed(self) -> tuple[str, ...]:
        """Return the names of its further columns, which no other item may use."""
        return ()

    def leaves(self) -> Iterator[Item]:
        """Yield the items that hold a value: itself, a grid's rows, nothing for a statement."""
        yield cast("Item", self)

    def list_formulas(self) -> Iterator[ItemFormula]:
        """Yield every expression of the item, with what it is for."""
        if self.show_if is not None:
            yield ItemFormula(self.show_if, ("show_if",), "show_if")
        for check in self.checks:
            yield ItemFormula(check.when, ("checks", check.name, "when"), "check")

    def prove(self, proof: ItemProof) -> None:
        """Note problems of the item by itself."""
        proof.require_unique(["checks"], [check.name for check in self.checks], "checks")

    # From typed text to a cell, and back.

    def read(self, typed: Sequence[str], *, today: date, unit: str | None) -> Cell | Refusal | None:
        """Read what was typed, each text trimmed; None when the item was left blank.

        today: the site's date. unit: the unit chosen beside a number; None means its own.
        """
        del today  # for dates alone
        given = [text for text in typed if text]
        if len(given) > 1:
            return refuse(self, "there is more than one answer; give one")
        return self.read_one(given[0], unit) if given else None

    def read_one(self, text: str, unit: str | None) -> Cell | Refusal | None:
        """Read the one text that was typed; it is not blank."""
        del text, unit
        return refuse(self, "it is not typed in; it is worked out or shown")

    def texts_of(self, cell: Cell) -> Typed:
        """Return the texts in the boxes for a value; reading them gives the same cell."""
        if isinstance(cell.value, tuple):
            return Typed(cell.value)
        return Typed((str(cell.value) if cell.raw is None else cell.raw,), cell.unit)

    def words_of(self, cell: Cell) -> str:
        """Return a value in words for people."""
        return str(cell.value)

    # On a page.

    @property
    def example(self) -> str | None:
        """Return the example after the hint, which shows what to type."""
        return None

    @property
    def spoken_unit(self) -> str | None:
        """The unit in the label, for users who cannot see it behind the box."""
        return None

    def make_control(self, page: PageSettings) -> Widget:
        """Make the control for the answer."""
        return self.make_read_only(page)

    def make_read_only(self, page: PageSettings) -> Widget:
        """Make what the page shows to users who may only read the item."""
        return ReadOnly(
            self.name,
            item_attributes(self),
            safe(self.label),
            self.blank_words,
            is_asked_about=not page.read_only,
        )

    def make_leaf_control(self, leaf: Item, page: PageSettings) -> Widget:
        """Make the control of one of its leaves."""
        return leaf.make_read_only(page) if page.read_only else leaf.make_control(page)

    def surround_leaves(self, page: PageSettings) -> tuple[str, str]:
        """Return the HTML before and after its leaves."""
        del page  # for grids alone
        return "", ""

    # In checks and expressions.

    def find_doubt(self, cell: Cell) -> Doubt | None:
        """Give why a stored value is to be asked about."""
        del cell
        return None

    def is_offered(self, cell: Cell, holds: Holds) -> bool:
        """Whether a stored value is among the answers offered where the item stands."""
        del cell, holds
        return True

    @property
    def expression_type(self) -> ItemType:
        """Return the type of the item's value in expressions."""
        return ItemType(Kind.TEXT)

    def meaning_of(self, cell: Cell, code: str | None, mode: Mode) -> Value:
        """Return the value of a cell in expressions.

        code: a choice of a multiple choice, then 1 or 0. In three-valued logic an answer marked
        `unknown` is Missing, so that “not known” never passes a gate.
        """
        if cell.value is None:
            return Missing(cell.missing or "missing")
        if isinstance(cell.value, tuple):
            return self._meaning_of_codes(cell.value, code, mode)
        if mode is Mode.KLEENE and cell.value in self.unknown_codes:
            return Missing(str(cell.value))
        return float(cell.value) if isinstance(cell.value, int) else cell.value

    def _meaning_of_codes(self, codes: tuple[str, ...], code: str | None, mode: Mode) -> Value:
        if mode is Mode.KLEENE and self.unknown_codes.intersection(codes):
            return Missing(codes[0])
        if code is None:
            return ",".join(codes)
        return 1.0 if code in codes else 0.0

    @property
    def unknown_codes(self) -> frozenset[str]:
        """Return the answers that mean that it is not known."""
        return frozenset()

    # In a dataset.

    @property
    def value_kind(self) -> str:
        """The kind of its values; if versions differ in it, a dataset stores texts."""
        return self.type

    @property
    def value_decimals(self) -> int:
        """Return the number of decimals that its values may have."""
        return 0

    @property
    def entry_units(self) -> tuple[str, ...]:
        """Return all units in which it may be entered, its own first."""
        return ()

    @property
    def takes_partial_dates(self) -> bool:
        """Whether its dates may lack a day or a month."""
        return False

    def list_value_columns(self, merged: MergedItem) -> Sequence[ItemColumn]:
        """Give the columns of its value; `merged` is the item over all versions, itself newest."""
        del merged
        return [ItemColumn(kind=ColumnKind.TEXT, is_free=True)]

    def list_further_columns(self) -> Sequence[ItemColumn]:
        """Return the further columns, which do not depend on older versions."""
        return ()

    # In synthetic data.

    def invent(self, by: Inventor) -> Cell:
        """Return a synthetic answer."""
        return Cell(missing=by.reason)
