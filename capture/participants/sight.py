"""Who may see an arm or a cohort, what would tell it, and what the study hides from a role."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace
from typing import Protocol

from capture.access import MAY, SYSTEM, Action, Actor
from capture.ledger.fold import Fact
from capture.participants.kinds import COHORT, allocation
from capture.participants.rows import DatedFact, Participant, Visit
from forms.blinding import Revealing, arm_revealing, find_hidden
from forms.definition import Role, Study

ITEM = "item:"
"""How the body of a save names the items of its instrument."""


def is_masked(actor: Actor, study: str) -> bool:
    """Whether this person is to learn no arm of the study, whatever other role they hold in it."""
    return any(grant.masked and grant.study == study for grant in actor.grants)


def sees_arms(actor: Actor, study: Study, site: str) -> bool:
    """Whether this person may see individual arms and cohorts: by role, by study, not masked."""
    if actor.kind == SYSTEM:
        return True
    if is_masked(actor, study.slug):
        return False
    visible_to = {role.value for role in study.arm_visibility.visible_to}
    return any(
        grant.covers(study.slug, site)
        and grant.role in MAY[Action.ARM_VIEW]
        and grant.role.value in visible_to
        for grant in actor.grants
    )


def hidden_from(actor: Actor, study: Study) -> Revealing:
    """What the definition hides from one of the roles that this person holds in the study.

    As with a mask, another role beside it shows nothing of it: what one role may not know, the
    person may not know.
    """
    held = {grant.role.value for grant in actor.grants if grant.study == study.slug}
    return find_hidden(study, [role for role in Role if role.value in held])


def withheld_at(actor: Actor, study: Study, sites: Iterable[str]) -> Revealing:
    """What is not shown to this person: what is hidden from the role, what would tell an arm.

    Of the second nothing to who sees arms at all these sites, or where the study accepts that an
    arm is told.
    """
    hidden = hidden_from(actor, study)
    accepted = study.arm_visibility.revealing == "accept"
    if accepted or all(sees_arms(actor, study, site) for site in sites):
        return hidden
    return hidden | arm_revealing(study)


def withheld_from(actor: Actor, study: Study, person: Participant) -> Revealing:
    """What is not shown to this person of a participant."""
    return withheld_at(actor, study, [person.site])


def shown_visits(
    actor: Actor, study: Study, person: Participant, visits: list[Visit]
) -> list[Visit]:
    """The visits this person may be shown, each with the forms and queries that may be."""
    withheld = withheld_from(actor, study, person)
    if withheld.is_empty:
        return visits
    return [_shown(study, one, withheld) for one in visits if one.slug not in withheld.visits]


def _shown(study: Study, visit: Visit, withheld: Revealing) -> Visit:
    """The visit without its withheld forms, and without queries where one could be withheld.

    Which item a query is about the visit does not know, so with a withheld one it shows none.
    """
    names = tuple(name for name in visit.instruments if name not in withheld.instruments)
    forms = {name: came for name, came in visit.forms.items() if name not in withheld.instruments}
    asked = {*visit.instruments, *visit.forms}
    may_tell = any(withheld.items & study.instrument(name).value_items.keys() for name in asked)
    queries = 0 if may_tell else visit.open_queries
    return replace(visit, instruments=names, forms=forms, open_queries=queries)


def shown_facts(
    actor: Actor, study: Study, person: Participant, facts: Collection[DatedFact]
) -> list[DatedFact]:
    """The dated facts this person may be shown; the cohort itself only to who sees arms."""
    hidden = withheld_from(actor, study, person).events
    if not sees_arms(actor, study, person.site):
        hidden |= {COHORT}
    return [fact for fact in facts if fact.kind not in hidden]


class Told(Protocol):
    """A dated fact, as far as a group is told from it."""

    @property
    def kind(self) -> str: ...

    @property
    def value(self) -> str | None: ...


def cohort_title(study: Study, facts: Iterable[Told]) -> str | None:
    """The recorded cohort in words; None before it is recorded. The caller asks `sees_arms`."""
    titles = {cohort.name: cohort.title for cohort in study.cohorts}
    recorded = [fact.value or "" for fact in facts if fact.kind == COHORT]
    return titles.get(recorded[-1], recorded[-1]) if recorded else None


def arm_labels(study: Study, facts: Iterable[Told]) -> str | None:
    """The arms somebody was allocated to, in words. The caller asks `sees_arms`."""
    arms = {allocation(one.name): one for one in study.randomisations}
    allocated = [fact for fact in facts if fact.kind in arms and fact.value]
    labels = (arms[fact.kind].arm(fact.value or "").label for fact in allocated)
    return ", ".join(labels) or None


def notes_withheld_event(fact: Fact, withheld: Revealing) -> bool:
    """Whether an act notes, moves or takes back an event that is withheld."""
    noted = fact.new("facts")
    rows = noted if isinstance(noted, list) else []
    return any(row["kind"] in withheld.events for row in rows)


def changes_only(fact: Fact, withheld: Collection[str]) -> bool:
    """Whether an act changes answers, and every one of them is withheld."""
    names = {name.removeprefix(ITEM) for name in fact.body if name.startswith(ITEM)}
    return bool(names) and names.issubset(withheld)
