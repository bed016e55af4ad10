"""Saying that a whole form was not done."""

from __future__ import annotations

from flask import Response, request

from capture.access import Action, allow
from capture.entry import service
from capture.entry.views.blueprint import FORM, bp
from capture.entry.views.form_context import open_form
from capture.entry.views.form_page import make_entry_form, render_page
from capture.entry.views.forms import CorrectionForm, read_version
from capture.ledger.service import Transaction
from capture.problems import Problem
from capture.web.perform import Answer, perform


@bp.post(f"{FORM}/not-done")
@allow(Action.ENTRY_MARK_NOT_DONE)
def not_done(study: str, pid: str, visit: str, instrument: str) -> Response:
    """Mark the form as not done, for a reason of the study."""
    context = open_form(study, pid, visit, instrument)
    correction = CorrectionForm(request.form)
    version = read_version(request.form.get("version", ""))

    def act(tx: Transaction) -> Answer:
        service.not_do_entry(
            tx,
            context.location.study,
            context.study_version,
            pid,
            context.location.key,
            missing_reason=request.form.get("missing_reason", ""),
            version=version if version is not None else -1,
            reason=correction.words(),
        )
        return Answer(context.url(), f"{context.location.instrument.title} is marked as not done.")

    def again(problem: Problem) -> str:
        fresh = open_form(study, pid, visit, instrument)
        return render_page(
            fresh, make_entry_form(fresh, None), correction=correction, problem=problem
        )

    return perform(act, again=again)
