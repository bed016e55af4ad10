"""What is known of participants, scoped to the sites of whoever asks."""

from __future__ import annotations

from capture.participants.reads.choices import choices_of, last_study
from capture.participants.reads.finding import (
    MOST_HITS,
    Hit,
    Left,
    moved_away,
    people_with,
    person_by_number,
)
from capture.participants.reads.grids import KindOfVisit, kinds_of_visit, visit_ids, visits_to_show
from capture.participants.reads.lists import Filters, Line, Page, participants
from capture.participants.reads.people import (
    asking_consent,
    asks_consent,
    consent_here,
    consent_in_force,
    consents,
    dated_facts,
    facts_of_many,
    former_numbers,
    last_occurrence,
    later_episode,
    open_visits,
    participant,
    participant_from,
    site_moves,
    today_at,
    visit,
    visit_at,
    visits,
)

__all__ = [
    "MOST_HITS",
    "Filters",
    "Hit",
    "KindOfVisit",
    "Left",
    "Line",
    "Page",
    "asking_consent",
    "asks_consent",
    "choices_of",
    "consent_here",
    "consent_in_force",
    "consents",
    "dated_facts",
    "facts_of_many",
    "former_numbers",
    "kinds_of_visit",
    "last_occurrence",
    "last_study",
    "later_episode",
    "moved_away",
    "open_visits",
    "participant",
    "participant_from",
    "participants",
    "people_with",
    "person_by_number",
    "site_moves",
    "today_at",
    "visit",
    "visit_at",
    "visit_ids",
    "visits",
    "visits_to_show",
]
