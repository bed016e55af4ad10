"""A study's people: memberships with their dates, granted and ended by its trial manager."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Response, render_template, request, url_for
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # stubs lag

from capture import clock
from capture.access import Action, Role, allow
from capture.accounts import reads, service
from capture.accounts.forms import AccountReasonForm, MembershipForm
from capture.accounts.views.blueprint import bp
from capture.ledger.service import Transaction
from capture.problems import InvalidInput, Problem
from capture.web.act_pages import ActPage, WayBack, do_act, draw_act, list_errors
from capture.web.page_data import TableColumn
from capture.web.perform import Answer, actor, reading

COLUMNS = tuple(
    TableColumn(text)
    for text in (
        "Name",
        "E-mail address",
        "Role",
        "Sites",
        "Start date",
        "End date",
        "Assigned by",
        "Status",
    )
)


@dataclass(frozen=True)
class MemberRow:
    """One membership as a page shows it; `end_url` only where the reader may end it."""

    study: str
    name: str
    email: str
    role: str
    sites: str
    from_date: str
    to_date: str
    assigned_by: str
    state: str
    end_url: str | None


@bp.get("/studies/<study>/people")
@allow(Action.PEOPLE_VIEW)
def members(study: str) -> str:
    return _render_members_page(study, _make_membership_form(study), None)


@bp.post("/studies/<study>/people")
@allow(Action.ROLE_ASSIGN)
def grant(study: str) -> Response:
    form = _make_membership_form(study)

    def act(tx: Transaction) -> Answer:
        person = reads.find_account_by_email(tx.connection, form.text("email"))
        if person is None:
            raise InvalidInput("email", "There is no account with this e-mail address.")
        service.grant(tx, study, _make_new_membership(form, person.id))
        words = f"{person.name} is now {Role(form.role.data).label} in this study."
        return Answer(url_for("accounts.members", study=study), words)

    return do_act(form, act, lambda problem: _render_members_page(study, form, problem))


@bp.get("/studies/<study>/people/<membership>/end")
@allow(Action.PEOPLE_VIEW)
def end_form(study: str, membership: str) -> str:
    return _render_end_page(study, membership, AccountReasonForm(), None)


@bp.post("/studies/<study>/people/<membership>/end")
@allow(Action.ROLE_REMOVE)
def end(study: str, membership: str) -> Response:
    form = AccountReasonForm(request.form)

    def act(tx: Transaction) -> Answer:
        service.end_membership(tx, study, membership, form.text("reason"))
        return Answer(url_for("accounts.members", study=study), "Access is removed.")

    return do_act(form, act, lambda problem: _render_end_page(study, membership, form, problem))


def make_member_row(member: reads.Member, end_url: str | None) -> MemberRow:
    """Return a membership in words; end_url is shown only while it runs."""
    membership = member.membership
    runs = membership.ended_at is None and (
        membership.to_date is None or membership.to_date >= reads.get_today()
    )
    state = "in force" if membership.in_force(reads.get_today()) else "to come" if runs else "ended"
    if membership.ended_at is not None and membership.ended_at[:10] < membership.from_date:
        state = "ended before it began"
    return MemberRow(
        study=membership.study,
        name=member.name,
        email=member.email,
        role=membership.role.label + (" (masked)" if membership.masked else ""),
        sites="all sites" if membership.sites is None else ", ".join(membership.sites),
        from_date=membership.from_date,
        to_date=membership.to_date or "",
        assigned_by=member.assigned_by,
        state=state,
        end_url=end_url if runs else None,
    )


def _make_membership_form(study: str) -> MembershipForm:
    today = clock.today("UTC")
    sent = request.form if request.method == "POST" else None
    form = MembershipForm(sent, today=today, from_date=today)
    roles = sorted(service.list_grantable_roles(frozenset(grant.role for grant in actor().grants)))
    form.role.choices = [SelectChoice(role.value, role.label) for role in roles]
    led = reads.list_led_sites(actor(), study)
    sites = [
        site
        for site in reads.list_sites_of_study(reading(), study)
        if led is None or site.slug in led
    ]
    form.sites.choices = [SelectChoice(site.slug, site.name) for site in sites]
    if led is not None:
        form.sites.description = "You give roles at your own sites alone: tick at least one."
    return form


def _make_new_membership(form: MembershipForm, user: str) -> service.NewMembership:
    return service.NewMembership(
        user=user,
        role=Role(form.role.data),
        sites=tuple(form.sites.data) if form.sites.data else None,
        from_date=form.from_date.data or "",
        to_date=form.to_date.data,
        masked=bool(form.masked.data),
    )


def _render_members_page(study: str, form: MembershipForm, problem: Problem | None) -> str:
    rows = [
        make_member_row(member, _make_end_url(study, member))
        for member in reads.list_members(reading(), actor(), study)
    ]
    may = actor().may(Action.ROLE_ASSIGN, study)
    return render_template(
        "accounts/members.html",
        study=study,
        columns=COLUMNS,
        rows=rows,
        form=form if may else None,
        errors=list_errors(problem, form),
    )


def _make_end_url(study: str, member: reads.Member) -> str | None:
    if member.membership.user == actor().id:
        return None
    return url_for("accounts.end_form", study=study, membership=member.membership.id)


def _render_end_page(
    study: str, membership: str, form: AccountReasonForm, problem: Problem | None
) -> str:
    found = reads.get_membership(reading(), actor(), study, membership)
    person = reads.get_account(reading(), found.user)
    words = (
        f"{person.name} is {found.role.label} in this study from "
        f"{clock.day_words(found.from_date)}. Access ends now. The role stays on record with its "
        "dates."
    )
    page = ActPage(f"Remove access of {person.name}", "Remove access", (words,), is_grave=True)
    return draw_act(page, form, problem, WayBack(url_for("accounts.members", study=study)))
