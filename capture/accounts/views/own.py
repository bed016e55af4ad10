"""A person's own account: roles, sessions, password; and the table of who may do what."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Response, make_response, render_template, request, url_for
from flask_login import current_user

from capture import clock
from capture.access import MAY, SIGNED_IN, Role, allow
from capture.accounts import passwords, reads, service, sessions
from capture.accounts.forms import NewPasswordForm, SettingsForm
from capture.accounts.views.blueprint import bp
from capture.accounts.web_identity import get_browser, server_session
from capture.ledger.action_labels import list_rights
from capture.ledger.service import Transaction
from capture.problems import InvalidInput, Problem
from capture.web.act_pages import do_act, list_errors
from capture.web.page_data import SummaryRow, TableColumn
from capture.web.perform import Answer, actor, perform, reading
from capture.web.request_context import end_reading

ROLE_COLUMNS = (
    TableColumn("Study"),
    TableColumn("Role"),
    TableColumn("Sites"),
    TableColumn("Start date"),
    TableColumn("End date"),
)
SESSION_COLUMNS = (
    TableColumn("Since (UTC)"),
    TableColumn("Last seen (UTC)"),
    TableColumn("Address"),
    TableColumn("Browser"),
    TableColumn("End"),
)


@dataclass(frozen=True)
class SessionRow:
    """One line of the list of sessions."""

    token_hash: str
    since: str
    last_seen: str
    address: str
    agent: str
    is_this: bool


@bp.get("/account")
@allow(SIGNED_IN)
def show_own_account() -> str:
    who = actor()
    return render_template(
        "accounts/own.html",
        facts=(SummaryRow("Name", who.name), SummaryRow("E-mail address", who.email)),
        role_columns=ROLE_COLUMNS,
        roles=[
            _make_role_row(membership) for membership in reads.list_memberships(reading(), who.id)
        ],
        session_columns=SESSION_COLUMNS,
        sessions=[
            _make_session_row(session) for session in sessions.list_sessions(reading(), who.id)
        ],
        settings=SettingsForm(fast_entry=current_user.fast_entry),
    )


@bp.post("/account/sessions/<token_hash>/end")
@allow(SIGNED_IN)
def end_session(token_hash: str) -> Response:
    def act(tx: Transaction) -> Answer:
        service.revoke_session(tx, token_hash)
        return Answer(url_for("accounts.show_own_account"), "The device is signed out.")

    return perform(act)


@bp.post("/account/sessions/end-others")
@allow(SIGNED_IN)
def end_other_sessions() -> Response:
    def act(tx: Transaction) -> Answer:
        service.revoke_other_sessions(tx, server_session().token_hash)
        return Answer(url_for("accounts.show_own_account"), "Your other devices are signed out.")

    return perform(act)


@bp.post("/account/settings")
@allow(SIGNED_IN)
def change_settings() -> Response:
    form = SettingsForm(request.form)

    def act(tx: Transaction) -> Answer:
        service.set_fast_entry(tx, is_on=bool(form.fast_entry.data))
        state = "on" if form.fast_entry.data else "off"
        return Answer(
            url_for("accounts.show_own_account"), f"Answering grids with number keys is {state}."
        )

    return perform(act)


@bp.get("/account/password")
@allow(SIGNED_IN)
def password() -> str:
    return _render_password_page(NewPasswordForm(), None)


@bp.post("/account/password")
@allow(SIGNED_IN)
def change_password() -> Response:
    form = NewPasswordForm(request.form)
    if not form.validate():
        return make_response(_render_password_page(form, None), 422)
    try:
        new_hash = _hash_new_password(form)
    except InvalidInput as problem:
        return make_response(_render_password_page(form, problem), problem.status)
    tokens: list[str] = []

    def act(tx: Transaction) -> Answer:
        service.set_own_password(tx, new_hash)
        tokens[:] = [sessions.start(tx.connection, tx.actor.id, get_browser())]
        return Answer(url_for("accounts.show_own_account"), "Your password is changed.")

    answer = do_act(form, act, lambda problem: _render_password_page(form, problem))
    if tokens and answer.status_code == 303:
        server_session().begin(tokens[0], keep_messages=True)
    return answer


@bp.get("/roles")
@allow(SIGNED_IN)
def roles() -> str:
    columns = [TableColumn("What"), *(TableColumn(role.label) for role in Role)]
    rows = [
        [words, *("yes" if role in MAY[action] else "" for role in Role)]
        for action, words in list_rights()
    ]
    return render_template("accounts/roles.html", columns=columns, rows=rows)


def _hash_new_password(form: NewPasswordForm) -> str:
    """The hash of the new password. Raises InvalidInput for one too weak, or not the same twice."""
    new = form.new_password.data or ""
    passwords.refuse_weak(new, actor().email)
    if new != form.new_password_again.data:
        raise InvalidInput("new_password_again", "The two new passwords differ.")
    end_reading()
    return passwords.hash_password(new)


def _render_password_page(form: NewPasswordForm, problem: Problem | None) -> str:
    return render_template(
        "accounts/password.html",
        form=form,
        errors=list_errors(problem, form),
        must_change=current_user.must_change_password,
    )


def _make_role_row(membership: reads.Membership) -> list[str]:
    sites = "all sites" if membership.sites is None else ", ".join(membership.sites)
    days = [clock.day_words(day) for day in (membership.from_date, membership.to_date)]
    return [membership.study, membership.role.label, sites, *days]


def _make_session_row(session: sessions.Session) -> SessionRow:
    return SessionRow(
        token_hash=session.token_hash,
        since=_format_minute(session.created_at),
        last_seen=_format_minute(session.last_seen),
        address=session.address,
        agent=session.agent,
        is_this=session.token_hash == server_session().token_hash,
    )


def _format_minute(instant: str) -> str:
    return clock.from_text(instant).strftime("%d %b %Y, %H:%M")
