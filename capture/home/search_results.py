"""What a search by number found, in words and rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from capture.home.reads import Workplace
from capture.home.sections import SectionCell, make_cell
from capture.participants.presenters.links import person_url
from capture.participants.reads import SearchHit, list_events_of_many, matching
from capture.participants.records import ParticipantEvent
from capture.participants.statuses import participation_tag, stage_tag
from capture.web.layout import MOST_SEARCHED

EXAMPLE = "Type any part of it, with or without its dashes, e.g. “nor-0001”, “NOR0001” or “001”."
MOST_QUOTED = 40


@dataclass(frozen=True)
class SearchResult:
    """Who was found for what was typed. places: where the reader may look, by study."""

    typed: str
    places: Mapping[str, Workplace]
    hits: Sequence[SearchHit]
    total: int


def describe_result(found: SearchResult) -> tuple[str, ...]:
    """What to say above the list, or in its place."""
    typed, text = found.typed, matching.make_plain_number(found.typed)
    if not text:
        return ("Type a participant number, or any part of one, and search again.", EXAMPLE)
    if len(text) > matching.MOST_COMPARED:
        words = f"You typed {len(typed)} characters. No participant number is that long."
        return (words, *_describe_clipping(typed), EXAMPLE)
    if not matching.may_be_part(typed):
        words = f"“{_quote(typed)}” is in no number: they have letters A to Z, figures and dashes."
        return (words, EXAMPLE)
    if not found.hits:
        return (f"Nobody at your sites has “{_quote(typed)}” in a number. Check it.", EXAMPLE)
    if found.total > len(found.hits):
        many = f"The first {len(found.hits)} of {found.total} participants."
        return (f"{many} Type more of the number to find fewer.",)
    return (f"{found.total} participants have “{_quote(typed)}” in a number.",)


def _quote(typed: str) -> str:
    text = " ".join(typed.split())
    return text if len(text) <= MOST_QUOTED else f"{text[:MOST_QUOTED]} …"


def _describe_clipping(typed: str) -> tuple[str, ...]:
    if len(typed) <= MOST_SEARCHED:
        return ()
    return (f"The box holds the first {MOST_SEARCHED} of them.",)


def make_hit_rows(connection: sa.Connection, found: SearchResult) -> list[tuple[SectionCell, ...]]:
    """One row for each person: the way to the page, and where they take part."""
    events = list_events_of_many(connection, [hit.person.id for hit in found.hits])
    return [
        _make_row(found.places[hit.person.study], hit, events.get(hit.person.id, []))
        for hit in found.hits
    ]


def _make_row(
    place: Workplace, hit: SearchHit, facts: Sequence[ParticipantEvent]
) -> tuple[SectionCell, ...]:
    person = hit.person
    numbers = [person.screening_number] if person.participant_number else []
    also = ", ".join([*numbers, *([f"formerly {hit.former}"] if hit.former else [])])
    return (
        SectionCell(person.number, person_url(person), also=also),
        SectionCell("", tag=stage_tag(place.actor, place.study, person, facts)),
        SectionCell("", tag=participation_tag(person, facts)),
        make_cell(place.sites[person.site].name),
        make_cell(place.study.short_title),
    )
