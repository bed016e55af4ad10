"""The page of datasets: the export form, earlier exports, and the download."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, Response, make_response, render_template, request, send_file, url_for
from wtforms import Form, SelectMultipleField, StringField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than its stubs
from wtforms.validators import Length

from capture import clock
from capture.access import Action, Role, allow
from capture.export import reads, service
from capture.export.request import FORMATS, ExportRequest
from capture.ledger.service import Transaction
from capture.problems import InvalidInput, Problem
from capture.study import reads as study_reads
from capture.visibility.datasets import get_dataset_role, takes_identifiers
from capture.web.layout import PageError
from capture.web.page_data import TableColumn
from capture.web.perform import Answer, actor, perform, reading, services
from capture.web.request_context import end_reading
from capture.web.templating import errors_of

bp = Blueprint("export", "capture.export", template_folder="templates")

COLUMNS = tuple(
    TableColumn(text)
    for text in (
        "Created",
        "By",
        "Export role",
        "As at",
        "Data cut-off date",
        "Formats",
        "Identifiers",
    )
)


class DatasetsForm(Form):
    """What to export; the service checks the values."""

    formats = SelectMultipleField(
        "Format",
        choices=[SelectChoice(name, label) for name, label in FORMATS.items()],
        default=["csv"],
        validate_choice=False,  # the service names a format it does not write
    )
    as_of = StringField(
        "As at",
        [Length(max=40, message="Too long: a date or an instant has at most 40 characters.")],
        description="The data as they were known then: a date (end of that day) or a time such as "
        "2026-03-01T09:00:00Z. Leave blank for the current data.",
    )
    cutoff = StringField(
        "Data cut-off date",
        [Length(max=40, message="Too long: a date or an instant has at most 40 characters.")],
        description="A date such as 2026-03-01. Events after this date are left out.",
    )
    identifying = StringField(
        "Justification for identifiers",
        [Length(max=500, message="Too long: give the reason in at most 500 characters.")],
        description="Identifiers are left out if this is blank. The justification is kept in the "
        "audit trail.",
    )


@dataclass(frozen=True)
class ExportTableRow:
    """One earlier export in words; `url` only while its owner may still download it."""

    cells: tuple[str, ...]
    url: str | None


@bp.get("/studies/<study>/datasets")
@allow(Action.DATASET_EXPORT)
def datasets(study: str) -> str:
    return _render_page(study, DatasetsForm())


@bp.post("/studies/<study>/datasets")
@allow(Action.DATASET_EXPORT)
def take(study: str) -> Response:
    """Choose the position and record the export; the answer leads to the download."""
    form = DatasetsForm(request.form)
    if not form.validate():
        return make_response(_render_page(study, form, errors_of(form)), 422)
    end_reading()
    try:
        plan = service.plan_export(_make_keys(), actor(), _make_request(study, form))
    except InvalidInput as problem:
        return make_response(_render_page(study, form, _pin_problem(form, problem)), problem.status)

    def act(tx: Transaction) -> Answer:
        service.record_export(tx, plan)
        words = "The export is ready. Download it from the first row of the list within one hour."
        return Answer(url_for("export.datasets", study=study), words)

    return perform(
        act, again=lambda problem: _render_page(study, form, _pin_problem(form, problem))
    )


@bp.get("/studies/<study>/datasets/<export>/bundle.zip")
@allow(Action.DATASET_EXPORT)
def download(study: str, export: str) -> Response:
    """The bundle, built anew: the same bytes on every download."""
    plan = service.get_plan(reading(), _make_keys(), actor(), study, export)
    end_reading()
    packed = service.build_zip(_make_keys(), actor(), plan)
    name = f"{study}-{plan.position}.zip"
    return send_file(packed, "application/zip", as_attachment=True, download_name=name)


def _render_page(study: str, form: DatasetsForm, errors: tuple[PageError, ...] = ()) -> str:
    connection = reading()
    definition = study_reads.get_definition_for(connection, study)
    role = get_dataset_role(actor(), study)
    exports = reads.list_exports(connection, services().concealment, study)
    return render_template(
        "export/datasets.html",
        study=study,
        title=definition.short_title,
        zone=definition.zone,
        randomises=bool(definition.randomisations),
        role=role.label,
        may_identify=takes_identifiers(role),
        form=form,
        errors=errors,
        columns=COLUMNS,
        rows=[_make_row(export) for export in exports],
    )


def _make_row(export: reads.ExportRow) -> ExportTableRow:
    is_own = export.actor == actor().id
    is_fresh = clock.now() - clock.from_text(export.at) < service.DOWNLOAD_FOR
    url = url_for("export.download", study=export.study, export=export.id)
    cells = (
        _format_instant(export.at),
        export.name,
        Role(export.shown_as).label,
        f"{export.sealed_at} (position {export.position})",
        export.cutoff.isoformat() if export.cutoff else "",
        ", ".join(export.formats),
        export.reason if export.identifying else "left out",
    )
    return ExportTableRow(cells, url if is_own and is_fresh else None)


def _format_instant(instant: str) -> str:
    return f"{instant[:10]} {instant[11:19]} UTC"


def _make_keys() -> service.ExportKeys:
    installation = services()
    return service.ExportKeys(
        installation.database, installation.concealment, installation.config.checkpoint_key
    )


def _make_request(study: str, form: DatasetsForm) -> ExportRequest:
    return ExportRequest(
        study=study,
        formats=",".join(form.formats.data or ()),
        as_of=form.as_of.data or "",
        cutoff=form.cutoff.data or "",
        identifying=form.identifying.data or "",
    )


def _pin_problem(form: DatasetsForm, problem: Problem) -> tuple[PageError, ...]:
    """Return the problem as the page's error, at its control if it names one."""
    names = [field.name for field in form]
    name = problem.field if isinstance(problem, InvalidInput) else ""
    form[name if name in names else "formats"].errors = [problem.message]
    return errors_of(form)
