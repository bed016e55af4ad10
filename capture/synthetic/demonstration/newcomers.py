"""Somebody screened today with some forms saved: what both studies' newcomers begin with."""

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


def screen_newcomer(stage: Setup, site: str) -> Participant:
    """A line in the screening log of a site, of today."""
    with stage.acting(Role.NURSE, site) as tx:
        line = participants.Screening(today_at(stage, site), source="clinic")
        return participants.screen(tx, stage.study.slug, site, line)


def today_at(stage: Setup, site: str) -> str:
    """The date at a site, as it is stored."""
    zone = next(one.zone for one in stage.sites if one.slug == site)
    return clock.today(zone).isoformat()


def save(stage: Setup, person: Participant, key: Place, cells: Mapping[str, Cell]) -> None:
    """Save a new form as the nurse of the person's site; nothing odd is confirmed."""
    with stage.acting(Role.NURSE, person.site) as tx:
        entry.save_entry(
            tx,
            stage.study,
            stage.version,
            person.id,
            key,
            submission=entry.Submission(cells),
            version=0,
        )
