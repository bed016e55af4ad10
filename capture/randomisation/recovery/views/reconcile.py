"""Reconciliation after a restore: one person proposes the lost allocations, another confirms."""

from __future__ import annotations

from flask import Response, make_response, request
from sqlalchemy import RowMapping

from capture.access import Action, allow
from capture.ledger.service import Transaction
from capture.problems import InvalidInput, Problem, Refused
from capture.randomisation import reads
from capture.randomisation.allocation.service.receipts import Receipt, read_receipts
from capture.randomisation.designs.views.designs import ONE, DesignDesk, open_desk, read_upload
from capture.randomisation.recovery.service.halt import RECEIPTS, get_last_number
from capture.randomisation.recovery.service.reconcile import (
    Proposal,
    propose_reconciliation,
    reconcile,
)
from capture.randomisation.views.blueprint import bp, name_of, page, to
from capture.randomisation.views.forms import ProposalForm, SecondForm
from capture.web.act_forms import ActForm
from capture.web.act_pages import do_act, list_errors
from capture.web.perform import Answer, actor, reading, services

MOST_WORDS = 10


@bp.get(f"{ONE}/reconcile")
@allow(Action.RANDOMISATION_RECONCILE)
def reconciliation(study: str, name: str) -> Response:
    """Show the halt, the proposal and the form for it."""
    desk = open_desk(study, name)
    halt = reads.find_open_halt(reading(), study, name)
    return to(desk.url()) if halt is None else make_response(_draw(desk, halt, ProposalForm()))


def _draw(desk: DesignDesk, halt: RowMapping, form: ActForm, problem: Problem | None = None) -> str:
    slug, name = desk.study.slug, desk.name
    proposal = Proposal(**halt["proposal"]) if halt["proposal"] else None
    known = get_last_number(reading(), slug, name)
    on_server = [
        receipt for receipt in _list_server_receipts(slug, name) if receipt["number"] > known
    ]
    return page(
        "reconcile.html",
        desk=desk,
        halt=halt,
        halted_at=desk.words_of(halt["at"]),
        errors=list_errors(problem, form),
        known=known,
        on_server=len(on_server),
        highest_on_server=max((receipt["number"] for receipt in on_server), default=known),
        proposal=proposal,
        proposed_by=name_of(halt["proposed_by"]) if halt["proposed_by"] else "",
        is_own=halt["proposed_by"] == actor().id,
        lines=_make_lines(proposal) if proposal else [],
        form=form if isinstance(form, ProposalForm) else ProposalForm(),
        second=form if isinstance(form, SecondForm) else SecondForm(),
    )


def _make_lines(proposal: Proposal) -> list[tuple[int, str, str, str]]:
    """Return a row for each number since the restored state: its participant, or missing."""
    found = [
        (receipt["number"], str(receipt["participant_number"]), receipt["site"], "Re-entered")
        for receipt in proposal.receipts
    ]
    lost = {receipt["number"]: receipt for receipt in proposal.keyless}
    for number in proposal.missing:
        if number in lost:
            receipt = lost[number]
            words = (
                "Missing: the key of its design is lost. Do not randomise this participant again"
            )
            found.append((number, str(receipt["participant_number"]), receipt["site"], words))
        else:
            found.append((number, "", "", "Missing: no receipt"))
    return sorted(found)


def _list_server_receipts(study: str, name: str) -> list[Receipt]:
    """Return the receipts that this installation keeps outside its database."""
    known = services()
    path = known.config.data / RECEIPTS / f"{study}.jsonl"
    if not path.is_file():
        return []
    text = path.read_text(encoding="utf-8", errors="replace")
    found, _torn_lines = read_receipts(text, known.config.checkpoint_key)
    return [
        receipt
        for receipt in found
        if (receipt["study"], receipt["randomisation"]) == (study, name)
    ]


def _list_submitted_receipts(study: str, name: str, form: ProposalForm) -> list[Receipt]:
    """Return the receipts of the server and of the form. Raises InvalidInput with every fault."""
    text = read_upload("propose-receipts", form.text("content"))
    found, faults = read_receipts(text, services().config.checkpoint_key)
    by_number = {receipt["number"]: receipt for receipt in _list_server_receipts(study, name)}
    for receipt in found:
        if (receipt["study"], receipt["randomisation"]) != (study, name):
            faults.append(f"number {receipt['number']} belongs to another randomisation")
        elif by_number.setdefault(receipt["number"], receipt) != receipt:
            faults.append(
                f"number {receipt['number']} is another participant's on this server's receipt"
            )
    if faults:
        shown = "; ".join(faults[:MOST_WORDS])
        raise InvalidInput("content", f"{len(faults)} not taken: {shown}. Nothing was changed.")
    return list(by_number.values())


@bp.post(f"{ONE}/reconcile")
@allow(Action.RANDOMISATION_RECONCILE)
def propose_receipts(study: str, name: str) -> Response:
    """Propose the receipts to re-enter and the highest number, as the first of two people."""
    desk, form = open_desk(study, name), ProposalForm(request.form)

    def act(tx: Transaction) -> Answer:
        known = services()
        proposed = propose_reconciliation(
            tx,
            desk.study,
            name,
            receipts=_list_submitted_receipts(study, name, form),
            highest=_read_number(form.text("highest")),
            signing_key=known.config.checkpoint_key,
        )
        words = (
            f"Proposed: {len(proposed.receipts)} to re-enter, {len(proposed.missing)} missing. "
            "A second person has to confirm."
        )
        return Answer(desk.url("reconciliation"), words)

    return do_act(form, act, lambda problem: _redraw(desk, problem, form))


def _read_number(text: str) -> int:
    if text.isascii() and text.isdigit() and len(text) < 8:
        return int(text)
    raise InvalidInput("highest", "Enter the highest number known, as a whole number.")


def _redraw(desk: DesignDesk, problem: Problem | None, form: ActForm) -> str:
    halt = reads.find_open_halt(reading(), desk.study.slug, desk.name)
    if halt is None:
        raise problem or Refused("Randomisation is not halted; there is nothing to reconcile.")
    return _draw(desk, halt, form, problem)


@bp.post(f"{ONE}/reconcile/confirm")
@allow(Action.RANDOMISATION_RECONCILE)
def confirm_receipts(study: str, name: str) -> Response:
    """Re-enter the lost allocations, as the second person."""
    desk, form = open_desk(study, name), SecondForm(request.form)

    def act(tx: Transaction) -> Answer:
        seen = request.form.get("seen", "")
        done = reconcile(tx, desk.study, desk.study_version, name, seen=seen)
        words = f"{len(done.receipts)} allocations re-entered."
        if done.missing:
            words += " Some are missing. A new design version is needed before the next allocation."
        return Answer(desk.url(), words)

    return do_act(form, act, lambda problem: _redraw(desk, problem, form))
