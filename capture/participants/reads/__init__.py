"""Reads of participants, limited to the sites of the actor."""

from __future__ import annotations

from capture.participants.reads.finding import (
    MOST_HITS,
    DepartedRow,
    SearchHit,
    find_person_by_number,
    list_departed,
    list_people_with,
)
from capture.participants.reads.list_preferences import find_last_study, list_preferences_of
from capture.participants.reads.lists import (
    ParticipantFilters,
    ParticipantPage,
    ParticipantRow,
    list_participants,
)
from capture.participants.reads.people import (
    find_consent_here,
    find_consent_in_force,
    find_later_episode,
    get_last_occurrence,
    get_participant,
    get_today_at,
    get_visit,
    get_visit_at,
    is_consent_needed,
    list_consents,
    list_events,
    list_events_of_many,
    list_former_numbers,
    list_needing_consent,
    list_open_visits,
    list_site_moves,
    list_visits,
    make_participant,
)
from capture.participants.reads.visit_matrix import (
    KindOfVisit,
    list_matrix_visits,
    list_visit_ids,
    list_visit_kinds,
)

__all__ = [
    "MOST_HITS",
    "DepartedRow",
    "KindOfVisit",
    "ParticipantFilters",
    "ParticipantPage",
    "ParticipantRow",
    "SearchHit",
    "find_consent_here",
    "find_consent_in_force",
    "find_last_study",
    "find_later_episode",
    "find_person_by_number",
    "get_last_occurrence",
    "get_participant",
    "get_today_at",
    "get_visit",
    "get_visit_at",
    "is_consent_needed",
    "list_consents",
    "list_departed",
    "list_events",
    "list_events_of_many",
    "list_former_numbers",
    "list_matrix_visits",
    "list_needing_consent",
    "list_open_visits",
    "list_participants",
    "list_people_with",
    "list_preferences_of",
    "list_site_moves",
    "list_visit_ids",
    "list_visit_kinds",
    "list_visits",
    "make_participant",
]
