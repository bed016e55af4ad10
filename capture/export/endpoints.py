"""Time-to-event datasets, one per declared endpoint, with ADaM's column names.

Day 0 is the origin's date, so AVAL = ADT - STARTDT in days. CNSR: 0 the event, 1 censored, 2 a
competing event.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from capture.export import columns as kinds
from capture.export.columns import Dataset, DatasetColumn
from capture.export.last_contact_dataset import Contact, last_contact, last_evaluable
from capture.export.merged_definition import MergedDefinition
from capture.export.participant_record import ParticipantRecord
from capture.export.participants_dataset import NAME as PARTICIPANTS
from capture.export.participants_dataset import event_column, identity
from capture.ledger.fold import StateRow
from capture.visibility.datasets import DatasetViewer
from forms.definition import Endpoint, Study
from forms.partial_dates import PartialDate, parse_iso

EVENT, CENSORED, COMPETING = 0, 1, 2
CNSR = {"0": "Event", "1": "Censored", "2": "Competing event"}
FLAGS = {"D": "Day imputed", "M": "Month and day imputed"}


@dataclass(frozen=True)
class EndpointOutcome:
    """How one participant's time ended. flag: what of the date was imputed (D, M, nothing)."""

    start: date
    end: date
    censor: int
    event: str | None
    why_censored: str | None
    domain: str
    variable: str
    flag: str | None = None

    @property
    def days(self) -> int:
        return (self.end - self.start).days


@dataclass(frozen=True)
class EndpointRow:
    case: ParticipantRecord
    outcome: EndpointOutcome


@dataclass(frozen=True)
class _Dated:
    """An event of a participant on the day that stands for its date."""

    on: date
    rank: int
    censor: int
    kind: str
    fact: StateRow
    flag: str | None


def endpoint_datasets(
    union: MergedDefinition, viewer: DatasetViewer, sites: Mapping[str, StateRow]
) -> Iterator[Dataset[EndpointRow]]:
    """A dataset for each endpoint that rests on nothing the role may not see. sites: by slug."""
    for endpoint in union.newest.endpoints:
        if viewer.shows_endpoint(endpoint):
            yield _dataset(endpoint, union, sites)


def _dataset(
    endpoint: Endpoint, union: MergedDefinition, sites: Mapping[str, StateRow]
) -> Dataset[EndpointRow]:
    def rows(case: ParticipantRecord) -> Iterable[EndpointRow]:
        found = outcome(endpoint, union, case, sites[case.site])
        return [] if found is None else [EndpointRow(case, found)]

    columns = (*identity(), *_columns(endpoint))
    return Dataset(f"tte_{endpoint.name}", endpoint.title, columns, rows)


def _columns(endpoint: Endpoint) -> Iterator[DatasetColumn[EndpointRow]]:
    code, title = endpoint.name.upper(), endpoint.title
    yield DatasetColumn("PARAMCD", "Parameter code", kinds.TEXT, lambda _row: code)
    yield DatasetColumn("PARAM", "Parameter", kinds.TEXT, lambda _row: title, follows=True)
    for name, label, kind, part in (
        ("STARTDT", "Time-to-event origin date", kinds.DATE, "start"),
        ("ADT", "Analysis date", kinds.DATE, "end"),
        ("AVAL", "Days from origin to analysis date", kinds.WHOLE, "days"),
        ("CNSR", "Censoring (0 event, 1 censored, 2 competing event)", kinds.WHOLE, "censor"),
        ("EVNTDESC", "Event description", kinds.TEXT, "event"),
        ("CNSDTDSC", "Censor date description", kinds.TEXT, "why_censored"),
        ("SRCDOM", "Source dataset of the analysis date", kinds.TEXT, "domain"),
        ("SRCVAR", "Source column of the analysis date", kinds.TEXT, "variable"),
        ("ADTF", "Analysis date imputation flag", kinds.TEXT, "flag"),
    ):
        codes = {"CNSR": CNSR, "ADTF": FLAGS}.get(name, {})
        yield DatasetColumn(name, label, kind, _part(part), codes=codes)


def _part(name: str) -> Any:
    def take(row: EndpointRow) -> Any:
        value = getattr(row.outcome, name)
        return value.isoformat() if isinstance(value, date) else value

    return take


def outcome(
    endpoint: Endpoint, union: MergedDefinition, case: ParticipantRecord, site: StateRow
) -> EndpointOutcome | None:
    """How one participant's time ended; None for somebody without the origin's event."""
    study = union.newest
    origins = [_day(fact["date"], endpoint) for fact in _facts(case, study, endpoint.origin)]
    if not origins:
        return None
    start = min(origins)
    found = min(
        _candidates(endpoint, study, case, start),
        key=lambda one: (one.on, one.rank),
        default=None,
    )
    if found is None:
        return _censored(endpoint, union, case, site, start)
    domain, variable = _source(union, found.kind)
    return EndpointOutcome(
        start=start,
        end=found.on,
        censor=found.censor,
        event=_title(study, found.kind),
        why_censored=None,
        domain=domain,
        variable=variable,
        flag=found.flag,
    )


def _candidates(
    endpoint: Endpoint, study: Study, case: ParticipantRecord, start: date
) -> Iterator[_Dated]:
    """Events, then competing ones: of two on one day the event counts, then the first declared."""
    named = [(name, EVENT) for name in endpoint.events]
    named += [(name, COMPETING) for name in endpoint.competing]
    for rank, (name, censor) in enumerate(named):
        for fact in _facts(case, study, name):
            is_assessed = endpoint.event_date == "assessment_date"
            if is_assessed and fact["source"] in case.later:
                continue
            text = _recorded(fact, case) if is_assessed else fact["date"]
            known = parse_iso(text)
            on = _within(known, _stands_for(known, endpoint), start, case.cutoff)
            yield _Dated(on, rank, censor, study.event_name(name), fact, _flag(known))


def _facts(case: ParticipantRecord, study: Study, event: str) -> list[StateRow]:
    kind = study.event_name(event)
    return [fact for fact in case.facts if fact["kind"] == kind]


def _recorded(fact: StateRow, case: ParticipantRecord) -> str:
    """The date of the assessment whose entry told of the event; without one its own date."""
    entry = next((one for one in case.entries if one["id"] == fact["source"]), None)
    if entry is None:
        return str(fact["date"])
    visits = {visit["id"]: visit["actual_date"] for visit in case.visits}
    return str(entry["assessment_date"] or visits.get(entry["visit"]) or fact["date"])


def _day(iso: str, endpoint: Endpoint) -> date:
    return _stands_for(parse_iso(iso), endpoint)


def _stands_for(known: PartialDate, endpoint: Endpoint) -> date:
    """The day that stands for a date of which day or month is unknown, as the endpoint declares."""
    day: date = getattr(known, endpoint.partial_dates)
    return known.earliest if known.is_full else day


def _within(known: PartialDate, on: date, start: date, cutoff: date | None) -> date:
    """An imputed day never lies before the origin, nor after the cut-off, when it need not."""
    if known.is_full:
        return on
    if cutoff is not None and known.earliest <= cutoff < on:
        on = cutoff
    return start if on < start <= known.latest else on


def _flag(known: PartialDate) -> str | None:
    if known.is_full:
        return None
    return "D" if known.month else "M"


def _censored(
    endpoint: Endpoint,
    union: MergedDefinition,
    case: ParticipantRecord,
    site: StateRow,
    start: date,
) -> EndpointOutcome:
    if endpoint.censoring == "last_contact":
        contact, words = last_contact(union, case), "Last date known alive"
    else:
        contact = last_evaluable(endpoint, union.newest, case, site)
        words = "Last evaluable assessment"
    if contact is None or contact.on < start:
        variable = event_column(union.newest.event_name(endpoint.origin))
        contact = Contact(start, PARTICIPANTS, variable)
        words = f"{words}: none after the origin, so the origin's date"
    return EndpointOutcome(
        start=start,
        end=contact.on,
        censor=CENSORED,
        event=None,
        why_censored=words,
        domain=contact.domain,
        variable=contact.variable,
    )


def _source(union: MergedDefinition, kind: str) -> tuple[str, str]:
    """The dataset and the column in which an event's date is found."""
    item = union.event_items.get(kind)
    if item is not None and item in union.newest.item_names:
        return union.newest.instrument_of(item).name, item
    return PARTICIPANTS, event_column(kind)


def _title(study: Study, kind: str) -> str:
    titles = {event.name: event.title for event in study.events}
    return titles.get(kind, kind.replace("_", " ").capitalize())
