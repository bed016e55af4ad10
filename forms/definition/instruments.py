"""Instruments: sections of items that are filled in together."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property

from pydantic import Field

from forms.items import BaseItem, Item
from forms.vocabulary import Formula, Name, Part, Provenance, Words


class Section(Part):
    """Items under one heading; shown only while `show_if` holds."""

    title: Words
    intro: Words | None = None
    show_if: Formula | None = None
    items: tuple[Item, ...] = Field(min_length=1)


class Instrument(Part):
    """A form as designed; an entry is one form filled in for a participant.

    repeats: several instances may be entered at one visit.
    log: entered on the pseudo-visit `log` instead of a visit (adverse events, medicines).
    assessment_date, mode, completed_by: the items of this instrument that hold them.
    """

    name: Name
    title: Words
    intro: Words | None = None
    provenance: Provenance | None = None
    version: Words | None = None
    licence: Words | None = None
    repeats: bool = False
    log: bool = False
    assessment_date: Name | None = None
    mode: Name | None = None
    completed_by: Name | None = None
    sections: tuple[Section, ...] = Field(min_length=1)

    @cached_property
    def items(self) -> tuple[Item, ...]:
        """Every item as laid out, grids and statements included, in page order."""
        return tuple(item for section in self.sections for item in section.items)

    @cached_property
    def value_items(self) -> Mapping[str, Item]:
        """The items with a value, by name in page order; a grid is replaced by its rows."""
        return {leaf.name: leaf for item in self.items for leaf in item.leaves()}

    @cached_property
    def section_of(self) -> Mapping[str, Section]:
        """The section of each item that holds a value."""
        return {
            leaf.name: section
            for section in self.sections
            for item in section.items
            for leaf in item.leaves()
        }

    def item(self, name: str) -> Item:
        """Return the item that holds values under this name; KeyError when there is none."""
        return self.value_items[name]


def shown_when(section: Section, item: BaseItem) -> tuple[str, ...]:
    """Return the conditions that must all hold for the item to be shown; empty means always."""
    return tuple(text for text in (section.show_if, item.show_if) if text is not None)
