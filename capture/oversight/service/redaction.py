"""Redaction: two people remove one value from the ledger; its hash stays, so the seals hold."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import orjson
import sqlalchemy as sa

from capture import ids
from capture.access import Action
from capture.db import folded_tables
from capture.ledger.canonical import REDACTED, canonical, item_digest
from capture.ledger.fold import LedgerRow, fold
from capture.ledger.payloads import REDACTED_VALUE
from capture.ledger.reads import list_ledger_rows
from capture.ledger.service import Transaction
from capture.ledger.tables import ledger_body
from capture.oversight.reads import NamedPerson, get_person_at
from capture.oversight.tables import redaction
from capture.participants import service as participants
from capture.problems import InvalidInput, Refused
from capture.study.reads import get_definition_for
from forms.definition import Study

ITEM = "item:"
QUERY_ITEMS = ("message", "key")
"""A query contains the value in words, and its key is a hash from which short values are guessed.
"""
GATE = "gate"
SHORTEST_SEARCHED = 6
"""Shorter texts occur by chance inside other words; their copies need their own redaction."""
MOST_LETTERS = 500


@dataclass(frozen=True)
class RedactionResult:
    """The entry of a redacted value, which may be struck out as entered in error by now."""

    study: str
    participant: str
    entry: str


FORGET_COPIES: list[Callable[[Transaction, RedactionResult], None]] = []
"""What else holds typed values of an entry (drafts)."""


def ask_redaction(
    tx: Transaction, study: str, pid: str, *, entry: str, item: str, reason: str
) -> str:
    """Request the redaction of all values an item ever had; returns the request's id.

    Raises NotAllowed, NotFound, InvalidInput (reason), Refused when there is nothing to redact, or
    the value is a date that visits depend on.
    """
    person = get_person_at(tx.connection, tx.actor, study, pid)
    tx.role(Action.REDACTION_REQUEST, study, person.site)
    if not reason.strip():
        raise InvalidInput("reason", "Say why the value has to go; do not repeat the value.")
    if len(reason.strip()) > MOST_LETTERS:
        raise InvalidInput("reason", f"The reason may have {MOST_LETTERS} letters. Shorten it.")
    _refuse_dates_that_hold_visits(get_definition_for(tx.connection, study), item)
    about = _about(person)
    if not _list_values(_list_facts(tx, study, about), entry, item):
        raise Refused("This item has no value to redact.")
    if _is_asked(tx, study, entry, item):
        raise Refused("Somebody has asked for this already. A second person must now redact it.")
    request_id = ids.new_id()
    tx.about(f"redaction/{request_id}", study=study, site=person.site).record(
        Action.REDACTION_REQUEST,
        {"about": about, "entry": entry, "item": item},
        reason=reason.strip(),
    )
    return request_id


def redact(tx: Transaction, study: str, request_id: str) -> list[str]:
    """Redact as the second person: every place that holds the value keeps only its hash.

    The password was checked before the transaction. Returns the ids of the ledger rows. The
    participant's state is folded again from what is left.
    Raises NotAllowed, NotFound, Refused when it is the same person or nothing was requested.
    """
    row = _get_request_row(tx, study, request_id)
    person = get_person_at(tx.connection, tx.actor, study, row["about"].partition("/")[2])
    tx.role(Action.REDACTION_CARRY_OUT, study, person.site)
    if row["requested_by"] == tx.actor.id:
        raise Refused("You asked for this. A second person must redact the value.")
    participants.lock(tx, study, person.id, also_in_error=True)
    known = _list_facts(tx, study, row["about"])
    values = _list_values(known, row["entry"], row["item"])
    if not values:
        raise Refused("The value is gone already.")
    places = list(_list_places(known, row["entry"], row["item"], values))
    for ledger_id, names in places:
        _take_out(tx.connection, ledger_id, names)
    _fold_anew(tx, study, row["about"])
    for forget in FORGET_COPIES:
        forget(tx, RedactionResult(study, person.id, row["entry"]))
    tx.about(f"redaction/{request_id}", study=study, site=person.site).record(
        Action.REDACTION_CARRY_OUT, {"places": [[ledger_id, names] for ledger_id, names in places]}
    )
    return [ledger_id for ledger_id, _names in places]


def _about(person: NamedPerson) -> str:
    return f"participant/{person.id}"


def _refuse_dates_that_hold_visits(study: Study, item: str) -> None:
    """Refuse dates of events and visits, which the plan contains too and which identify nobody."""
    dated = {event.date_item for event in study.events}
    dated |= {
        instrument.assessment_date for instrument in study.instruments if instrument.assessment_date
    }
    if item in dated:
        raise Refused(
            "This date says when a visit or an event was, and the plan of visits hangs on it. It "
            "cannot be redacted. If it is wrong, correct it in its form."
        )


def _get_request_row(tx: Transaction, study: str, request_id: str) -> Mapping[Any, Any]:
    row = (
        tx.connection.execute(
            sa.select(redaction).where(redaction.c.study == study, redaction.c.id == request_id)
        )
        .mappings()
        .first()
    )
    if row is None or row["state"] != "requested":
        raise Refused("Nobody has asked for this redaction, or it is done.")
    return row


def _is_asked(tx: Transaction, study: str, entry: str, item: str) -> bool:
    same = sa.select(redaction.c.id).where(
        redaction.c.study == study,
        redaction.c.entry == entry,
        redaction.c.item == item,
        redaction.c.state == "requested",
    )
    return tx.connection.execute(same).first() is not None


def _list_facts(tx: Transaction, study: str, about: str) -> list[LedgerRow]:
    return list(list_ledger_rows(tx.connection, tx.concealment, study, subject=about))


def _list_values(known: list[LedgerRow], entry: str, item: str) -> list[Any]:
    """Return every value that the item ever had in this entry and that is not redacted yet."""
    found: list[Any] = []
    for fact in known:
        change = fact.body.get(ITEM + item)
        if change is not None and fact.new("id") == entry:
            found += [value for value in (change.old, change.new) if value not in (None, *found)]
    return [value for value in found if value != REDACTED_VALUE]


def _list_places(
    known: list[LedgerRow], entry: str, item: str, values: list[Any]
) -> Iterator[tuple[str, list[str]]]:
    """Every ledger row about the participant that holds a value, with the body items that do."""
    texts = {
        text
        for value in values
        if isinstance(value, dict)
        for text in (value.get("v"), value.get("raw"))
        if isinstance(text, str) and len(text) >= SHORTEST_SEARCHED
    }
    for fact in known:
        names = [name for name in fact.body if _is_to_go(fact, name, entry, item, texts)]
        if names:
            yield fact.id, names


def _is_to_go(fact: LedgerRow, name: str, entry: str, item: str, texts: set[str]) -> bool:
    """Return whether one item of a body is the value, describes it, or repeats it."""
    change = fact.body[name]
    if change.new == REDACTED_VALUE:
        return False
    if name == ITEM + item and fact.new("id") == entry:
        return True
    if name in QUERY_ITEMS and fact.action == Action.QUERY_OPEN:
        is_same = fact.new("entry") == entry and fact.new("item") == item
        return is_same or _holds(fact.new("message"), texts)
    if name == GATE:
        return _uses(change.new, entry, item) or _holds(change.new, texts)
    return name.startswith(ITEM) and (_holds(change.old, texts) or _holds(change.new, texts))


def _uses(gate: Any, entry: str, item: str) -> bool:
    """Return whether a stored gate took its answer from the value."""
    sources = [source for criterion in gate for source in criterion.get("sources", [])]
    return any(source.get("entry") == entry and source.get("item") == item for source in sources)


def _holds(value: Any, texts: set[str]) -> bool:
    """Return whether a stored value repeats one of the texts, at whatever depth."""
    if isinstance(value, str):
        return any(text in value for text in texts)
    if isinstance(value, dict):
        return any(_holds(part, texts) for part in value.values())
    return isinstance(value, list) and any(_holds(part, texts) for part in value)


def _take_out(connection: sa.Connection, ledger_id: str, names: list[str]) -> None:
    stored = connection.execute(
        sa.select(ledger_body.c.body).where(ledger_body.c.ledger_id == ledger_id)
    ).scalar_one()
    body = orjson.loads(stored)
    for name in names:
        body[name] = {REDACTED: item_digest(name, body[name])}
    connection.execute(
        ledger_body.update()
        .where(ledger_body.c.ledger_id == ledger_id)
        .values(body=canonical(body).decode())
    )


def _fold_anew(tx: Transaction, study: str, about: str) -> None:
    """Write the participant's state as folded from the redacted ledger."""
    state = fold(_list_facts(tx, study, about), study, about)
    live = tx.state(study, about)
    for table in folded_tables():
        for row in state.tables.get(table.name, {}).values():
            live.put(table.name, row)
    live.write()
