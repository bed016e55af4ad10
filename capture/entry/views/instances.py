"""The instances of a repeated form (a log), as a table that leads to each of them."""

from __future__ import annotations

from dataclasses import dataclass

from flask import render_template

from capture.entry import reads
from capture.entry.views.opening import Opened, form_url, visit_words
from capture.entry.views.words import cell_words
from capture.participants.links import person_url
from capture.participants.standing import FORM_TAGS
from capture.parts import Column, Tag
from forms.definition import Item
from forms.definition import Role as FormRole
from forms.scopes import Place

MOST_COLUMNS = 4


@dataclass(frozen=True)
class InstanceRow:
    """One instance: its number, its first values in words, how far it came."""

    number: int
    url: str
    values: tuple[str, ...]
    status: Tag


def instances_page(opened: Opened) -> str:
    """Draw the table, with the way to add another."""
    key = opened.spot.key
    mine = [
        one
        for place, one in sorted(opened.known.entries.items())
        if (place.visit, place.occurrence, place.instrument)
        == (key.visit, key.occurrence, key.instrument)
    ]
    items = _columns(opened)
    last = max((one.key.instance for one in mine), default=0)
    return render_template(
        "entry/instances.html",
        title=opened.spot.instrument.title,
        visit_title=visit_words(opened.spot.study, opened.spot.visit),
        number=opened.spot.person.number,
        back_url=person_url(opened.spot.person),
        columns=[Column("Number"), *(Column(one.label) for one in items), Column("Status")],
        rows=[_row(opened, one, items) for one in mine],
        add_url=_url(opened, last + 1) if opened.may_save else None,
    )


def _columns(opened: Opened) -> list[Item]:
    role = FormRole(opened.role.value)
    items = opened.spot.instrument.value_items.values()
    return [one for one in items if role not in one.hidden_from][:MOST_COLUMNS]


def _row(opened: Opened, entry: reads.Entry, items: list[Item]) -> InstanceRow:
    number = entry.key.instance
    return InstanceRow(
        number=number,
        url=_url(opened, number),
        values=tuple(cell_words(opened, one.name, entry.cells.get(one.name)) for one in items),
        status=FORM_TAGS[entry.status],
    )


def _url(opened: Opened, instance: int) -> str:
    key, spot = opened.spot.key, opened.spot
    place = Place(key.visit, key.occurrence, key.instrument, instance)
    return form_url(spot.person, spot.visit, place, instance=instance)
