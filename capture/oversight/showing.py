"""Rows of the trail in plain words, with what this reader may see: no arm, no cohort if blind."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

from capture import clock, problems
from capture.access import Action, Actor
from capture.act_words import ACTS
from capture.ledger.bodies import REDACTED_VALUE
from capture.ledger.fold import Change, Fact
from capture.oversight.reads import Known, Person, TrailRow
from capture.oversight.words import CODES, ENTRY_ITEMS, ITEMS, SPACED
from capture.participants import kinds
from capture.participants.form_history import REMOVED, stored_words
from capture.participants.history import kind_words
from capture.participants.sight import changes_only, hidden_from, notes_withheld_event, sees_arms
from forms.blinding import Revealing, arm_revealing, rests_on_arm
from forms.definition import Item, Study
from forms.partial_dates import NoSuchDate, parse_iso

ITEM = "item:"
LEVELS = ("levels", "levels_corrected")
ENTRY_ACTS = (Action.ENTRY_SAVE, Action.ENTRY_NOT_DO)
PLANS = (Action.VISIT_PLAN, Action.VISIT_ADD)
IDENTIFYING = "(identifies the participant)"


@dataclass(frozen=True)
class Detail:
    """One thing that an act changed; `item` and `entry` name a value of an entry."""

    label: str
    old: str
    new: str
    item: str = ""
    entry: str = ""


@dataclass(frozen=True)
class Line:
    """One act for people. utc, local: when, as text; local is the time at the site or the study.

    position: of its seal; None for who may not see every row, as a gap would count the others.
    """

    position: int | None
    ledger_id: str
    sealed_at: str
    utc: str
    local: str
    zone: str
    who: str
    role: str
    action: str
    what: str
    person: Person | None
    details: tuple[Detail, ...]
    reason: str


@dataclass(frozen=True)
class Reader:
    """Who reads, and the study's words. zones: each site's, by slug; titles: each site's name."""

    actor: Actor
    study: Study
    zones: Mapping[str, str]
    titles: Mapping[str, str]
    _revealing: list[Revealing] = field(default_factory=list)

    def sees_arms(self, site: str) -> bool:
        return sees_arms(self.actor, self.study, site)

    def sees_identifiers(self, site: str) -> bool:
        return self.actor.may(Action.IDENTIFIERS_VIEW, self.study.slug, site)

    @cached_property
    def is_blind(self) -> bool:
        """Whether rows may be left out for this person: of an arm, or of what is hidden."""
        if not self.hidden.is_empty:
            return True
        sites = self.actor.sites_for(Action.AUDIT_VIEW, self.study.slug)
        return not all(self.sees_arms(site) for site in (self.zones if sites is None else sites))

    @cached_property
    def hidden(self) -> Revealing:
        """What the definition hides from this person."""
        return hidden_from(self.actor, self.study)

    @property
    def revealing(self) -> Revealing:
        """What of the study would tell an arm; worked out once, and only for who may not see it."""
        if not self._revealing:
            withheld = self.study.arm_visibility.revealing != "accept"
            self._revealing.append(arm_revealing(self.study) if withheld else Revealing())
        return self._revealing[0]


@dataclass(frozen=True)
class _Act:
    """One row of the trail with everything that its words need."""

    fact: Fact
    reader: Reader
    known: Known
    person: Person | None

    @property
    def site(self) -> str:
        return self.person.site if self.person else str(self.fact.new("site") or "")

    @property
    def is_blind(self) -> bool:
        if self.fact.subject.startswith("dose/"):
            return not self.reader.sees_arms("")
        if self.fact.subject.startswith("redaction/"):
            return self.reader.is_blind
        return self.person is not None and not self.reader.sees_arms(self.person.site)

    @cached_property
    def withheld(self) -> Revealing:
        """What this reader is told nothing of."""
        hidden = self.reader.hidden
        return hidden | self.reader.revealing if self.is_blind else hidden

    @property
    def visit(self) -> tuple[str, int] | None:
        """Slug and occurrence of the visit that the act is about."""
        slug, occurrence = self.fact.new("visit_slug"), self.fact.new("occurrence")
        if isinstance(slug, str) and isinstance(occurrence, int):
            return slug, occurrence
        by_id = (self.known.visits.get(str(self.fact.new(name))) for name in ("id", "visit"))
        return next((one for one in by_id if one), None)


def lines(rows: list[TrailRow], reader: Reader, known: Known) -> Iterator[Line]:
    """The rows in words; one whose mere presence would tell what is withheld is left out."""
    for row in rows:
        fact = row.fact
        person = known.people.get(fact.subject_id) if fact.subject.startswith("partic") else None
        act = _Act(fact, reader, known, person)
        details = tuple(_details(act))
        if (act.is_blind or not act.withheld.is_empty) and _is_withheld(act, details):
            continue
        yield _line(row, act, details)


def _is_withheld(act: _Act, details: tuple[Detail, ...]) -> bool:
    withheld = act.withheld
    if act.fact.action in (*PLANS, Action.FACT_NOTE):
        return not details
    if act.fact.action in (Action.COHORT_RECORD, Action.COHORT_CORRECT) and act.is_blind:
        return True
    at_visit = act.visit is not None and act.visit[0] in withheld.visits
    in_form = act.fact.new("instrument") in withheld.instruments
    in_event = notes_withheld_event(act.fact, withheld)
    on_item = bool(withheld.items.intersection(_items_of(act.fact)))
    return at_visit or in_form or in_event or on_item or changes_only(act.fact, withheld.items)


def _items_of(fact: Fact) -> Iterator[str]:
    """The item that an act names, and those that a redaction emptied."""
    if isinstance(item := fact.new("item"), str):
        yield item
    for _ledger_id, names in fact.new("places") or ():
        yield from (name.removeprefix(ITEM) for name in names)


def _line(row: TrailRow, act: _Act, details: tuple[Detail, ...]) -> Line:
    fact, reader = row.fact, act.reader
    zone = reader.zones.get(act.site, reader.study.zone)
    local = clock.from_text(fact.at).astimezone(ZoneInfo(zone))
    return Line(
        position=None if reader.is_blind else row.position,
        ledger_id=fact.id,
        sealed_at=row.sealed_at,
        utc=f"{fact.at[:10]} {fact.at[11:19]}",
        local=f"{local:%Y-%m-%d %H:%M:%S}",
        zone=zone,
        who=act.known.name(fact.actor),
        role=fact.role.replace("_", " "),
        action=fact.action.value,
        what=_what(act),
        person=act.person,
        details=details,
        reason=fact.reason,
    )


def _what(act: _Act) -> str:
    """The act in words, and what it was done to."""
    place = ", ".join(words for words in _places(act) if words)
    return f"{ACTS[act.fact.action]}: {place}" if place else ACTS[act.fact.action]


def _places(act: _Act) -> Iterator[str]:
    fact, study = act.fact, act.reader.study
    kind, _, name = fact.subject.partition("/")
    instrument = fact.new("instrument")
    if isinstance(instrument, str):
        titles = {one.name: one.title for one in study.instruments}
        yield titles.get(instrument, instrument)
    if act.visit is not None and fact.action not in PLANS:
        yield _visit_title(study, *act.visit)
    if kind == "site":
        yield act.reader.titles.get(name, name)
    elif kind == "user":
        yield act.known.name(name)
    else:
        yield from _question(act, kind, name)


def _question(act: _Act, kind: str, name: str) -> Iterator[str]:
    """The randomisation or the dose-finding part that an act is about."""
    fact, study = act.fact, act.reader.study
    asked = name if kind == "randomisation" else fact.new("randomisation")
    part = name if kind == "dose" else fact.new("part")
    if isinstance(asked, str):
        yield _randomisation(study, asked)
    elif isinstance(part, str):
        yield _part(study, part)


def _randomisation(study: Study, name: str) -> str:
    return {one.name: one.title for one in study.randomisations}.get(name, name)


def _part(study: Study, name: str) -> str:
    return {one.name: one.title for one in study.dose_finding}.get(name, name)


def _visit_title(study: Study, slug: str, occurrence: int) -> str:
    visits = {one.slug: one for one in study.visits}
    if slug not in visits:
        return "" if slug == "log" else slug
    return visits[slug].occurrence_title(occurrence)


def _details(act: _Act) -> Iterator[Detail]:
    if act.fact.action in PLANS:
        yield from _planned(act)
        return
    if act.fact.action in ENTRY_ACTS:
        yield from _items(act)
    shown = ENTRY_ITEMS if act.fact.action in ENTRY_ACTS else tuple(ITEMS)
    for name, change in act.fact.body.items():
        if name == "facts":
            yield from _events(act, change)
        elif name == "item" and isinstance(change.new, str):
            yield Detail("Item", "", _label(act.reader.study, change.new))
        elif name in LEVELS and act.is_blind:
            yield from _changed(ITEMS[name], _levels(act, change.old), _levels(act, change.new))
        elif name in shown and not (name in ("arm", "level") and act.is_blind):
            yield from _changed(
                ITEMS[name], _words(act, name, change.old), _words(act, name, change.new)
            )


def _levels(act: _Act, levels: Any) -> str:
    """The levels of a stratum that tell nobody's arm."""
    if not isinstance(levels, dict):
        return _plain(levels)
    known = {
        factor.factor
        for one in act.reader.study.randomisations
        for factor in one.factors
        if not rests_on_arm(factor.source, arm_revealing(act.reader.study))
    }
    return _plain({name: level for name, level in levels.items() if name in known})


def _changed(label: str, old: str, new: str) -> Iterator[Detail]:
    if old != new or new == REMOVED:
        yield Detail(label, old, new)


def _items(act: _Act) -> Iterator[Detail]:
    """The values of an entry that changed, under the labels of their items."""
    entry = str(act.fact.new("id"))
    for name, change in act.fact.body.items():
        if not name.startswith(ITEM):
            continue
        item_name = name.removeprefix(ITEM)
        if item_name in act.withheld.items:
            continue
        item = _item(act.reader.study, item_name)
        label = item.label if item else item_name
        old, new = (_cell(act, item, value) for value in (change.old, change.new))
        yield Detail(label, old, new, item_name, entry)


def _item(study: Study, name: str) -> Item | None:
    if name not in study.item_names:
        return None
    return study.instrument_of(name).value_items.get(name)


def _label(study: Study, name: str) -> str:
    item = _item(study, name)
    return item.label if item else name


def _cell(act: _Act, item: Item | None, stored: Any) -> str:
    """A stored cell in words; of what identifies somebody only that there was something."""
    identifies = item is not None and item.identifying and stored not in (None, REDACTED_VALUE)
    if identifies and not act.reader.sees_identifiers(act.site):
        return IDENTIFYING
    return stored_words(act.reader.study, item, stored)


def _planned(act: _Act) -> Iterator[Detail]:
    """Each visit that was planned, moved or taken off the plan."""
    for change in act.fact.body.values():
        before = change.old if isinstance(change.old, dict) else {}
        # A visit that is moved or taken off names what changed; the rest of it is as it was.
        after = {**before, **change.new} if isinstance(change.new, dict) else {}
        if "slug" not in after:
            continue
        slug, occurrence = after["slug"], after["occurrence"]
        if slug in act.withheld.visits:
            continue
        new = "no longer planned" if after.get("status") == "void" else _plain(after.get("target"))
        title = _visit_title(act.reader.study, slug, occurrence)
        yield Detail(title, _plain(before.get("target")), new)


def _events(act: _Act, change: Change) -> Iterator[Detail]:
    """The dated facts that an act noted, moved or took back."""
    listed = [one if isinstance(one, list) else [] for one in (change.old, change.new)]
    before = {one["id"]: one for one in listed[0]}
    for one in listed[1]:
        if one["kind"] in act.withheld.events:
            continue
        old = before.get(one["id"], {})
        new = "taken back" if one["date"] is None else clock.day_words(one["date"])
        is_allocation = one["kind"].startswith(kinds.allocation(""))
        if is_allocation and not act.is_blind and one.get("value"):
            new = f"{new}, {one['value']}"
        yield Detail(
            kind_words(one["kind"], act.reader.study), clock.day_words(old.get("date")), new
        )


def _words(act: _Act, name: str, value: Any) -> str:
    """One value of a body for people."""
    if isinstance(value, str):
        if name == "problem":
            return str(getattr(getattr(problems, value, None), "title", value))
        if name == "act":
            return value.replace(".", ": ").replace("_", " ")
        if name in ("arm", "cohort"):
            return _group(act, value)
        if name == "site":
            return act.reader.titles.get(value, value)
        if name == "person":
            return act.known.name(value)
        if name == "action":
            return next((words for key, words in ACTS.items() if key.value == value), value)
        value = CODES.get(name, {}).get(value, value)
        return _plain(value.replace("_", " ") if name in SPACED else value)
    return _plain(value)


def _group(act: _Act, name: str) -> str:
    """An arm or a cohort in words; an arm's name comes first where both have one."""
    study = act.reader.study
    arms = {arm.arm: arm.label for one in study.randomisations for arm in one.arms}
    cohorts = {one.name: one.title for one in study.cohorts}
    return {**cohorts, **arms}.get(name, name)


def _plain(value: Any) -> str:
    """Any stored value as text: dates in words, lists with commas, yes and no."""
    if value is None:
        return ""
    if value == REDACTED_VALUE:
        return REMOVED
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(_plain(one) for one in value)
    if isinstance(value, dict):
        return ", ".join(f"{key}: {_plain(one)}" for key, one in value.items())
    try:
        return parse_iso(value).words if isinstance(value, str) and len(value) == 10 else str(value)
    except NoSuchDate:
        return str(value)
