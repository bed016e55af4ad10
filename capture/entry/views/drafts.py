"""Keeping a draft while somebody types, and taking over or discarding one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from flask import Response, jsonify, make_response, request

from capture import clock
from capture.access import Action, allow
from capture.entry import reads, service
from capture.entry.views.blueprint import FORM, bp
from capture.entry.views.edit_conflict import get_item_name
from capture.entry.views.form_context import FormContext, open_form
from capture.entry.views.forms import CorrectionForm
from capture.entry.views.labels import time_words
from capture.ledger.service import Transaction
from capture.problems import InvalidInput, NotAllowed
from capture.web.perform import Answer, acting, perform, services
from capture.web.request_context import end_reading

MOST_LETTERS = 1_000_000


@dataclass(frozen=True)
class _DraftMessage:
    """A draft as a page's script sends it: the version looked at, texts by control.

    changed: the controls that differ since the page last kept.
    """

    version: int
    typed: dict[str, list[str]]
    changed: frozenset[str] | None


@bp.post(f"{FORM}/draft")
@allow(Action.ENTRY_SAVE)
def keep(study: str, pid: str, visit: str, instrument: str) -> Response:
    """Keep what is typed in a form; answers when it was stored, at the site's clock, and who else
    has a draft of it."""
    context = open_form(study, pid, visit, instrument)
    _require_saving(context)
    try:
        sent = _read_draft(request.get_json(silent=True), context)
    except InvalidInput as problem:
        return make_response(jsonify({"message": problem.message}), problem.status)
    at, others = _keep_draft(context, sent)
    local = clock.from_text(at).astimezone(ZoneInfo(context.site.zone))
    return make_response(jsonify({"stored_at": local.strftime("%H:%M"), "others": others}))


def _keep_draft(context: FormContext, sent: _DraftMessage) -> tuple[str, list[str]]:
    end_reading()
    try:
        return _keep_draft_once(context, sent)
    except sa.exc.IntegrityError:
        # Another page of the same person made the draft at this moment.
        return _keep_draft_once(context, sent)


def _keep_draft_once(context: FormContext, sent: _DraftMessage) -> tuple[str, list[str]]:
    person, key = context.location.person, context.location.key
    with services().database.writing() as connection:
        who = acting(connection)
        if not who.may(Action.ENTRY_SAVE, person.study, person.site):
            raise NotAllowed("Your role does not include this here.")
        at = service.keep_draft(
            connection,
            who,
            person,
            key,
            sent.typed,
            entry_version=sent.version,
            changed=sent.changed,
        )
        here = reads.list_drafts_at(connection, person.id, key)
    others = [kept for kept in here if kept.owner != who.id]
    return at, [
        f"{other.owner_name}, {time_words(other.saved_at, context.site.zone)}" for other in others
    ]


def _require_saving(context: FormContext) -> None:
    if not context.may_save:
        raise NotAllowed("Your role does not include this here.")


def _read_draft(content: Any, context: FormContext) -> _DraftMessage:
    """Check the shape of what came; controls that the form does not have are left out."""
    problem = InvalidInput("typed", "The draft did not arrive in a form that can be kept.")
    if not isinstance(content, dict) or not isinstance(content.get("typed"), dict):
        raise problem
    version = content.get("version")
    if isinstance(version, str) and version.isascii() and version.isdigit() and len(version) < 10:
        version = int(version)
    if not isinstance(version, int) or isinstance(version, bool) or not 0 <= version < 10**9:
        raise problem
    typed = {}
    for name, texts in content["typed"].items():
        if not isinstance(texts, list) or not all(isinstance(text, str) for text in texts):
            raise problem
        if get_item_name(name) in context.form_class.answerable or name in CorrectionForm.CONTROLS:
            typed[name] = texts
    if sum(len(text) for texts in typed.values() for text in texts) > MOST_LETTERS:
        raise InvalidInput("typed", f"A draft may have {MOST_LETTERS} characters at most.")
    return _DraftMessage(version, typed, _read_changed(content, problem))


def _read_changed(content: dict[str, Any], problem: InvalidInput) -> frozenset[str] | None:
    names = content.get("changed")
    if names is None:
        return None
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise problem
    return frozenset(names)


@bp.post(f"{FORM}/draft/take-over")
@allow(Action.DRAFT_TAKE_OVER)
def take_over(study: str, pid: str, visit: str, instrument: str) -> Response:
    """Make another person's draft one's own."""
    context = open_form(study, pid, visit, instrument)
    draft_id = request.form.get("draft", "")

    def act(tx: Transaction) -> Answer:
        service.take_over_draft(tx, context.location.person, context.location.key, draft_id)
        return Answer(context.url(), "You have taken over the draft. It is not saved yet.")

    return perform(act)


@bp.post(f"{FORM}/draft/discard")
@allow(Action.DRAFT_DISCARD)
def discard(study: str, pid: str, visit: str, instrument: str) -> Response:
    """Throw a draft away; what is saved stays."""
    context = open_form(study, pid, visit, instrument)
    draft_id = request.form.get("draft", "")

    def act(tx: Transaction) -> Answer:
        service.discard_draft(tx, context.location.person, context.location.key, draft_id)
        return Answer(context.url(), "Draft discarded. This is the saved version.")

    return perform(act)
