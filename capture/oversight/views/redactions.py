"""The pages of redaction: requested by one person, done by another with the password."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask import Response, request, url_for

from capture.access import Action, allow
from capture.ledger.reads import list_ledger_rows as ledger_facts
from capture.ledger.service import Transaction
from capture.oversight import reads, service
from capture.oversight.views.blueprint import bp, columns, get_trail_reading, list_zones, render
from capture.oversight.views.forms import RedactForm, RedactionRequestForm
from capture.participants.presenters.timeline import make_names
from capture.problems import NotFound, Problem
from capture.study.reads import get_site as site_at
from capture.timeline import TimelineReader, TimelineRow, item_with_form, make_row
from capture.visibility import get_viewer
from capture.web.act_pages import ActPage, WayBack, do_act, draw_act
from capture.web.page_data import Colour, SummaryRow, Tag
from capture.web.perform import Answer, actor, reading, services
from forms.definition import Study

ASKING = (
    "Every value that this item ever had in this form is taken out, with its copies in queries, in "
    "drafts and in the record of the eligibility check. It cannot be brought back. A second person "
    "has to do it. A value that is only wrong is corrected in its form instead."
)
REDACTING = (
    "Every value that this item ever had in this form is taken out of the record for ever, with "
    "its copies in queries, in drafts and in the record of the eligibility check. Look at the form "
    "first if you are not sure."
)
OWN = "You asked for this. Now a second person, a data manager or trial manager, has to do it."
GONE = (
    "The value is gone. Its hash stands in each of these rows of the record. Backups, exports and "
    "files taken away before then still hold it: whoever keeps them has to deal with them."
)
WAITING = Tag("Waits for a second person", Colour.ORANGE)
DONE = Tag("Done")


@dataclass(frozen=True)
class RedactableValue:
    """The value that an address names: an item of an entry of a participant."""

    study: str
    pid: str
    entry: str
    item: str


@bp.get("/redactions")
@allow(Action.REDACTION_REQUEST)
def redactions(study: str) -> str:
    """Every redaction requested and done."""
    where = get_trail_reading(study)
    found = reads.list_redactions(where.connection, where.actor, study)
    timelines = _list_timelines(where, found)
    rows = [
        (asked, item_with_form(where.study, asked.item), timelines[asked.id][0], get_tag(asked))
        for asked in found
        if timelines[asked.id]
    ]
    return render("redactions.html", study=study, rows=rows)


@bp.get("/redactions/ask/<pid>/<entry>/<item>")
@allow(Action.REDACTION_REQUEST)
def ask(study: str, pid: str, entry: str, item: str) -> str:
    """Request the redaction of one value."""
    return _render_ask_page(RedactableValue(study, pid, entry, item), RedactionRequestForm(), None)


@bp.post("/redactions/ask/<pid>/<entry>/<item>")
@allow(Action.REDACTION_REQUEST)
def do_ask(study: str, pid: str, entry: str, item: str) -> Response:
    form, value = RedactionRequestForm(request.form), RedactableValue(study, pid, entry, item)
    _require_shown(value)

    def act(tx: Transaction) -> Answer:
        reason = form.text("reason")
        request_id = service.ask_redaction(tx, study, pid, entry=entry, item=item, reason=reason)
        where = url_for("oversight.redaction", study=study, request_id=request_id)
        return Answer(where, "Asked. A second person must now redact the value.")

    return do_act(form, act, lambda problem: _render_ask_page(value, form, problem))


@bp.get("/redactions/<request_id>")
@allow(Action.REDACTION_REQUEST)
def redaction(study: str, request_id: str) -> str:
    """One redaction: what is asked, or what was done."""
    return _render_redaction_page(study, request_id, RedactForm(), None)


@bp.post("/redactions/<request_id>")
@allow(Action.REDACTION_CARRY_OUT)
def redact(study: str, request_id: str) -> Response:
    """Redact the value, under the second person's name and password."""
    reads.get_redaction(reading(), actor(), study, request_id)
    form = RedactForm(request.form)

    def act(tx: Transaction) -> Answer:
        places = service.redact(tx, study, request_id)
        words = f"The value is gone from {len(places)} rows of the record."
        return Answer(url_for("oversight.redaction", study=study, request_id=request_id), words)

    def draw(problem: Problem | None) -> str:
        return _render_redaction_page(study, request_id, form, problem)

    response = do_act(form, act, draw)
    if response.status_code == 303:
        service.wipe_freed_pages(services().database)
    return response


def _render_ask_page(
    value: RedactableValue, form: RedactionRequestForm, problem: Problem | None
) -> str:
    study, where = value.study, get_trail_reading(value.study)
    person = _require_shown(value)
    rows = [
        SummaryRow("Participant", person.number),
        SummaryRow("Site", site_at(where.connection, study, person.site).name),
        SummaryRow("Item", item_with_form(where.study, value.item)),
    ]
    page = ActPage(
        "Ask for a redaction",
        "Ask for the redaction",
        intro=(ASKING,),
        template="oversight/redaction.html",
        content={"rows": rows, "places": [], "history": []},
    )
    return draw_act(page, form, problem, _way_back(study))


def _require_shown(value: RedactableValue) -> reads.NamedPerson:
    """Return the participant of the value. Raises NotFound, also for an item that is not shown."""
    where = get_trail_reading(value.study)
    person = reads.get_person_at(where.connection, where.actor, value.study, value.pid)
    is_known = value.item in where.study.item_names
    if not is_known or not reads.is_item_shown(where.actor, where.study, person.site, value.item):
        raise NotFound("This study has no such item.")
    return person


def _render_redaction_page(
    study: str, request_id: str, form: RedactForm, problem: Problem | None
) -> str:
    where = get_trail_reading(study)
    asked = reads.get_redaction(where.connection, where.actor, study, request_id)
    may_redact = asked.is_waiting and asked.requested_by != where.actor.id
    places = [(ledger_id, ", ".join(names)) for ledger_id, names in asked.places]
    page = ActPage(
        "Redaction",
        "Redact the value for ever",
        intro=(REDACTING if may_redact else OWN if asked.is_waiting else GONE,),
        is_grave=True,
        template="oversight/redaction.html",
        content={
            "rows": _list_summary(
                where.study, asked, site_at(where.connection, study, asked.site).name
            ),
            "places": [] if asked.is_waiting else places,
            "columns": columns("Ledger row", "Items"),
            "history": _list_timelines(where, [asked])[asked.id],
        },
    )
    return draw_act(page, form if may_redact else None, problem, _way_back(study))


def _way_back(study: str) -> WayBack:
    return WayBack(url_for("oversight.redactions", study=study), "Redactions")


def _list_summary(study: Study, asked: reads.Redaction, site: str) -> list[SummaryRow]:
    return [
        SummaryRow("Participant", asked.number),
        SummaryRow("Site", site),
        SummaryRow("Item", item_with_form(study, asked.item)),
    ]


def _list_timelines(
    where: reads.TrailReading, found: Sequence[reads.Redaction]
) -> dict[str, list[TimelineRow]]:
    """Return the request and the redaction of each, in words, oldest first."""
    study, connection = where.study.slug, where.connection
    names, zones = make_names(connection, study), list_zones(where)
    viewers = {
        site: get_viewer(where.actor, where.study, site, zone=zones[site])
        for site in {asked.site for asked in found}
    }
    readers = {asked.id: TimelineReader(viewers[asked.site], names) for asked in found}
    subjects = [f"redaction/{asked.id}" for asked in found]
    rows: dict[str, list[TimelineRow]] = {asked.id: [] for asked in found}
    for fact in ledger_facts(connection, services().concealment, study, subjects=subjects):
        if row := make_row(fact, readers[fact.subject_id]):
            rows[fact.subject_id].append(row)
    return rows


def get_tag(asked: reads.Redaction) -> Tag:
    return WAITING if asked.is_waiting else DONE
