"""The installation's accounts: opened, closed and given first passwords by an administrator."""

from __future__ import annotations

import sqlalchemy as sa
from flask import Response, render_template, request, url_for

from capture.access import SYSTEM, Action, Role, allow
from capture.accounts import passwords, reads, service
from capture.accounts.forms import AccountForm, AccountReasonForm, InstallationRoleForm
from capture.accounts.views.blueprint import bp
from capture.accounts.views.members import make_member_row
from capture.ledger.service import Transaction
from capture.problems import InvalidInput, NotFound, Problem
from capture.web.act_pages import ActPage, WayBack, do_act, draw_act, list_errors
from capture.web.page_data import SummaryRow, TableColumn
from capture.web.perform import Answer, actor, perform, reading
from capture.web.request_context import end_reading

ACCOUNT_COLUMNS = (TableColumn("Name"), TableColumn("E-mail address"), TableColumn("Account"))
ROLE_COLUMNS = (
    TableColumn("Study"),
    TableColumn("Role"),
    TableColumn("Start date"),
    TableColumn("End date"),
    TableColumn("Status"),
)
SHOWN_ONCE = "First password of {}, shown this once: {}"


@bp.get("/people")
@allow(Action.USER_CREATE)
def people() -> str:
    return _render_people_page(AccountForm(), None)


@bp.post("/people")
@allow(Action.USER_CREATE)
def create() -> Response:
    form = AccountForm(request.form)
    end_reading()
    first = passwords.make_one_time_password()
    hashed = passwords.hash_password(first)

    def act(tx: Transaction) -> Answer:
        email, name = form.text("email"), form.text("name")
        user = service.create_user(tx, email, name, hashed)
        once = SHOWN_ONCE.format(reads.make_plain_email(email), first)
        return Answer(url_for("accounts.person", user=user), "The account is open.", once=once)

    return do_act(form, act, lambda problem: _render_people_page(form, problem))


@bp.get("/people/<user>")
@allow(Action.USER_CREATE)
def person(user: str) -> str:
    return _render_person_page(user, InstallationRoleForm(), None)


@bp.post("/people/<user>/role")
@allow(Action.USER_CREATE)  # the service asks for role.assign besides
def grant_for_installation(user: str) -> Response:
    form = InstallationRoleForm(request.form)

    def act(tx: Transaction) -> Answer:
        role = Role(form.text("role"))
        study = SYSTEM if role is Role.ADMINISTRATOR else form.text("study")
        if study != SYSTEM and study not in reads.list_studies_with_roles(tx.connection):
            raise InvalidInput("study", "There is no study with this code.")
        service.grant(tx, study, service.NewMembership(user, role, None, reads.get_today()))
        return Answer(url_for("accounts.person", user=user), "The role is assigned.")

    return do_act(form, act, lambda problem: _render_person_page(user, form, problem))


@bp.get("/people/<user>/memberships/<membership>/end")
@allow(Action.USER_CREATE)
def end_for_installation_form(user: str, membership: str) -> str:
    return _render_end_page(user, membership, AccountReasonForm(), None)


@bp.post("/people/<user>/memberships/<membership>/end")
@allow(Action.USER_CREATE)
def end_for_installation(user: str, membership: str) -> Response:
    form = AccountReasonForm(request.form)

    def act(tx: Transaction) -> Answer:
        found = _get_membership(tx.connection, user, membership)
        service.end_membership(tx, found.study, membership, form.text("reason"))
        return Answer(url_for("accounts.person", user=user), "Access is removed.")

    return do_act(form, act, lambda problem: _render_end_page(user, membership, form, problem))


@bp.post("/people/<user>/password")
@allow(Action.USER_RESET_PASSWORD)
def reset(user: str) -> Response:
    end_reading()
    first = passwords.make_one_time_password()
    hashed = passwords.hash_password(first)

    def act(tx: Transaction) -> Answer:
        service.reset_password(tx, user, hashed)
        known = reads.get_account(tx.connection, user)
        once = SHOWN_ONCE.format(known.email, first)
        return Answer(url_for("accounts.person", user=user), "The password is reset.", once=once)

    return perform(act)


@bp.get("/people/<user>/close")
@allow(Action.ACCOUNT_CLOSE)
def close_form(user: str) -> str:
    return _render_state_page(user, AccountReasonForm(), None)


@bp.post("/people/<user>/close")
@allow(Action.ACCOUNT_CLOSE)
def close(user: str) -> Response:
    return _change_state(
        user, service.disable_user, "The account is closed; its sessions have ended."
    )


@bp.get("/people/<user>/open")
@allow(Action.ACCOUNT_REOPEN)
def reopen_form(user: str) -> str:
    return _render_state_page(user, AccountReasonForm(), None)


@bp.post("/people/<user>/open")
@allow(Action.ACCOUNT_REOPEN)
def reopen(user: str) -> Response:
    return _change_state(user, service.enable_user, "The account is open again.")


def _change_state(user: str, change: service.StateChange, words: str) -> Response:
    form = AccountReasonForm(request.form)

    def act(tx: Transaction) -> Answer:
        change(tx, user, form.text("reason"))
        return Answer(url_for("accounts.person", user=user), words)

    return do_act(form, act, lambda problem: _render_state_page(user, form, problem))


def _render_people_page(form: AccountForm, problem: Problem | None) -> str:
    return render_template(
        "accounts/people.html",
        columns=ACCOUNT_COLUMNS,
        people=reads.list_accounts(reading()),
        form=form,
        errors=list_errors(problem, form),
    )


def _render_person_page(user: str, form: InstallationRoleForm, problem: Problem | None) -> str:
    found = reads.get_account(reading(), user)
    act = "close" if found.is_active else "reopen"
    return render_template(
        "accounts/person.html",
        person=found,
        facts=(
            SummaryRow("E-mail address", found.email),
            SummaryRow("Account", "open" if found.is_active else "closed"),
        ),
        columns=ROLE_COLUMNS,
        rows=[
            make_member_row(
                reads.Member(membership, found.name, found.email, ""),
                _make_end_url(user, membership),
            )
            for membership in reads.list_memberships(reading(), user)
        ],
        is_self=user == actor().id,
        form=form,
        errors=list_errors(problem, form),
        state_url=url_for(f"accounts.{act}_form", user=user),
        state_act="Close the account" if found.is_active else "Open the account again",
    )


def _make_end_url(user: str, membership: reads.Membership) -> str | None:
    mine = service.list_grantable_roles(frozenset({Role.ADMINISTRATOR}))
    if user == actor().id or membership.role not in mine:
        return None
    return url_for("accounts.end_for_installation_form", user=user, membership=membership.id)


def _get_membership(connection: sa.Connection, user: str, membership: str) -> reads.Membership:
    for held in reads.list_memberships(connection, user):
        if held.id == membership:
            return held
    raise NotFound("This account has no such role.")


def _render_end_page(
    user: str, membership: str, form: AccountReasonForm, problem: Problem | None
) -> str:
    found = _get_membership(reading(), user, membership)
    known = reads.get_account(reading(), user)
    words = (
        f"{known.name} is {found.role.label} ({found.study}) from {found.from_date}. Access "
        "ends now. The role stays on record with its dates."
    )
    page = ActPage(f"Remove access of {known.name}", "Remove access", (words,), is_grave=True)
    return draw_act(page, form, problem, WayBack(url_for("accounts.person", user=user)))


def _render_state_page(user: str, form: AccountReasonForm, problem: Problem | None) -> str:
    known = reads.get_account(reading(), user)
    act = "Close" if known.is_active else "Open"
    words = (
        "A closed account cannot sign in, and its sessions end at once. Nothing that was done with "
        "it is lost. It can be opened again."
    )
    title = f"{act} the account of {known.name}"
    page = ActPage(title, f"{act} the account", (words,), is_grave=True)
    return draw_act(page, form, problem, WayBack(url_for("accounts.person", user=user)))
