"""Items: one question of an instrument each, by type of answer."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from forms.definition.base import Code, Ending, Formula, Name, Number, Part, Provenance, Role, Words


class Range(Part):
    """Numbers from `minimum` to `maximum`, both allowed, in the canonical unit of the item."""

    minimum: Number | None = Field(default=None, alias="min")
    maximum: Number | None = Field(default=None, alias="max")
    provenance: Provenance | None = None


class Check(Part):
    """A question asked when `when` is true: it never refuses, it is answered or corrected."""

    name: Name
    when: Formula
    message: Words
    provenance: Provenance | None = None


class Choice(Part):
    """One answer to choose; offered only when `when` holds; `unknown` answers pick no level."""

    code: Code
    label: Words
    hint: Words | None = None
    when: Formula | None = None
    unknown: bool = False


class BaseItem(Part):
    """What every item has, whatever its type."""

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


class Text(BaseItem):
    """One line of text."""

    type: Literal["text"]
    max_length: int = Field(default=200, ge=1, le=1000)


class Notes(BaseItem):
    """Several lines of text."""

    type: Literal["notes"]
    max_length: int = Field(default=4000, ge=1, le=20000)


class Unit(Part):
    """A further unit the value may be entered in: canonical = entered x factor."""

    unit: Words
    factor: Number = Field(gt=0)


class Integer(BaseItem):
    """A whole number, with a unit when it measures something."""

    type: Literal["integer"]
    unit: Words | None = None
    soft: Range | None = None
    hard: Range | None = None


class DecimalNumber(BaseItem):
    """A number with a stated count of decimals, kept in its canonical unit."""

    type: Literal["decimal"]
    decimals: int = Field(ge=0, le=10)
    unit: Words | None = None
    other_units: tuple[Unit, ...] = ()
    soft: Range | None = None
    hard: Range | None = None


class DateItem(BaseItem):
    """A calendar date; `partial` allows an unknown day or month, `future` a date after today."""

    type: Literal["date"]
    partial: bool = False
    future: bool = False
    earliest: date = date(1900, 1, 1)


class TimeItem(BaseItem):
    """A time of day at the site, HH:MM."""

    type: Literal["time"]


class DateTimeItem(BaseItem):
    """A date and time of day at the site."""

    type: Literal["datetime"]
    future: bool = False
    earliest: date = date(1900, 1, 1)


class SingleChoice(BaseItem):
    """One of a list of choices; `layout` says whether they stand as radios or as a list."""

    type: Literal["single_choice"]
    choices: tuple[Choice, ...] = Field(min_length=1)
    layout: Literal["radios", "select"] = "radios"


class MultipleChoice(BaseItem):
    """Any of a list of choices; a choice in `alone` cannot stand beside another."""

    type: Literal["multiple_choice"]
    choices: tuple[Choice, ...] = Field(min_length=1)
    alone: tuple[Code, ...] = ()


YES_NO_NK = (
    Choice(code="yes", label="Yes"),
    Choice(code="no", label="No"),
    Choice(code="nk", label="Not known", unknown=True),
)


class YesNo(BaseItem):
    """Yes, no or (where the item allows it) not known; the codes are yes, no and nk."""

    type: Literal["yes_no_nk"]
    not_known: bool = True

    @property
    def choices(self) -> tuple[Choice, ...]:
        """The choices offered, in order."""
        return YES_NO_NK if self.not_known else YES_NO_NK[:2]


class LikertRow(Part):
    """One line of a grid; it is an item of its own, with its own name and value."""

    name: Name
    label: Words
    provenance: Provenance | None = None


class LikertGrid(BaseItem):
    """Statements answered on one scale; the grid holds no value, each of its rows does."""

    type: Literal["likert_grid"]
    rows: tuple[LikertRow, ...] = Field(min_length=1)
    choices: tuple[Choice, ...] = Field(min_length=2)


class VisualAnalogue(BaseItem):
    """A mark on a line from 0 to `steps`, kept as a whole number."""

    type: Literal["vas"]
    low_label: Words
    high_label: Words
    steps: int = Field(default=100, ge=2, le=1000)


class Rule(Part):
    """One clause of a derived item: when it holds, the item has this value."""

    name: Name
    when: Formula
    value: Code
    wording: Words
    provenance: Provenance | None = None


class Derived(BaseItem):
    """Computed on the server: a `formula` (two-valued), or `rules` tried in order (three-valued).

    With rules, a clause that is unknown leaves the result unknown unless it could not change it.
    """

    type: Literal["derived"]
    result: Literal["number", "text", "date", "code"]
    formula: Formula | None = None
    rules: tuple[Rule, ...] = ()
    otherwise: Code | None = None
    choices: tuple[Choice, ...] = ()
    decimals: int = Field(default=2, ge=0, le=10)
    unit: Words | None = None
    soft: Range | None = None


class FileItem(BaseItem):
    """One attached file."""

    type: Literal["file"]
    endings: tuple[Ending, ...] = Field(default=("pdf", "png", "jpg"), min_length=1)
    max_megabytes: int = Field(default=10, ge=1, le=50)


class Statement(BaseItem):
    """Words on the page without an answer; the label is what is shown."""

    type: Literal["statement"]


Item = Annotated[
    Text
    | Notes
    | Integer
    | DecimalNumber
    | DateItem
    | TimeItem
    | DateTimeItem
    | SingleChoice
    | MultipleChoice
    | YesNo
    | LikertGrid
    | VisualAnalogue
    | Derived
    | FileItem
    | Statement,
    Field(discriminator="type"),
]

ChoiceItem = SingleChoice | MultipleChoice | YesNo
NumberItem = Integer | DecimalNumber | VisualAnalogue


def leaves(item: Item) -> Iterator[Item]:
    """Give the items that hold a value: the item itself, a grid's rows, nothing for a statement."""
    if isinstance(item, LikertGrid):
        yield from (_row_as_choice(item, row) for row in item.rows)
    elif not isinstance(item, Statement):
        yield item


def _row_as_choice(grid: LikertGrid, row: LikertRow) -> SingleChoice:
    marks = grid.model_dump(
        include={"required", "identifying", "critical", "hidden_from", "read_only_for", "show_if"}
    )
    return SingleChoice(
        type="single_choice",
        name=row.name,
        label=row.label,
        provenance=row.provenance or grid.provenance,
        choices=grid.choices,
        **marks,
    )
