"""Looking at a form, and saving it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from flask import Response, make_response, request
from werkzeug.datastructures import MultiDict

from capture.access import Action, allow
from capture.entry import reads, service
from capture.entry.views.blueprint import FORM, bp
from capture.entry.views.edit_conflict import drop_untouched_items
from capture.entry.views.files import TakenFiles, ask_again, get_upload_allowance, take_files
from capture.entry.views.form_context import FormContext, open_form, read_instance
from capture.entry.views.form_page import make_entry_form, read_draft, render_page
from capture.entry.views.forms import CorrectionForm, read_version
from capture.entry.views.instances import render_instances
from capture.entry.views.next_form import NextForm, find_next_form
from capture.ledger.service import Transaction
from capture.problems import Problem, Refused, Stale
from capture.web.perform import (
    Answer,
    actor,
    keeps_typing,
    kept_form,
    perform,
    reading,
    takes_files,
)
from forms.build import InstrumentForm
from forms.edit_checks import Finding

CUT_SHORT = (
    "The form did not arrive whole, so nothing of it was stored. What arrived is below: check it, "
    "fill in what is missing, and save again."
)


@bp.get(FORM)
@allow(Action.ENTRY_VIEW)
@keeps_typing
def show(study: str, pid: str, visit: str, instrument: str) -> str:
    """The form with what is stored, or with what the person had typed and not saved."""
    context = open_form(study, pid, visit, instrument)
    kind = context.location.instrument
    if read_instance() is None and (kind.log or kind.repeats):
        return render_instances(context)
    drafts = reads.list_drafts_at(reading(), pid, context.location.key) if context.may_save else []
    own = reads.find_draft_of(drafts, actor().id)
    kept = _find_kept_form(own) if context.may_save and "stored" not in request.args else None
    if kept is not None:
        return _render_kept_form(context, kept, drafts)
    if own is None:
        return render_page(context, make_entry_form(context, None), drafts=drafts)
    typed = read_draft(context, own)
    form = make_entry_form(context, typed)
    if own.is_refused:
        form.validate()
    correction = CorrectionForm(typed)
    version = own.entry_version
    return render_page(context, form, correction=correction, drafts=drafts, version=version)


def _find_kept_form(own: reads.Draft | None) -> MultiDict[str, str] | None:
    """What was sent after the session ended, unless the person has typed here since."""
    return kept_form(since=own.saved_at if own else "")


def _render_kept_form(
    context: FormContext, kept: MultiDict[str, str], drafts: Sequence[reads.Draft]
) -> str:
    """The form as it was when the session ended, on the version that was open then."""
    version = read_version(kept.get("version", ""))
    return render_page(
        context,
        make_entry_form(context, kept),
        correction=CorrectionForm(kept),
        drafts=drafts,
        version=version,
        is_kept=True,
    )


@dataclass
class _SaveAttempt:
    """One attempt to save: what came, and what became of it."""

    context: FormContext
    form: InstrumentForm
    correction: CorrectionForm
    files: TakenFiles
    saved: service.SaveResult | None = None


@bp.post(FORM)
@allow(Action.ENTRY_SAVE)
@keeps_typing
@takes_files(get_upload_allowance)
def save(study: str, pid: str, visit: str, instrument: str) -> Response:
    """Save what can be saved; what was refused comes back on the page, with status 422."""
    context = open_form(study, pid, visit, instrument)
    form = context.form_class(request.form, today=context.today)
    files = take_files(form)
    form.validate()
    attempt = _SaveAttempt(context, form, CorrectionForm(request.form), files)
    onward = find_next_form(context) if request.form.get("act") == "next" else None

    def again(problem: Problem) -> str:
        return _draw_again(attempt, problem)

    response = perform(lambda tx: _save(tx, attempt, onward), again=again)
    if attempt.saved is not None and attempt.saved.refused and response.status_code == 303:
        return make_response(_draw_again(attempt, None), 422)
    return response


def _save(tx: Transaction, attempt: _SaveAttempt, onward: NextForm | None) -> Answer:
    context, form = attempt.context, attempt.form
    version = read_version(request.form.get("version", ""))
    shown_names = request.form.get("shown")
    if version is None or shown_names is None:
        raise Refused(CUT_SHORT)
    if not attempt.correction.validate_length():
        raise Refused("Nothing was stored: the reason is too long.")
    asked_names = set(shown_names.split())
    cells = {name: cell for name, cell in form.cells().items() if name in asked_names}
    refused = form.refusals()
    attempt.saved = service.save_entry(
        tx,
        context.location.study,
        context.study_version,
        context.location.person.id,
        context.location.key,
        submission=service.Submission(
            cells,
            refused,
            form.get_typed_texts() if refused else {},
            _make_confirms(context, form),
            attempt.files.content,
        ),
        version=version,
        reason=attempt.correction.words(),
    )
    return _make_answer(context, attempt.saved, onward)


def _make_answer(
    context: FormContext, result: service.SaveResult, onward: NextForm | None
) -> Answer:
    stays = onward is None or bool(result.questions) or bool(result.refused)
    url = context.url() if stays or onward is None else onward.url
    kind = "success" if not (result.refused or result.questions) else "problem"
    return Answer(url, _leave_out_hidden(context, result).summary, kind)


def _leave_out_hidden(context: FormContext, result: service.SaveResult) -> service.SaveResult:
    """The result without the items that the page does not show this person."""
    shows = context.form_class.shows
    blanks = zip(result.still_blank, result.blank_labels, strict=True)
    return replace(
        result,
        blank_labels=tuple(label for name, label in blanks if shows(name)),
        questions=tuple(question for question in result.questions if shows(question.item)),
    )


def _make_confirms(context: FormContext, form: InstrumentForm) -> service.Confirms:
    """Whether a finding was confirmed; derived items have no control of their own to say so.

    Nobody confirms a finding about an item that they are not shown.
    """
    shows = context.viewer.shows_item
    return lambda finding: shows(finding.item) and (form.confirms(finding) or _is_ticked(finding))


def _is_ticked(finding: Finding) -> bool:
    return finding.key in request.form.getlist(f"{finding.item}__confirm")


def _draw_again(attempt: _SaveAttempt, problem: Problem | None) -> str:
    """The page with everything as typed, over the entry as it is now."""
    location = attempt.context.location
    visit = location.visit_id or location.key.visit
    fresh = open_form(location.person.study, location.person.id, visit, location.key.instrument)
    sent: MultiDict[str, str] = request.form
    if isinstance(problem, Stale):
        sent = drop_untouched_items(fresh, attempt.form, sent)
    form = make_entry_form(fresh, sent)
    form.validate()
    ask_again(form, attempt.form, attempt.files, is_saved=problem is None)
    return render_page(fresh, form, correction=attempt.correction, problem=problem)
