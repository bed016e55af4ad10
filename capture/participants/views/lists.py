"""The list of participants with its visit grid."""

from __future__ import annotations

from collections.abc import Collection
from contextlib import suppress

import sqlalchemy as sa
from flask import request, url_for

from capture.access import SYSTEM, Action, allow
from capture.participants import reads
from capture.participants.presenters.links import moved_url
from capture.participants.presenters.next_steps import Outlook
from capture.participants.presenters.visit_matrix import (
    MatrixColumns,
    choose_columns,
    make_visit_matrix,
)
from capture.participants.views.blueprint import bp, list_sites_with, render
from capture.participants.views.list_filters import (
    SHOW,
    ChosenFilter,
    read_chosen_filter,
    remember_filter,
)
from capture.problems import NotFound
from capture.study import reads as study_reads
from capture.visibility import Viewer, get_viewer
from capture.web.layout import Link
from capture.web.page_data import Pagination
from capture.web.perform import actor, reading

PAGE, VISITS = "page", "visits"


@bp.get("")
@allow(Action.PARTICIPANT_VIEW)
def index(study: str) -> str:
    """Everybody at the reader's sites, as a grid of visits."""
    definition = study_reads.get_definition_for(reading(), study)
    mine = [site.slug for site in list_sites_with(reading(), study, Action.PARTICIPANT_VIEW)]
    viewer = get_viewer(actor(), definition, *mine)
    chosen = read_chosen_filter(viewer)
    remember_filter(study, chosen)
    page, size = _read_number(PAGE), chosen.size
    found = reads.list_participants(
        reading(), actor(), study, chosen.filters, page, size=size, viewer=viewer
    )
    columns = choose_columns(definition, _count_kinds(viewer, found), _read_number(VISITS, 0))
    outlooks = _list_outlooks(reading(), viewer, found, columns.slugs)
    return render(
        "index.html",
        study=study,
        title=definition.short_title,
        chosen=chosen,
        clear_url=f"{request.path}?{SHOW}=all",
        columns=columns,
        grid=make_visit_matrix(definition, outlooks, columns, sees=viewer.sees_arms),
        pages=_make_pagination(study, chosen, found, columns),
        visits=_list_visit_links(study, chosen, found, columns),
        may_screen=actor().may(Action.PARTICIPANT_SCREEN, study),
        moved_url=moved_url(study) if reads.list_departed(reading(), actor(), study) else None,
        others=_list_other_studies(reading(), study),
    )


def _read_number(name: str, usual: int = 1) -> int:
    text = request.args.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 7 else usual


def _count_kinds(viewer: Viewer, found: reads.ParticipantPage) -> dict[str, int]:
    """Return the kinds of visit that these people have, as the reader may know of them."""
    ids = [line.participant.id for line in found.lines]
    latest = max((line.today for line in found.lines), default=None)
    known: dict[str, int] = {}
    if latest is not None:
        for kind in reads.list_visit_kinds(reading(), ids, latest):
            if viewer.at(kind.site).shows_visit(kind.slug):
                known[kind.slug] = known.get(kind.slug, 0) + kind.waiting
    return known


def _list_outlooks(
    connection: sa.Connection, viewer: Viewer, page: reads.ParticipantPage, slugs: Collection[str]
) -> list[Outlook]:
    """Return each person of the page with the visits to draw, read for all of them at once."""
    if not page.lines:
        return []
    ids = [line.participant.id for line in page.lines]
    facts = reads.list_events_of_many(connection, ids)
    latest = max(line.today for line in page.lines)
    visits = reads.list_matrix_visits(connection, ids, slugs, latest)
    on = {line.participant.id: line.today.isoformat() for line in page.lines}
    asking = reads.list_needing_consent(connection, [line.participant for line in page.lines], on)
    return [
        Outlook(
            viewer.actor,
            viewer.study,
            line.participant,
            tuple(facts.get(line.participant.id, ())),
            tuple(viewer.at(line.participant.site).shown_visits(visits[line.participant.id])),
            line.today,
            line.participant.id in asking,
        )
        for line in page.lines
    ]


def _make_pagination(
    study: str, chosen: ChosenFilter, found: reads.ParticipantPage, columns: MatrixColumns
) -> Pagination:
    def url(number: int) -> str | None:
        within = 1 <= number <= found.pages
        return chosen.url(study, page=number, visits=columns.page) if within else None

    return Pagination(
        found.page, found.pages, found.total, url(found.page - 1), url(found.page + 1)
    )


def _list_visit_links(
    study: str, chosen: ChosenFilter, found: reads.ParticipantPage, columns: MatrixColumns
) -> list[Link]:
    """The pages of the grid's columns, where there are more kinds of visit than one page holds."""
    return [
        Link(words, chosen.url(study, page=found.page, visits=number), number == columns.page)
        for number, words in enumerate(columns.pages, 1)
        if len(columns.pages) > 1
    ]


def _list_other_studies(connection: sa.Connection, study: str) -> list[Link]:
    """Return the lists of the reader's other studies."""
    found = []
    for slug in sorted(actor().studies_for(Action.PARTICIPANT_VIEW) - {SYSTEM, study}):
        with suppress(NotFound):
            title = study_reads.get_definition_for(connection, slug).short_title
            found.append(Link(title, url_for(".index", study=slug)))
    return found
