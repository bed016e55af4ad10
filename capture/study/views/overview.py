"""The list of studies, and one study: what it is modelled on, its versions, its way to live."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa
from flask import Response, request, url_for

from capture import clock
from capture.access import SYSTEM, Action, allow
from capture.accounts import reads as people
from capture.ledger.service import Transaction
from capture.problems import NotFound, Problem
from capture.study import reads, service
from capture.study.presenters import describe_target
from capture.study.reads import StudyVersion
from capture.study.views.blueprint import bp, render_page
from capture.study.views.forms import ApproveForm
from capture.web.act_pages import do_act, list_errors
from capture.web.page_data import Colour, SummaryRow, Tag
from capture.web.perform import Answer, actor, reading
from forms.definition import Study

STATES = {
    reads.TEST: Tag("Test", Colour.YELLOW),
    reads.LIVE: Tag("Live", Colour.GREEN),
    reads.SUPERSEDED: Tag("Superseded"),
}
UNPUBLISHED = Tag("Not published", Colour.GREY)


@dataclass(frozen=True)
class StudyRow:
    """One line of the list of studies."""

    title: str
    study: str
    state: Tag
    version: str
    url: str


@dataclass(frozen=True)
class VersionRow:
    """One line of the table of versions, in words."""

    version: StudyVersion
    state: Tag
    published: str
    approved: str


@bp.get("/studies")
@allow(Action.PAGE_VIEW)
def index() -> str:
    """Every study in which the person has a role."""
    return render_page(
        "studies.html", studies=[_make_row(line) for line in reads.list_studies(reading(), actor())]
    )


@bp.get("/studies/<study>")
@allow(Action.STUDY_VIEW)
def overview(study: str) -> str:
    return _render_overview(study, ApproveForm(), None)


@bp.post("/studies/<study>/versions/<int(max=999999):number>/approve")
@allow(Action.STUDY_APPROVE)
def approve(study: str, number: int) -> Response:
    """Go live with a version, under the person's name and password."""

    def act(tx: Transaction) -> Answer:
        service.approve(tx, study, number)
        words = f"Version {number} is live. From now on it is for real participants."
        return Answer(url_for("study.overview", study=study), words)

    form = ApproveForm(request.form)
    return do_act(form, act, lambda problem: _render_overview(study, form, problem))


def _render_overview(study: str, form: ApproveForm, problem: Problem | None) -> str:
    connection = reading()
    versions = reads.list_versions(connection, study)
    definition = _find_definition(connection, study)
    return render_page(
        "overview.html",
        errors=list_errors(problem, form),
        study=study,
        title=definition.title if definition else study,
        rows=_make_summary(connection, study, definition) if definition else [],
        versions=[_make_version_row(connection, version) for version in versions],
        pending=_find_pending(versions) if actor().may(Action.STUDY_APPROVE, study) else None,
        form=form,
        may=actor().may,
        actions=Action,
    )


def _find_definition(connection: sa.Connection, study: str) -> Study | None:
    try:
        return reads.get_definition_for(connection, study)
    except NotFound:
        return None


def _make_summary(connection: sa.Connection, study: str, definition: Study) -> list[SummaryRow]:
    in_force = reads.get_version_in_force(connection, study)
    target = definition.target_on(clock.today(definition.zone))
    return [
        SummaryRow("Modelled on", definition.modelled_on),
        SummaryRow("Sources", definition.provenance),
        SummaryRow("State", STATES[in_force.state].text),
        SummaryRow("Version in force", f"{in_force.number} ({definition.version})"),
        SummaryRow(
            "Recruitment target",
            describe_target(target.number, target.by) if target else "Not stated",
        ),
        SummaryRow("Time zone", definition.zone),
    ]


def _find_pending(versions: list[StudyVersion]) -> StudyVersion | None:
    """The version that waits for approval: the newest, while it is in test."""
    return versions[0] if versions and versions[0].state == reads.TEST else None


def _make_row(line: reads.StudyLine) -> StudyRow:
    version = line.version
    return StudyRow(
        title=line.title,
        study=line.study,
        state=STATES[version.state] if version else UNPUBLISHED,
        version=f"{version.number} ({version.label})" if version else "",
        url=url_for("study.overview", study=line.study),
    )


def _make_version_row(connection: sa.Connection, version: StudyVersion) -> VersionRow:
    return VersionRow(
        version=version,
        state=STATES[version.state],
        published=_describe_act(connection, version.published_at, version.published_by),
        approved=_describe_act(connection, version.approved_at, version.approved_by),
    )


def _describe_act(connection: sa.Connection, at: str | None, by: str | None) -> str:
    if at is None or by is None:
        return ""
    return f"{at[:10]} {at[11:16]} UTC, {_get_name(connection, by)}"


def _get_name(connection: sa.Connection, user: str) -> str:
    if user == SYSTEM:
        return "the installation"
    try:
        return people.get_account(connection, user).name
    except NotFound:
        return user
