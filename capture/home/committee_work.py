"""The home of a dose committee's members: what is to be decided, first what is looked at again."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import sqlalchemy as sa
from flask import url_for

from capture import clock
from capture.home.parts import Cell, Section, cell
from capture.home.reads import Workplace
from capture.parts import Colour, Tag
from capture.safety.reads import Standing, standing

AGAIN = Tag("To be looked at again", Colour.RED)
DUE = Tag("To be decided", Colour.ORANGE)
RUNNING = Tag("Nothing to decide")
ENDED = Tag("Ended")


def committee_sections(connection: sa.Connection, places: Sequence[Workplace]) -> Iterator[Section]:
    """Each dose-finding part of each study, and whether its committee has something to decide."""
    for place in places:
        if not place.study.dose_finding:
            continue
        today = clock.today(place.study.zone)
        parts = [
            standing(connection, place.study, part.name, today) for part in place.study.dose_finding
        ]
        yield Section(
            f"doses-{place.slug}",
            f"Dose decisions: {place.study.short_title}",
            ("Part", "Open level", "Registered", "Stands"),
            tuple(_row(place, part) for part in parts),
        )


def _row(place: Workplace, part: Standing) -> tuple[Cell, ...]:
    url = url_for("safety.one", study=place.slug, name=part.part.name)
    return (
        Cell(part.part.title, url),
        cell(part.level),
        cell(len(part.slots)),
        Cell("", tag=_tag(part)),
    )


def _tag(part: Standing) -> Tag:
    if part.is_reopened:
        return AGAIN
    if part.is_over:
        return ENDED
    return DUE if part.is_due else RUNNING
