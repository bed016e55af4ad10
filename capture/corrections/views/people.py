"""Pages that correct a person's number or site, or mark a person as entered in error."""

from __future__ import annotations

from flask import Response

from capture.access import Action, allow
from capture.corrections import service
from capture.corrections.views.blueprint import PERSON, bp
from capture.corrections.views.forms import CorrectionReasonForm, MoveForm, NumberForm
from capture.entry import reads as entries
from capture.ledger.service import Transaction
from capture.participants import service as participants
from capture.participants.presenters.links import person_url, put_right_url
from capture.participants.presenters.person_pages import (
    definition,
    do_person_act,
    make_form,
    require_person,
    viewer,
)
from capture.participants.records import Participant
from capture.participants.service.renumbering import KINDS
from capture.study import reads as study_reads
from capture.web.act_pages import ActPage
from capture.web.perform import Answer, actor, keeps_typing, reading

STAYS = (
    "A randomised participant cannot be marked as entered in error. Record the allocation as "
    "randomised in error instead."
)

RENUMBERING = ActPage(
    "Correct a number",
    "Correct the number",
    is_grave=True,
    does=(
        "The previous number can still be searched for, stays in the history and is never given "
        "to another participant.",
        "Datasets as at an earlier time keep the previous number.",
    ),
    does_not=("Allocations and receipts stay as they are: they do not depend on the number.",),
)


@bp.route(f"{PERSON}/number", methods=["GET", "POST"])
@allow(Action.PARTICIPANT_RENUMBER)
@keeps_typing
def number(study: str, pid: str) -> Response:
    """Correct a screening or participant number."""
    person = require_person(study, pid, Action.PARTICIPANT_RENUMBER)
    now = {kind: getattr(person, kind) for kind in KINDS if getattr(person, kind)}
    seen = {f"seen_{kind}": value for kind, value in now.items()}
    form = make_form(NumberForm, person, **seen)
    form.kind.choices = {kind: f"{KINDS[kind]}: {value}" for kind, value in now.items()}

    def act(tx: Transaction) -> Answer:
        kind = form.text("kind")
        changed = participants.renumber(
            tx,
            study,
            pid,
            kind=kind,
            seen=form.text(f"seen_{kind}") if kind in KINDS else "",
            number=form.text("number"),
            reason=form.text("reason"),
        )
        return Answer(person_url(changed), f"The number is {getattr(changed, kind)} now.")

    return do_person_act(person, RENUMBERING, form, act, back_url=put_right_url(person))


@bp.route(f"{PERSON}/site", methods=["GET", "POST"])
@allow(Action.PARTICIPANT_TRANSFER)
@keeps_typing
def move(study: str, pid: str) -> Response:
    """Move a participant to another site."""
    person = require_person(study, pid, Action.PARTICIPANT_TRANSFER)
    form = make_form(MoveForm, person, seen=person.site)
    form.site.choices = {"": "Choose", **_list_sites(person)}

    def act(tx: Transaction) -> Answer:
        said = participants.SiteTransfer(
            form.text("site"), form.text("seen"), form.text("date"), form.text("reason")
        )
        moved = participants.move(tx, study, pid, said)
        place = study_reads.get_site(tx.connection, study, moved.site).name
        return Answer(person_url(moved), f"{moved.number} is at {place} now.")

    return do_person_act(person, _make_move_page(person), form, act, back_url=put_right_url(person))


def _make_move_page(person: Participant) -> ActPage:
    shows = viewer(person).shows_form_at
    owners = {
        draft.owner_name
        for draft in entries.list_drafts_of(reading(), person.id)
        if draft.site == person.site and shows(draft.key.visit, draft.key.instrument)
    }
    names = ", ".join(sorted(owners))
    kept = (f"Unsaved forms stay with their owners here and are not carried over: {names}.",)
    return ActPage(
        "Move to another site",
        "Move the participant",
        does=(
            "From now on the person, open visits and open queries belong to the new site, and "
            "visits are due by its calendar day.",
            "The new site must record re-consent in a version approved there.",
            "Attributes of the new site, such as its country, are used from then on.",
        ),
        is_grave=True,
        does_not=(
            "Forms, finished visits and events keep the site where they happened, and the person "
            "counts at the site of recruitment. A stratum that was used stays.",
            "The previous site can read the data recorded before the move, but nothing after it.",
            *(kept if owners else ()),
        ),
    )


def _list_sites(person: Participant) -> dict[str, str]:
    may, study = actor().may, person.study
    return {
        site.slug: site.name
        for site in study_reads.list_all_sites(reading(), study)
        if site.slug != person.site and may(Action.PARTICIPANT_TRANSFER, study, site.slug)
    }


@bp.route(f"{PERSON}/in-error", methods=["GET", "POST"])
@allow(Action.PARTICIPANT_MARK_IN_ERROR)
@keeps_typing
def strike(study: str, pid: str) -> Response:
    """Mark a whole participant as entered in error."""
    person = require_person(study, pid, Action.PARTICIPANT_MARK_IN_ERROR)
    form = make_form(CorrectionReasonForm, person)

    def act(tx: Transaction) -> Answer:
        service.strike_participant(tx, definition(person), pid, reason=form.text("reason"))
        return Answer(person_url(person), f"{person.number} is marked as entered in error.")

    return do_person_act(
        person, _make_strike_page(person), form, act, back_url=put_right_url(person)
    )


def _make_strike_page(person: Participant) -> ActPage:
    return ActPage(
        f"{person.number}: Mark as entered in error",
        "Mark the participant as entered in error",
        does=(
            "The participant leaves lists, counts and every dataset from now on, with all forms "
            "and visits. Open queries close; unsaved drafts are discarded.",
            "The participant can be reinstated with a reason.",
        ),
        is_grave=True,
        does_not=(
            "Nothing is erased: the history and datasets as at an earlier time keep everything, "
            "and "
            "the number is never given to another participant.",
            *([STAYS] if definition(person).randomisations else []),
        ),
    )
