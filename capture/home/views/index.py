"""Home: for each role what is to do today, over all the person's studies and sites."""

from __future__ import annotations

from collections.abc import Iterator

import sqlalchemy as sa
from flask import render_template, request

from capture.access import SIGNED_IN, Action, Actor, allow
from capture.home import awaiting_randomisation, committee_work, reads, site_work, study_work
from capture.home.pending_forms import kept_section
from capture.home.sections import HomeSection
from capture.home.views.blueprint import bp
from capture.web.perform import actor, reading, services


@bp.get("/")
@allow(SIGNED_IN)
def index() -> str:
    """What the signed-in person has to do."""
    who = actor()
    kept = kept_section(reading(), who)
    tasks = [*([kept] if kept else []), *_tasks(reading(), who)]
    overviews = list(_overviews(reading(), who))
    return render_template("home/index.html", name=who.name, tasks=tasks, overviews=overviews)


def _tasks(connection: sa.Connection, who: Actor) -> Iterator[HomeSection]:
    """The lists of who enters data."""
    places = reads.list_workplaces(connection, who, Action.ENTRY_SAVE)
    if not places:
        return
    work = site_work.SiteWork(connection, who, places, request.args.get("all", ""))
    found, total = awaiting_randomisation.on_the_way(work)
    yield from site_work.visit_sections(work)
    yield site_work.draft_section(work)
    yield from awaiting_randomisation.signing_sections(work, found)
    yield site_work.query_section(work)
    yield from awaiting_randomisation.unallocated_sections(work)
    if any(place.study.randomisations for place in places):
        yield awaiting_randomisation.way_section(work, found, total)
        yield site_work.untold_section(work)


def _overviews(connection: sa.Connection, who: Actor) -> Iterator[HomeSection]:
    """What the other roles look after."""
    entering = who.studies_for(Action.ENTRY_SAVE)
    looking = reads.list_workplaces(connection, who, Action.ENTRY_VIEW)
    yield from study_work.data_sections(connection, [p for p in looking if p.slug not in entering])
    deciding = reads.list_workplaces(connection, who, Action.DOSE_DECIDE)
    yield from committee_work.committee_sections(connection, deciding)
    managed = reads.list_workplaces(connection, who, Action.SITE_OPEN)
    yield from study_work.conduct_sections(connection, managed)
    redacting = reads.list_workplaces(connection, who, Action.LEDGER_REDACT)
    yield from study_work.redaction_sections(connection, who, redacting)
    designing = reads.list_workplaces(connection, who, Action.PROOF_VIEW)
    yield from study_work.design_sections(connection, services().concealment, who, designing)
    analysed = reads.list_workplaces(connection, who, Action.DATASET_EXPORT)
    seen = {place.slug for place in looking}
    analysed = [place for place in analysed if place.slug not in seen]
    yield from study_work.statistics_sections(connection, analysed)
    if who.may(Action.USER_CREATE):
        yield from study_work.installation_sections(connection)
