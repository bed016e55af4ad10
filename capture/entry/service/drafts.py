"""Keeping what was typed and not saved: one draft for each person and entry."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from capture import clock, ids
from capture.access import Action, Actor
from capture.db import Words
from capture.entry.reads import Draft, find_draft_of, list_drafts_at, list_drafts_of
from capture.entry.reads.entries import is_place, make_location_values
from capture.entry.tables import draft
from capture.ledger.fold import Change
from capture.ledger.service import Transaction
from capture.participants import service as participants
from capture.participants.records import Participant
from capture.problems import NotFound, Refused
from forms.evaluation_scope import Place

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
    changed: Collection[str] | None = None,
) -> str:
    """Keep what one person typed, beside other people's drafts; returns the instant.

    typed: every text of each control. entry_version: the entry they looked at while typing.
    changed: the controls that differ since the page last kept, so that two pages of one person do
    not undo each other; None puts everything in place of their earlier draft.
    """
    found = find_draft_of(list_drafts_at(connection, person.id, key), actor.id)
    if found is not None and changed is not None:
        typed = _merge_texts(found.typed, typed, changed)
        entry_version = min(found.entry_version, entry_version)
    now = clock.instant()
    content = {
        "typed": {name: list(texts) for name, texts in typed.items()},
        "refused": is_refused,
    }
    kept = {"content": content, "saved_at": now, "entry_version": entry_version}
    if found is not None:
        connection.execute(draft.update().where(draft.c.id == found.id).values(**kept))
        return now
    connection.execute(
        draft.insert().values(
            id=ids.new_id(),
            study=person.study,
            participant=person.id,
            site=person.site,
            visit_slug=key.visit,
            occurrence=key.occurrence,
            instrument=key.instrument,
            instance=key.instance,
            owner=actor.id,
            **kept,
        )
    )
    return now


def _merge_texts(kept: Typed, typed: Typed, changed: Collection[str]) -> Typed:
    others = {name: texts for name, texts in kept.items() if name not in changed}
    return {**others, **{name: texts for name, texts in typed.items() if name in changed}}


def drop_draft(connection: sa.Connection, actor: Actor, participant_id: str, key: Place) -> None:
    """Drop the actor's own draft of a place, once what it held is saved."""
    connection.execute(_DROP_OWN, {**make_location_values(participant_id, key), "owner": actor.id})


_DROP_OWN = draft.delete().where(
    is_place(draft), draft.c.owner == sa.bindparam("owner", type_=Words)
)


def drop_drafts(tx: Transaction, person: Participant, key: Place | None = None) -> None:
    """Discard everybody's drafts about a person, or at one place, each in the ledger."""
    for unsaved in list_drafts_of(tx.connection, person.id):
        if unsaved.site == person.site and key in (None, unsaved.key):
            discard_draft(tx, person, unsaved.key, unsaved.id)


def take_over_draft(tx: Transaction, person: Participant, key: Place, draft_id: str) -> None:
    """Make somebody's draft the actor's own.

    Raises NotFound, NotAllowed; Refused while the actor has a draft there already: neither is lost.
    """
    here, found = _get_draft_at(tx, person, key, draft_id)
    act = tx.about(person).require(Action.DRAFT_TAKE_OVER)
    if find_draft_of(here, tx.actor.id) is not None:
        raise Refused(
            "You have a draft of this form yourself. Save or discard it first, then take over "
            f"the one by {found.owner_name}. Both are kept until then."
        )
    owner = Change(found.owner, tx.actor.id)
    act.record(Action.DRAFT_TAKE_OVER, _make_body(key, owner))
    tx.connection.execute(draft.update().where(draft.c.id == found.id).values(owner=tx.actor.id))


def discard_draft(tx: Transaction, person: Participant, key: Place, draft_id: str) -> None:
    """Throw a draft away, one's own or another's. Raises NotFound, NotAllowed."""
    _here, found = _get_draft_at(tx, person, key, draft_id)
    tx.about(person).record(Action.DRAFT_DISCARD, _make_body(key, Change(found.owner, None)))
    tx.connection.execute(draft.delete().where(draft.c.id == found.id))


def _get_draft_at(
    tx: Transaction, person: Participant, key: Place, draft_id: str
) -> tuple[list[Draft], Draft]:
    """The drafts of a place, and the one among them with this id. Raises NotFound."""
    participants.lock(tx, person.study, person.id)
    here = list_drafts_at(tx.connection, person.id, key)
    found = next((candidate for candidate in here if candidate.id == draft_id), None)
    if found is None:
        raise NotFound("This draft no longer exists. Load the page again.")
    return here, found


def _make_body(key: Place, owner: Change) -> dict[str, Any]:
    return {
        "visit_slug": key.visit,
        "occurrence": key.occurrence,
        "instrument": key.instrument,
        "instance": key.instance,
        "owner": owner,
    }
