"""Finding participants from any page: by any part of a number, or by the list of a study."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from flask import Response, make_response, redirect, render_template, request, url_for

from capture.access import Action, allow
from capture.home import reads
from capture.home.search_results import SearchResult, describe_result, make_hit_rows
from capture.home.views.blueprint import bp
from capture.participants import reads as participants
from capture.participants.presenters.links import moved_url, person_url
from capture.participants.reads import SearchHit, matching
from capture.web.layout import Link
from capture.web.page_data import TableColumn
from capture.web.perform import actor, reading

COLUMNS = tuple(
    TableColumn(text) for text in ("Participant", "Stage", "Participation", "Site", "Study")
)


@bp.get("/find")
@allow(Action.PARTICIPANT_VIEW)
def find() -> Response:
    """The page of the one person meant, or the list of those who may be."""
    typed = request.args.get("number", "")
    found = _search(typed)
    meant = _find_meant(found.hits)
    if meant is not None:
        return cast(Response, redirect(person_url(meant.person)))
    page = render_template(
        "home/found.html",
        words=describe_result(found),
        columns=COLUMNS,
        rows=make_hit_rows(reading(), found),
        elsewhere=[] if found.hits else _link_to_departed(found),
    )
    return make_response(page)


@bp.get("/participants")
@allow(Action.PARTICIPANT_VIEW)
def lists() -> Response:
    """To the list of the study that the person chose last, or a choice of studies."""
    places = {
        place.slug: place
        for place in reads.list_workplaces(reading(), actor(), Action.PARTICIPANT_VIEW)
    }
    last = participants.find_last_study(reading(), actor().id)
    slug = last if last in places else next(iter(places)) if len(places) == 1 else None
    if slug is not None:
        return cast(Response, redirect(url_for("participants.index", study=slug)))
    links = [
        Link(place.study.short_title, url_for("participants.index", study=slug))
        for slug, place in places.items()
    ]
    return make_response(render_template("home/lists.html", links=links))


def _search(typed: str) -> SearchResult:
    places = reads.list_workplaces(reading(), actor(), Action.PARTICIPANT_VIEW)
    by_study = {place.slug: place for place in places}
    if not matching.may_be_part(typed):
        return SearchResult(typed, by_study, [], 0)
    sites = {place.slug: place.sites for place in places}
    return SearchResult(typed, by_study, *participants.list_people_with(reading(), sites, typed))


def _find_meant(hits: Sequence[SearchHit]) -> SearchHit | None:
    """Whoever alone has the whole number that was typed, or else is alone in being found."""
    whole = [hit for hit in hits if hit.is_whole] or hits
    return whole[0] if len(whole) == 1 else None


def _link_to_departed(found: SearchResult) -> list[Link]:
    """Where to look for somebody who is at another site by now."""
    return [
        Link(
            f"Participants of {place.study.short_title} who moved to another site", moved_url(slug)
        )
        for slug, place in found.places.items()
        if participants.list_departed(reading(), actor(), slug)
    ]
