"""The numbers of participants: per site, without gaps, and never a plain figure."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

import sqlalchemy as sa

from capture.participants.tables import former_number, participant
from capture.study.tables import site


def next_screening_number(connection: sa.Connection, study: str, slug: str) -> str:
    """The next number of a site's screening log, e.g. NOR-S-0001; locks the site until commit."""
    hold_site(connection, study, slug)
    code = _find_code(connection, study, slug)
    return f"{code}-S-{_find_last(connection, study, slug, participant.c.screening_number) + 1:04d}"


def next_participant_number(connection: sa.Connection, study: str, slug: str) -> str:
    """The next number of an enrolled participant, e.g. NOR-0001; locks the site until commit."""
    hold_site(connection, study, slug)
    code = _find_code(connection, study, slug)
    return f"{code}-{_find_last(connection, study, slug, participant.c.participant_number) + 1:04d}"


def hold_site(connection: sa.Connection, study: str, slug: str) -> None:
    """Lock the site's numbers until this transaction ends."""
    statement = sa.select(site.c.id).where(site.c.study == study, site.c.slug == slug)
    connection.execute(statement.with_for_update()).one()


def _find_last(connection: sa.Connection, study: str, slug: str, column: sa.Column[object]) -> int:
    """Return the highest number ever given out at a site, corrected ones too; 0 before the first.

    After a restore there may be gaps below it (people whom no receipt brought back), and numbers
    that end in letters because somebody else got them meanwhile.
    """
    former = former_number.c.number
    given = (
        sa.select(column).where(
            participant.c.study == study,
            participant.c.site_recruited == slug,
            column.is_not(None),
            ~column.endswith("-R"),
        ),
        sa.select(former).where(
            former_number.c.study == study,
            former_number.c.site == slug,
            former_number.c.kind == column.name,
            ~former.endswith("-R"),
        ),
    )
    return max(
        _find_last_of(connection, *pair) for pair in zip(given, (column, former), strict=True)
    )


def _find_last_of(connection: sa.Connection, given: sa.Select[Any], number: sa.Column[Any]) -> int:
    ordered = given.order_by(sa.func.length(number).desc(), number.desc()).limit(1)
    found = connection.execute(ordered).scalar()
    return int(str(found).rpartition("-")[2]) if found else 0


def _find_code(connection: sa.Connection, study: str, slug: str) -> str:
    """Return the site's letters: those of its first number, or new ones that no other site has."""
    known = _list_used_codes(connection, study)
    if slug in known:
        return known[slug]
    slugs = connection.execute(sa.select(site.c.slug).where(site.c.study == study)).scalars()
    return make_code(slug, {other for other in slugs if other != slug}, set(known.values()))


def _list_used_codes(connection: sa.Connection, study: str) -> dict[str, str]:
    statement = (
        sa.select(participant.c.site_recruited, sa.func.min(participant.c.screening_number))
        .where(participant.c.study == study)
        .group_by(participant.c.site_recruited)
    )
    return {row[0]: row[1].partition("-S-")[0] for row in connection.execute(statement)}


def make_code(slug: str, others: Collection[str], used: Collection[str]) -> str:
    """The shortest beginning of a site's slug, three letters at least, that fits no other site."""
    elsewhere = [_letters(other) for other in others]
    return next(
        code
        for code in _list_candidates(_letters(slug))
        if code not in used and not any(other.startswith(code) for other in elsewhere)
    )


def _letters(slug: str) -> str:
    return slug.replace("_", "").upper()


def _list_candidates(letters: str) -> Iterator[str]:
    for length in range(min(3, len(letters)), len(letters) + 1):
        yield letters[:length]
    number = 2
    while True:
        yield f"{letters}{number}"
        number += 1


def is_taken(connection: sa.Connection, study: str, number: str, *, but: str) -> bool:
    """Whether anybody else in the study has, or ever had, this number. but: a participant's id."""
    now = sa.select(participant.c.id).where(
        participant.c.study == study,
        participant.c.id != but,
        sa.or_(
            participant.c.screening_number == number, participant.c.participant_number == number
        ),
    )
    once = sa.select(former_number.c.id).where(
        former_number.c.study == study,
        former_number.c.participant != but,
        former_number.c.number == number,
    )
    return any(connection.execute(statement.limit(1)).first() for statement in (now, once))
