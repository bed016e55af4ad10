"""Redaction: two people take one value out of the record; its hash stays, so that the record still holds."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import orjson
import sqlalchemy as sa

from capture import entropy
from capture.access import Action
from capture.db import folded_tables
from capture.ledger.bodies import REDACTED_VALUE
from capture.ledger.canonical import REDACTED, canonical, item_digest
from capture.ledger.fold import Change, Fact, fold
from capture.ledger.reads import facts
from capture.ledger.service import Transaction, record
from capture.ledger.tables import ledger_body
from capture.oversight.tables import redaction
from capture.problems import InvalidInput, Refused

ITEM = "item:"
COPYING = ("gate", "message")
SHORTEST_SEARCHED = 6
"""A shorter text would be found by chance inside other words; such copies need their own redaction."""

FORGET_COPIES: list[Callable[[Transaction, str], None]] = []
"""What else holds typed values of an entry (drafts); called with the entry's id."""


def ask_redaction(
    tx: Transaction, study: str, *, about: str, site: str, entry: str, item: str, reason: str
) -> str:
    """The first person asks that every value one item ever had be redacted; returns the request's id.

    about: the ledger subject of the participant. Raises NotAllowed, InvalidInput, Refused.
    """
    role = tx.role(Action.LEDGER_ASK_REDACTION, study, site)
    if not reason.strip():
        raise InvalidInput("reason", "Say why the value has to go; do not repeat the value.")
    if not _values(tx, study, about, entry, item):
        raise Refused("This item has no value to redact.")
    request_id = entropy.new_id()
    record(
        tx,
        Action.LEDGER_ASK_REDACTION,
        study=study,
        subject=f"redaction/{request_id}",
        role=role,
        reason=reason.strip(),
        body={"about": about, "entry": entry, "item": item},
    )
    return request_id


def redact(tx: Transaction, study: str, request_id: str) -> list[str]:
    """The second person redacts: every place that holds the value keeps only its hash.

    Returns the ledger ids concerned. The participant's state is folded anew from what is left.
    Raises NotAllowed, Refused when it is the same person or nothing is asked.
    """
    role = tx.role(Action.LEDGER_REDACT, study)
    row = _asked(tx, study, request_id)
    if row["asked_by"] == tx.actor.id:
        raise Refused("You asked for this. A second person must redact the value.")
    values = _values(tx, study, row["about"], row["entry"], row["item"])
    if not values:
        raise Refused("The value is gone already.")
    places = list(_places(tx, study, row, values))
    for ledger_id, names in places:
        _take_out(tx.connection, ledger_id, names)
    _fold_anew(tx, study, row["about"])
    for forget in FORGET_COPIES:
        forget(tx, row["entry"])
    record(
        tx,
        Action.LEDGER_REDACT,
        study=study,
        subject=f"redaction/{request_id}",
        role=role,
        body={"places": [[ledger_id, names] for ledger_id, names in places]},
    )
    return [ledger_id for ledger_id, _names in places]


def _asked(tx: Transaction, study: str, request_id: str) -> Mapping[str, Any]:
    row = (
        tx.connection.execute(
            sa.select(redaction).where(redaction.c.study == study, redaction.c.id == request_id)
        )
        .mappings()
        .first()
    )
    if row is None or row["state"] != "asked":
        raise Refused("Nobody has asked for this redaction, or it is done.")
    return row


def _facts(tx: Transaction, study: str, about: str) -> list[Fact]:
    return list(facts(tx.connection, tx.concealment, study, subject=about))


def _values(tx: Transaction, study: str, about: str, entry: str, item: str) -> list[Any]:
    """Every value that the item ever had in this entry and that is not redacted yet."""
    found: list[Any] = []
    for fact in _facts(tx, study, about):
        change = fact.body.get(ITEM + item)
        if change is not None and fact.new("id") == entry:
            found += [value for value in (change.old, change.new) if value not in (None, *found)]
    return [value for value in found if value != REDACTED_VALUE]


def _places(
    tx: Transaction, study: str, row: Mapping[str, Any], values: list[Any]
) -> Iterator[tuple[str, list[str]]]:
    """Every ledger row about the participant that holds a value, with the body items that do."""
    for fact in _facts(tx, study, row["about"]):
        names = [
            name
            for name, change in fact.body.items()
            if _is_the_item(fact, name, row, change) or _copies(name, change, values)
        ]
        if names:
            yield fact.id, names


def _is_the_item(fact: Fact, name: str, row: Mapping[str, Any], change: Change) -> bool:
    same = name == ITEM + row["item"] and fact.new("id") == row["entry"]
    return same and change.new != REDACTED_VALUE


def _copies(name: str, change: Change, values: list[Any]) -> bool:
    """Whether a derived item, a gate's record or a query's message repeats one of the values."""
    if not (name.startswith(ITEM) or name in COPYING) or change.new == REDACTED_VALUE:
        return False
    written = orjson.dumps([change.old, change.new]).decode()
    texts = [value.get("v") for value in values if isinstance(value, dict)]
    return any(
        isinstance(text, str) and len(text) >= SHORTEST_SEARCHED and text in written
        for text in texts
    )


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
    """Write the participant's state as the redacted record gives it."""
    state = fold(_facts(tx, study, about), study, about)
    live = tx.state(study, about)
    for table in folded_tables():
        for row in state.tables.get(table.name, {}).values():
            live.put(table.name, row)


def redactions(connection: sa.Connection, study: str) -> list[Mapping[str, Any]]:
    """Every redaction asked for or done in a study, newest first."""
    return list(
        connection.execute(
            sa.select(redaction).where(redaction.c.study == study).order_by(redaction.c.id.desc())
        ).mappings()
    )


