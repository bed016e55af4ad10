"""Drafts: what was typed and not saved. They are no data; site staff who may enter see them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from capture import clock
from capture.access import SYSTEM, Action, Actor
from capture.accounts.tables import account
from capture.entry.reads.entries import is_place, make_location_values
from capture.entry.tables import draft
from capture.participants.reads.lists import register_draft_condition
from capture.participants.tables import participant
from capture.visibility import Viewer
from forms.evaluation_scope import Place

OLD = timedelta(days=1)


@dataclass(frozen=True)
class Draft:
    """What one person typed into an entry that was at `entry_version`; typed texts by control."""

    id: str
    study: str
    participant: str
    site: str
    key: Place
    owner: str
    owner_name: str
    entry_version: int
    typed: Mapping[str, Sequence[str]]
    is_refused: bool
    saved_at: str


def list_drafts_at(connection: sa.Connection, participant_id: str, key: Place) -> list[Draft]:
    """The drafts of a place, at most one of each person, newest first."""
    rows = connection.execute(_AT_PLACE, make_location_values(participant_id, key)).mappings()
    return [_make_draft(row) for row in rows]


def list_drafts_of(connection: sa.Connection, participant_id: str) -> list[Draft]:
    """Every draft about a participant, wherever the person was when it was typed, oldest first."""
    rows = connection.execute(
        _WITH_OWNER.where(draft.c.participant == participant_id).order_by(
            draft.c.saved_at, draft.c.id
        )
    )
    return [_make_draft(row) for row in rows.mappings()]


def find_draft_of(drafts: Iterable[Draft], owner: str) -> Draft | None:
    """The draft of one person among those of a place."""
    return next((candidate for candidate in drafts if candidate.owner == owner), None)


@register_draft_condition
def has_draft(viewer: Viewer) -> sa.ColumnElement[bool]:
    """That a participant has a draft which `unsaved_drafts` lists, of a form that is shown."""
    actor = viewer.actor
    sites = actor.sites_for(Action.ENTRY_SAVE, viewer.study.slug)
    return sa.exists().where(
        draft.c.participant == participant.c.id,
        draft.c.site == participant.c.site,
        sa.true() if sites is None else draft.c.site.in_(sorted(sites)),
        viewer.form_condition(draft.c.visit_slug, draft.c.instrument),
        _is_listed(actor),
    )


def list_unsaved_drafts(connection: sa.Connection, actor: Actor) -> list[Draft]:
    """The actor's own drafts and older ones of others, where the actor may enter; oldest first."""
    rows = connection.execute(
        _WITH_OWNER.where(_is_listed(actor), _IS_HERE).order_by(draft.c.saved_at, draft.c.id)
    ).mappings()
    found = [_make_draft(row) for row in rows]
    return [
        unsaved for unsaved in found if actor.may(Action.ENTRY_SAVE, unsaved.study, unsaved.site)
    ]


def _is_listed(actor: Actor) -> sa.ColumnElement[bool]:
    since = clock.as_text(clock.now() - OLD)
    return sa.or_(draft.c.saved_at < since, draft.c.owner == actor.id)


_WITH_OWNER = sa.select(
    draft, sa.func.coalesce(account.c.name, draft.c.owner).label("owner_name")
).outerjoin(account, sa.and_(account.c.id == draft.c.owner, account.c.study == SYSTEM))
_IS_HERE = (
    sa.exists()
    .where(participant.c.id == draft.c.participant, participant.c.site == draft.c.site)
    .correlate(draft)
)
"""That the person is still at the site where the draft was typed: a move carries none over."""
_AT_PLACE = _WITH_OWNER.where(is_place(draft), _IS_HERE).order_by(
    draft.c.saved_at.desc(), draft.c.id
)


def _make_draft(row: Mapping[Any, Any]) -> Draft:
    return Draft(
        id=row["id"],
        study=row["study"],
        participant=row["participant"],
        site=row["site"],
        key=Place(row["visit_slug"], row["occurrence"], row["instrument"], row["instance"]),
        owner=row["owner"],
        owner_name=row["owner_name"],
        entry_version=row["entry_version"],
        typed=row["content"]["typed"],
        is_refused=row["content"]["refused"],
        saved_at=row["saved_at"],
    )
