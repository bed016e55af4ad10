"""The home of nurses and investigators: visits, appointments, forms left, queries, allocations."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

import sqlalchemy as sa
from flask import url_for

from capture import clock
from capture.access import Actor
from capture.entry.reads import Draft, list_unsaved_drafts
from capture.home import reads
from capture.home.reads import VisitToDo, Workplace
from capture.home.sections import HomeSection, SectionCell, make_cell
from capture.participants.presenters.links import (
    allocation_url,
    form_url,
    person_url,
    visit_title,
    visit_url,
)
from capture.participants.reads import list_people_by_id, list_visit_ids
from capture.participants.reads.lists import BOOKED, DRAFT, DUE, OVERDUE
from capture.participants.records import Participant
from capture.participants.visit_status import TAGS, VisitStanding, get_standing, window_words
from capture.web.layout import Link
from forms.definition import LOG_VISIT
from forms.partial_dates import parse_iso

FINISHED = ("complete", "not_done")
MOST_ROWS = 30
"""How many rows one list of home has; below it stand the links to all."""
DAY = 86_400
UNTOLD = "untold"
MOST_WHOLE = 500
"""How many rows a list has that somebody asked to see at full length."""
Found = TypeVar("Found")


@dataclass(frozen=True)
class SiteWork:
    """Everywhere that one person enters data. whole: the section to show at full length."""

    connection: sa.Connection
    actor: Actor
    places: Sequence[Workplace]
    whole: str = ""

    @property
    def has_several(self) -> bool:
        """Whether rows must say which study they belong to."""
        return len(self.places) > 1

    def columns(self, *texts: str) -> tuple[str, ...]:
        return (*texts, "Study") if self.has_several else texts

    def row(self, place: Workplace, *cells: SectionCell) -> tuple[SectionCell, ...]:
        return (*cells, make_cell(place.study.short_title)) if self.has_several else cells

    def gather_rows(
        self,
        find: Callable[[sa.Connection, Workplace], tuple[list[Found], int]],
        order: Callable[[Found], str] | None = None,
        *,
        most: int = MOST_ROWS,
    ) -> tuple[list[tuple[Workplace, Found]], int]:
        """What is found at every place, in one order and as much as one list holds; how many."""
        found: list[tuple[Workplace, Found]] = []
        total = 0
        for place in self.places:
            here, count = find(self.connection, place)
            found += [(place, row) for row in here]
            total += count
        if order is not None:
            found.sort(key=lambda pair: order(pair[1]))
        return found[:most], total


def list_visit_sections(work: SiteWork) -> Iterator[HomeSection]:
    """What is overdue, what is due this week, who is expected."""
    late, late_total = work.gather_rows(
        reads.list_overdue_visits, lambda row: row.visit.latest or ""
    )
    columns = work.columns("Participant", "Form due", "Visit", "Visit window", "Days overdue")
    rows = tuple(_make_visit_row(work, place, row, _make_lateness_cell(row)) for place, row in late)
    words = "No visits are overdue."
    yield HomeSection(
        "overdue", "Overdue", columns, rows, words, late_total, _link_to_lists(work, OVERDUE)
    )
    soon, soon_total = work.gather_rows(reads.list_due_visits, lambda row: row.visit.latest or "")
    columns = work.columns("Participant", "Form due", "Visit", "Visit window", "Status")
    rows = tuple(_make_visit_row(work, place, row, _make_standing_cell(row)) for place, row in soon)
    words = "No visits are due this week."
    yield HomeSection(
        "due", "Due this week", columns, rows, words, soon_total, _link_to_lists(work, DUE)
    )
    booked, booked_total = work.gather_rows(
        reads.list_booked_visits, lambda row: row.visit.appointment or ""
    )
    columns = work.columns("Participant", "Form due", "Visit", "Visit window", "Appointment")
    rows = tuple(
        _make_visit_row(work, place, row, _make_appointment_cell(row)) for place, row in booked
    )
    words = "No appointments are booked for the next two weeks."
    links = _link_to_lists(work, BOOKED)
    yield HomeSection("booked", "Appointments", columns, rows, words, booked_total, links)


def _link_to_lists(work: SiteWork, attention: str) -> tuple[Link, ...]:
    """The list of participants of each study, filtered alike."""
    return tuple(
        Link(
            f"All in {place.study.short_title}",
            url_for("participants.index", study=place.slug, attention=attention),
        )
        for place in work.places
    )


def _make_visit_row(
    work: SiteWork, place: Workplace, row: VisitToDo, last: SectionCell
) -> tuple[SectionCell, ...]:
    title = visit_title(place.study, row.visit)
    cells = (
        make_number_cell(row.person),
        _make_form_cell(place, row),
        make_cell(title),
        make_cell(window_words(row.visit)),
    )
    return work.row(place, *cells, last)


def make_number_cell(person: Participant) -> SectionCell:
    """A participant's number with the way to the page."""
    return SectionCell(person.number, person_url(person))


def _make_form_cell(place: Workplace, row: VisitToDo) -> SectionCell:
    """The first form of the visit that is not finished, one click away."""
    visit, hidden = row.visit, f"{visit_title(place.study, row.visit)}, {row.person.number}"
    names = [name for name in visit.instruments if visit.forms.get(name) not in FINISHED]
    if not names:
        return SectionCell("Open the visit", visit_url(row.person, visit), hidden)
    title = place.study.instrument(names[0]).title
    return SectionCell(title, form_url(row.person, visit.id, names[0]), hidden)


def _make_lateness_cell(row: VisitToDo) -> SectionCell:
    days = (row.today - parse_iso(row.visit.latest or "").latest).days
    return SectionCell(
        f"{days} {'day' if days == 1 else 'days'}", tag=TAGS[get_standing(row.visit, row.today)]
    )


def _make_standing_cell(row: VisitToDo) -> SectionCell:
    stands = get_standing(row.visit, row.today)
    if stands == VisitStanding.NOT_DUE:
        return make_cell(f"Opens {parse_iso(row.visit.earliest or '').words}")
    return SectionCell("", tag=TAGS[stands])


def _make_appointment_cell(row: VisitToDo) -> SectionCell:
    day, _, time = (row.visit.appointment or "").partition("T")
    return make_cell(f"{parse_iso(day).words}, {time}" if time else parse_iso(day).words)


def make_draft_section(work: SiteWork) -> HomeSection:
    """What the reader typed and left, and what others of the site left for more than a day."""
    known = {place.slug: place for place in work.places}
    drafts = [
        draft
        for draft in list_unsaved_drafts(work.connection, work.actor)
        if draft.study in known
        and known[draft.study].viewer.shows_form_at(draft.key.visit, draft.key.instrument)
    ]
    shown = drafts[:MOST_ROWS]
    people = list_people_by_id(work.connection, [draft.participant for draft in shown])
    visits = list_visit_ids(work.connection, sorted(people)) if people else {}
    rows = []
    for draft in shown:
        person = people[draft.participant]
        url = _make_draft_url(visits, draft, person)
        rows.append(_make_draft_row(work, known[draft.study], draft, person, url))
    columns = work.columns("Participant", "Form", "Entered by", "Unsaved for")
    words = "There are no unsaved drafts."
    links = _link_to_lists(work, DRAFT) if len(drafts) > len(shown) else ()
    title = "Unsaved drafts"
    return HomeSection("drafts", title, columns, tuple(rows), words, len(drafts), links)


def _make_draft_row(
    work: SiteWork, place: Workplace, draft: Draft, person: Participant, url: str
) -> tuple[SectionCell, ...]:
    days = int((clock.now() - clock.from_text(draft.saved_at)).total_seconds()) // DAY
    form = SectionCell(place.study.instrument(draft.key.instrument).title, url, person.number)
    age = f"{days} {'day' if days == 1 else 'days'}" if days else "less than a day"
    return work.row(
        place, make_number_cell(person), form, make_cell(draft.owner_name), make_cell(age)
    )


def _make_draft_url(
    visits: Mapping[tuple[str, str, int], str], draft: Draft, person: Participant
) -> str:
    key = draft.key
    visit_id = visits.get((person.id, key.visit, key.occurrence), LOG_VISIT)
    url = form_url(person, visit_id, key.instrument)
    return f"{url}?instance={key.instance}" if visit_id == LOG_VISIT or key.instance > 1 else url


def make_query_section(work: SiteWork) -> HomeSection:
    """The oldest open queries, each with the way to its value."""
    found, total = work.gather_rows(reads.list_open_queries)
    columns = work.columns("Participant", "Query text", "Form", "Opened")
    rows = tuple(_make_query_row(work, place, query) for place, query in found)
    links = tuple(
        Link(f"All in {place.study.short_title}", url_for("entry.query_list", study=place.slug))
        for place in work.places
    )
    return HomeSection(
        "queries", "Open queries", columns, rows, "There are no open queries.", total, links
    )


def _make_query_row(
    work: SiteWork, place: Workplace, query: reads.OpenQueryCount
) -> tuple[SectionCell, ...]:
    url = form_url(query.person, query.visit, query.instrument)
    if query.visit == LOG_VISIT or query.instance > 1:
        url = f"{url}?instance={query.instance}"
    question = SectionCell(query.message, f"{url}#{query.item}", query.person.number)
    title = place.study.instrument(query.instrument).title
    opened = parse_iso(query.opened_at[:10]).words
    return work.row(
        place, make_number_cell(query.person), question, make_cell(title), make_cell(opened)
    )


def make_unnotified_section(work: SiteWork) -> HomeSection:
    """Allocations of which somebody is still to be told."""
    is_whole = work.whole == UNTOLD
    most = MOST_WHOLE if is_whole else reads.MOST
    found, total = work.gather_rows(
        lambda db, place: reads.list_unnotified(db, place, most), most=most
    )
    columns = work.columns("Participant", "Not yet notified")
    rows = tuple(
        work.row(
            place,
            make_number_cell(row.person),
            SectionCell(_join_names(row.missing), _make_notification_url(row), row.person.number),
        )
        for place, row in found
    )
    words = "All allocations have been notified."
    title = "Allocation not yet notified"
    links = (Link("Show all", f"{url_for('.index', all=UNTOLD)}#{UNTOLD}"),)
    cut = links if total > len(rows) and not is_whole else ()
    return HomeSection(UNTOLD, title, columns, rows, words, total, cut)


def _make_notification_url(row: reads.UnnotifiedRow) -> str:
    return f"{allocation_url(row.person, row.randomisation)}#told"


def _join_names(names: Sequence[str]) -> str:
    """Several who are to be told, as one phrase."""
    first, *others = names
    return ", ".join([first, *(other[0].lower() + other[1:] for other in others)])
