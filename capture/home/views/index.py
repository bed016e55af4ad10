"""Home: for each role what is to do today, over all the person's studies and sites."""

from __future__ import annotations

from collections.abc import Iterator

import sqlalchemy as sa
from flask import render_template, request

from capture.access import SIGNED_IN, Action, Actor, allow
from capture.home import awaiting_randomisation, committee_work, reads, site_work, study_work
from capture.home.pending_forms import find_pending_section
from capture.home.sections import HomeSection
from capture.home.views.blueprint import bp
from capture.web.perform import actor, reading, services


@bp.get("/")
@allow(SIGNED_IN)
def index() -> str:
    """What the signed-in person has to do."""
    who = actor()
    kept = find_pending_section(reading(), who)
    tasks = [*([kept] if kept else []), *_list_tasks(reading(), who)]
    overviews = list(_list_overviews(reading(), who))
    return render_template("home/index.html", name=who.name, tasks=tasks, overviews=overviews)


def _list_tasks(connection: sa.Connection, who: Actor) -> Iterator[HomeSection]:
    """The lists of who enters data."""
    places = reads.list_workplaces(connection, who, Action.ENTRY_SAVE)
    if not places:
        return
    work = site_work.SiteWork(connection, who, places, request.args.get("all", ""))
    found, total = awaiting_randomisation.list_awaiting_rows(work)
    yield from site_work.list_visit_sections(work)
    yield site_work.make_draft_section(work)
    yield from awaiting_randomisation.list_signing_sections(work, found)
    yield site_work.make_query_section(work)
    yield from awaiting_randomisation.list_unallocated_sections(work)
    if any(place.study.randomisations for place in places):
        yield awaiting_randomisation.make_awaiting_section(work, found, total)
        yield site_work.make_unnotified_section(work)


def _list_overviews(connection: sa.Connection, who: Actor) -> Iterator[HomeSection]:
    """What the other roles look after."""
    entering = who.studies_for(Action.ENTRY_SAVE)
    looking = reads.list_workplaces(connection, who, Action.ENTRY_VIEW)
    yield from study_work.list_data_sections(
        connection, [p for p in looking if p.slug not in entering]
    )
    deciding = reads.list_workplaces(connection, who, Action.DOSE_DECIDE)
    yield from committee_work.list_committee_sections(connection, deciding)
    managed = reads.list_workplaces(connection, who, Action.SITE_OPEN)
    yield from study_work.list_conduct_sections(connection, managed)
    redacting = reads.list_workplaces(connection, who, Action.REDACTION_CARRY_OUT)
    yield from study_work.list_redaction_sections(connection, who, redacting)
    designing = reads.list_workplaces(connection, who, Action.PROOF_VIEW)
    yield from study_work.list_design_sections(connection, services().concealment, who, designing)
    analysed = reads.list_workplaces(connection, who, Action.DATASET_EXPORT)
    seen = {place.slug for place in looking}
    analysed = [place for place in analysed if place.slug not in seen]
    yield from study_work.list_statistics_sections(connection, analysed)
    if who.may(Action.USER_CREATE):
        yield from study_work.list_installation_sections(connection)
