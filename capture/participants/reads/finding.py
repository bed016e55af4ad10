"""Finding people: by any part of a number, also a former one; who moved to another site."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import sqlalchemy as sa

from capture.access import SYSTEM, Action, Actor
from capture.participants.reads import matching
from capture.participants.reads.people import make_participant
from capture.participants.records import Participant, SiteMove
from capture.participants.tables import former_number, participant, site_transfer


def find_person_by_number(
    connection: sa.Connection, actor: Actor, study: str, number: str
) -> Participant | None:
    """Whom the actor may see under a whole number, also one that was corrected since."""
    wanted = number.strip().upper()
    now = sa.or_(
        sa.func.upper(participant.c.screening_number) == wanted,
        sa.func.upper(participant.c.participant_number) == wanted,
    )
    once = sa.exists().where(
        former_number.c.participant == participant.c.id, former_number.c.number == wanted
    )
    rows = connection.execute(
        sa.select(participant).where(participant.c.study == study, sa.or_(now, once))
    ).mappings()
    visible = [person for person in map(make_participant, rows) if _sees(actor, study, person.site)]
    return visible[0] if visible else None


@dataclass(frozen=True)
class SearchHit:
    """Somebody found by a number. former: the number that matched, where it was corrected since."""

    person: Participant
    is_whole: bool
    former: str | None


MOST_HITS = 50


def list_people_with(
    connection: sa.Connection, sites: Mapping[str, Collection[str]], typed: str
) -> tuple[list[SearchHit], int]:
    """Return the people whose numbers contain a text, whole numbers first, and how many there are.

    sites: by study those at which the reader may see participants; nobody else is looked at.
    """
    places = [
        sa.and_(participant.c.study == study, participant.c.site.in_(sorted(slugs)))
        for study, slugs in sorted(sites.items())
    ]
    wanted = sa.and_(sa.or_(sa.false(), *places), matching.has_number_like(typed))
    is_whole = sa.case((matching.is_current_number(typed), 1), else_=0)
    former = (
        matching.list_former_numbers_like(typed)
        .order_by(former_number.c.number)
        .limit(1)
        .scalar_subquery()
    )
    statement = (
        sa.select(
            participant,
            is_whole.label("is_whole"),
            sa.case((matching.has_current_number_like(typed), None), else_=former).label("former"),
        )
        .where(wanted)
        .order_by(
            is_whole.desc(),
            sa.func.coalesce(participant.c.participant_number, participant.c.screening_number),
            participant.c.study,
        )
        .limit(MOST_HITS)
    )
    found = [_make_hit(row) for row in connection.execute(statement).mappings()]
    if len(found) < MOST_HITS:
        return found, len(found)
    counted = sa.select(sa.func.count()).select_from(participant).where(wanted)
    return found, int(connection.execute(counted).scalar_one())


def _make_hit(row: sa.RowMapping) -> SearchHit:
    plain = {name: value for name, value in row.items() if name not in ("is_whole", "former")}
    return SearchHit(make_participant(plain), bool(row["is_whole"]), row["former"])


def _sees(actor: Actor, study: str, site: str) -> bool:
    sites = _find_sites(actor, study)
    return sites is None or site in sites


def _find_sites(actor: Actor, study: str) -> frozenset[str] | None:
    return None if actor.kind == SYSTEM else actor.sites_for(Action.PARTICIPANT_VIEW, study)


@dataclass(frozen=True)
class DepartedRow:
    """Somebody who moved away from one of the reader's sites, which still sees them until then."""

    person: Participant
    move: SiteMove


def list_departed(connection: sa.Connection, actor: Actor, study: str) -> list[DepartedRow]:
    """Who left the reader's sites for one that is not the reader's; each by the last leaving."""
    wanted = site_transfer.c.study == study
    sites = _find_sites(actor, study)
    if sites is None:
        return []  # Whoever sees every site finds everybody where they are.
    rows = connection.execute(
        sa.select(site_transfer)
        .where(wanted, site_transfer.c.from_site.in_(sorted(sites)))
        .order_by(site_transfer.c.participant, site_transfer.c.number)
    ).mappings()
    last: Mapping[str, SiteMove] = {row["participant"]: _make_site_move(row) for row in rows}
    people = connection.execute(
        sa.select(participant)
        .where(participant.c.id.in_(sorted(last)))
        .order_by(participant.c.screening_number)
    ).mappings()
    departed = [DepartedRow(person, last[person.id]) for person in map(make_participant, people)]
    return [row for row in departed if row.person.site not in sites]


def _make_site_move(row: sa.RowMapping) -> SiteMove:
    return SiteMove(**{name: row[name] for name in SiteMove.__dataclass_fields__})
