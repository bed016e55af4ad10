"""Participants made by hand, for tests of endpoints and cut-offs; ISO dates throughout."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from capture.export.merged_definition import MergedDefinition
from capture.export.participant_record import ParticipantRecord, make_record
from tests.support.trial import gist

SITE = {"slug": "northfield", "zone": "Europe/London", "attributes": []}
UNION = MergedDefinition([gist().study])


@dataclass
class Told:
    """What is on record of one participant, added line by line."""

    facts: list[dict[str, Any]] = field(default_factory=list)
    visits: list[dict[str, Any]] = field(default_factory=list)
    entries: list[dict[str, Any]] = field(default_factory=list)
    screened_on: str = "2020-01-10"
    state: str = "on_study"

    def happened(self, kind: str, date: str, source: str = "", value: str = "") -> Told:
        self.facts.append({"kind": kind, "date": date, "source": source, "value": value})
        return self

    def allocated(self, date: str) -> Told:
        return self.happened("allocation.duration", date, value="IM60")

    def entered(
        self,
        instrument: str,
        visit: str,
        *,
        occurrence: int = 1,
        assessed: str | None = None,
        status: str = "complete",
        flags: tuple[str, ...] = (),
        **values: str,
    ) -> Told:
        number = len(self.entries) + 1
        self.entries.append(
            {
                "id": f"entry-{number}",
                "participant": "p",
                "site": "northfield",
                "visit": None,
                "visit_slug": visit,
                "occurrence": occurrence,
                "instrument": instrument,
                "instance": 1,
                "version": 1,
                "status": status,
                "doc": {name: {"v": value} for name, value in values.items()},
                "assessment_date": assessed,
                "study_version": 1,
                "completed_at": None,
                "saved_at": "2024-01-01T09:00:00.000000Z",
                "saved_by": "nurse",
                "reason": None,
                "flags": list(flags),
            }
        )
        return self

    def visited(self, slug: str, target: str | None, actual: str | None) -> Told:
        number = len(self.visits) + 1
        self.visits.append(
            {
                "id": f"visit-{number}",
                "slug": slug,
                "occurrence": number,
                "target_date": target,
                "visit_date": actual,
                "status": "planned" if actual is None else "complete",
            }
        )
        return self

    @property
    def case(self) -> ParticipantRecord:
        person = {
            "id": "p",
            "study": "gist-imatinib",
            "site": "northfield",
            "screening_number": "NOR-S-0001",
            "participant_number": "NOR-0001",
            "status": "enrolled",
            "participation": self.state,
            "screened_on": self.screened_on,
            "enrolled_on": "2020-01-12",
        }
        return make_record(
            {
                "participant": [person],
                "consent_event": [],
                "participant_event": self.facts,
                "visit": self.visits,
                "entry": self.entries,
                "query": [],
                "allocation": [],
                "dose_slot": [],
            },
            UNION,
        )
