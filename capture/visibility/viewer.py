"""The Viewer: what one person may see of one study; everything else asks it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import Field, dataclass, replace
from functools import cached_property
from types import MappingProxyType
from typing import Any, ClassVar, Protocol, TypeVar

import sqlalchemy as sa

from capture.access import MAY, SYSTEM, Action, Actor, Role
from capture.ledger.fold import LedgerRow
from capture.problems import NotAllowed
from capture.visibility.mentions import MENTIONS, Mention
from forms.blinding import Revealing, arm_revealing, find_hidden, rests_on_arm
from forms.definition import Study

COHORT_EVENT = "cohort"
"""The kind of event that records a cohort, and so reveals it."""
NO_VISITS: Mapping[str, str] = MappingProxyType({})


class ShownVisit(Protocol):
    """A participant's visit, as far as a Viewer looks at it; a frozen dataclass."""

    __dataclass_fields__: ClassVar[dict[str, Field[Any]]]

    @property
    def slug(self) -> str: ...

    @property
    def instruments(self) -> tuple[str, ...]: ...

    @property
    def forms(self) -> Mapping[str, str]: ...

    @property
    def open_queries(self) -> int: ...


class ShownEvent(Protocol):
    """A dated event of a participant, as far as a Viewer looks at it."""

    @property
    def kind(self) -> str: ...


VisitRow = TypeVar("VisitRow", bound=ShownVisit)
EventRow = TypeVar("EventRow", bound=ShownEvent)


@dataclass(frozen=True)
class Viewer:
    """One person looking at a study, at all of some sites at once.

    Of several roles: what any role allows is allowed, and what any role must not know is not shown.

    So somebody sees arms under the role that may, unless masked in another; an item hidden from one
    of somebody's roles in the study is hidden from the person. Only datasets are exported under one
    role, the one that may see least, and what is hidden from the others is hidden there too.
    sites: arms are shown if they may be seen at every one of them. No sites: the study as a whole,
    for which a role at some sites alone is not enough. zone: the time zone of times shown.
    """

    actor: Actor
    study: Study
    sites: frozenset[str] = frozenset()
    zone: str = "UTC"

    def at(self, site: str, zone: str = "") -> Viewer:
        """The viewer of the same person at one site."""
        return replace(self, sites=frozenset({site}), zone=zone or self.zone)

    @property
    def roles(self) -> frozenset[Role]:
        """The roles that the person holds in the study, at whatever site."""
        return frozenset(
            grant.role for grant in self.actor.grants if grant.study == self.study.slug
        )

    @property
    def is_masked(self) -> bool:
        """Whether the person is masked to the study's arms, whatever other role they hold."""
        return holds_mask(self.actor, self.study.slug)

    @cached_property
    def sees_arms(self) -> bool:
        """Whether arms and cohorts of single participants are shown."""
        return self._may_see(Action.ARM_VIEW, self.sites or {""})

    @property
    def sees_cohorts(self) -> bool:
        """Whether cohorts of single participants are shown: as arms are."""
        return self.sees_arms

    @cached_property
    def sees_levels(self) -> bool:
        """Whether dose levels are shown: as arms are, and to the committee that decides them."""
        if self.is_masked:
            return False
        decides = self.actor.may(Action.DOSE_DECIDE, self.study.slug)
        return decides or self._may_see(Action.DOSE_VIEW, self.sites or {None})

    def require_cohorts(self) -> None:
        """Raises NotAllowed for whoever is not shown cohorts."""
        if not self.sees_cohorts:
            raise NotAllowed("You are not shown who belongs to which cohort in this study.")

    def require_levels(self) -> None:
        """Raises NotAllowed for whoever is not shown dose levels."""
        if not self.sees_levels:
            raise NotAllowed("You are not shown dose levels in this study.")

    @cached_property
    def sees_identifiers(self) -> bool:
        """Whether values that identify participants are shown in trails and lists."""
        places = self.sites or {None}
        may = self.actor.may
        return all(may(Action.IDENTIFIERS_VIEW, self.study.slug, site) for site in places)

    def _may_see(self, action: Action, sites: Collection[str | None]) -> bool:
        if self.actor.kind == SYSTEM:
            return True
        if self.is_masked:
            return False
        visible_to = {role.value for role in self.study.arm_visibility.visible_to}
        roles = {role for role in MAY[action] if role.value in visible_to}
        grants = [grant for grant in self.actor.grants if grant.role in roles]
        return all(any(grant.covers(self.study.slug, site) for grant in grants) for site in sites)

    @cached_property
    def hidden(self) -> Revealing:
        """What the definition hides from one of the person's roles."""
        return find_hidden(self.study, self.roles)

    @cached_property
    def withheld(self) -> Revealing:
        """Everything of the study withheld from this person: hidden, or revealing an arm."""
        if self.sees_arms or self.study.arm_visibility.revealing == "accept":
            return self.hidden
        return self.hidden | arm_revealing(self.study)

    @property
    def sees_everything(self) -> bool:
        """Whether nothing is withheld from this person, so that no row is ever left out."""
        sees_groups = self.sees_arms and (self.sees_levels or not self.study.dose_finding)
        return sees_groups and self.withheld.is_empty

    def shows_visit(self, slug: str) -> bool:
        """Whether a kind of visit may be known of."""
        return slug not in self.withheld.visits

    def shows_form(self, instrument: str) -> bool:
        """Whether an instrument may be known of."""
        return instrument not in self.withheld.instruments

    def shows_form_at(self, visit: str, instrument: str) -> bool:
        """Whether a form of a kind of visit may be known of, opened, acted on or counted."""
        return self.shows_visit(visit) and self.shows_form(instrument)

    def shows_item(self, name: str) -> bool:
        """Whether an item, and that it has a value, may be known of."""
        return name not in self.withheld.items

    def shows_value(self, name: str) -> bool:
        """Whether the value of an item may be shown in a list, a history or a trail."""
        return self.shows_item(name) and (self.sees_identifiers or not self._identifies(name))

    def _identifies(self, name: str) -> bool:
        return name in self.study.item_names and self.study.item(name).identifying

    def shows_event(self, kind: str) -> bool:
        """Whether a dated event of this kind may be known of; a cohort where cohorts are shown."""
        return kind not in self.withheld.events and (kind != COHORT_EVENT or self.sees_cohorts)

    def shows_formula(self, formula: str) -> bool:
        """Whether a formula's result may be shown: not if it depends on an arm or a cohort."""
        return self.sees_arms or not rests_on_arm(formula, self.withheld)

    def shows_act(self, fact: LedgerRow, visits: Mapping[str, str] = NO_VISITS) -> bool:
        """Whether a recorded action may be shown at all; its values are checked one by one.

        visits: the kinds of visits that actions name by id.
        """
        if self.sees_everything:
            return True
        mention = MENTIONS.get(fact.action)
        return mention is not None and self._shows(mention(fact), visits)

    def _shows(self, mention: Mention, visits: Mapping[str, str]) -> bool:
        if (mention.tells_group and not self.sees_arms) or (
            mention.tells_level and not self.sees_levels
        ):
            return False
        slugs = mention.visits | {
            visits[visit_id] for visit_id in mention.visit_ids if visit_id in visits
        }
        is_shown = (
            all(map(self.shows_visit, slugs))
            and all(map(self.shows_form, mention.instruments))
            and all(map(self.shows_item, mention.items))
            and all(map(self.shows_event, mention.events))
        )
        parts = mention.parts
        return is_shown and (not parts or any(self._shows(part, visits) for part in parts))

    def shown_visits(self, visits: Iterable[VisitRow]) -> list[VisitRow]:
        """The visits that may be known of, each with those of its forms that may be.

        A visit does not know the items of its queries, so with a withheld item it shows no queries.
        """
        if self.withheld.is_empty:
            return list(visits)
        return [self._make_shown_visit(visit) for visit in visits if self.shows_visit(visit.slug)]

    def _make_shown_visit(self, visit: VisitRow) -> VisitRow:
        names = {*visit.instruments, *visit.forms}
        items = (self.study.instrument(name).value_items for name in names)
        is_whole = all(self.shows_item(name) for known in items for name in known)
        shown: VisitRow = replace(
            visit,
            instruments=tuple(filter(self.shows_form, visit.instruments)),
            forms={name: came for name, came in visit.forms.items() if self.shows_form(name)},
            open_queries=visit.open_queries if is_whole else 0,
        )
        return shown

    def shown_events(self, events: Iterable[EventRow]) -> list[EventRow]:
        """The dated events that may be known of."""
        return [event for event in events if self.shows_event(event.kind)]

    def visit_condition(self, slug: sa.ColumnElement[str]) -> sa.ColumnElement[bool]:
        """That a row is of a visit that may be known of. slug: the column of its kind of visit."""
        return slug.not_in(sorted(self.withheld.visits))

    def form_condition(
        self, visit: sa.ColumnElement[str], instrument: sa.ColumnElement[str]
    ) -> sa.ColumnElement[bool]:
        """That a row is of a form that may be known of."""
        shown = instrument.not_in(sorted(self.withheld.instruments))
        return sa.and_(self.visit_condition(visit), shown)

    def item_condition(self, item: sa.ColumnElement[str]) -> sa.ColumnElement[bool]:
        """That a row is about an item that may be known of."""
        return item.not_in(sorted(self.withheld.items))


def holds_mask(actor: Actor, study: str) -> bool:
    """Whether this person is masked to a study's arms, whatever other role they hold in it."""
    return any(grant.masked and grant.study == study for grant in actor.grants)


def shows_arms_to(study: Study, roles: Collection[Role]) -> bool:
    """Whether a study shows arms to one of some roles, whoever holds them."""
    return not set(study.arm_visibility.visible_to).isdisjoint(roles)


def get_viewer(actor: Actor, study: Study, *sites: str, zone: str = "") -> Viewer:
    """The viewer of a study at some sites; without sites of the study as a whole."""
    return Viewer(actor, study, frozenset(sites), zone or study.zone)
