"""One definition out of all versions that data may rest on: every item once, newest words first."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from forms.definition import (
    DateItem,
    DateTimeItem,
    DecimalNumber,
    Derived,
    Instrument,
    Item,
    MultipleChoice,
    SingleChoice,
    Study,
    YesNo,
    shown_when,
)

Coded = SingleChoice | MultipleChoice | YesNo


@dataclass(frozen=True)
class UnionItem:
    """An item as all versions asked it.

    item: its newest form. conditions: all must hold for it to be shown. codes: label by code, of
    all versions. decimals: the most of any.
    is_partial: some version took dates without a day. is_mixed: the versions differ in type.
    """

    item: Item
    instrument: str
    section: str
    conditions: tuple[str, ...]
    codes: Mapping[str, str]
    decimals: int
    is_partial: bool
    is_mixed: bool
    units: tuple[str, ...]
    versions: tuple[str, ...]

    @property
    def name(self) -> str:
        return self.item.name


@dataclass(frozen=True)
class UnionInstrument:
    """An instrument with the items of all versions: the newest in page order, then older ones."""

    newest: Instrument
    items: tuple[UnionItem, ...]

    @property
    def name(self) -> str:
        return self.newest.name


class Union:
    """The study over its versions. versions: newest first, at least one."""

    def __init__(self, versions: Sequence[Study]) -> None:
        self.versions = versions
        self.newest = versions[0]

    @cached_property
    def instruments(self) -> tuple[UnionInstrument, ...]:
        names = dict.fromkeys(one.name for version in self.versions for one in version.instruments)
        return tuple(self._instrument(name) for name in names)

    @cached_property
    def event_items(self) -> Mapping[str, str]:
        """The item that dates each event of the study's own."""
        return {
            event.name: event.date_item
            for version in reversed(self.versions)
            for event in version.events
        }

    @cached_property
    def _date_items(self) -> Mapping[str, tuple[str, ...]]:
        return {
            one.name: tuple(
                item.name for item in one.items if isinstance(item.item, DateItem | DateTimeItem)
            )
            for one in self.instruments
        }

    @cached_property
    def _visit_places(self) -> Mapping[str, int]:
        slugs = dict.fromkeys(visit.slug for version in self.versions for visit in version.visits)
        return {slug: number for number, slug in enumerate(slugs)}

    def visit_order(self, slug: str) -> tuple[int, str]:
        """Sorts visits as the study lists them; the log and unknown ones come last, by name."""
        return self._visit_places.get(slug, len(self._visit_places)), slug

    def date_items(self, instrument: str) -> tuple[str, ...]:
        """The items of an instrument that hold dates, in page order."""
        return self._date_items.get(instrument, ())

    def visit_titles(self) -> Mapping[str, str]:
        """Label by slug."""
        return {
            visit.slug: visit.title
            for version in reversed(self.versions)
            for visit in version.visits
        }

    def _instrument(self, name: str) -> UnionInstrument:
        having = [
            one for version in self.versions for one in version.instruments if one.name == name
        ]
        names = dict.fromkeys(item for one in having for item in one.value_items)
        return UnionInstrument(having[0], tuple(self._item(name, item) for item in names))

    def _item(self, instrument: str, name: str) -> UnionItem:
        found = [
            (version, one)
            for version in self.versions
            for one in version.instruments
            if one.name == instrument and name in one.value_items
        ]
        items = [one.value_items[name] for _, one in found]
        section = found[0][1].section_of[name]
        return UnionItem(
            item=items[0],
            instrument=instrument,
            section=section.title,
            conditions=shown_when(section, items[0]),
            codes=_codes(items),
            decimals=max((_decimals(item) for item in items), default=0),
            is_partial=any(isinstance(item, DateItem) and item.partial for item in items),
            is_mixed=len({_kind(item) for item in items}) > 1,
            units=_units(items),
            versions=tuple(version.version for version, _ in found),
        )


def _kind(item: Item) -> tuple[str, str]:
    return item.type, item.result if isinstance(item, Derived) else ""


def _codes(items: Iterable[Item]) -> dict[str, str]:
    """Label by code, newest labels; codes that only older versions had come last."""
    found: dict[str, str] = {}
    for item in items:
        if isinstance(item, Coded | Derived):
            for choice in item.choices:
                found.setdefault(choice.code, choice.label)
    return found


def _decimals(item: Item) -> int:
    return item.decimals if isinstance(item, DecimalNumber | Derived) else 0


def _units(items: Iterable[Item]) -> tuple[str, ...]:
    """The units a value may have been entered in; none where there is only one."""
    units = dict.fromkeys(
        unit
        for item in items
        if isinstance(item, DecimalNumber)
        for unit in (item.unit, *(other.unit for other in item.other_units))
        if unit
    )
    return tuple(units) if len(units) > 1 else ()
