"""Where somebody works: each study with the sites the role covers, and today's date at each."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property

import sqlalchemy as sa

from capture import clock
from capture.access import SYSTEM, Action, Actor
from capture.participants.records import TIME_TO_FILL_IN
from capture.problems import NotFound
from capture.study import reads as study_reads
from capture.study.reads import Site
from capture.visibility import Viewer, get_viewer
from forms.definition import Study


@dataclass(frozen=True)
class Workplace:
    """One study at the sites of one person. sites: by slug; actor: whose work it is."""

    actor: Actor
    study: Study
    sites: Mapping[str, Site]

    @property
    def slug(self) -> str:
        return self.study.slug

    def today(self, site: str) -> date:
        """The date at a site."""
        return clock.today(self.sites[site].zone)

    def days(self) -> dict[date, list[str]]:
        """The sites by their date: seldom more than two."""
        found: dict[date, list[str]] = defaultdict(list)
        for slug in sorted(self.sites):
            found[self.today(slug)].append(slug)
        return found

    @cached_property
    def viewer(self) -> Viewer:
        """What the actor may see, at all these sites."""
        return get_viewer(self.actor, self.study, *self.sites)

    @property
    def widest_window(self) -> timedelta:
        """The longest time between the first and the last day of any visit's window."""
        spans = (visit.window.before + visit.window.after for visit in self.study.visits)
        return max(timedelta(days=max(spans, default=0)), TIME_TO_FILL_IN)


def list_workplaces(connection: sa.Connection, actor: Actor, action: Action) -> list[Workplace]:
    """The published studies in which the actor may do something, with the sites where."""
    found = []
    for study in sorted(actor.studies_for(action) - {SYSTEM}):
        try:
            definition = study_reads.get_definition_for(connection, study)
        except NotFound:
            continue
        sites = study_reads.list_all_sites(connection, study)
        mine = {site.slug: site for site in sites if actor.may(action, study, site.slug)}
        found.append(Workplace(actor, definition, mine))
    return found
