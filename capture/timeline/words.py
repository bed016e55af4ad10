"""Values, places and instants of the ledger in words."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from capture import clock
from capture.ledger.action_labels import LabelReader
from capture.ledger.payloads import REDACTED_VALUE
from forms.definition import LOG_VISIT, Item, Study
from forms.evaluation_scope import Place
from forms.partial_dates import NoSuchDate, parse_iso
from forms.values import Cell, NotACell, show_value

REMOVED = "removed for privacy"


def local_words(instant: str, zone: str) -> str:
    """Return an instant as people at a site read it: 3 March 2026, 14:32."""
    local: datetime = clock.from_text(instant).astimezone(ZoneInfo(zone))
    return f"{parse_iso(local.date().isoformat()).words}, {local:%H:%M}"


def plain_words(value: Any) -> str:
    """Any stored value as text: dates in words, lists with commas, yes and no."""
    if value is None:
        return ""
    if value == REDACTED_VALUE:
        return REMOVED
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(plain_words(part) for part in value)
    if isinstance(value, Mapping):
        return ", ".join(f"{key}: {plain_words(part)}" for key, part in value.items())
    try:
        return parse_iso(value).words if isinstance(value, str) and len(value) == 10 else str(value)
    except NoSuchDate:
        return str(value)


def stored_words(study: Study, item: Item | None, stored: Any) -> str:
    """A stored cell in words, blank without one; of a removed item the value as it is stored."""
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


def find_item(study: Study, name: str) -> Item | None:
    """Return an item of the version in force; None for a removed item."""
    if name not in study.item_names:
        return None
    return study.instrument_of(name).value_items.get(name)


def item_with_form(study: Study, name: str) -> str:
    """Return an item's label with the title of the form that asks it."""
    if name not in study.item_names:
        return name
    item = find_item(study, name)
    return f"{item.label if item else name} ({study.instrument_of(name).title})"


def form_words(study: Study, name: str, instance: Any) -> str:
    """Return a form's title, numbered where it may be filled in more than once."""
    instrument = next((form for form in study.instruments if form.name == name), None)
    if instrument is None:
        return name
    is_numbered = (instrument.log or instrument.repeats) and isinstance(instance, int)
    return f"{instrument.title} {instance}" if is_numbered else instrument.title


def place_words(study: Study, place: Place) -> str:
    """Return a form and its visit: Vital signs, Screening."""
    form = form_words(study, place.instrument, place.instance)
    visit = visit_words(study, place.visit, place.occurrence)
    return f"{form}, {visit}" if visit else form


def visit_words(study: Study, slug: str, occurrence: int) -> str:
    """Return a visit's title; empty for the log, and the slug of a removed visit."""
    visit = next((visit for visit in study.visits if visit.slug == slug), None)
    if visit is None:
        return "" if slug == LOG_VISIT else slug
    return visit.occurrence_title(occurrence)


def read_item(name: Any, reader: LabelReader) -> str:
    """Return an item by its label."""
    item = find_item(reader.study, str(name))
    return item.label if item else str(name)


def read_site(site: Any, reader: LabelReader) -> str:
    """Return a site by its name."""
    return reader.name_site(str(site))


def read_arm(name: Any, reader: LabelReader) -> str:
    """Return an arm by its label."""
    arms = {
        arm.arm: arm.label
        for randomisation in reader.study.randomisations
        for arm in randomisation.arms
    }
    return arms.get(name, str(name))


def read_cohort(name: Any, reader: LabelReader) -> str:
    """Return a cohort by its title."""
    titles = {cohort.name: cohort.title for cohort in reader.study.cohorts}
    return titles.get(name, str(name))
