"""Entries of the GIST study for tests: saved through the service by the nurse of Northfield."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from capture.access import Actor
from capture.entry import reads, service
from capture.participants.records import Participant
from capture.queries.reads import Query, list_queries
from capture.study import reads as study_reads
from forms.evaluation_scope import Place
from forms.values import Cell
from tests.support.trial import GIST, NURSE, Trial

VITALS = Place("baseline", 1, "vitals")
FULL_VITALS = {"vitals_date": "2026-03-02", "height_cm": "170", "weight_kg": "70"}


@dataclass(frozen=True)
class Desk:
    """Where one participant's forms are filled in."""

    trial: Trial
    person: Participant

    def save(
        self,
        values: Mapping[str, str | int | tuple[str, ...] | Cell | None],
        key: Place = VITALS,
        *,
        version: int | None = None,
        reason: str = "",
        refused: Mapping[str, str] | None = None,
        typed: Mapping[str, Sequence[str]] | None = None,
        confirm: bool = False,
        actor: Actor = NURSE,
    ) -> service.SaveResult:
        """Save values by item (None: blank), on the version that stands unless one is said."""
        posted = service.Submission(
            {name: _cell(value) for name, value in values.items()},
            refused or {},
            typed or {},
            lambda _finding: confirm,
        )
        seen = self.version(key) if version is None else version
        with self.trial.acting(actor) as tx:
            study = study_reads.get_definition_for(tx.connection, GIST)
            return service.save_entry(
                tx, study, 1, self.person.id, key, submission=posted, version=seen, reason=reason
            )

    def not_do(self, key: Place = VITALS, *, why: str = "not_done", reason: str = "") -> None:
        version = self.version(key)
        with self.trial.acting() as tx:
            study = study_reads.get_definition_for(tx.connection, GIST)
            service.not_do_entry(
                tx,
                study,
                1,
                self.person.id,
                key,
                missing_reason=why,
                version=version,
                reason=reason,
            )

    def on(self, day: str) -> Desk:
        return Desk(self.trial.on(day), self.person)

    def entry(self, key: Place = VITALS) -> reads.Entry | None:
        with self.trial.database.reading() as connection:
            return reads.find_entry_at(connection, self.person.id, key)

    def stored(self, key: Place = VITALS) -> reads.Entry:
        found = self.entry(key)
        assert found is not None
        return found

    def version(self, key: Place = VITALS) -> int:
        found = self.entry(key)
        return found.version if found else 0

    def queries(self, key: Place = VITALS) -> list[Query]:
        with self.trial.database.reading() as connection:
            return list_queries(connection, self.stored(key).id)

    def draft(self, key: Place = VITALS) -> reads.Draft | None:
        with self.trial.database.reading() as connection:
            return next(iter(reads.list_drafts_at(connection, self.person.id, key)), None)


def _cell(value: str | int | tuple[str, ...] | Cell | None) -> Cell | None:
    return value if value is None or isinstance(value, Cell) else Cell(value)
