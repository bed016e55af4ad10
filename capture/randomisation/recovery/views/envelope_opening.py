"""The page on which a site records an envelope that it opened while there was no network."""

from __future__ import annotations

from flask import Response, make_response, request

from capture.access import Action, allow
from capture.ledger.service import Transaction
from capture.problems import Problem
from capture.randomisation.allocation.service.gate import get_readiness
from capture.randomisation.allocation.service.receipts import try_to_deliver
from capture.randomisation.allocation.views.criteria import make_stratum_rows
from capture.randomisation.recovery.service.envelope_opening import open_envelope
from capture.randomisation.recovery.service.envelopes import list_envelopes, list_skipped
from capture.randomisation.recovery.service.halt import RECEIPTS, halt_if_outside_is_newer
from capture.randomisation.views.blueprint import PERSON, RandomisationCase, bp, open_case, to
from capture.randomisation.views.forms import EnvelopeForm
from capture.web.act_pages import ActPage, WayBack, do_act, draw_act
from capture.web.perform import Answer, reading, services


@bp.get(f"{PERSON}/envelope")
@allow(Action.ENVELOPE_OPEN)
def envelope(study: str, pid: str, name: str) -> Response:
    """Show the form for the opened envelope; its arm is known from the paper already."""
    case = open_case(study, pid, name, Action.ENVELOPE_OPEN)
    if case.find_allocation():
        return to(case.url("result"))
    return make_response(_draw(case, EnvelopeForm(today=case.today), None))


@bp.post(f"{PERSON}/envelope")
@allow(Action.ENVELOPE_OPEN)
def record_envelope(study: str, pid: str, name: str) -> Response:
    """Record the envelope; a participant who is randomised already keeps that allocation."""
    case = open_case(study, pid, name, Action.ENVELOPE_OPEN)
    form, known = EnvelopeForm(request.form, today=case.today), services()
    halt_if_outside_is_newer(known.database, known.concealment, known.config.data)

    def act(tx: Transaction) -> Answer:
        open_envelope(
            tx,
            case.study,
            case.study_version,
            pid,
            name,
            label=form.text("envelope"),
            opened_on=form.text("opened_on"),
        )
        found = list_envelopes(tx.connection, study, name, case.person.site)
        before = ", ".join(envelope.label for envelope in list_skipped(found))
        words = f"{case.person.number} is randomised by envelope {form.text('envelope')}."
        missing = f" Not on record, though printed before it: {before}. Were they opened?"
        return Answer(case.url("result"), words + (missing if before else ""))

    answer = do_act(form, act, lambda problem: _draw(case, form, problem))
    try_to_deliver(known.database, known.config.checkpoint_key, known.config.data / RECEIPTS)
    return answer


def _draw(case: RandomisationCase, form: EnvelopeForm, problem: Problem | None) -> str:
    ready = get_readiness(reading(), case.study, case.person.id, case.randomisation.name)
    shown = ActPage(
        "Record an envelope that was opened",
        "Record the envelope",
        caption=case.randomisation.title,
        template="randomisation/envelope.html",
        content={
            "case": case,
            "strata": make_stratum_rows(case, ready.stratum.levels),
            "blank": [blank.label for blank in ready.stratum.blanks],
        },
    )
    who = case.banner()
    return draw_act(shown, form, problem, WayBack(who.url, case.person.number), banner=who)
