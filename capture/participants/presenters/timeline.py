"""The timeline of one participant, as their history and the pages of moves show it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

import sqlalchemy as sa

from capture.access import Action, Actor
from capture.accounts import reads as accounts
from capture.ledger.fold import LedgerRow
from capture.participants.presenters.links import person_url
from capture.participants.reads import get_participant
from capture.problems import NotFound
from capture.study import reads as study_reads
from capture.timeline import (
    TimelineNames,
    TimelineReader,
    TimelineRow,
    find_visits_planned,
    list_rows,
)
from capture.visibility import Viewer


def list_person_rows(
    connection: sa.Connection, viewer: Viewer, facts: Sequence[LedgerRow], *, has_links: bool = True
) -> list[TimelineRow]:
    """Return what was done about one participant, newest first, as the viewer may read it.

    Refusals are left to the audit trail. has_links: whether another participant is named, where
    the viewer may see them.
    """
    study = viewer.study.slug
    names = replace(make_names(connection, study), visits=find_visits_planned(facts))
    if has_links:
        find = partial(find_linked, connection, viewer.actor, study)
        names = replace(names, find_participant=find)
    shown = [fact for fact in facts if fact.action != Action.ACCESS_DENY]
    return list_rows(reversed(shown), TimelineReader(viewer, names))


def make_names(connection: sa.Connection, study: str) -> TimelineNames:
    """Return the names of everybody with an account and of a study's sites."""
    people = {account.id: account.name for account in accounts.list_accounts(connection)}
    sites = {site.slug: site.name for site in study_reads.list_all_sites(connection, study)}
    return TimelineNames(users=lambda user: people.get(user, user), sites=sites)


def find_linked(
    connection: sa.Connection, actor: Actor, study: str, pid: str
) -> tuple[str, str] | None:
    """Number and address of another participant, where the reader may see them."""
    try:
        person = get_participant(connection, actor, study, pid)
    except NotFound:
        return None
    return person.number, person_url(person)
