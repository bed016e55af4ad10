"""Ledger rows in words, for histories, the audit trail, redactions and moves."""

from __future__ import annotations

from capture.ledger.action_labels import BLANK
from capture.timeline.compose import find_visits_planned, list_rows, make_row
from capture.timeline.readers import TimelineNames, TimelineReader
from capture.timeline.rows import TimelineRow
from capture.timeline.words import (
    REMOVED,
    item_with_form,
    local_words,
    place_words,
    plain_words,
    read_arm,
    read_cohort,
    read_item,
    read_site,
    visit_words,
)

__all__ = [
    "BLANK",
    "REMOVED",
    "TimelineNames",
    "TimelineReader",
    "TimelineRow",
    "find_visits_planned",
    "item_with_form",
    "list_rows",
    "local_words",
    "make_row",
    "place_words",
    "plain_words",
    "read_arm",
    "read_cohort",
    "read_item",
    "read_site",
    "visit_words",
]
