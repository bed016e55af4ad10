"""Pages that mark forms and visits as entered in error, and reinstate them."""

from __future__ import annotations

from flask import Response

from capture.access import Action, allow
from capture.corrections import service
from capture.corrections.presenters import (
    StruckView,
    form_words,
    present_struck,
    shows_all,
    visit_words,
)
from capture.corrections.views.blueprint import PERSON, bp, render
from capture.corrections.views.forms import CorrectionReasonForm, FormForm
from capture.entry import reads as entries
from capture.entry import service as entry
from capture.ledger.service import Transaction
from capture.participants import reads
from capture.participants.presenters.links import person_url, put_right_url
from capture.participants.presenters.person_pages import (
    banner,
    definition,
    do_person_act,
    make_form,
    require_person,
)
from capture.participants.records import Participant
from capture.problems import NotFound, Problem
from capture.study import reads as study_reads
from capture.web.act_pages import ActPage, do_act, list_errors
from capture.web.perform import Answer, actor, keeps_typing, reading

NOTHING_ERASED = (
    "Nothing is erased: the history and datasets as at an earlier time keep every value. "
    "This can be reinstated."
)
REINSTATE = {
    "entry": Action.ENTRY_REINSTATE,
    "visit": Action.VISIT_REINSTATE,
    "participant": Action.PARTICIPANT_REINSTATE,
}


@bp.route(f"{PERSON}/forms/<entry>", methods=["GET", "POST"])
@allow(Action.ENTRY_MARK_IN_ERROR)
@keeps_typing
def strike_form(study: str, pid: str, entry: str) -> Response:
    """Mark a form as entered in error."""
    person = require_person(study, pid, Action.ENTRY_MARK_IN_ERROR)
    wrong = get_shown_entry(person, entry)
    form = make_form(FormForm, person, version=str(wrong.version))
    title = form_words(definition(person), wrong)
    page = ActPage(
        f"{title}: Mark as entered in error",
        "Mark form as entered in error",
        does=(
            "The form is left out of lists, counts and datasets. Its visit is due again, its "
            "events "
            "(such as a recurrence or death) are removed, and its open queries close.",
        ),
        is_grave=True,
        does_not=(NOTHING_ERASED,),
    )

    def act(tx: Transaction) -> Answer:
        _strike(tx, person, wrong, form)
        return Answer(person_url(person), f"{title} is marked as entered in error.")

    return do_person_act(person, page, form, act, back_url=put_right_url(person))


def _strike(tx: Transaction, person: Participant, wrong: entries.Entry, form: FormForm) -> None:
    version = form.text("version")
    entry.strike_entry(
        tx,
        study_reads.get_definition_for(tx.connection, person.study, person.site),
        study_reads.get_version_number(tx.connection, person.study),
        person.id,
        wrong.id,
        version=int(version)
        if version.isascii() and version.isdigit() and len(version) < 10
        else -1,
        reason=form.text("reason"),
    )


def get_shown_entry(person: Participant, entry_id: str) -> entries.Entry:
    """A form that is not struck out and that the reader may see. Raises NotFound."""
    shown = entries.find_entry(reading(), entry_id)
    if shown is None or shown.participant != person.id or not shows_all(person, [shown]):
        raise NotFound("There is no such form any more. Go back to the participant's page.")
    return shown


@bp.route(f"{PERSON}/visits/<visit_id>", methods=["GET", "POST"])
@allow(Action.VISIT_MARK_IN_ERROR)
@keeps_typing
def strike_visit(study: str, pid: str, visit_id: str) -> Response:
    """Mark a visit with all its forms as entered in error."""
    person = require_person(study, pid, Action.VISIT_MARK_IN_ERROR)
    visit = reads.get_visit(reading(), person.id, visit_id)
    title = visit_words(person, visit)
    form = make_form(CorrectionReasonForm, person)
    page = ActPage(
        f"{title}: Mark as entered in error",
        "Mark visit as entered in error",
        does=(
            "All forms of this visit are left out of lists, counts and datasets. A scheduled "
            "visit is "
            "due again. An unscheduled visit is removed.",
        ),
        is_grave=True,
        does_not=(NOTHING_ERASED,),
    )

    def act(tx: Transaction) -> Answer:
        service.strike_visit(tx, definition(person), pid, visit_id, reason=form.text("reason"))
        return Answer(person_url(person), f"{title} is marked as entered in error.")

    return do_person_act(person, page, form, act, back_url=put_right_url(person))


@bp.get(f"{PERSON}/struck/<struck>")
@allow(Action.ENTRY_VIEW)
def show_struck(study: str, pid: str, struck: str) -> str:
    """What was entered in error, with its values, and the form to reinstate it for who may."""
    person = require_person(study, pid, Action.ENTRY_VIEW)
    view = _get_struck_view(person, struck)
    return _draw(person, view, make_form(CorrectionReasonForm, person))


@bp.post(f"{PERSON}/struck/<struck>")
@allow(Action.ENTRY_REINSTATE)
def reinstate(study: str, pid: str, struck: str) -> Response:
    """Reinstate what was marked as entered in error."""
    person = require_person(study, pid, Action.ENTRY_REINSTATE)
    view = _get_struck_view(person, struck)
    form = make_form(CorrectionReasonForm, person)
    return do_act(
        form,
        lambda tx: _reinstate(tx, person, view, form.text("reason")),
        lambda problem: _draw(person, view, form, problem),
    )


def _reinstate(tx: Transaction, person: Participant, view: StruckView, reason: str) -> Answer:
    study = study_reads.get_definition_for(tx.connection, person.study, person.site)
    if view.kind == "entry":
        number = study_reads.get_version_number(tx.connection, person.study)
        entry.reinstate_entry(tx, study, number, person.id, view.id, reason=reason)
    else:
        service.reinstate(tx, study, person.id, view.id, reason=reason)
    return Answer(person_url(person), f"{view.title} is reinstated.")


def _get_struck_view(person: Participant, struck_id: str) -> StruckView:
    struck = entries.get_struck(reading(), person.id, struck_id)
    if not shows_all(person, struck.entries):
        raise NotFound(entries.NOT_IN_ERROR)
    return present_struck(person, struck)


def _draw(
    person: Participant,
    view: StruckView,
    form: CorrectionReasonForm,
    problem: Problem | None = None,
) -> str:
    may = actor().may(REINSTATE[view.kind], person.study, person.site)
    return render(
        "struck.html",
        banner=banner(person),
        back_url=put_right_url(person),
        found=view,
        form=form if may else None,
        errors=list_errors(problem, form),
    )
