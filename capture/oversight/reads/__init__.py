"""Reads of the trail, redactions and seals of a study, limited to the sites of the actor."""

from __future__ import annotations

from capture.oversight.reads.integrity import Integrity, get_integrity, list_trees_integrity
from capture.oversight.reads.names import (
    NamedPerson,
    NameLookup,
    find_names,
    get_person_at,
    get_person_id,
    list_people_called,
)
from capture.oversight.reads.redactions import (
    Redaction,
    get_redaction,
    is_item_shown,
    list_redactions,
    list_waiting_redactions,
)
from capture.oversight.reads.trail import (
    PER_PAGE,
    TrailFilters,
    TrailReading,
    TrailRow,
    count_unsealed_rows,
    get_export_request,
    get_last_position,
    list_rows_beside,
    list_rows_up_to,
)

__all__ = [
    "PER_PAGE",
    "Integrity",
    "NameLookup",
    "NamedPerson",
    "Redaction",
    "TrailFilters",
    "TrailReading",
    "TrailRow",
    "count_unsealed_rows",
    "find_names",
    "get_export_request",
    "get_integrity",
    "get_last_position",
    "get_person_at",
    "get_person_id",
    "get_redaction",
    "is_item_shown",
    "list_people_called",
    "list_redactions",
    "list_rows_beside",
    "list_rows_up_to",
    "list_trees_integrity",
    "list_waiting_redactions",
]
