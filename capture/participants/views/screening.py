"""The screening log's new line."""

from __future__ import annotations

from datetime import date

import sqlalchemy as sa
from flask import Response, request, url_for

from capture.access import Action, allow
from capture.ledger.service import Transaction
from capture.participants import reads, service
from capture.participants.presenters.links import person_url
from capture.participants.views.blueprint import bp, list_site_options
from capture.participants.views.forms import ScreenForm
from capture.web.act_forms import options
from capture.web.act_pages import ActPage, WayBack, do_act, draw_act, sent_form
from capture.web.perform import Answer, keeps_typing, reading


@bp.route("/screen", methods=["GET", "POST"])
@allow(Action.PARTICIPANT_SCREEN)
@keeps_typing
def screen(study: str) -> Response:
    """Add a line to the screening log; nothing here may identify anybody."""
    connection = reading()
    sites = list_site_options(connection, study, Action.PARTICIPANT_SCREEN)
    form = ScreenForm(
        sent_form(),
        today=_find_today(connection, study, sites),
        earlier=request.args.get("earlier", ""),
    )
    form.site.choices = options(dict(sites))
    page = ActPage(
        "Add to the screening log",
        "Add to the screening log",
        ("Do not enter a name, date of birth or hospital number here.",),
    )

    def act(tx: Transaction) -> Answer:
        line = service.Screening(
            form.text("date"), form.text("source"), form.text("age_band"), form.text("earlier")
        )
        person = service.screen(tx, study, form.text("site"), line)
        return Answer(person_url(person), f"{person.number} is in the screening log.")

    back = WayBack(url_for(".index", study=study))
    return do_act(form, act, lambda problem: draw_act(page, form, problem, back))


def _find_today(connection: sa.Connection, study: str, sites: list[tuple[str, str]]) -> date:
    """Today's date at the chosen site, or the latest of all sites; the service checks again."""
    chosen = request.form.get("site", "")
    slugs = [slug for slug, _ in sites if not chosen or slug == chosen] or [s for s, _ in sites]
    return max(reads.get_today_at(connection, study, slug) for slug in slugs)
