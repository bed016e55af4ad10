"""A participant's history in words: who did what and when, old and new, with what one may see."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from capture import clock
from capture.access import Action
from capture.act_words import ACTS
from capture.ledger.fold import Change, Fact, Row
from capture.participants import kinds
from capture.participants.form_history import changed_answers, form_title
from capture.participants.reasons import AGE_BANDS, NOT_ENROLLED, SOURCES
from capture.participants.rows import Flag
from capture.participants.sight import changes_only, notes_withheld_event
from forms.blinding import Revealing
from forms.definition import Role, Study
from forms.partial_dates import NoSuchDate, parse_iso

LABELS = {
    "screening_number": "Screening number",
    "participant_number": "Participant number",
    "screened_on": "Screened on",
    "enrolled_on": "Enrolled on",
    "source": "Found at",
    "age_band": "Age",
    "status": "Status",
    "state": "Taking part",
    "reason_not_enrolled": "Reason",
    "note": "Note",
    "version": "Version",
    "date": "Date",
    "taken_by": "Taken by",
    "appointment": "Appointment",
    "cohort": "Cohort",
    "doctor": "Doctor",
    "where_documented": "Documented in",
    "who": "Told",
    "number": "Number",
}
_DICTIONARIES: Mapping[str, Mapping[str, str]] = {
    "source": SOURCES,
    "age_band": AGE_BANDS,
    "reason_not_enrolled": NOT_ENROLLED,
}
MOST_LINES = 6


def _nobody(_participant: str) -> None:
    return None


_DATED_IN_THEMSELVES = {
    Action.PARTICIPANT_SCREEN,
    Action.PARTICIPANT_ENROL,
    Action.CONSENT_GIVE,
}
_TELLS_THE_ARM = {
    # or the cohort, as the last two and the visits planned after them.
    Action.RANDOMISATION_ALLOCATE,
    Action.RANDOMISATION_REENTER,
    Action.ENVELOPE_OPEN,
    Action.VISIT_PLAN,
    Action.FACT_NOTE,
    Action.COHORT_RECORD,
    Action.COHORT_CORRECT,
}
ENTRY_ACTS = (
    Action.ENTRY_SAVE,
    Action.ENTRY_NOT_DO,
    Action.ENTRY_STRIKE,
    Action.ENTRY_REINSTATE,
)
PLANS = (Action.VISIT_PLAN, Action.VISIT_ADD)
VISIT_ACTS = (Action.VISIT_STRIKE, Action.VISIT_REINSTATE)
MOVED = {
    "moved_to": "The answers belong to another participant",
    "moved_from": "The answers stood on another participant's form",
}
_SPACED = ("status", "state", "who")
"""Codes that read well once their underscores are spaces."""


@dataclass(frozen=True)
class Link:
    """The other participant of a form that was misplaced; no address where the reader sees none."""

    words: str
    number: str = ""
    url: str = ""


@dataclass(frozen=True)
class Line:
    """One act: `when` in the site's time, `details` as sentences of old and new."""

    when: str
    who: str
    what: str
    details: tuple[str, ...]
    reason: str
    link: Link | None = None


def untold_items(study: Study, role: Role | None) -> frozenset[str]:
    """Items whose values the history leaves out: identifying ones, and those hidden from a role."""
    return frozenset(
        name
        for instrument in study.instruments
        for name, item in instrument.value_items.items()
        if item.identifying or role is None or role in item.hidden_from
    )


@dataclass(frozen=True)
class Reader:
    """Who reads: arms are told only when they may be; names gives a person's name by id.

    hidden: items whose values are not told here; withheld: what this reader is told nothing of.
    sites: their names by slug. other: number and address of another participant, None for one
    whom the reader may not see.
    """

    study: Study
    zone: str
    sees_arms: bool
    names: Callable[[str], str]
    hidden: frozenset[str]
    withheld: Revealing
    sites: Mapping[str, str] = field(default_factory=dict)
    other: Callable[[str], tuple[str, str] | None] = _nobody


def lines(facts: list[Fact], reader: Reader) -> list[Line]:
    """The acts about one participant, newest first; refusals are left to the audit page."""
    slugs = _visit_slugs(facts)
    told = [fact for fact in facts if fact.action != Action.ACT_REFUSE]
    shown = [fact for fact in told if _is_shown(fact, reader, slugs)]
    return [_line(fact, reader) for fact in reversed(shown)]


def _visit_slugs(facts: list[Fact]) -> dict[str, str]:
    """What kind of visit each is, by id, as it was planned or added."""
    plans = [fact for fact in facts if fact.action in PLANS]
    rows = [row for fact in plans for row in _planned_rows(fact)]
    return {row["id"]: row["slug"] for row in rows if "slug" in row}


def _is_shown(fact: Fact, reader: Reader, slugs: Mapping[str, str]) -> bool:
    if fact.action in _TELLS_THE_ARM and not reader.sees_arms:
        return False
    return not _is_withheld(fact, reader.withheld, slugs)


def _is_withheld(fact: Fact, withheld: Revealing, slugs: Mapping[str, str]) -> bool:
    """Whether an act is about nothing but what is withheld: its mere presence would tell of it."""
    # An act at a visit names the visit by its kind, or by an id: its own one or that of a form.
    visits = {fact.new("visit_slug"), *(slugs.get(str(fact.new(key))) for key in ("visit", "id"))}
    if fact.action in PLANS:
        visits = {slugs.get(row["id"]) for row in _planned_rows(fact)}
        return bool(visits) and visits <= withheld.visits
    return (
        not visits.isdisjoint(withheld.visits)
        or notes_withheld_event(fact, withheld)
        or fact.new("instrument") in withheld.instruments
        or fact.new("item") in withheld.items
        or changes_only(fact, withheld.items)
    )


def _planned_rows(fact: Fact) -> list[Row]:
    return [change.new for change in fact.body.values() if isinstance(change.new, dict)]


def _line(fact: Fact, reader: Reader) -> Line:
    return Line(
        when=local_words(fact.at, reader.zone),
        who=reader.names(fact.actor),
        what=_title(fact, reader.study),
        details=tuple(_details(fact, reader)),
        reason=fact.reason,
        link=_other(fact, reader),
    )


def _title(fact: Fact, study: Study) -> str:
    if fact.action in ENTRY_ACTS:
        return form_title(fact, study)
    if fact.action in VISIT_ACTS:
        visit = study.visit(str(fact.new("visit_slug")))
        return f"{ACTS[fact.action]}: {visit.occurrence_title(fact.new('occurrence'))}"
    return ACTS[fact.action]


def _other(fact: Fact, reader: Reader) -> Link | None:
    name = next((one for one in MOVED if fact.new(one)), None)
    if name is None:
        return None
    found = reader.other(str(fact.new(name)))
    return Link(MOVED[name], *found) if found else Link(MOVED[name])


def local_words(instant: str, zone: str) -> str:
    """An instant as people at a site read it: 3 March 2026, 14:32."""
    local: datetime = clock.from_text(instant).astimezone(ZoneInfo(zone))
    return f"{parse_iso(local.date().isoformat()).words}, {local:%H:%M}"


def _details(fact: Fact, reader: Reader) -> Iterator[str]:
    if fact.action in PLANS:
        yield from _visit_lines(fact, reader)
        return
    if fact.action in ENTRY_ACTS:
        told_nothing = reader.withheld.items
        yield from changed_answers(fact, reader.study, reader.hidden, withheld=told_nothing)
        return
    if fact.action == Action.PARTICIPANT_MOVE:
        names = [reader.sites.get(one, one) for one in (fact.body["site"].old, fact.new("site"))]
        yield " → ".join(names)
    if fact.action == Action.QUERY_OPEN and fact.new("item") not in reader.hidden:
        yield f"Question: {fact.new('message')}"
    for name, change in fact.body.items():
        if name == "facts" and fact.action not in _DATED_IN_THEMSELVES:
            yield from _fact_words(change, reader)
        elif name in LABELS and change.old != change.new:
            yield _change_words(name, change, reader.study)


def _change_words(name: str, change: Change, study: Study) -> str:
    new = _shown(name, change.new, study) or "taken back"
    if change.old is None:
        return f"{LABELS[name]}: {new}"
    return f"{LABELS[name]}: {_shown(name, change.old, study)} → {new}"


def _shown(name: str, value: Any, study: Study) -> str:
    if isinstance(value, dict):
        return "(redacted)"
    text = "" if value is None else str(value)
    if name == "cohort":
        return {one.name: one.title for one in study.cohorts}.get(text, text)
    text = _DICTIONARIES.get(name, {}).get(text, text)
    return _date_words(text) or (text.replace("_", " ") if name in _SPACED else text)


def _date_words(text: str) -> str:
    try:
        return parse_iso(text).words if len(text) == 10 else ""
    except NoSuchDate:
        return ""


def _visit_lines(fact: Fact, reader: Reader) -> Iterator[str]:
    """What changed of each visit, by date; of very many the first, the last and their number."""
    rows = [({**(one.old or {}), **one.new}, one.old or {}) for one in fact.body.values()]
    rows = [both for both in rows if both[0]["slug"] not in reader.withheld.visits]
    rows.sort(key=lambda both: (both[0]["target"] or "", both[0]["slug"]))
    words = [_visit_words(row, old, reader.study) for row, old in rows]
    if len(words) <= MOST_LINES:
        yield from words
    else:
        yield from (words[0], f"and {len(words) - 2} visits more, the last of them", words[-1])


def _visit_words(row: Row, old: Row, study: Study) -> str:
    title = study.visit(row["slug"]).occurrence_title(row["occurrence"])
    if row["status"] == "void":
        return f"{title}: no longer planned"
    flag = row.get("flag")
    if flag and flag != old.get("flag"):
        return f"{title}: {Flag(flag).words}"
    before = str(old.get("target") or "")
    day = _date_words(row["target"] or "")
    moved = before and before != row["target"]
    return f"{title}: {_date_words(before)} → {day}" if moved else f"{title}: {day}"


def _fact_words(change: Change, reader: Reader) -> Iterator[str]:
    old = {one["id"]: one for one in change.old or []} if isinstance(change.old, list) else {}
    for one in change.new if isinstance(change.new, list) else []:
        before = old.get(one["id"])
        title = kind_words(one["kind"], reader.study)
        is_allocation = one["kind"].startswith("allocation.")
        value = f" ({one['value']})" if is_allocation and reader.sees_arms else ""
        if one["date"] is None:
            yield f"{title} on {parse_iso(before['date']).words} taken back" if before else title
        elif before and before["date"] != one["date"]:
            was, now = parse_iso(before["date"]).words, parse_iso(one["date"]).words
            yield f"{title}: {was} → {now}{value}"
        else:
            yield f"{title}: {parse_iso(one['date']).words}{value}"


def kind_words(kind: str, study: Study) -> str:
    """An event's name for people."""
    own = {event.name: event.title for event in study.events}
    allocations = {
        kinds.allocation(one.name): f"Randomised: {one.title}" for one in study.randomisations
    }
    doses = {kinds.dose(one.name): f"Registered: {one.title}" for one in study.dose_finding}
    withdrawals = {name: f"Withdrew from {what}" for name, what in kinds.WITHDRAWALS.items()}
    plain = {
        kinds.COHORT: "Cohort",
        kinds.LOSS: "Lost to follow-up",
        kinds.RETURN: "Came back",
        kinds.DEATH: "Death",
    }
    known = {**plain, **withdrawals, **allocations, **doses, **own}
    return known.get(kind) or kind.replace("_", " ").capitalize()
