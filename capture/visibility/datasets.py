"""What one person may export as datasets: over all versions of a study, under one role."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from operator import or_

from capture.access import MAY, SYSTEM, Action, Actor, Grant, Role
from capture.problems import InvalidInput, NotAllowed
from capture.visibility.viewer import Viewer, get_viewer, holds_mask
from forms.blinding import Revealing
from forms.definition import Endpoint, Study

LEAST_FIRST = (Role.STATISTICIAN, Role.DATA_MANAGER, Role.UNBLINDED)
"""Somebody with several roles exports datasets under the one that may see least."""


@dataclass(frozen=True)
class DatasetViewer:
    """What is shown in datasets. viewers: one for each version of the study, newest first.

    withheld: what would reveal an arm, or is hidden; unseen: items that are hidden, and identifying
    ones that were not requested. sites: None for all of the study's.
    """

    role: Role
    sees_arms: bool
    viewers: tuple[Viewer, ...]
    withheld: Revealing
    unseen: frozenset[str]
    identifying: bool
    sites: frozenset[str] | None

    def shows_visit(self, slug: str) -> bool:
        return slug not in self.withheld.visits

    def shows_form(self, instrument: str) -> bool:
        return instrument not in self.withheld.instruments

    def shows_form_at(self, visit: str, instrument: str) -> bool:
        return self.shows_visit(visit) and self.shows_form(instrument)

    def shows_item(self, item: str) -> bool:
        return item not in self.unseen and item not in self.withheld.items

    def shows_event(self, kind: str) -> bool:
        return kind not in self.withheld.events and all(
            viewer.shows_event(kind) for viewer in self.viewers
        )

    def shows_formula(self, formula: str) -> bool:
        """Whether a formula's result may be shown: not if it depends on an arm."""
        return all(viewer.shows_formula(formula) for viewer in self.viewers)

    def shows_endpoint(self, endpoint: Endpoint) -> bool:
        """Whether an endpoint depends on nothing that is withheld."""
        newest = self.viewers[0].study
        named = (*endpoint.events, *endpoint.competing, endpoint.origin)
        return not self.withheld.events & {newest.event_name(name) for name in named} and all(
            self.shows_form(part.instrument)
            and (part.when is None or self.shows_formula(part.when))
            for part in endpoint.evaluable
        )


def get_dataset_role(actor: Actor, study: str) -> Role:
    """The role under which datasets are exported. Raises NotAllowed."""
    if actor.kind == SYSTEM:
        return Role.STATISTICIAN
    held = {grant.role for grant in actor.grants if grant.study == study}
    for role in LEAST_FIRST:
        if role in held and role in MAY[Action.DATASET_EXPORT]:
            return role
    raise NotAllowed("Your role does not include taking datasets away from this study.")


def takes_identifiers(role: Role) -> bool:
    """Whether a role may export identifying items, with a reason."""
    return role in MAY[Action.IDENTIFIERS_VIEW]


def get_dataset_viewer(
    actor: Actor, versions: Sequence[Study], *, identifying: bool
) -> DatasetViewer:
    """What the actor sees of a study. versions: its definitions, newest first, at least one.

    The installation itself sees what the blinded statistician does. Raises NotAllowed, and
    InvalidInput when identifying items are asked for by a role that may not have them.
    """
    slug = versions[0].slug
    role = get_dataset_role(actor, slug)
    if identifying and (actor.kind == SYSTEM or not takes_identifiers(role)):
        raise InvalidInput(
            "identifying",
            "Identifying items go to a data manager alone. Leave the reason empty to go without.",
        )
    grants = [grant for grant in actor.grants if (grant.study, grant.role) == (slug, role)]
    everywhere = actor.kind == SYSTEM or any(grant.sites is None for grant in grants)
    viewers = _list_viewers(actor, versions, role, is_masked=holds_mask(actor, slug))
    if not all(viewer.sees_arms for viewer in viewers):
        # If one version shows no arm to the role, no version does.
        viewers = _list_viewers(actor, versions, role, is_masked=True)
    withheld = reduce(or_, (viewer.withheld for viewer in viewers), Revealing())
    hidden = reduce(or_, (viewer.hidden for viewer in viewers), Revealing())
    identifies = {name for version in versions for name in _list_identifying(version)}
    return DatasetViewer(
        role=role,
        sees_arms=all(viewer.sees_arms for viewer in viewers),
        viewers=viewers,
        withheld=withheld,
        unseen=hidden.items if identifying else hidden.items | identifies,
        identifying=identifying,
        sites=None if everywhere else frozenset().union(*(grant.sites or () for grant in grants)),
    )


def _list_viewers(
    actor: Actor, versions: Sequence[Study], role: Role, *, is_masked: bool
) -> tuple[Viewer, ...]:
    """The viewers in this role at every site; what is hidden from other roles stays hidden."""
    slug = versions[0].slug
    # At no site another role shows an arm or anything else that this one does not.
    others = (Grant(slug, grant.role, frozenset()) for grant in actor.grants if grant.study == slug)
    grants = (Grant(slug, role, None, is_masked), *others)
    narrowed = Actor(id=actor.id, name=actor.name, grants=grants)
    return tuple(get_viewer(narrowed, version) for version in versions)


def _list_identifying(study: Study) -> set[str]:
    return {
        name
        for instrument in study.instruments
        for name, item in instrument.value_items.items()
        if item.identifying
    }
