"""A site's delegation log: who may confirm eligibility, from and to a date; never erased."""

from __future__ import annotations

from datetime import date

from capture import ids
from capture.access import Action
from capture.ledger.fold import Change
from capture.ledger.service import BoundAct, Transaction
from capture.problems import InvalidInput, NotFound, Refused
from capture.study import reads
from capture.study.reads import Delegate
from capture.study.service.acts import bind_act
from capture.study.service.turns import take_turn

MAX_LETTERS = 200


def delegate(
    tx: Transaction, study: str, slug: str, name: str, *, role_note: str, since: date
) -> str:
    """Add an investigator to a site's delegation log from a date on; return the new line's id.

    Raises InvalidInput by field, Refused when the name is on the log already, NotFound, NotAllowed.
    """
    tx.role(Action.DELEGATION_ADD, study, slug)
    take_turn(tx, study)
    reads.get_site(tx.connection, study, slug)
    name, role_note = name.strip(), role_note.strip()
    if not 1 <= len(name) <= MAX_LETTERS:
        raise InvalidInput("name", f"Enter the investigator's name, at most {MAX_LETTERS} letters.")
    if len(role_note) > MAX_LETTERS:
        raise InvalidInput("role_note", f"Describe the role in at most {MAX_LETTERS} letters.")
    _refuse_twice(reads.list_delegates(tx.connection, study, slug), name)
    body = {
        "id": ids.new_id(),
        "site": slug,
        "name": name,
        "role_note": role_note,
        "from_date": since.isoformat(),
    }
    _bind_site_act(tx, study, slug).record(Action.DELEGATION_ADD, body)
    return body["id"]


def end_delegation(tx: Transaction, study: str, slug: str, line: str, *, last_day: date) -> None:
    """End an investigator's line after its last day.

    Raises InvalidInput, Refused, NotFound, NotAllowed.
    """
    tx.role(Action.DELEGATION_END, study, slug)
    take_turn(tx, study)
    entry = _get_line(tx, study, slug, line)
    if entry.to_date is not None:
        raise Refused(f"{entry.name}'s line ended on {entry.to_date} already.")
    if last_day.isoformat() < entry.from_date:
        raise InvalidInput(
            "to_date",
            f"{entry.name}'s line began on {entry.from_date}. Give that date or later.",
        )
    body = {"id": line, "to_date": Change(None, last_day.isoformat())}
    _bind_site_act(tx, study, slug).record(Action.DELEGATION_END, body)


def _refuse_twice(delegates: list[Delegate], name: str) -> None:
    for delegate in delegates:
        if delegate.name.casefold() == name.casefold() and delegate.to_date is None:
            raise Refused(f"{delegate.name} is on the list already, from {delegate.from_date}.")


def _get_line(tx: Transaction, study: str, slug: str, line: str) -> Delegate:
    for delegate in reads.list_delegates(tx.connection, study, slug):
        if delegate.id == line:
            return delegate
    raise NotFound(
        "This delegation is not on the site's delegation log. Go back to the site and check."
    )


def _bind_site_act(tx: Transaction, study: str, slug: str) -> BoundAct:
    return bind_act(tx, f"site/{slug}", study=study, site=slug)
