"""Pages on which the unblinded statistician prints envelopes and records their destruction."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from typing import Any

from flask import Response, make_response, request, url_for

from capture.access import Action, allow
from capture.ledger.service import Transaction
from capture.problems import Problem
from capture.randomisation.designs.views.designs import ONE, DesignDesk, open_desk
from capture.randomisation.recovery.service import envelopes as service
from capture.randomisation.recovery.service.envelopes import Envelope
from capture.randomisation.recovery.service.halt import halt_if_outside_is_newer
from capture.randomisation.views.blueprint import bp, page
from capture.randomisation.views.forms import DestroyForm, PrintForm
from capture.study import reads as study_reads
from capture.web.act_forms import NOT_CHOSEN, ActForm
from capture.web.act_pages import do_act, list_errors
from capture.web.perform import Answer, actor, reading, services


@bp.get(f"{ONE}/envelopes")
@allow(Action.ENVELOPE_PRINT)
def envelopes(study: str, name: str) -> str:
    """Show which envelopes are printed, opened, skipped and destroyed; never what one holds."""
    return _draw(open_desk(study, name))


def _draw(desk: DesignDesk, problem: Problem | None = None, *sent: ActForm) -> str:
    forms: dict[type[ActForm], ActForm] = {type(form): form for form in sent}
    titles = {
        site.slug: site.name for site in study_reads.list_all_sites(reading(), desk.study.slug)
    }
    known = service.list_envelopes(reading(), desk.study.slug, desk.name)
    unused = {envelope.site for envelope in known if envelope.is_unused}
    left = {slug: title for slug, title in titles.items() if slug in unused}
    printing, destroying = forms.get(PrintForm, PrintForm()), forms.get(DestroyForm, DestroyForm())
    _set_choices(printing, "site", titles)
    _set_choices(destroying, "destroyed_site", left)
    return page(
        "envelopes.html",
        desk=desk,
        errors=list_errors(problem, *sent),
        rows=_make_rows(known, titles),
        skipped=[
            f"{titles.get(envelope.site, envelope.site)}: envelope {envelope.label}"
            for envelope in service.list_skipped(known)
        ],
        printing=printing,
        destroying=destroying if unused else None,
    )


def _set_choices(form: ActForm, field: str, sites: Mapping[str, str]) -> None:
    chooser: Any = form[field]
    chooser.choices = {**NOT_CHOSEN, **sites}


def _make_rows(known: Sequence[Envelope], titles: dict[str, str]) -> list[tuple[str, ...]]:
    """Return a row for each site and version: printed, opened, destroyed and unused envelopes."""
    found: list[tuple[str, ...]] = []
    for (_version, site), group in groupby(
        known, lambda envelope: (envelope.design_version, envelope.site)
    ):
        listed = list(group)
        found.append(
            (
                titles.get(site, site),
                f"{listed[0].label} to {listed[-1].label}",
                _join_labels(
                    envelope for envelope in listed if envelope.opened_by_participant is not None
                ),
                _join_labels(envelope for envelope in listed if envelope.destroyed_at is not None),
                _join_labels(envelope for envelope in listed if envelope.is_unused),
            )
        )
    return found


def _join_labels(some: Iterable[Envelope]) -> str:
    return ", ".join(envelope.label for envelope in some)


@bp.post(f"{ONE}/envelopes")
@allow(Action.ENVELOPE_PRINT)
def print_envelopes(study: str, name: str) -> Response:
    """Record the next envelopes; the page to print them from is open for an hour."""
    desk, form, known = open_desk(study, name), PrintForm(request.form), services()
    halt_if_outside_is_newer(known.database, known.concealment, known.config.data)

    def act(tx: Transaction) -> Answer:
        batch = service.print_envelopes(
            tx,
            desk.study,
            desk.study_version,
            name,
            site=form.text("site"),
            count=form.text("count"),
        )
        url = url_for("randomisation.show_printed", study=study, name=name, batch=batch)
        return Answer(url, "Print this page now; it closes an hour after it was made.")

    return do_act(form, act, lambda problem: _draw(desk, problem, form))


@bp.get(f"{ONE}/envelopes/<batch>")
@allow(Action.ENVELOPE_PRINT)
def show_printed(study: str, name: str, batch: str) -> Response:
    """Show the envelopes to print, to the user who recorded them, within the hour."""
    desk = open_desk(study, name)
    held = service.list_printed_batch(reading(), services().concealment, actor(), desk.study, batch)
    titles = {site.slug: site.name for site in study_reads.list_all_sites(reading(), study)}
    is_test = study_reads.get_state(reading(), study) == study_reads.TEST
    answer = make_response(
        page("printed.html", desk=desk, envelopes=held, titles=titles, is_test=is_test)
    )
    answer.headers["Cache-Control"] = "no-store"
    return answer


@bp.post(f"{ONE}/envelopes/destroyed")
@allow(Action.ENVELOPE_DESTROY)
def destroy_envelopes(study: str, name: str) -> Response:
    """Record that a site's unused envelopes were destroyed."""
    desk, form = open_desk(study, name), DestroyForm(request.form)

    def act(tx: Transaction) -> Answer:
        site, words = form.text("destroyed_site"), form.text("words")
        count = service.record_destruction(tx, study, name, site=site, words=words)
        return Answer(desk.url("envelopes"), f"On record as destroyed: {count}.")

    return do_act(form, act, lambda problem: _draw(desk, problem, form))
