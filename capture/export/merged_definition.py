"""One definition merged from all versions data may rest on: every item once, newest text first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from forms.definition import Instrument, Study, shown_when
from forms.items import Item
from forms.items.columns import MergedItem, merge_versions
from forms.items.surroundings import Purpose


@dataclass(frozen=True)
class DatasetItem:
    """An item merged from all versions that ask it.

    merged: what its values may be. conditions: all must hold for it to be shown.
    """

    merged: MergedItem
    instrument: str
    section: str
    conditions: tuple[str, ...]
    versions: tuple[str, ...]

    @property
    def item(self) -> Item:
        """Its newest form."""
        return self.merged.newest

    @property
    def name(self) -> str:
        return self.item.name


@dataclass(frozen=True)
class MergedInstrument:
    """An instrument with the items of all versions: the newest in page order, then older ones."""

    newest: Instrument
    items: tuple[DatasetItem, ...]

    @property
    def name(self) -> str:
        return self.newest.name


class MergedDefinition:
    """The study over its versions. versions: newest first, at least one."""

    def __init__(self, versions: Sequence[Study]) -> None:
        self.versions = versions
        self.newest = versions[0]

    @cached_property
    def instruments(self) -> tuple[MergedInstrument, ...]:
        names = dict.fromkeys(
            instrument.name for version in self.versions for instrument in version.instruments
        )
        return tuple(self._merge_instrument(name) for name in names)

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
            instrument.name: tuple(
                item.name for item in instrument.items if Purpose.EVENT_DATE in item.item.serves
            )
            for instrument in self.instruments
        }

    @cached_property
    def _visit_places(self) -> Mapping[str, int]:
        slugs = dict.fromkeys(visit.slug for version in self.versions for visit in version.visits)
        return {slug: number for number, slug in enumerate(slugs)}

    def visit_order(self, slug: str) -> tuple[int, str]:
        """Sorts visits as the study lists them; the log and unknown ones come last, by name."""
        return self._visit_places.get(slug, len(self._visit_places)), slug

    def date_items(self, instrument: str) -> tuple[str, ...]:
        """Return the items of an instrument that hold dates, in page order."""
        return self._date_items.get(instrument, ())

    def visit_titles(self) -> Mapping[str, str]:
        """Label by slug."""
        return {
            visit.slug: visit.title
            for version in reversed(self.versions)
            for visit in version.visits
        }

    def _merge_instrument(self, name: str) -> MergedInstrument:
        instruments = [
            instrument
            for version in self.versions
            for instrument in version.instruments
            if instrument.name == name
        ]
        names = dict.fromkeys(item for instrument in instruments for item in instrument.value_items)
        return MergedInstrument(
            instruments[0], tuple(self._merge_item(name, item) for item in names)
        )

    def _merge_item(self, instrument: str, name: str) -> DatasetItem:
        versions = [
            (version, form)
            for version in self.versions
            for form in version.instruments
            if form.name == instrument and name in form.value_items
        ]
        items = [form.value_items[name] for _, form in versions]
        section = versions[0][1].section_of[name]
        return DatasetItem(
            merged=merge_versions(items),
            instrument=instrument,
            section=section.title,
            conditions=shown_when(section, items[0]),
            versions=tuple(version.version for version, _ in versions),
        )
