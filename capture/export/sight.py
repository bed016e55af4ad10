"""What one person may take away: arms and cohorts, what would give them away, items, sites."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import or_

from capture.access import MAY, SYSTEM, Action, Actor, Role
from capture.participants.sight import is_masked
from capture.problems import InvalidInput, NotAllowed
from forms.blinding import Revealing, arm_revealing, find_hidden
from forms.definition import Role as FormsRole
from forms.definition import Study
from forms.expressions import facts, references
from forms.formulas import parsed

LEAST_FIRST = (Role.STATISTICIAN, Role.DATA_MANAGER, Role.UNBLINDED)
"""Somebody with several roles takes datasets away under the one that is shown least."""


@dataclass(frozen=True)
class Sight:
    """What a role is shown. withheld: what would give an arm away, or is hidden. unseen: items
    hidden from the role, and identifying ones that were not asked for. sites: None for all."""

    role: Role
    arms: bool
    withheld: Revealing
    unseen: frozenset[str]
    identifying: bool
    sites: frozenset[str] | None

    def shows_item(self, item: str) -> bool:
        return item not in self.unseen and item not in self.withheld.items

    def shows_formula(self, formula: str) -> bool:
        """Whether what a formula gives may be shown: not when it rests on an arm."""
        if self.arms:
            return True
        tree = parsed(formula)
        named = [one.item in self.withheld.items for one in references(tree)]
        arm = any(fact.name.startswith(("allocation", "arm-", "cohort")) for fact in facts(tree))
        return not arm and not any(named)


def role_of(actor: Actor, study: str) -> Role:
    """The role under which datasets are taken away. Raises NotAllowed."""
    if actor.kind == SYSTEM:
        return Role.STATISTICIAN
    held = {grant.role for grant in actor.grants if grant.study == study}
    for role in LEAST_FIRST:
        if role in held and role in MAY[Action.DATASET_EXPORT]:
            return role
    raise NotAllowed("Your role does not include taking datasets away from this study.")


def sight_of(actor: Actor, versions: Sequence[Study], *, identifying: bool) -> Sight:
    """What the actor sees of a study. versions: its definitions, newest first, at least one.

    The installation itself sees what the blinded statistician does. Raises NotAllowed, and
    InvalidInput when identifying items are asked for by a role that may not have them.
    """
    slug = versions[0].slug
    role = role_of(actor, slug)
    if identifying and (actor.kind == SYSTEM or role not in MAY[Action.IDENTIFIERS_VIEW]):
        raise InvalidInput(
            "identifying",
            "Identifying items go to a data manager alone. Leave the reason empty to go without.",
        )
    grants = [grant for grant in actor.grants if (grant.study, grant.role) == (slug, role)]
    arms = not is_masked(actor, slug) and all(_shows_arms(version, role) for version in versions)
    held = {role.value, *(grant.role.value for grant in actor.grants if grant.study == slug)}
    hidden = _joined(
        find_hidden(version, [one for one in FormsRole if one.value in held])
        for version in versions
    )
    identifies = {name for version in versions for name in _identifying(version)}
    everywhere = actor.kind == SYSTEM or any(grant.sites is None for grant in grants)
    return Sight(
        role=role,
        arms=arms,
        withheld=hidden if arms else hidden | _withheld(versions),
        unseen=hidden.items if identifying else hidden.items | identifies,
        identifying=identifying,
        sites=None if everywhere else frozenset().union(*(one.sites or () for one in grants)),
    )


def _shows_arms(study: Study, role: Role) -> bool:
    visible = {one.value for one in study.arm_visibility.visible_to}
    return role in MAY[Action.ARM_VIEW] and role.value in visible


def _withheld(versions: Sequence[Study]) -> Revealing:
    return _joined(
        arm_revealing(one) for one in versions if one.arm_visibility.revealing != "accept"
    )


def _joined(parts: Iterable[Revealing]) -> Revealing:
    return reduce(or_, parts, Revealing())


def _identifying(study: Study) -> set[str]:
    return {
        name
        for instrument in study.instruments
        for name, item in instrument.value_items.items()
        if item.identifying
    }
