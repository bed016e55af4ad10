"""The audit trail on screen, and its download as CSV."""

from __future__ import annotations

from urllib.parse import urlencode

import sqlalchemy as sa
from flask import Response, make_response, request, url_for
from werkzeug.datastructures import MultiDict

from capture.access import SYSTEM, Action, allow
from capture.accounts.reads import list_all_members
from capture.ledger.service import Transaction
from capture.oversight import reads, service
from capture.oversight.csv_file import write_csv
from capture.oversight.paging import TrailPage, get_page
from capture.oversight.views.blueprint import bp, get_trail_reader, get_trail_reading, render
from capture.oversight.views.forms import FilterForm
from capture.problems import Problem
from capture.study import reads as study_reads
from capture.web.perform import Answer, actor, perform, reading
from capture.web.templating import errors_of


@bp.get("/audit")
@allow(Action.AUDIT_VIEW)
def audit(study: str) -> Response:
    """The trail in plain words, newest first."""
    form = _make_form(study, request.args)
    if not form.validate():
        return make_response(_render_page(study, form, None), 422)
    where = get_trail_reading(study)
    edges = {name: request.args.get(name, "") for name in ("before", "after")}
    found = get_page(where, form.filters(), get_trail_reader(where), **edges)
    return make_response(_render_page(study, form, found))


@bp.post("/audit/exports")
@allow(Action.AUDIT_EXPORT)
def export(study: str) -> Response:
    """Record the download in the ledger; the answer links to the file."""
    form = _make_form(study, request.form)
    if not form.validate():
        return make_response(_render_page(study, form, None), 422)
    filters = form.filters()

    def act(tx: Transaction) -> Answer:
        export_id = service.take_trail_away(tx, study, filters)
        return Answer(url_for("oversight.send_export", study=study, export_id=export_id))

    def again(problem: Problem) -> str:
        return _render_page(study, form, None, problem)

    return perform(act, again=again)


@bp.get("/audit/exports/<export_id>")
@allow(Action.AUDIT_EXPORT)
def send_export(study: str, export_id: str) -> Response:
    """The trail of a recorded download, for the person who requested it."""
    where = get_trail_reading(study)
    asked = reads.get_export_request(where.connection, where.actor, study, export_id)
    filters, position = service.read_filters(asked)
    answer = Response(
        write_csv(where, filters, position, get_trail_reader(where)), mimetype="text/csv"
    )
    name = f"{study}-audit-{position}.csv"
    answer.headers.set("Content-Disposition", "attachment", filename=name)
    return answer


def _make_form(study: str, sent: MultiDict[str, str]) -> FilterForm:
    form = FilterForm(sent)
    form.name_people(_list_people(reading(), study))
    definition = study_reads.get_definition_for(reading(), study)
    form.name_actions(randomises=bool(definition.randomisations))
    return form


def _list_people(connection: sa.Connection, study: str) -> dict[str, str]:
    """Everybody who ever had a role in the study, and the system."""
    people = {member.membership.user: member.name for member in list_all_members(connection, study)}
    return {**people, SYSTEM: "System"}


def _render_page(
    study: str, form: FilterForm, found: TrailPage | None, problem: Problem | None = None
) -> str:
    errors = list(errors_of(form))
    return render(
        "audit.html",
        study=study,
        form=form,
        errors=errors,
        refusal=problem.message if problem else "",
        lines=found.lines if found else (),
        waiting=reads.count_unsealed_rows(reading(), study) if found else 0,
        newer_url=_find_page_url(study, form, found, newer=True),
        older_url=_find_page_url(study, form, found, newer=False),
        may_export=actor().may(Action.AUDIT_EXPORT, study),
        may_redact=actor().may(Action.REDACTION_REQUEST, study),
    )


def _find_page_url(
    study: str, form: FilterForm, found: TrailPage | None, *, newer: bool
) -> str | None:
    """Return the address of the page before or after this one; None at the ends."""
    if not found or not found.lines or not (found.has_newer if newer else found.has_older):
        return None
    lines = found.lines
    edge = ("after", lines[0].row.ledger_id) if newer else ("before", lines[-1].row.ledger_id)
    address = url_for("oversight.audit", study=study)
    return f"{address}?{urlencode([*form.query().items(), edge])}"
