"""The sealed rows of a ledger, filtered, in sealed order; nothing concealed is opened."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import orjson
import sqlalchemy as sa

from capture import clock
from capture.access import Action, Actor
from capture.ledger.concealment import is_concealed
from capture.ledger.fold import Change, LedgerRow
from capture.ledger.payloads import REDACTED_VALUE, fact_of
from capture.ledger.tables import ledger, ledger_body, seal, unsealed
from capture.oversight.reads.names import list_people_called
from capture.oversight.tables import redaction
from capture.participants.tables import participant
from capture.problems import NotFound
from capture.study.reads import list_all_sites
from capture.visibility import Viewer, get_viewer
from forms.definition import Study

PER_PAGE = 50
BATCH = 500


@dataclass(frozen=True)
class TrailFilters:
    """What to show; empty means all. item: part of a name or label; dates in the study's zone."""

    person: str = ""
    number: str = ""
    action: str = ""
    item: str = ""
    first: date | None = None
    last: date | None = None


@dataclass(frozen=True)
class TrailRow:
    """One sealed row of the ledger; what is concealed in its body is left out."""

    position: int
    sealed_at: str
    fact: LedgerRow


@dataclass(frozen=True)
class TrailReading:
    """A study's trail as one actor reads it."""

    connection: sa.Connection
    actor: Actor
    study: Study

    @property
    def viewer(self) -> Viewer:
        """What the actor may see at every site whose trail they read."""
        slug = self.study.slug
        mine = self.actor.sites_for(Action.AUDIT_VIEW, slug)
        if mine is None:
            mine = frozenset(site.slug for site in list_all_sites(self.connection, slug))
        return get_viewer(self.actor, self.study, *mine)


def list_rows_beside(
    reading: TrailReading, filters: TrailFilters, edge: str = "", *, upwards: bool = False
) -> list[TrailRow]:
    """A page of rows and one more, going from a ledger row to older ones or upwards to newer ones.

    edge: the id of the ledger row; from the newest row on without it.
    """
    place = sa.select(seal.c.position).where(
        seal.c.study == reading.study.slug, seal.c.ledger_id == edge
    )
    here = place.scalar_subquery()
    bounds = [seal.c.position > here if upwards else seal.c.position < here] if edge else []
    order = seal.c.position.asc() if upwards else seal.c.position.desc()
    wanted = (*_list_conditions(reading, filters), *bounds)
    statement = _select_rows().where(*wanted).order_by(order).limit(PER_PAGE + 1)
    return [_make_row(row) for row in reading.connection.execute(statement).mappings()]


def list_rows_up_to(
    reading: TrailReading, filters: TrailFilters, position: int
) -> Iterator[list[TrailRow]]:
    """Yield every row that passes the filters, oldest first, up to a position; in batches."""
    wanted = _list_conditions(reading, filters)
    last = 0
    while True:
        statement = (
            _select_rows()
            .where(*wanted, seal.c.position > last, seal.c.position <= position)
            .order_by(seal.c.position)
            .limit(BATCH)
        )
        rows = [_make_row(row) for row in reading.connection.execute(statement).mappings()]
        if not rows:
            return
        yield rows
        last = rows[-1].position


def get_last_position(connection: sa.Connection, study: str) -> int:
    """Return the highest sealed position of a study; 0 before the first."""
    statement = sa.select(sa.func.max(seal.c.position)).where(seal.c.study == study)
    return connection.execute(statement).scalar() or 0


def get_export_request(
    connection: sa.Connection, actor: Actor, study: str, export_id: str
) -> LedgerRow:
    """Return the recorded action by which this person requested a download. Raises NotFound."""
    row = connection.execute(
        sa.select(ledger, ledger_body.c.body)
        .join(ledger_body, ledger_body.c.ledger_id == ledger.c.id)
        .where(
            ledger.c.id == export_id,
            ledger.c.study == study,
            ledger.c.actor == actor.id,
            ledger.c.action == Action.AUDIT_EXPORT.value,
        )
    ).mappings()
    found = row.one_or_none()
    if found is None:
        raise NotFound("There is no such download, or somebody else asked for it.")
    return fact_of(found, _open_items(found["body"]))


def _select_rows() -> sa.Select[Any]:
    return (
        sa.select(seal.c.position, seal.c.sealed_at, ledger, ledger_body.c.body)
        .join(ledger, ledger.c.id == seal.c.ledger_id)
        .join(ledger_body, ledger_body.c.ledger_id == ledger.c.id)
    )


def _make_row(row: sa.RowMapping) -> TrailRow:
    fact = fact_of(row, _open_items(row["body"]))
    return TrailRow(row["position"], row["sealed_at"], fact)


def _open_items(body: str) -> dict[str, Change]:
    """Return the items of a stored body that were never concealed; a redacted one says so."""
    changes = {}
    for name, content in orjson.loads(body).items():
        if isinstance(content, dict):
            changes[name] = Change(REDACTED_VALUE, REDACTED_VALUE)
        elif not is_concealed(content[2]):
            changes[name] = Change(content[1], content[2])
    return changes


def _list_conditions(reading: TrailReading, filters: TrailFilters) -> list[sa.ColumnElement[bool]]:
    study = reading.study
    found = [seal.c.study == study.slug, *_list_scope_conditions(reading.actor, study.slug)]
    if filters.person:
        found.append(ledger.c.actor == filters.person)
    if filters.action:
        found.append(ledger.c.action == filters.action)
    if filters.number:
        people = list_people_called(reading.connection, study.slug, filters.number)
        found.append(ledger.c.subject.in_([f"participant/{person.id}" for person in people]))
    if filters.item:
        found.append(_names_item(reading.viewer, filters.item))
    zone = ZoneInfo(study.zone)
    if filters.first:
        found.append(ledger.c.at >= _midnight(filters.first, zone))
    if filters.last:
        found.append(ledger.c.at < _midnight(filters.last + timedelta(days=1), zone))
    return found


def _midnight(day: date, zone: ZoneInfo) -> str:
    return clock.as_text(datetime.combine(day, time(), zone))


def _list_scope_conditions(actor: Actor, study: str) -> Sequence[sa.ColumnElement[bool]]:
    """Limit the rows to those of the reader's sites and of no site, for a role at some sites."""
    sites = actor.sites_for(Action.AUDIT_VIEW, study)
    if sites is None:
        return ()
    subject = ledger.c.subject
    theirs = sa.select("participant/" + participant.c.id).where(
        participant.c.study == study, participant.c.site.in_(sorted(sites))
    )
    redactions = sa.select("redaction/" + redaction.c.id).where(redaction.c.about.in_(theirs))
    kinds = ("participant/", "site/", "redaction/")
    of_one_site = sa.or_(*(subject.startswith(kind) for kind in kinds))
    return (
        sa.or_(
            sa.not_(of_one_site),
            subject.in_([f"site/{slug}" for slug in sorted(sites)]),
            subject.in_(theirs),
            subject.in_(redactions),
        ),
    )


def _names_item(viewer: Viewer, text: str) -> sa.ColumnElement[bool]:
    """Whether a body changes one of the items whose name or label holds a text, and that may be
    known of: a row found by another would tell of it."""
    wanted = text.casefold()
    names = [
        name
        for instrument in viewer.study.instruments
        for name, item in instrument.value_items.items()
        if viewer.shows_item(name) and (wanted in name or wanted in item.label.casefold())
    ]
    body = ledger_body.c.body
    found = (body.contains(f'"item:{name}":', autoescape=True) for name in names)
    return sa.or_(sa.false(), *found)


def count_unsealed_rows(connection: sa.Connection, study: str) -> int:
    """Return how many rows of a study are not sealed yet and so not in the trail."""
    statement = sa.select(sa.func.count()).select_from(unsealed).where(unsealed.c.study == study)
    return connection.execute(statement).scalar_one()
