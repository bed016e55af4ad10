"""Makes rows of a timeline from ledger rows, limited to what the viewer may see."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from capture.access import Action
from capture.ledger.action_labels import (
    ACTION_LABELS,
    IDENTIFYING,
    Audience,
    BodyLabel,
    Detail,
)
from capture.ledger.fold import Change, LedgerRow
from capture.ledger.payloads import REDACTED_VALUE
from capture.timeline.readers import TimelineReader
from capture.timeline.rows import ParticipantLink, TimelineRow
from capture.timeline.words import (
    REMOVED,
    find_item,
    form_words,
    plain_words,
    stored_words,
    visit_words,
)

ITEM = "item:"
"""How the body of a saved form names the items of its instrument."""
PLANS = (Action.VISIT_SCHEDULE, Action.VISIT_ADD)


def list_rows(facts: Iterable[LedgerRow], reader: TimelineReader) -> list[TimelineRow]:
    """Return the rows that the reader may see, in the order of the facts."""
    rows = (make_row(fact, reader) for fact in facts)
    return [row for row in rows if row is not None]


def make_row(fact: LedgerRow, reader: TimelineReader) -> TimelineRow | None:
    """A ledger row in words; None where its existence alone would reveal what is withheld."""
    if not reader.viewer.shows_act(fact, reader.names.visit_slugs):
        return None
    visit = _find_visit(fact, reader)
    version = fact.new("version") if _is_saved_form(fact) else None
    return TimelineRow(
        ledger_id=fact.id,
        at=fact.at,
        zone=reader.viewer.zone,
        who=reader.name_user(fact.actor),
        role=fact.role.replace("_", " "),
        action=fact.action,
        label=ACTION_LABELS[fact.action].done,
        place=", ".join(words for words in _list_places(fact, reader, visit) if words),
        details=tuple(_list_details(fact, reader)),
        reason=fact.reason,
        link=next(_list_links(fact, reader), None),
        version=version,
    )


def find_visits_planned(facts: Iterable[LedgerRow]) -> dict[str, tuple[str, int]]:
    """Slug and occurrence of each visit that a participant's facts planned or added, by id."""
    plans = [fact for fact in facts if fact.action in PLANS]
    rows = [change.new for fact in plans for change in fact.body.values()]
    return {row["id"]: (row["slug"], row["occurrence"]) for row in rows if "slug" in row}


def _is_saved_form(fact: LedgerRow) -> bool:
    return fact.new("instrument") is not None and isinstance(fact.new("version"), int)


def _find_visit(fact: LedgerRow, reader: TimelineReader) -> tuple[str, int] | None:
    """Slug and occurrence of the visit that an action is about."""
    slug, occurrence = fact.new("visit_slug"), fact.new("occurrence")
    if isinstance(slug, str) and isinstance(occurrence, int):
        return slug, occurrence
    found = (reader.names.visits.get(str(fact.new(name))) for name in ("id", "visit"))
    return next((visit for visit in found if visit), None)


def _list_places(
    fact: LedgerRow, reader: TimelineReader, visit: tuple[str, int] | None
) -> Iterator[str]:
    """What an action was done to: the form and its visit, a site, a person, a randomisation."""
    kind, _, name = fact.subject.partition("/")
    if isinstance(instrument := fact.new("instrument"), str):
        yield form_words(reader.study, instrument, fact.new("instance"))
    if visit is not None and fact.action not in PLANS:
        yield visit_words(reader.study, *visit)
    if kind == "site":
        yield reader.name_site(name)
    elif kind == "user":
        yield reader.name_user(name)
    else:
        yield _find_title(fact, reader, kind, name)


def _find_title(fact: LedgerRow, reader: TimelineReader, kind: str, name: str) -> str:
    """Return the randomisation or the dose-finding part that an action is about."""
    study = reader.study
    titles = {randomisation.name: randomisation.title for randomisation in study.randomisations}
    parts = {part.name: part.title for part in study.dose_finding}
    asked = name if kind == "randomisation" else fact.new("randomisation")
    part = name if kind == "dose" else fact.new("part")
    if isinstance(asked, str):
        return titles.get(asked, asked)
    return parts.get(part, part) if isinstance(part, str) else ""


def _list_details(fact: LedgerRow, reader: TimelineReader) -> Iterator[Detail]:
    label = ACTION_LABELS[fact.action]
    if label.read_body is not None:
        yield from label.read_body(fact, reader)
        return
    for name, change in fact.body.items():
        if name.startswith(ITEM):
            yield from _list_answer_details(fact, name.removeprefix(ITEM), change, reader)
        elif name in label.items:
            yield from _list_labelled_details(fact, label.items[name], change, reader)


def _list_labelled_details(
    fact: LedgerRow, label: BodyLabel, change: Change, reader: TimelineReader
) -> Iterator[Detail]:
    if label.is_link or not _may_read(fact, label, reader):
        return
    if label.read_change is not None:
        yield from label.read_change(change, reader)
        return
    old, new = (_value_words(label, value, reader) for value in (change.old, change.new))
    if old != new or new == REMOVED:
        yield Detail(label.label, old, new)


def _may_read(fact: LedgerRow, label: BodyLabel, reader: TimelineReader) -> bool:
    name = str(fact.new("item"))
    match label.audience:
        case Audience.WHO_SEES_ARMS:
            return reader.sees_arms
        case Audience.WHO_SEES_LEVELS:
            return reader.viewer.sees_levels
        case Audience.WHO_SEES_THE_ITEM:
            return reader.viewer.shows_item(name)
        case Audience.WHO_SEES_THE_VALUE:
            return reader.shows_value(name)
    return True


def _value_words(label: BodyLabel, value: Any, reader: TimelineReader) -> str:
    """One value of a body in words."""
    if value is None or value == REDACTED_VALUE:
        return plain_words(value)
    if label.read is not None:
        return label.read(value, reader)
    if isinstance(value, str):
        value = label.codes.get(value, value)
        value = value.replace("_", " ") if label.is_spaced else value
    return plain_words(value)


def _list_answer_details(
    fact: LedgerRow, name: str, change: Change, reader: TimelineReader
) -> Iterator[Detail]:
    """One answer of a form, old and new; without the values of an identifying item."""
    if not reader.viewer.shows_item(name):
        return
    item = find_item(reader.study, name)
    old, new = (stored_words(reader.study, item, value) for value in (change.old, change.new))
    if not reader.shows_value(name):
        old, new = (IDENTIFYING if text not in ("", REMOVED) else text for text in (old, new))
    label = item.label if item else name
    yield Detail(label, old, new, name, str(fact.new("id")))


def _list_links(fact: LedgerRow, reader: TimelineReader) -> Iterator[ParticipantLink]:
    """Yield the other participant of a form that was moved."""
    for name, label in ACTION_LABELS[fact.action].items.items():
        if label.is_link and (participant := fact.new(name)):
            found = reader.names.find_participant(str(participant))
            yield ParticipantLink(label.label, *found) if found else ParticipantLink(label.label)
