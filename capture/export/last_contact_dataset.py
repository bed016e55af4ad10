"""Until when a participant was followed: last evaluable assessment, last contact alive."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date

from capture import clock
from capture.entry.reads import REDACTED, Casebook, CasebookEvent, Consent, Entry, make_entry
from capture.export.merged_definition import MergedDefinition
from capture.export.participant_record import ParticipantRecord
from capture.export.participants_dataset import NAME as PARTICIPANTS
from capture.export.participants_dataset import name_event_column
from capture.ledger.fold import StateRow
from capture.participants.event_kinds import COHORT, DEATH
from forms.definition import Endpoint, Evaluable, Study
from forms.formulas import holds
from forms.partial_dates import parse_iso

NOT_DONE = "not_done"
NO_CONTACT = {DEATH, COHORT}
"""Facts whose date does not show that the person was alive."""


@dataclass(frozen=True)
class Contact:
    """A day on which a participant was seen, and the dataset and column that record it."""

    on: date
    domain: str
    variable: str


def find_last_evaluable(
    endpoint: Endpoint, study: Study, case: ParticipantRecord, site: StateRow
) -> Contact | None:
    """Return the last assessment, done and dated, that fulfils one of the endpoint's conditions."""
    visits = {visit["id"]: visit["visit_date"] for visit in case.visits}
    scopes = _Scopes(study, case, site)
    contacts = [
        Contact(on, entry["instrument"], "assessment_date")
        for entry in case.entries
        if entry["status"] != NOT_DONE
        and (on := _get_first_day(entry["assessment_date"] or visits.get(entry["visit"])))
        and any(_is_evaluable(rule, entry, scopes) for rule in endpoint.evaluable)
    ]
    return max(contacts, key=lambda rule: rule.on, default=None)


def find_last_contact(merged: MergedDefinition, case: ParticipantRecord) -> Contact | None:
    """Return the last day on record as alive: assessments, visits, consent, events.

    For a date without a day the first possible day counts.
    """
    died = [parse_iso(fact["date"]).latest for fact in case.facts if fact["kind"] == DEATH]
    contacts = [
        contact for contact in _list_contacts(merged, case) if not died or contact.on <= min(died)
    ]
    return max(contacts, key=lambda contact: contact.on, default=None)


def _list_contacts(merged: MergedDefinition, case: ParticipantRecord) -> Iterator[Contact]:
    for iso, domain, variable in _list_dates(merged, case):
        on = _get_first_day(iso)
        if on is not None:
            yield Contact(on, domain, variable)


def _list_dates(
    merged: MergedDefinition, case: ParticipantRecord
) -> Iterator[tuple[str | None, str, str]]:
    """Yield every date on record that shows somebody alive, with its dataset and column."""
    logs = {instrument.name for instrument in merged.instruments if instrument.newest.log}
    for entry in case.entries:
        if entry["status"] != NOT_DONE and entry["instrument"] not in logs:
            yield entry["assessment_date"], entry["instrument"], "assessment_date"
    for visit in case.visits:
        yield visit["visit_date"], "visits", "actual_date"
    for consent in case.consents:
        yield consent["date"], PARTICIPANTS, f"consent_{consent['scope']}_on"
    for fact in case.facts:
        if fact["kind"] not in NO_CONTACT:
            yield fact["date"], PARTICIPANTS, name_event_column(fact["kind"])


def _get_first_day(iso: str | None) -> date | None:
    return parse_iso(iso).earliest if iso else None


def _is_evaluable(rule: Evaluable, entry: StateRow, scopes: _Scopes) -> bool:
    if rule.instrument != entry["instrument"]:
        return False
    return rule.when is None or scopes.holds(rule.when, entry)


class _Scopes:
    """The scope of an endpoint's conditions; the casebook is built when first needed."""

    def __init__(self, study: Study, case: ParticipantRecord, site: StateRow) -> None:
        self._study = study
        self._case = case
        self._site = site
        self._casebook: Casebook | None = None

    def holds(self, condition: str, entry: StateRow) -> bool:
        """Return whether a condition is true at an entry, as of when it was last saved."""
        if self._casebook is None:
            self._casebook = self._make_casebook()
        here = make_entry(entry).key
        return holds(condition, self._casebook.scope(clock.from_text(entry["saved_at"]), here))

    def _make_casebook(self) -> Casebook:
        case, person = self._case, self._case.person
        entries = [_leave_out_redacted(make_entry(entry)) for entry in case.entries]
        return Casebook(
            study=self._study,
            participant=person["id"],
            number=person["participant_number"] or person["screening_number"],
            status=person["status"],
            zone=self._site["zone"],
            site=case.site,
            site_attributes=tuple(self._site["attributes"]),
            entries={entry.key: entry for entry in entries},
            consents=tuple(
                Consent(
                    consent["scope"],
                    consent["kind"],
                    consent["version"],
                    consent["date"],
                    consent["site"],
                )
                for consent in case.consents
            ),
            facts=tuple(
                CasebookEvent(fact["kind"], fact["date"], fact["value"]) for fact in case.facts
            ),
        )


def _leave_out_redacted(entry: Entry) -> Entry:
    """The entry without redacted values, which are blank to an endpoint."""
    cells = {name: cell for name, cell in entry.cells.items() if cell.missing != REDACTED}
    return replace(entry, cells=cells)
