"""The reader of a timeline: what they may see, and the names that its rows need."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from capture.access import SYSTEM
from capture.visibility import Viewer
from forms.definition import Study


def _find_nobody(_participant: str) -> None:
    return None


@dataclass(frozen=True)
class TimelineNames:
    """The names behind the ids of a ledger row.

    users: a person's name by id. sites: by slug. visits: slug and occurrence by id.
    find_participant: number and address of another participant, None for one not to be seen.
    """

    users: Callable[[str], str]
    sites: Mapping[str, str] = field(default_factory=dict)
    visits: Mapping[str, tuple[str, int]] = field(default_factory=dict)
    find_participant: Callable[[str], tuple[str, str] | None] = _find_nobody

    @cached_property
    def visit_slugs(self) -> Mapping[str, str]:
        """Which kind each visit is, by id."""
        return {visit: slug for visit, (slug, _occurrence) in self.visits.items()}


@dataclass(frozen=True)
class TimelineReader:
    """One viewer with the names that rows need; what labels are read with.

    is_at_form: the rows are on the page of the form itself, which shows its answers already.
    """

    viewer: Viewer
    names: TimelineNames
    is_at_form: bool = False

    @property
    def study(self) -> Study:
        return self.viewer.study

    @property
    def sees_arms(self) -> bool:
        return self.viewer.sees_arms

    def shows_event(self, kind: str) -> bool:
        return self.viewer.shows_event(kind)

    def shows_visit(self, slug: str) -> bool:
        return self.viewer.shows_visit(slug)

    def shows_formula(self, formula: str) -> bool:
        return self.viewer.shows_formula(formula)

    def shows_value(self, name: str) -> bool:
        """Return whether an answer's value is shown, or only that it changed."""
        return self.viewer.shows_item(name) if self.is_at_form else self.viewer.shows_value(name)

    def name_site(self, site: str) -> str:
        return self.names.sites.get(site, site)

    def name_user(self, user: str) -> str:
        return "System" if user == SYSTEM else self.names.users(user)
