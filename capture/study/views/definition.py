"""The definition page: upload files, see mistakes by line, look at each form as each role."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from flask import Response, make_response, request, url_for

from capture import clock
from capture.access import Action, allow
from capture.ledger.service import Transaction
from capture.problems import InvalidInput, NotFound, Problem, Refused
from capture.study import reads, service
from capture.study.reads import StudyVersion
from capture.study.uploads import FIELD, Upload, read_study_files
from capture.study.views.blueprint import bp, render_page
from capture.study.views.overview import STATES
from capture.web.layout import PageError
from capture.web.perform import Answer, actor, perform, reading
from forms.definition import Instrument, Role
from forms.problems import Problem as Mistake

UNSUPERSEDED = (reads.LIVE, reads.TEST)


@dataclass(frozen=True)
class VersionForms:
    """The forms of one version, to be looked at."""

    version: StudyVersion
    state: str
    instruments: tuple[Instrument, ...]


@dataclass(frozen=True)
class CheckOutcome:
    """The outcome of a check or a publication: success, or all that is wrong."""

    words: str = ""
    mistakes: tuple[Mistake, ...] = ()
    changes: tuple[str, ...] = ()
    error: str = ""

    @property
    def place(self) -> str:
        """Where on the page the details of the error stand."""
        return "mistakes" if self.mistakes else "changes" if self.changes else FIELD


@bp.get("/studies/<study>/definition")
@allow(Action.STUDY_PUBLISH)
def definition(study: str) -> str:
    return _render_page(study, CheckOutcome())


@bp.post("/studies/<study>/definition/check")
@allow(Action.STUDY_PUBLISH)
def check(study: str) -> Response:
    """Say what is wrong with the files sent, and change nothing."""
    try:
        ready = service.check_definition(_read_upload())
    except Refused as problem:
        return make_response(_render_page(study, _make_outcome(problem)), problem.status)
    label = f"{ready.study.slug} {ready.study.version}"
    words = f"No mistakes: {label}, {len(ready.study.instruments)} forms. Nothing was published."
    return make_response(_render_page(study, CheckOutcome(words)))


@bp.post("/studies/<study>/definition")
@allow(Action.STUDY_PUBLISH)
def publish(study: str) -> Response:
    """Publish the files sent as the next version, in state test."""
    # Checked here, before the transaction: nobody waits for a large definition.
    sent: service.CheckedDefinition | Problem
    try:
        sent = service.check_definition(_read_upload())
    except Refused as problem:
        sent = problem
    with_sites = request.form.get("add_sites") == "y"

    def act(tx: Transaction) -> Answer:
        if isinstance(sent, Problem):
            raise sent
        version = service.publish(tx, sent, study=study, add_sites=with_sites)
        words = f"Version {version.number} ({version.label}) is published, in state test."
        return Answer(url_for("study.definition", study=study), words)

    return perform(act, again=lambda problem: _render_page(study, _make_outcome(problem)))


@bp.get("/studies/<study>/definition/<int(max=999999):number>/<instrument>")
@allow(Action.STUDY_PUBLISH)
def preview(study: str, number: int, instrument: str) -> str:
    """One form as one role sees it; it is drawn and never saved."""
    connection = reading()
    version = reads.get_version(connection, study, number)
    forms = reads.get_published_forms(connection, version)
    if instrument not in {form.name for form in forms.study.instruments}:
        raise NotFound(f"Version {number} has no form {instrument!r}. Check the address.")
    role = _read_role(request.args.get("role", Role.NURSE.value))
    today = clock.today(forms.study.zone)
    return render_page(
        "preview.html",
        study=study,
        version=version,
        instrument=forms.study.instrument(instrument),
        roles=list(Role),
        role=role,
        form=forms.form_class(instrument, role=role)(today=today),
    )


def _read_upload() -> Mapping[str, bytes]:
    sent = []
    for file in request.files.getlist(FIELD):
        sent.append(Upload(file.filename or "", file.read()))
        file.seek(0)  # the request's own hash reads it again
    return read_study_files(sent)


def _make_outcome(problem: Problem) -> CheckOutcome:
    if isinstance(problem, service.DefinitionRefused):
        return CheckOutcome(mistakes=problem.mistakes, error=problem.message.partition("\n")[0])
    if isinstance(problem, service.ChangesRefused):
        return CheckOutcome(changes=problem.changes, error=problem.message.partition("\n")[0])
    return CheckOutcome(error=problem.message)


def _render_page(study: str, outcome: CheckOutcome) -> str:
    connection = reading()
    versions = [
        version
        for version in reads.list_versions(connection, study)
        if version.state in UNSUPERSEDED
    ]
    forms = [
        VersionForms(
            version,
            STATES[version.state].text,
            reads.get_definition(connection, version).instruments,
        )
        for version in versions
    ]
    return render_page(
        "definition.html",
        errors=[PageError(outcome.error, f"#{outcome.place}")] if outcome.error else [],
        study=study,
        outcome=outcome,
        forms=forms,
        is_live=any(version.state == reads.LIVE for version in versions),
        may_approve=actor().may(Action.STUDY_APPROVE, study),
    )


def _read_role(name: str) -> Role:
    try:
        return Role(name)
    except ValueError as problem:
        raise InvalidInput(
            "role", f"There is no role {name!r}. Choose one of the list."
        ) from problem
