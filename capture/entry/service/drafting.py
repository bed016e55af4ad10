"""Keeping what was typed and not saved: one draft for each entry, with an owner."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import sqlalchemy as sa

from capture import clock, entropy
from capture.access import Action, Actor
from capture.db import Words
from capture.entry.reads import Draft, draft_at, drafts_of
from capture.entry.reads.entries import at_place, is_place
from capture.entry.tables import draft
from capture.ledger.fold import Change
from capture.ledger.service import Transaction, record
from capture.participants import service as participants
from capture.participants.rows import Participant
from capture.problems import Conflict, NotFound
from forms.scopes import Place

Typed = Mapping[str, Sequence[str]]


def keep_draft(
    connection: sa.Connection,
    actor: Actor,
    person: Participant,
    key: Place,
    typed: Typed,
    *,
    entry_version: int,
    is_refused: bool = False,
) -> str:
    """Keep what one person typed, in place of their earlier draft; returns the instant.

    typed: every text of each control. entry_version: the entry they looked at while typing.
    Raises Conflict while somebody else's draft lies there.
    """
    found = draft_at(connection, person.id, key)
    if found is not None and found.owner != actor.id:
        raise Conflict(
            f"There is a draft of this form by {found.owner_name}. "
            "Take it over or discard it first."
        )
    now = clock.instant()
    content = {
        "typed": {name: list(texts) for name, texts in typed.items()},
        "refused": is_refused,
    }
    changed = {"content": content, "saved_at": now, "entry_version": entry_version}
    if found is not None:
        connection.execute(draft.update().where(draft.c.id == found.id).values(**changed))
        return now
    connection.execute(
        draft.insert().values(
            id=entropy.new_id(),
            study=person.study,
            participant=person.id,
            site=person.site,
            visit_slug=key.visit,
            occurrence=key.occurrence,
            instrument=key.instrument,
            instance=key.instance,
            owner=actor.id,
            **changed,
        )
    )
    return now


def drop_draft(connection: sa.Connection, actor: Actor, participant_id: str, key: Place) -> None:
    """Drop the actor's own draft of a place, once what it held is saved."""
    connection.execute(_DROP_OWN, {**at_place(participant_id, key), "owner": actor.id})


_DROP_OWN = draft.delete().where(
    is_place(draft), draft.c.owner == sa.bindparam("owner", type_=Words)
)


def drop_drafts(tx: Transaction, person: Participant, key: Place | None = None) -> None:
    """Throw away, on record, what anybody typed about a person, or at one place of theirs."""
    for one in drafts_of(tx.connection, person.id):
        if one.site == person.site and key in (None, one.key):
            discard_draft(tx, person, one.key)


def take_over_draft(tx: Transaction, person: Participant, key: Place) -> None:
    """Make somebody's draft the actor's own. Raises NotFound, NotAllowed."""
    found = _draft(tx, person, key)
    role = tx.role(Action.DRAFT_TAKE_OVER, person.study, person.site)
    owner = Change(found.owner, tx.actor.id)
    _record(tx, Action.DRAFT_TAKE_OVER, person, key, role=role, owner=owner)
    tx.connection.execute(draft.update().where(draft.c.id == found.id).values(owner=tx.actor.id))


def discard_draft(tx: Transaction, person: Participant, key: Place) -> None:
    """Throw a draft away, one's own or another's. Raises NotFound, NotAllowed."""
    found = _draft(tx, person, key)
    role = tx.role(Action.DRAFT_DISCARD, person.study, person.site)
    _record(tx, Action.DRAFT_DISCARD, person, key, role=role, owner=Change(found.owner, None))
    tx.connection.execute(draft.delete().where(draft.c.id == found.id))


def _draft(tx: Transaction, person: Participant, key: Place) -> Draft:
    participants.lock(tx, person.study, person.id)
    found = draft_at(tx.connection, person.id, key)
    if found is None:
        raise NotFound("There is no draft of this form any more. Load the page again.")
    return found


def _record(
    tx: Transaction, action: Action, person: Participant, key: Place, *, role: str, owner: Change
) -> None:
    record(
        tx,
        action,
        study=person.study,
        subject=person.subject,
        role=role,
        body={
            "visit_slug": key.visit,
            "occurrence": key.occurrence,
            "instrument": key.instrument,
            "instance": key.instance,
            "owner": owner,
        },
    )
