"""The list of participants with its visit grid, and the screening log's new line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import cast
from urllib.parse import urlencode

import sqlalchemy as sa
from flask import Response, make_response, redirect, request, url_for

from capture.access import Action, allow
from capture.ledger.service import Transaction
from capture.participants import reads, service
from capture.participants.act_forms import options
from capture.participants.grid import Grid, grid
from capture.participants.links import moved_url, person_url
from capture.participants.next_steps import Outlook
from capture.participants.reads.lists import DUE, OVERDUE, QUERY
from capture.participants.rows import DatedFact, Participant, Status, TakingPart
from capture.participants.sight import sees_arms, shown_visits, withheld_at
from capture.participants.views.blueprint import ActPage, bp, do_act, render, sites_of
from capture.participants.views.forms import ScreenForm
from capture.parts import Column, Pagination
from capture.study import reads as study_reads
from capture.web import Answer, actor, keeps_typing, kept_form, reading
from forms.blinding import Revealing
from forms.definition import Study

ALL = ("", "All")
FIND = "find"
"""What the search in the header sends; the filter of the list sends `q`."""
FIRST_COLUMNS = ("Number", "Status", "Next step")
STATUSES = [ALL, *((one.value, one.label) for one in (*Status, *TakingPart))]
ATTENTION = [ALL, (DUE, "Visit due"), (OVERDUE, "Visit overdue"), (QUERY, "Open query")]


@bp.get("")
@allow(Action.PARTICIPANT_VIEW)
def index(study: str) -> Response:
    """Everybody at the reader's sites, as a grid of visits; a whole number leads to its person."""
    connection = reading()
    definition = study_reads.definition_for(connection, study)
    mine = [site.slug for site in sites_of(connection, study, Action.PARTICIPANT_VIEW)]
    withheld, cohorts = withheld_at(actor(), definition, mine), _cohorts(definition, mine)
    filters = _filters(may_ask_cohort=bool(cohorts))
    found = reads.participants(
        connection, actor(), study, filters, _page_number(), unseen=withheld.visits
    )
    meant = _meant(found)
    if meant is not None:
        return cast(Response, redirect(person_url(meant.participant)))
    shown = grid(definition, _outlooks(connection, definition, found))
    page = render(
        "index.html",
        study=study,
        filters=filters,
        sites=[ALL, *_sites(connection, study, Action.PARTICIPANT_VIEW)],
        statuses=STATUSES,
        attention=_attention(withheld),
        cohorts=cohorts,
        grid=shown,
        columns=[Column(text) for text in _heads(shown, cohorts)],
        pages=_pagination(study, filters, found),
        may_screen=actor().may(Action.PARTICIPANT_SCREEN, study),
        moved_url=moved_url(study) if reads.moved_away(connection, actor(), study) else None,
    )
    return make_response(page)


def _filters(*, may_ask_cohort: bool) -> reads.Filters:
    given = request.args
    return reads.Filters(
        text=given.get("q", "") or given.get(FIND, ""),
        site=given.get("site", ""),
        status=given.get("status", ""),
        attention=given.get("attention", ""),
        cohort=given.get("cohort", "") if may_ask_cohort else "",
    )


def _attention(withheld: Revealing) -> list[tuple[str, str]]:
    """What the list may be filtered by.

    Whether there is an open query may tell an arm; the list of queries leaves such ones out.
    """
    return [one for one in ATTENTION if withheld.is_empty or one[0] != QUERY]


def _cohorts(definition: Study, sites: Sequence[str]) -> list[tuple[str, str]]:
    """The cohorts to filter by; none for who may not see them everywhere the list shows."""
    sees = all(sees_arms(actor(), definition, site) for site in sites)
    if not definition.cohorts or not sees:
        return []
    return [ALL, *((one.name, one.title) for one in definition.cohorts)]


def _heads(shown: Grid, cohorts: Sequence[tuple[str, str]]) -> list[str]:
    return [*FIRST_COLUMNS, *(["Cohort"] if cohorts else []), *shown.columns]


def _meant(page: reads.Page) -> reads.Line | None:
    """The person whose whole number was typed into the search of the header; no list is needed."""
    typed = request.args.get(FIND, "").strip().casefold()
    if not typed:
        return None
    matches = [line for line in page.lines if typed in _numbers(line.participant)]
    matches = matches or [line for line in page.lines if typed in _former(line.participant)]
    return matches[0] if len(matches) == 1 else None


def _numbers(person: Participant) -> set[str]:
    numbers = (person.screening_number, person.participant_number or "")
    return {number.casefold() for number in numbers}


def _former(person: Participant) -> set[str]:
    """The numbers that were corrected; a card or a letter may still carry one."""
    return {one.number.casefold() for one in reads.former_numbers(reading(), person.id)}


def _outlooks(connection: sa.Connection, definition: Study, page: reads.Page) -> list[Outlook]:
    facts = reads.facts_of_many(connection, [line.participant.id for line in page.lines])
    return [_outlook(definition, line, facts) for line in page.lines]


def _outlook(
    definition: Study, line: reads.Line, facts: Mapping[str, Sequence[DatedFact]]
) -> Outlook:
    person = line.participant
    visits = shown_visits(actor(), definition, person, list(line.visits))
    known = tuple(facts.get(person.id, ()))
    asks = person.site != person.site_recruited and reads.asks_consent(
        reading(), person, line.today.isoformat()
    )
    return Outlook(actor(), definition, person, known, tuple(visits), line.today, asks)


def _page_number() -> int:
    text = request.args.get("page", "1")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 7 else 1


def _sites(connection: sa.Connection, study: str, action: Action) -> list[tuple[str, str]]:
    return [(site.slug, site.name) for site in sites_of(connection, study, action)]


def _pagination(study: str, filters: reads.Filters, page: reads.Page) -> Pagination:
    kept = {
        "q": filters.text,
        "site": filters.site,
        "status": filters.status,
        "attention": filters.attention,
        "cohort": filters.cohort,
    }
    here = url_for(".index", study=study)
    query = {name: value for name, value in kept.items() if value}

    def url(number: int) -> str | None:
        within = 1 <= number <= page.pages
        return f"{here}?{urlencode({**query, 'page': number})}" if within else None

    return Pagination(page.page, page.pages, page.total, url(page.page - 1), url(page.page + 1))


@bp.route("/screen", methods=["GET", "POST"])
@allow(Action.PARTICIPANT_SCREEN)
@keeps_typing
def screen(study: str) -> Response:
    """Add a line to the screening log; nothing here may identify anybody."""
    connection = reading()
    sites = _sites(connection, study, Action.PARTICIPANT_SCREEN)
    form = ScreenForm(
        request.form if request.method == "POST" else kept_form(),
        today=_today(connection, study, sites),
        earlier=request.args.get("earlier", ""),
    )
    form.site.choices = options(dict(sites))
    page = ActPage(
        "Add to the screening log",
        "Add to the screening log",
        ("Enter no name, no date of birth and no hospital number here.",),
    )

    def act(tx: Transaction) -> Answer:
        line = service.Screening(
            form.text("date"), form.text("source"), form.text("age_band"), form.text("earlier")
        )
        person = service.screen(tx, study, form.text("site"), line)
        return Answer(person_url(person), f"{person.number} is in the screening log.")

    return do_act(page, form, act)


def _today(connection: sa.Connection, study: str, sites: list[tuple[str, str]]) -> date:
    """Today where the person may screen; at several sites the latest, and the service judges."""
    chosen = request.form.get("site", "")
    slugs = [slug for slug, _ in sites if not chosen or slug == chosen] or [s for s, _ in sites]
    return max(reads.today_at(connection, study, slug) for slug in slugs)
