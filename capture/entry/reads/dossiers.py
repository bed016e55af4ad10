"""A participant's dossier: entries, consents, dated facts and site, as expressions look at them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from capture.db import Words
from capture.entry.reads.entries import Entry, entries_of
from capture.participants.reads import participant_from
from capture.participants.rows import Participant
from capture.participants.tables import consent_event, dated_fact, participant
from capture.study import reads as study_reads
from capture.study.reads import Site
from forms.definition import Study
from forms.scopes import Allocated, Facts, Place, StudyScope


@dataclass(frozen=True)
class Consent:
    scope: str
    kind: str
    version: str
    date: str
    site: str = ""


@dataclass(frozen=True)
class DatedFact:
    kind: str
    date: str
    value: str | None


@dataclass(frozen=True)
class Dossier:
    """What expressions may look at: all of one participant, as it stands at one moment."""

    study: Study
    participant: str
    number: str
    status: str
    zone: str
    site: str
    site_attributes: Sequence[Mapping[str, str]]
    entries: Mapping[Place, Entry]
    consents: Sequence[Consent]
    facts: Sequence[DatedFact]

    def entry(self, key: Place) -> Entry | None:
        return self.entries.get(key)

    def scope(self, moment: datetime, here: Place | None = None) -> StudyScope:
        """What expressions see from a place (None: gates and strata) at a moment."""
        local = moment.astimezone(ZoneInfo(self.zone))
        done = {key: one.cells for key, one in self.entries.items() if one.status != "not_done"}
        return StudyScope(self.study, done, local, self._facts(local.date().isoformat()), here)

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
            site=_in_force(self.site_attributes, today),
            allocations=arms,
            consents={scope: consent_spans(self.consents, scope) for scope in self._scopes()},
            cohort=cohorts[-1] if cohorts else None,
            status=self.status,
            smart={"record-name": self.number},
        )

    def _scopes(self) -> list[str]:
        return [scope.name for scope in self.study.consents]


def _in_force(attributes: Sequence[Mapping[str, str]], today: str) -> dict[str, str]:
    """The value of each dated site attribute on a day: the latest that has begun."""
    begun = sorted((one for one in attributes if one["from"] <= today), key=lambda one: one["from"])
    return {one["name"]: one["value"] for one in begun}


def consent_spans(consents: Sequence[Consent], scope: str) -> list[tuple[date, date | None]]:
    """From when until before when consent of a scope was in force; None: it still is.

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


def dossier(connection: sa.Connection, study: Study, participant_id: str) -> Dossier:
    """Everything of one participant that expressions may look at; the caller checked the scope."""
    wanted = {"study": study.slug, "participant": participant_id}
    person = participant_from(connection.execute(_PERSON, wanted).mappings().one())
    place = study_reads.site(connection, study.slug, person.site)
    return near_dossier(connection, study, person, place)


def near_dossier(
    connection: sa.Connection,
    study: Study,
    person: Participant,
    place: Site,
    *,
    instruments: Collection[str] | None = None,
    with_consents: bool = True,
) -> Dossier:
    """The same where person and site are read already.

    instruments: only their entries are read; with_consents: whether consent is. A form's own page
    and save leave out what its expressions never look at.
    """
    return Dossier(
        study=study,
        participant=person.id,
        number=person.number,
        status=person.status.value,
        zone=place.zone,
        site=person.site,
        site_attributes=tuple(
            {"name": one.name, "value": one.value, "from": one.from_date}
            for one in place.attributes
        ),
        entries=entries_of(connection, person.id, instruments),
        consents=_consents(connection, person.id) if with_consents else (),
        facts=tuple(
            DatedFact(row.kind, row.date, row.value)
            for row in connection.execute(_FACTS, {"participant": person.id})
        ),
    )


def _consents(connection: sa.Connection, participant_id: str) -> tuple[Consent, ...]:
    rows = connection.execute(_CONSENTS, {"participant": participant_id})
    return tuple(Consent(row.scope, row.kind, row.version, row.date, row.site) for row in rows)


_PARTICIPANT = sa.bindparam("participant", type_=Words)
_PERSON = sa.select(participant).where(
    participant.c.study == sa.bindparam("study", type_=Words), participant.c.id == _PARTICIPANT
)
_FACTS = (
    sa.select(dated_fact.c.kind, dated_fact.c.date, dated_fact.c.value)
    .where(dated_fact.c.participant == _PARTICIPANT)
    .order_by(dated_fact.c.date, dated_fact.c.id)
)
_CONSENTS = (
    sa.select(
        consent_event.c.scope,
        consent_event.c.kind,
        consent_event.c.version,
        consent_event.c.date,
        consent_event.c.site,
    )
    .where(consent_event.c.participant == _PARTICIPANT)
    .order_by(consent_event.c.date, consent_event.c.id)
)
