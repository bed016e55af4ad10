"""What is known of participants, scoped to the sites of whoever asks."""

from __future__ import annotations

from capture.participants.reads.finding import Left, moved_away, person_by_number
from capture.participants.reads.lists import Filters, Line, Page, participants
from capture.participants.reads.people import (
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
    visits,
)

__all__ = [
    "Filters",
    "Left",
    "Line",
    "Page",
    "asks_consent",
    "consent_here",
    "consent_in_force",
    "consents",
    "dated_facts",
    "facts_of_many",
    "former_numbers",
    "last_occurrence",
    "later_episode",
    "moved_away",
    "open_visits",
    "participant",
    "participant_from",
    "participants",
    "person_by_number",
    "site_moves",
    "today_at",
    "visit",
    "visits",
]
