"""Somebody screened today with some forms saved: how the newcomers of both studies begin."""

from __future__ import annotations

from collections.abc import Mapping

from capture import clock
from capture.access import Role
from capture.entry import service as entry
from capture.participants import service as participants
from capture.participants.records import Participant
from capture.synthetic.setup import Setup
from forms.evaluation_scope import Place
from forms.values import Cell


def screen_newcomer(setup: Setup, site: str) -> Participant:
    """Return a line in the screening log of a site, of today."""
    with setup.acting(Role.NURSE, site) as tx:
        line = participants.Screening(today_at(setup, site), source="clinic")
        return participants.screen(tx, setup.study.slug, site, line)


def today_at(setup: Setup, site: str) -> str:
    """Return the date at a site, as it is stored."""
    zone = next(row.zone for row in setup.sites if row.slug == site)
    return clock.today(zone).isoformat()


def save(setup: Setup, person: Participant, key: Place, cells: Mapping[str, Cell]) -> None:
    """Save a new form as the nurse of the person's site; nothing odd is confirmed."""
    with setup.acting(Role.NURSE, person.site) as tx:
        entry.save_entry(
            tx,
            setup.study,
            setup.version,
            person.id,
            key,
            submission=entry.Submission(cells),
            version=0,
        )
