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
from capture.export.last_contact_dataset import Contact, find_last_contact, find_last_evaluable
from capture.export.merged_definition import MergedDefinition
from capture.export.participant_record import ParticipantRecord
from capture.export.participants_dataset import NAME as PARTICIPANTS
from capture.export.participants_dataset import make_identity_columns, name_event_column
from capture.ledger.fold import StateRow
from capture.visibility.datasets import DatasetViewer
from forms.definition import Endpoint, Study
from forms.partial_dates import PartialDate, parse_iso

EVENT, CENSORED, COMPETING = 0, 1, 2
CNSR = {"0": "Event", "1": "Censored", "2": "Competing event"}
FLAGS = {"D": "Day imputed", "M": "Month and day imputed"}


@dataclass(frozen=True)
class EndpointOutcome:
    """How one participant's time ended. flag: the imputed part of the date (D, M or none)."""

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
class _CandidateEvent:
    """An event that may end a participant's time, on the day imputed for its date."""

    on: date
    rank: int
    censor: int
    kind: str
    fact: StateRow
    flag: str | None


def list_endpoint_datasets(
    merged: MergedDefinition, viewer: DatasetViewer, sites: Mapping[str, StateRow]
) -> Iterator[Dataset[EndpointRow]]:
    """Yield a dataset for each endpoint that uses only what the role may see. sites: by slug."""
    for endpoint in merged.newest.endpoints:
        if viewer.shows_endpoint(endpoint):
            yield _make_dataset(endpoint, merged, sites)


def _make_dataset(
    endpoint: Endpoint, merged: MergedDefinition, sites: Mapping[str, StateRow]
) -> Dataset[EndpointRow]:
    def rows(case: ParticipantRecord) -> Iterable[EndpointRow]:
        outcome = find_outcome(endpoint, merged, case, sites[case.site])
        return [] if outcome is None else [EndpointRow(case, outcome)]

    columns = (*make_identity_columns(), *_make_columns(endpoint))
    return Dataset(f"tte_{endpoint.name}", endpoint.title, columns, rows)


def _make_columns(endpoint: Endpoint) -> Iterator[DatasetColumn[EndpointRow]]:
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
        yield DatasetColumn(name, label, kind, _take_field(part), codes=codes)


def _take_field(name: str) -> Any:
    def take(row: EndpointRow) -> Any:
        value = getattr(row.outcome, name)
        return value.isoformat() if isinstance(value, date) else value

    return take


def find_outcome(
    endpoint: Endpoint, merged: MergedDefinition, case: ParticipantRecord, site: StateRow
) -> EndpointOutcome | None:
    """How one participant's time ended; None for a participant without the origin's event."""
    study = merged.newest
    origins = [
        _impute_day(fact["date"], endpoint) for fact in _list_facts(case, study, endpoint.origin)
    ]
    if not origins:
        return None
    start = min(origins)
    first = min(
        _list_candidates(endpoint, study, case, start),
        key=lambda candidate: (candidate.on, candidate.rank),
        default=None,
    )
    if first is None:
        return _make_censored_outcome(endpoint, merged, case, site, start)
    domain, variable = _get_source(merged, first.kind)
    return EndpointOutcome(
        start=start,
        end=first.on,
        censor=first.censor,
        event=_get_title(study, first.kind),
        why_censored=None,
        domain=domain,
        variable=variable,
        flag=first.flag,
    )


def _list_candidates(
    endpoint: Endpoint, study: Study, case: ParticipantRecord, start: date
) -> Iterator[_CandidateEvent]:
    """Events, then competing ones; on the same day an event wins, then the first declared."""
    named = [(name, EVENT) for name in endpoint.events]
    named += [(name, COMPETING) for name in endpoint.competing]
    for rank, (name, censor) in enumerate(named):
        for fact in _list_facts(case, study, name):
            is_assessed = endpoint.event_date == "assessment_date"
            if is_assessed and fact["source"] in case.later:
                continue
            text = _get_assessment_date(fact, case) if is_assessed else fact["date"]
            recorded = parse_iso(text)
            on = _limit_imputed(recorded, _impute(recorded, endpoint), start, case.cutoff)
            yield _CandidateEvent(
                on, rank, censor, study.event_name(name), fact, _get_flag(recorded)
            )


def _list_facts(case: ParticipantRecord, study: Study, event: str) -> list[StateRow]:
    kind = study.event_name(event)
    return [fact for fact in case.facts if fact["kind"] == kind]


def _get_assessment_date(fact: StateRow, case: ParticipantRecord) -> str:
    """The date of the assessment whose entry recorded the event; without one the event's date."""
    entry = next((row for row in case.entries if row["id"] == fact["source"]), None)
    if entry is None:
        return str(fact["date"])
    visits = {visit["id"]: visit["visit_date"] for visit in case.visits}
    return str(entry["assessment_date"] or visits.get(entry["visit"]) or fact["date"])


def _impute_day(iso: str, endpoint: Endpoint) -> date:
    return _impute(parse_iso(iso), endpoint)


def _impute(recorded: PartialDate, endpoint: Endpoint) -> date:
    """Return the day used for a date without day or month, as the endpoint declares."""
    day: date = getattr(recorded, endpoint.partial_dates)
    return recorded.earliest if recorded.is_full else day


def _limit_imputed(recorded: PartialDate, on: date, start: date, cutoff: date | None) -> date:
    """Keep an imputed day on or after the origin and on or before the cut-off where possible."""
    if recorded.is_full:
        return on
    if cutoff is not None and recorded.earliest <= cutoff < on:
        on = cutoff
    return start if on < start <= recorded.latest else on


def _get_flag(recorded: PartialDate) -> str | None:
    if recorded.is_full:
        return None
    return "D" if recorded.month else "M"


def _make_censored_outcome(
    endpoint: Endpoint,
    merged: MergedDefinition,
    case: ParticipantRecord,
    site: StateRow,
    start: date,
) -> EndpointOutcome:
    if endpoint.censoring == "last_contact":
        contact, words = find_last_contact(merged, case), "Last date known alive"
    else:
        contact = find_last_evaluable(endpoint, merged.newest, case, site)
        words = "Last evaluable assessment"
    if contact is None or contact.on < start:
        variable = name_event_column(merged.newest.event_name(endpoint.origin))
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


def _get_source(merged: MergedDefinition, kind: str) -> tuple[str, str]:
    """Return the dataset and the column in which an event's date is found."""
    item = merged.event_items.get(kind)
    if item is not None and item in merged.newest.item_names:
        return merged.newest.instrument_of(item).name, item
    return PARTICIPANTS, name_event_column(kind)


def _get_title(study: Study, kind: str) -> str:
    titles = {event.name: event.title for event in study.events}
    return titles.get(kind, kind.replace("_", " ").capitalize())
