"""The trail, the redactions and the seals of a study, scoped to the sites of whoever asks."""

from __future__ import annotations

from capture.oversight.reads.integrity import Integrity, integrity, trees
from capture.oversight.reads.known import (
    Known,
    Person,
    known_in,
    people_called,
    person_at,
    person_id_of,
)
from capture.oversight.reads.redactions import (
    Redaction,
    redaction_at,
    redactions,
    shows_item,
    waiting,
)
from capture.oversight.reads.trail import (
    PER_PAGE,
    Filters,
    Reading,
    TrailRow,
    export_asked,
    last_position,
    rows_beside,
    rows_up_to,
    unsealed_rows,
)

__all__ = [
    "PER_PAGE",
    "Filters",
    "Integrity",
    "Known",
    "Person",
    "Reading",
    "Redaction",
    "TrailRow",
    "export_asked",
    "integrity",
    "known_in",
    "last_position",
    "people_called",
    "person_at",
    "person_id_of",
    "redaction_at",
    "redactions",
    "rows_beside",
    "rows_up_to",
    "shows_item",
    "trees",
    "unsealed_rows",
    "waiting",
]
