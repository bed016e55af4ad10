"""The home of a dose committee's members: what is to be decided, first what is looked at again."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import sqlalchemy as sa
from flask import url_for

from capture import clock
from capture.dose_finding.reads import DoseStanding, get_standing
from capture.home.reads import Workplace
from capture.home.sections import HomeSection, SectionCell, make_cell
from capture.problems import Refused
from capture.web.page_data import Colour, Tag
from forms.definition import DoseFinding

AGAIN = Tag("Review required", Colour.RED)
DUE = Tag("Decision due", Colour.ORANGE)
RUNNING = Tag("No decision due")
ENDED = Tag("Ended")


def list_committee_sections(
    connection: sa.Connection, places: Sequence[Workplace]
) -> Iterator[HomeSection]:
    """Each dose-finding part of each study, and whether its committee has something to decide."""
    for place in places:
        if not place.study.dose_finding:
            continue
        yield HomeSection(
            f"doses-{place.slug}",
            f"Dose decisions: {place.study.short_title}",
            ("Part", "Open level", "Registered", "Status"),
            tuple(_make_row(connection, place, part) for part in place.study.dose_finding),
        )


def _make_row(
    connection: sa.Connection, place: Workplace, part: DoseFinding
) -> tuple[SectionCell, ...]:
    title = SectionCell(
        part.title, url_for("dose_finding.show_part", study=place.slug, name=part.name)
    )
    try:
        now = get_standing(connection, place.study, part.name, clock.today(place.study.zone))
    except Refused as problem:
        return title, make_cell(""), make_cell(""), make_cell(problem.message)
    return (
        title,
        make_cell(now.level),
        make_cell(len(now.slots)),
        SectionCell("", tag=_get_tag(now)),
    )


def _get_tag(part: DoseStanding) -> Tag:
    if part.is_reopened:
        return AGAIN
    if part.is_over:
        return ENDED
    return DUE if part.is_due else RUNNING
