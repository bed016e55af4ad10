"""What every item is and can do; each type answers in its own file for what is special to it."""

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
    """What every item has, whatever its type."""

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

    # What it is to the rest of a study.

    @property
    def attachment(self) -> FileItem | None:
        """The item itself where a file is attached to it."""
        return None

    @property
    def derivation(self) -> Derived | None:
        """The item itself where its value is worked out and nobody types it."""
        return None

    @property
    def is_derived(self) -> bool:
        """Whether its value is worked out and nobody types it."""
        return self.derivation is not None

    @property
    def answers(self) -> tuple[Choice, ...]:
        """The codes that its value may be, with their labels; none where it has no codes."""
        return ()

    @property
    def serves(self) -> frozenset[Purpose]:
        """What a study may name it for."""
        return frozenset()

    @property
    def soft_range(self) -> Range | None:
        """The numbers outside which its value is asked about."""
        return None

    @property
    def canonical_unit(self) -> str | None:
        """The unit its value is kept in."""
        return None

    @property
    def stored_as(self) -> str:
        """In words what stored values rest on, so that a live study cannot change it."""
        return self.type.replace("_", " ")

    @property
    def names(self) -> tuple[str, ...]:
        """The names it takes among the study's items."""
        return (self.name,)

    @property
    def columns_claimed(self) -> tuple[str, ...]:
        """Names of further columns that no other item may have as its own."""
        return ()

    def leaves(self) -> Iterator[Item]:
        """Give the items that hold a value: itself, a grid's rows, nothing for a statement."""
        yield cast("Item", self)

    def list_formulas(self) -> Iterator[ItemFormula]:
        """Give every expression of the item, with what it is for."""
        if self.show_if is not None:
            yield ItemFormula(self.show_if, ("show_if",), "show_if")
        for check in self.checks:
            yield ItemFormula(check.when, ("checks", check.name, "when"), "check")

    def prove(self, proof: ItemProof) -> None:
        """Note what makes no sense in the item by itself."""
        proof.require_unique(["checks"], [check.name for check in self.checks], "checks")

    # Typed text to a cell, and back.

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
        """Give what stands in the boxes for a value; read again, it gives the same cell."""
        if isinstance(cell.value, tuple):
            return Typed(cell.value)
        return Typed((str(cell.value) if cell.raw is None else cell.raw,), cell.unit)

    def words_of(self, cell: Cell) -> str:
        """Give a value in words for people."""
        return str(cell.value)

    # On a page.

    @property
    def example(self) -> str | None:
        """What follows the hint, so that people know what to type."""
        return None

    @property
    def spoken_unit(self) -> str | None:
        """The unit said in the label to those who cannot see it behind the box."""
        return None

    def make_control(self, page: PageSettings) -> Widget:
        """Make the control in which the item is answered."""
        return self.make_read_only(page)

    def make_read_only(self, page: PageSettings) -> Widget:
        """Make what stands on the page of those who only read the item."""
        return ReadOnly(
            self.name,
            item_attributes(self),
            safe(self.label),
            self.blank_words,
            is_asked_about=not page.read_only,
        )

    def make_leaf_control(self, leaf: Item, page: PageSettings) -> Widget:
        """Make what one of its leaves shows on a page."""
        return leaf.make_read_only(page) if page.read_only else leaf.make_control(page)

    def surround_leaves(self, page: PageSettings) -> tuple[str, str]:
        """Give the HTML before and after its leaves."""
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
        """What the item's value is to an expression."""
        return ItemType(Kind.TEXT)

    def meaning_of(self, cell: Cell, code: str | None, mode: Mode) -> Value:
        """Give what a cell is to an expression.

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
        """The answers that say that it is not known."""
        return frozenset()

    # In a dataset.

    @property
    def value_kind(self) -> str:
        """What its values are; where versions differ in it, a dataset keeps texts."""
        return self.type

    @property
    def value_decimals(self) -> int:
        """The decimals that its values may have."""
        return 0

    @property
    def entry_units(self) -> tuple[str, ...]:
        """Every unit it may be entered in, its own first."""
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
        """Give the columns that follow, whatever older versions held."""
        return ()

    # In a rehearsal.

    def invent(self, by: Inventor) -> Cell:
        """Answer as invented people do."""
        return Cell(missing=by.reason)
