"""The kinds of dated facts: the events of the definition language, by exactly its names."""

from __future__ import annotations

from capture.visibility.viewer import COHORT_EVENT
from forms.definition import BUILT_IN_EVENTS, Study

SCREENING = "screening"
CONSENT = "consent"
ENROLMENT = "enrolment"
DEATH = "death"
LOSS = "loss"
RETURN = "return"
COHORT = COHORT_EVENT
TREATMENT_WITHDRAWAL = "treatment_withdrawal"
FOLLOW_UP_WITHDRAWAL = "followup_withdrawal"
DATA_WITHDRAWAL = "data_withdrawal"

WITHDRAWALS = {
    TREATMENT_WITHDRAWAL: "study treatment",
    FOLLOW_UP_WITHDRAWAL: "follow-up visits",
    DATA_WITHDRAWAL: "further data collection",
}
ENDINGS = frozenset({DEATH, FOLLOW_UP_WITHDRAWAL, DATA_WITHDRAWAL})
"""After the earliest of these nothing new is planned; what was due before stays open."""

ALLOCATION = "allocation."
"""How the kinds of allocations begin."""


def allocation(randomisation: str) -> str:
    """Return the kind of the fact that somebody was allocated; its value is the arm."""
    return f"{ALLOCATION}{randomisation}"


def dose(part: str) -> str:
    """The kind of the fact that somebody was registered in a part; its value is the level."""
    return f"dose.{part}"


def is_known(kind: str, study: Study) -> bool:
    """Return whether a study knows events of this kind."""
    own = {event.name for event in study.events}
    allocations = {allocation(randomisation.name) for randomisation in study.randomisations}
    doses = {dose(part.name) for part in study.dose_finding}
    return kind in {*BUILT_IN_EVENTS, COHORT, *own, *allocations, *doses}


def event_title(kind: str, study: Study) -> str:
    """Return an event's name for people."""
    own = {event.name: event.title for event in study.events}
    allocations = {
        allocation(randomisation.name): f"Randomised: {randomisation.title}"
        for randomisation in study.randomisations
    }
    doses = {dose(part.name): f"Registered: {part.title}" for part in study.dose_finding}
    withdrawals = {name: f"Withdrew from {what}" for name, what in WITHDRAWALS.items()}
    plain = {COHORT: "Cohort", LOSS: "Lost to follow-up", RETURN: "Came back", DEATH: "Death"}
    known = {**plain, **withdrawals, **allocations, **doses, **own}
    return known.get(kind) or kind.replace("_", " ").capitalize()
