"""Keeping a draft while somebody types, and taking over or discarding one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from flask import Response, jsonify, make_response, request

from capture import clock
from capture.access import Action, allow
from capture.entry import service
from capture.entry.views.blueprint import FORM, bp
from capture.entry.views.merging import item_of
from capture.entry.views.opening import Opened, open_form
from capture.ledger.service import Transaction
from capture.problems import Conflict, InvalidInput, NotAllowed
from capture.web import Answer, acting, perform, services
from capture.wiring import end_reading

MOST_LETTERS = 1_000_000


@dataclass(frozen=True)
class _Sent:
    """A draft as a page's script sends it: the version looked at, texts by control."""

    version: int
    typed: dict[str, list[str]]


@bp.post(f"{FORM}/draft")
@allow(Action.ENTRY_SAVE)
def keep(study: str, pid: str, visit: str, instrument: str) -> Response:
    """Keep what stands in a form; answers when it was stored, at the site's clock."""
    opened = open_form(study, pid, visit, instrument)
    _require_saving(opened)
    try:
        sent = _read(request.get_json(silent=True), opened)
        at = _keep(opened, sent)
    except (InvalidInput, Conflict) as problem:
        return make_response(jsonify({"problem": problem.message}), problem.status)
    local = clock.from_text(at).astimezone(ZoneInfo(opened.site.zone))
    return make_response(jsonify({"stored_at": local.strftime("%H:%M")}))


def _keep(opened: Opened, sent: _Sent) -> str:
    end_reading()
    with services().database.writing() as connection:
        who, person = acting(connection), opened.spot.person
        if not who.may(Action.ENTRY_SAVE, person.study, person.site):
            raise NotAllowed("Your role does not include this here.")
        return service.keep_draft(
            connection,
            who,
            person,
            opened.spot.key,
            sent.typed,
            entry_version=sent.version,
        )


def _require_saving(opened: Opened) -> None:
    if not opened.may_save:
        raise NotAllowed("Your role does not include this here.")


def _read(content: Any, opened: Opened) -> _Sent:
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
        if item_of(name) in opened.form_class.answerable:
            typed[name] = texts
    if sum(len(text) for texts in typed.values() for text in texts) > MOST_LETTERS:
        raise InvalidInput("typed", f"A draft may have {MOST_LETTERS} characters at most.")
    return _Sent(version, typed)


@bp.post(f"{FORM}/draft/take-over")
@allow(Action.DRAFT_TAKE_OVER)
def take_over(study: str, pid: str, visit: str, instrument: str) -> Response:
    """Make another person's draft one's own."""
    opened = open_form(study, pid, visit, instrument)

    def act(tx: Transaction) -> Answer:
        service.take_over_draft(tx, opened.spot.person, opened.spot.key)
        return Answer(opened.url(), "The draft is yours now. It is not saved yet.")

    return perform(act)


@bp.post(f"{FORM}/draft/discard")
@allow(Action.DRAFT_DISCARD)
def discard(study: str, pid: str, visit: str, instrument: str) -> Response:
    """Throw a draft away; what is saved stays."""
    opened = open_form(study, pid, visit, instrument)

    def act(tx: Transaction) -> Answer:
        service.discard_draft(tx, opened.spot.person, opened.spot.key)
        return Answer(opened.url(), "The draft is discarded. What is saved is shown.")

    return perform(act)
