"""Redaction by two people: asked for by one, done by another with the password."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from flask import Response, make_response, request, url_for

from capture.access import Action, allow
from capture.accounts import reads as people
from capture.chrome import PageError
from capture.components import errors_of
from capture.ledger.service import Transaction
from capture.oversight import reads, service
from capture.oversight.views.blueprint import bp, reading_of, render
from capture.oversight.views.forms import AskForm, RedactForm
from capture.parts import Colour, SummaryRow, Tag
from capture.problems import InvalidInput, NotFound, Problem
from capture.study.reads import site as site_at
from capture.web import Answer, actor, perform, reading, services
from forms.definition import Study

WAITING = Tag("Waits for a second person", Colour.ORANGE)
DONE = Tag("Done")


@dataclass(frozen=True)
class Value:
    """The value that an address names: an item of an entry of a participant."""

    study: str
    pid: str
    entry: str
    item: str


@bp.get("/redactions")
@allow(Action.LEDGER_ASK_REDACTION)
def redactions(study: str) -> str:
    """Every redaction asked for and done."""
    where = reading_of(study)
    found = reads.redactions(where.connection, where.actor, study)
    rows = [
        (one, item_words(where.study, one.item), utc(one.asked_at), name(one.asked_by), tag_of(one))
        for one in found
    ]
    return render("redactions.html", study=study, rows=rows)


@bp.get("/redactions/ask/<pid>/<entry>/<item>")
@allow(Action.LEDGER_ASK_REDACTION)
def ask(study: str, pid: str, entry: str, item: str) -> str:
    """Ask that one value be taken out of the record."""
    return _ask_page(Value(study, pid, entry, item), AskForm())


@bp.post("/redactions/ask/<pid>/<entry>/<item>")
@allow(Action.LEDGER_ASK_REDACTION)
def do_ask(study: str, pid: str, entry: str, item: str) -> Response:
    form, value = AskForm(request.form), Value(study, pid, entry, item)
    _require_shown(value)
    if not form.validate():
        return make_response(_ask_page(value, form), 422)

    def act(tx: Transaction) -> Answer:
        reason = form.reason.data or ""
        request_id = service.ask_redaction(tx, study, pid, entry=entry, item=item, reason=reason)
        where = url_for("oversight.redaction", study=study, request_id=request_id)
        return Answer(where, "Asked. A second person must now redact the value.")

    return perform(act, again=lambda problem: _ask_page(value, form, problem))


@bp.get("/redactions/<request_id>")
@allow(Action.LEDGER_ASK_REDACTION)
def redaction(study: str, request_id: str) -> str:
    """One redaction: what is asked, or what was done."""
    return _redaction_page(study, request_id, RedactForm())


@bp.post("/redactions/<request_id>")
@allow(Action.LEDGER_REDACT)
def redact(study: str, request_id: str) -> Response:
    """Take the value out, under the second person's name and password."""
    reads.redaction_at(reading(), actor(), study, request_id)
    form = RedactForm(request.form)
    if not form.validate():
        return make_response(_redaction_page(study, request_id, form), 422)

    def act(tx: Transaction) -> Answer:
        places = service.redact(tx, study, request_id)
        words = f"The value is gone from {len(places)} rows of the record."
        return Answer(url_for("oversight.redaction", study=study, request_id=request_id), words)

    response = perform(
        act,
        again=lambda problem: _redaction_page(study, request_id, form, problem),
        password="password",  # noqa: S106  (a control's name)
    )
    if response.status_code == 303:
        service.wipe_freed_pages(services().database)
    return response


def _ask_page(value: Value, form: AskForm, problem: Problem | None = None) -> str:
    study, where = value.study, reading_of(value.study)
    person = _require_shown(value)
    return render(
        "ask.html",
        study=study,
        action=url_for("oversight.do_ask", **asdict(value)),
        form=form,
        errors=_errors(form, problem),
        rows=[
            SummaryRow("Participant", person.number),
            SummaryRow("Site", site_at(where.connection, study, person.site).name),
            SummaryRow("Item", item_words(where.study, value.item)),
        ],
    )


def _require_shown(value: Value) -> reads.Person:
    """Whose value it is. Raises NotFound, for an item that the reader is not shown too."""
    where = reading_of(value.study)
    person = reads.person_at(where.connection, where.actor, value.study, value.pid)
    is_known = value.item in where.study.item_names
    if not is_known or not reads.shows_item(where.actor, where.study, person.site, value.item):
        raise NotFound("This study has no such item.")
    return person


def _redaction_page(
    study: str, request_id: str, form: RedactForm, problem: Problem | None = None
) -> str:
    where = reading_of(study)
    one = reads.redaction_at(where.connection, where.actor, study, request_id)
    return render(
        "redaction.html",
        study=study,
        redaction=one,
        form=form,
        errors=_errors(form, problem),
        rows=_summary(where.study, one, site_at(where.connection, study, one.site).name),
        places=[(ledger_id, ", ".join(names)) for ledger_id, names in one.places],
        is_own=one.asked_by == where.actor.id,
    )


def _summary(study: Study, one: reads.Redaction, site: str) -> list[SummaryRow]:
    rows = [
        SummaryRow("Participant", one.number),
        SummaryRow("Site", site),
        SummaryRow("Item", item_words(study, one.item)),
        SummaryRow("Why", one.reason),
        SummaryRow("Asked", f"{utc(one.asked_at)}, {name(one.asked_by)}"),
    ]
    if one.done_at and one.done_by:
        rows.append(SummaryRow("Redacted", f"{utc(one.done_at)}, {name(one.done_by)}"))
    return rows


def item_words(study: Study, item: str) -> str:
    """An item's label with the title of the form that asks it."""
    if item not in study.item_names:
        return item
    instrument = study.instrument_of(item)
    found = instrument.value_items.get(item)
    return f"{found.label if found else item} ({instrument.title})"


def utc(at: str) -> str:
    """An instant as this feature's pages show it."""
    return f"{at[:10]} {at[11:16]} UTC"


def name(user: str) -> str:
    """A person's name, or the id of somebody unknown here."""
    known = {one.id: one.name for one in people.accounts(reading())}
    return known.get(user, user)


def tag_of(one: reads.Redaction) -> Tag:
    return WAITING if one.is_waiting else DONE


def _errors(form: AskForm | RedactForm, problem: Problem | None) -> list[PageError]:
    if isinstance(problem, InvalidInput) and problem.field in form:
        form[problem.field].errors = (problem.message,)
    elif problem is not None:
        href = "#password" if "password" in form else "#reason"
        return [PageError(problem.message, href)]
    return list(errors_of(form))
