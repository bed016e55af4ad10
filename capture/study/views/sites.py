"""The sites of a study: the list, and one site with everything the trial manager may do there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

import sqlalchemy as sa
from flask import url_for
from wtforms import SelectField

from capture import clock
from capture.access import Action, allow
from capture.problems import Problem
from capture.study import reads
from capture.study.presenters import describe_target
from capture.study.reads import Delegate, Site
from capture.study.service.sites import START
from capture.study.views.blueprint import bp, render_page
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
from capture.web.act_forms import ActForm
from capture.web.act_pages import list_errors
from capture.web.page_data import Colour, SummaryRow, Tag
from capture.web.perform import actor, reading
from forms.definition import Study

FORMS: tuple[type[ActForm], ...] = (
    OpenForm,
    CloseForm,
    AttributeForm,
    ConsentVersionForm,
    DelegateForm,
    EndDelegationForm,
)


@dataclass(frozen=True)
class SiteRow:
    """One line of the list of sites."""

    site: Site
    state: Tag
    url: str


@bp.get("/studies/<study>/sites")
@allow(Action.SITE_VIEW)
def sites(study: str) -> str:
    return render_sites_page(study)


@bp.get("/studies/<study>/sites/<slug>")
@allow(Action.SITE_VIEW)
def site(study: str, slug: str) -> str:
    return render_site_page(reads.get_visible_site(reading(), actor(), study, slug))


def render_sites_page(
    study: str, form: AddSiteForm | None = None, problem: Problem | None = None
) -> str:
    """The list, with the form for a new site for those who may add one."""
    connection = reading()
    definition = reads.get_definition_for(connection, study)
    today = clock.today(definition.zone)
    rows = [
        SiteRow(site, get_site_state(site), url_for("study.site", study=study, slug=site.slug))
        for site in reads.list_sites(connection, actor(), study)
    ]
    return render_page(
        "sites.html",
        errors=list_errors(problem, *([form] if form else [])),
        study=study,
        study_title=definition.short_title,
        rows=rows,
        form=form or make_add_site_form(definition)(today=today),
        may_add=actor().may(Action.SITE_ADD, study),
    )


def render_site_page(
    site: Site, sent: ActForm | None = None, problem: Problem | None = None
) -> str:
    """One site; `sent` is the form that was posted, shown again with what is wrong."""
    connection = reading()
    definition = reads.get_definition_for(connection, site.study)
    delegates = reads.list_delegates(connection, site.study, site.slug)
    forms = {kind.act: kind(today=clock.today(site.zone)) for kind in FORMS}
    forms["target"] = TargetForm(
        None, today=clock.today(site.zone), target=site.target, target_by=site.target_by
    )
    if sent is not None:
        forms[sent.act] = sent
    _fill_choices(forms, definition, delegates)
    return render_page(
        "site.html",
        errors=list_errors(problem, *([sent] if sent else [])),
        study=site.study,
        study_title=definition.short_title,
        site=site,
        state=get_site_state(site),
        rows=_make_summary(site),
        attributes=_make_attribute_rows(site, definition),
        approvals=_make_approval_rows(connection, site, definition),
        delegates=delegates,
        forms=forms,
        may=lambda action: actor().may(action, site.study, site.slug),
        actions=Action,
    )


def get_site_state(site: Site) -> Tag:
    """Whether people may join at a site today, where it is."""
    today = clock.today(site.zone).isoformat()
    if site.is_open(today):
        return Tag("Open", Colour.GREEN)
    if site.open_from is None:
        return Tag("In set-up", Colour.GREY)
    return Tag("Opening date set", Colour.BLUE) if today < site.open_from else Tag("Closed")


def _make_summary(site: Site) -> list[SummaryRow]:
    return [
        SummaryRow("Site code", site.slug),
        SummaryRow("Country", site.country or "Not stated"),
        SummaryRow("Time zone", site.zone),
        SummaryRow(
            "Recruitment target", describe_target(site.target, site.target_by) or "Not stated"
        ),
        SummaryRow("Opening date", clock.day_words(site.open_from) or "In set-up"),
        SummaryRow("Closure date", clock.day_words(site.closed_from) or "Not closed"),
    ]


def _fill_choices(
    forms: dict[str, ActForm], definition: Study, delegates: Sequence[Delegate]
) -> None:
    _get_select_field(forms["attribute"], "attribute").choices = [
        (f"{attribute.name}:{choice.code}", f"{attribute.title}: {choice.label}")
        for attribute in definition.site_attributes
        for choice in attribute.choices
    ]
    _get_select_field(forms["consent"], "version").choices = [
        (f"{scope.name}:{version.version}", f"{scope.title}, version {version.version}")
        for scope in definition.consents
        for version in scope.versions
    ]
    _get_select_field(forms["end"], "line").choices = [
        (delegate.id, f"{delegate.name}, from {clock.day_words(delegate.from_date)}")
        for delegate in delegates
        if delegate.to_date is None
    ]


def _get_select_field(form: ActForm, name: str) -> SelectField:
    return cast(SelectField, form[name])


def _make_attribute_rows(site: Site, definition: Study) -> list[tuple[str, str, str]]:
    titles = {attribute.name: attribute.title for attribute in definition.site_attributes}
    labels = {
        (attribute.name, choice.code): choice.label
        for attribute in definition.site_attributes
        for choice in attribute.choices
    }
    return [
        (
            titles.get(attribute.name, attribute.name),
            labels.get((attribute.name, attribute.value), attribute.value),
            "from opening"
            if attribute.from_date == START
            else clock.day_words(attribute.from_date),
        )
        for attribute in site.attributes
    ]


def _make_approval_rows(
    connection: sa.Connection, site: Site, definition: Study
) -> list[tuple[str, str, str]]:
    titles = {scope.name: scope.title for scope in definition.consents}
    return [
        (
            titles.get(approval.scope, approval.scope),
            approval.version,
            clock.day_words(approval.from_date),
        )
        for approval in reads.list_consent_approvals(connection, site.study, site.slug)
    ]
