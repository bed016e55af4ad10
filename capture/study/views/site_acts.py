"""What the trial manager does at a site: each act one POST, answered on the site's page."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from flask import Response, request, url_for

from capture import clock
from capture.access import Action, allow
from capture.ledger.service import Transaction
from capture.study import reads, service
from capture.study.presenters import describe_target
from capture.study.reads import Site
from capture.study.views.blueprint import bp
from capture.study.views.forms import (
    AddSiteForm,
    AttributeForm,
    CloseForm,
    ConsentVersionForm,
    DelegateForm,
    EndDelegationForm,
    OpenForm,
    TargetForm,
    make_add_site_form,
)
from capture.study.views.sites import render_site_page, render_sites_page
from capture.web.act_forms import ActForm
from capture.web.act_pages import do_act
from capture.web.perform import Answer, actor, reading

Sent = TypeVar("Sent", bound=ActForm)


@bp.post("/studies/<study>/sites")
@allow(Action.SITE_ADD)
def add_site(study: str) -> Response:
    definition = reads.get_definition_for(reading(), study)
    form = make_add_site_form(definition)(request.form, today=clock.today(definition.zone))

    def act(tx: Transaction) -> Answer:
        site = service.add_site(tx, study, _make_new_site(form))
        words = f"{site.name} is added. Open it when it is ready."
        return Answer(url_for("study.site", study=study, slug=site.slug), words)

    return do_act(form, act, lambda problem: render_sites_page(study, form, problem))


def _make_new_site(form: AddSiteForm) -> service.NewSite:
    return service.NewSite(
        slug=form.text("slug"),
        name=form.text("name"),
        zone=form.text("zone"),
        country=form.text("country") if "country" in form else "",
        target=form.number(),
        target_by=form.by(),
        attributes=form.attributes(),
    )


@bp.post("/studies/<study>/sites/<slug>/open")
@allow(Action.SITE_OPEN)
def open_site(study: str, slug: str) -> Response:
    def act(tx: Transaction, form: OpenForm) -> str:
        opened = service.open_site(tx, study, slug, form.date_in("open_from"))
        return f"{opened.name} is open from {opened.open_from}."

    return _perform(study, slug, OpenForm, act)


@bp.post("/studies/<study>/sites/<slug>/close")
@allow(Action.SITE_CLOSE)
def close_site(study: str, slug: str) -> Response:
    def act(tx: Transaction, form: CloseForm) -> str:
        day, reason = form.date_in("closed_from"), form.text("reason")
        closed = service.close_site(tx, study, slug, day, reason)
        return f"{closed.name} is closed from {closed.closed_from}. Follow-up goes on."

    return _perform(study, slug, CloseForm, act)


@bp.post("/studies/<study>/sites/<slug>/attribute")
@allow(Action.SITE_SET_ATTRIBUTE)
def set_attribute(study: str, slug: str) -> Response:
    def act(tx: Transaction, form: AttributeForm) -> str:
        name, _, code = form.text("attribute").partition(":")
        since = form.date_in("from_date")
        service.set_attribute(tx, study, slug, name, code=code, since=since)
        return f"It holds from {since.isoformat()}."

    return _perform(study, slug, AttributeForm, act)


@bp.post("/studies/<study>/sites/<slug>/target")
@allow(Action.SITE_SET_TARGET)
def set_target(study: str, slug: str) -> Response:
    def act(tx: Transaction, form: TargetForm) -> str:
        changed = service.set_target(tx, study, slug, form.number(), form.by())
        words = describe_target(changed.target, changed.target_by)
        return f"The target is {words}." if words else "The site has no target now."

    return _perform(study, slug, TargetForm, act)


@bp.post("/studies/<study>/sites/<slug>/consent")
@allow(Action.CONSENT_VERSION_APPROVE)
def approve_consent(study: str, slug: str) -> Response:
    def act(tx: Transaction, form: ConsentVersionForm) -> str:
        scope, _, version = form.text("version").partition(":")
        since = form.date_in("from_date")
        service.approve_consent_version(tx, study, slug, scope, version=version, since=since)
        return f"Version {version} may be used from {since.isoformat()}."

    return _perform(study, slug, ConsentVersionForm, act)


@bp.post("/studies/<study>/sites/<slug>/delegates")
@allow(Action.DELEGATION_ADD)
def delegate(study: str, slug: str) -> Response:
    def act(tx: Transaction, form: DelegateForm) -> str:
        name, role_note = form.text("name"), form.text("role_note")
        since = form.date_in("from_date")
        service.delegate(tx, study, slug, name, role_note=role_note, since=since)
        return f"{name} may confirm eligibility from {since.isoformat()}."

    return _perform(study, slug, DelegateForm, act)


@bp.post("/studies/<study>/sites/<slug>/delegates/end")
@allow(Action.DELEGATION_END)
def end_delegation(study: str, slug: str) -> Response:
    def act(tx: Transaction, form: EndDelegationForm) -> str:
        last_day = form.date_in("to_date")
        service.end_delegation(tx, study, slug, form.text("line"), last_day=last_day)
        return f"The delegation ends after {last_day.isoformat()}."

    return _perform(study, slug, EndDelegationForm, act)


def _perform(
    study: str, slug: str, kind: type[Sent], act: Callable[[Transaction, Sent], str]
) -> Response:
    """Read the posted form, do the act, and go back to the site's page in words."""
    site: Site = reads.get_visible_site(reading(), actor(), study, slug)
    form = kind(request.form, today=clock.today(site.zone))
    location = url_for("study.site", study=study, slug=slug)
    return do_act(
        form,
        lambda tx: Answer(location, act(tx, form)),
        lambda problem: render_site_page(site, form, problem),
    )
