"""Reads of redactions that were requested and done, without the values."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa

from capture.access import Action, Actor
from capture.oversight.tables import redaction
from capture.participants.tables import participant
from capture.problems import NotFound
from capture.study.reads import get_definition_for
from capture.visibility import get_viewer
from forms.definition import Study


@dataclass(frozen=True)
class Redaction:
    """One redaction. places: the ledger rows that held the value, with their items."""

    id: str
    participant: str
    number: str
    site: str
    entry: str
    item: str
    state: str
    reason: str
    requested_by: str
    requested_at: str
    done_by: str | None
    done_at: str | None
    places: tuple[tuple[str, tuple[str, ...]], ...]

    @property
    def is_waiting(self) -> bool:
        return self.state == "requested"


def list_redactions(connection: sa.Connection, actor: Actor, study: str) -> list[Redaction]:
    """Return every redaction of a study at the actor's sites that reveals no arm, newest first."""
    number = sa.func.coalesce(participant.c.participant_number, participant.c.screening_number)
    rows = connection.execute(
        sa.select(
            redaction, participant.c.id.label("pid"), participant.c.site, number.label("number")
        )
        .join(participant, "participant/" + participant.c.id == redaction.c.about)
        .where(redaction.c.study == study, participant.c.study == study)
        .order_by(redaction.c.id.desc())
    ).mappings()
    found = [_make_redaction(row) for row in rows]
    mine = [
        request for request in found if actor.may(Action.REDACTION_REQUEST, study, request.site)
    ]
    definition = get_definition_for(connection, study) if mine else None
    return [
        request
        for request in mine
        if definition and is_item_shown(actor, definition, request.site, request.item)
    ]


def is_item_shown(actor: Actor, study: Study, site: str, item: str) -> bool:
    """Return whether the actor may know that somebody at a site has a value of an item."""
    viewer = get_viewer(actor, study, site)
    return viewer.shows_item(item) if item in study.item_names else viewer.withheld.is_empty


def get_redaction(
    connection: sa.Connection, actor: Actor, study: str, request_id: str
) -> Redaction:
    """One redaction. Raises NotFound."""
    for request in list_redactions(connection, actor, study):
        if request.id == request_id:
            return request
    raise NotFound("There is no such redaction in this study.")


def list_waiting_redactions(connection: sa.Connection, actor: Actor, study: str) -> list[Redaction]:
    """Those that wait for a second person, whom the actor could be."""
    found = list_redactions(connection, actor, study)
    return [request for request in found if request.is_waiting and request.requested_by != actor.id]


def _make_redaction(row: sa.RowMapping) -> Redaction:
    return Redaction(
        id=row["id"],
        participant=row["pid"],
        number=row["number"],
        site=row["site"],
        entry=row["entry"],
        item=row["item"],
        state=row["state"],
        reason=row["reason"],
        requested_by=row["requested_by"],
        requested_at=row["requested_at"],
        done_by=row["done_by"],
        done_at=row["done_at"],
        places=tuple((ledger_id, tuple(names)) for ledger_id, names in row["places"]),
    )
