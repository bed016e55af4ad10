"""Items: the questions of instruments; each type is defined in one file.

To add a type, write its file and name it here in `Item`; CONTRIBUTING.md has the recipe.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from forms.items.base import BaseItem
from forms.items.censored_number import CensoredNumber
from forms.items.date import DateItem
from forms.items.datetime import DateTimeItem
from forms.items.decimal_number import DecimalNumber
from forms.items.derived import Derived, Rule
from forms.items.file import FileItem
from forms.items.integer import Integer
from forms.items.likert_grid import LikertGrid, LikertRow
from forms.items.multiple_choice import MultipleChoice
from forms.items.notes import Notes
from forms.items.parts import Check, Choice, Range, Unit
from forms.items.single_choice import SingleChoice
from forms.items.statement import Statement
from forms.items.text import Text
from forms.items.time import TimeItem
from forms.items.visual_analogue import VisualAnalogue
from forms.items.yes_no import YesNo

Item = Annotated[
    Text
    | Notes
    | Integer
    | DecimalNumber
    | CensoredNumber
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

__all__ = [
    "BaseItem",
    "CensoredNumber",
    "Check",
    "Choice",
    "DateItem",
    "DateTimeItem",
    "DecimalNumber",
    "Derived",
    "FileItem",
    "Integer",
    "Item",
    "LikertGrid",
    "LikertRow",
    "MultipleChoice",
    "Notes",
    "Range",
    "Rule",
    "SingleChoice",
    "Statement",
    "Text",
    "TimeItem",
    "Unit",
    "VisualAnalogue",
    "YesNo",
]
