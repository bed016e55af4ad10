"""A participant's casebook: entries, consents, dated facts and site, as expressions read them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from capture.db import Words
from capture.entry.reads.answers import NOT_DONE
from capture.entry.reads.entries import Entry, list_entries, list_entries_of_many
from capture.participants.reads import make_participant
from capture.participants.records import Participant
from capture.participants.tables import consent_event, participant, participant_event
from capture.study import reads as study_reads
from capture.study.reads import Site
from forms.definition import Study
from forms.evaluation_scope import Allocated, Facts, FormulaTime, Place, StudyScope


@dataclass(frozen=True)
class Consent:
    scope: str
    kind: str
    version: str
    date: str
    site: str = ""


@dataclass(frozen=True)
class CasebookEvent:
    kind: str
    date: str
    value: str | None


@dataclass(frozen=True)
class Casebook:
    """Everything of one participant that expressions may read, at one moment."""

    study: Study
    participant: str
    number: str
    status: str
    zone: str
    site: str
    site_attributes: Sequence[Mapping[str, str]]
    entries: Mapping[Place, Entry]
    consents: Sequence[Consent]
    facts: Sequence[CasebookEvent]

    def entry(self, key: Place) -> Entry | None:
        return self.entries.get(key)

    def scope(
        self, moment: datetime, here: Place | None = None, *, formulas_at: datetime | None = None
    ) -> StudyScope:
        """Make the scope of expressions at a place (None: gates and strata) and a moment.

        formulas_at: the local time at which the formulas of the entry there take place.
        """
        local = moment.astimezone(ZoneInfo(self.zone))
        cells = {
            key: entry.cells for key, entry in self.entries.items() if entry.status != NOT_DONE
        }
        return StudyScope(
            self.study,
            cells,
            local,
            self._facts(local.date().isoformat()),
            here,
            formula_time=None if formulas_at is None else self._get_formula_time(formulas_at),
        )

    def _get_formula_time(self, moment: datetime) -> FormulaTime:
        day = moment.date().isoformat()
        return FormulaTime(moment, _find_attributes_in_force(self.site_attributes, day))

    def _facts(self, today: str) -> Facts:
        prefix = "allocation."
        arms = {
            fact.kind.removeprefix(prefix): Allocated(
                fact.value or "", date.fromisoformat(fact.date)
            )
            for fact in self.facts
            if fact.kind.startswith(prefix)
        }
        cohorts = [fact.value for fact in self.facts if fact.kind == "cohort"]
        return Facts(
            site=_find_attributes_in_force(self.site_attributes, today),
            allocations=arms,
            consents={scope: list_consent_spans(self.consents, scope) for scope in self._scopes()},
            cohort=cohorts[-1] if cohorts else None,
            status=self.status,
            smart={"record-name": self.number},
        )

    def _scopes(self) -> list[str]:
        return [scope.name for scope in self.study.consents]


def _find_attributes_in_force(
    attributes: Sequence[Mapping[str, str]], today: str
) -> dict[str, str]:
    """The value of each dated site attribute on a day: the latest that has begun."""
    begun = sorted(
        (attribute for attribute in attributes if attribute["from"] <= today),
        key=lambda attribute: attribute["from"],
    )
    return {attribute["name"]: attribute["value"] for attribute in begun}


def list_consent_spans(consents: Sequence[Consent], scope: str) -> list[tuple[date, date | None]]:
    """The periods in which consent of a scope was in force: from a day, until before a day or None.

    consents: oldest first, by date and then as recorded.
    """
    spans: list[tuple[date, date | None]] = []
    for event in consents:
        if event.scope != scope:
            continue
        day = date.fromisoformat(event.date)
        if event.kind == "withdrawn":
            if spans and spans[-1][1] is None:
                spans[-1] = (spans[-1][0], day)
        elif not spans or spans[-1][1] is not None:
            spans.append((day, None))
    return spans


def get_casebook(connection: sa.Connection, study: Study, participant_id: str) -> Casebook:
    """Get everything of one participant that expressions may read; the caller checked the scope."""
    keys = {"study": study.slug, "participant": participant_id}
    person = make_participant(connection.execute(_PERSON, keys).mappings().one())
    place = study_reads.get_site(connection, study.slug, person.site)
    return get_casebook_of(connection, study, person, place)


def get_casebook_of(
    connection: sa.Connection,
    study: Study,
    person: Participant,
    place: Site,
    *,
    instruments: Collection[str] | None = None,
    with_consents: bool = True,
) -> Casebook:
    """Make the casebook of a person and a site that were read before.

    instruments: only their entries are read; with_consents: whether consent is. A form's own page
    and save leave out what its expressions never look at.
    """
    keys = {"participant": person.id}
    return _make_casebook(
        study,
        person,
        place,
        entries=list_entries(connection, person.id, instruments),
        consents=[_make_consent(row) for row in connection.execute(_CONSENTS, keys)]
        if with_consents
        else (),
        facts=[_make_event(row) for row in connection.execute(_FACTS, keys)],
    )


def list_casebooks(
    connection: sa.Connection, study: Study, people: Sequence[Participant]
) -> list[Casebook]:
    """Get the casebooks of several people, in as many statements as for one."""
    if not people:
        return []
    keys = {"participants": sorted(person.id for person in people)}
    sites = {site.slug: site for site in study_reads.list_all_sites(connection, study.slug)}
    entries = list_entries_of_many(connection, keys["participants"])
    consents: dict[str, list[Consent]] = defaultdict(list)
    facts: dict[str, list[CasebookEvent]] = defaultdict(list)
    for row in connection.execute(_CONSENTS_OF_MANY, keys):
        consents[row.participant].append(_make_consent(row))
    for event in connection.execute(_FACTS_OF_MANY, keys):
        facts[event.participant].append(_make_event(event))
    return [
        _make_casebook(
            study,
            person,
            sites[person.site],
            entries=entries[person.id],
            consents=consents[person.id],
            facts=facts[person.id],
        )
        for person in people
    ]


def _make_casebook(
    study: Study,
    person: Participant,
    place: Site,
    *,
    entries: Mapping[Place, Entry],
    consents: Sequence[Consent],
    facts: Sequence[CasebookEvent],
) -> Casebook:
    return Casebook(
        study=study,
        participant=person.id,
        number=person.number,
        status=person.status.value,
        zone=place.zone,
        site=person.site,
        site_attributes=tuple(
            {"name": attribute.name, "value": attribute.value, "from": attribute.from_date}
            for attribute in place.attributes
        ),
        entries=entries,
        consents=tuple(consents),
        facts=tuple(facts),
    )


def _make_consent(row: Any) -> Consent:
    return Consent(row.scope, row.kind, row.version, row.date, row.site)


def _make_event(row: Any) -> CasebookEvent:
    return CasebookEvent(row.kind, row.date, row.value)


_PARTICIPANT = sa.bindparam("participant", type_=Words)
_PERSON = sa.select(participant).where(
    participant.c.study == sa.bindparam("study", type_=Words), participant.c.id == _PARTICIPANT
)
_OF_MANY: sa.BindParameter[str] = sa.bindparam("participants", expanding=True)
_EVERY_FACT = sa.select(
    participant_event.c.participant,
    participant_event.c.kind,
    participant_event.c.date,
    participant_event.c.value,
).order_by(participant_event.c.date, participant_event.c.id)
_FACTS = _EVERY_FACT.where(participant_event.c.participant == _PARTICIPANT)
_FACTS_OF_MANY = _EVERY_FACT.where(participant_event.c.participant.in_(_OF_MANY))
_EVERY_CONSENT = sa.select(
    consent_event.c.participant,
    consent_event.c.scope,
    consent_event.c.kind,
    consent_event.c.version,
    consent_event.c.date,
    consent_event.c.site,
).order_by(consent_event.c.date, consent_event.c.id)
_CONSENTS = _EVERY_CONSENT.where(consent_event.c.participant == _PARTICIPANT)
_CONSENTS_OF_MANY = _EVERY_CONSENT.where(consent_event.c.participant.in_(_OF_MANY))
