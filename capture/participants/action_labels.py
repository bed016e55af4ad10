"""What actions about a participant are called: screening to endings, consent, cohort, visits."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from capture import clock
from capture.access import Action
from capture.ledger.action_labels import (
    Audience,
    BodyLabel,
    Detail,
    LabelReader,
    label_actions,
)
from capture.ledger.fold import Change, LedgerRow
from capture.participants.event_kinds import ALLOCATION, event_title
from capture.participants.reasons import AGE_BANDS, NOT_ENROLLED, SOURCES
from capture.participants.records import Flag, Participation, Status, VisitStatus
from capture.study.action_labels import read_consent
from capture.timeline import read_cohort, read_site, visit_words

CANCELLED = "Cancelled"
TAKEN_BACK = "taken back"


def _read_events(change: Change, reader: LabelReader) -> Iterator[Detail]:
    """Yield the dated facts that an action noted, moved or took back."""
    was, now = (rows if isinstance(rows, list) else [] for rows in (change.old, change.new))
    before = {row["id"]: row for row in was}
    for row in now:
        if not reader.shows_event(row["kind"]):
            continue
        old = clock.day_words(before.get(row["id"], {}).get("date"))
        new = TAKEN_BACK if row["date"] is None else clock.day_words(row["date"])
        if row["kind"].startswith(ALLOCATION) and reader.sees_arms and row.get("value"):
            new = f"{new} ({row['value']})"
        if old != new:
            yield Detail(event_title(row["kind"], reader.study), old, new)


def _read_visits(fact: LedgerRow, reader: LabelReader) -> Iterator[Detail]:
    """Yield each visit that was planned, moved or cancelled, by date."""
    # A visit that is moved or cancelled names what changed; the rest of it is as it was.
    rows = [
        ({**(change.old or {}), **change.new}, change.old or {})
        for change in fact.body.values()
        if isinstance(change.new, dict)
    ]
    known = [(row, old) for row, old in rows if reader.shows_visit(str(row.get("slug")))]
    for row, old in sorted(
        known, key=lambda both: (both[0].get("target_date") or "", both[0]["slug"])
    ):
        title = visit_words(reader.study, row["slug"], row["occurrence"])
        yield Detail(title, clock.day_words(old.get("target_date")), _visit_now(row, old))


def _visit_now(row: dict[str, Any], old: dict[str, Any]) -> str:
    """Return what became of a visit: its new date, or in words what is odd about it."""
    if row.get("status") == "void":
        return CANCELLED
    flag = row.get("flag")
    if flag and flag != old.get("flag"):
        return Flag(flag).words
    return clock.day_words(row.get("target_date"))


_STATUS = BodyLabel("Status", codes={status.value: status.label for status in Status})
_STATE = BodyLabel(
    "Participant status",
    codes={state.value: state.label for state in Participation}
    | {Participation.ON_STUDY: "Active"},
)
_EVENTS = BodyLabel("Events", read_change=_read_events)

label_actions(
    {
        Action.PARTICIPANT_SCREEN: ("Added to the screening log", "Add to the screening log"),
        Action.PARTICIPANT_ENROL: ("Participant enrolled", "Enrol a participant"),
    },
    {
        "screening_number": "Screening number",
        "participant_number": "Participant number",
        "screened_on": "Date of screening",
        "enrolled_on": "Date of enrolment",
        "source": BodyLabel("Source of referral", codes=SOURCES),
        "age_band": BodyLabel("Age group", codes=AGE_BANDS),
        "site": BodyLabel("Site", read=read_site),
        "status": _STATUS,
    },
    # Their dates say what the dated facts would.
    not_shown=("episode", "earlier_episode", "duplicate_keys", "events"),
)
label_actions(
    {
        Action.PARTICIPANT_NOT_RECRUIT: (
            "Not recruited recorded",
            "Record somebody as not recruited, with the reason",
        ),
    },
    {
        "reason_not_recruited": BodyLabel("Reason", codes=NOT_ENROLLED),
        "note": "Note",
        "status": _STATUS,
    },
    not_shown=("events",),
)
label_actions(
    {
        Action.CONSENT_RECORD: ("Consent / re-consent recorded", "Record consent / re-consent"),
        Action.CONSENT_WITHDRAW: (
            "Withdrawal of consent recorded",
            "Record withdrawal of consent",
        ),
    },
    {
        "scope": BodyLabel("Consent for", read=read_consent),
        "kind": BodyLabel(
            "Status", codes={"given": "Given", "regiven": "Given again", "withdrawn": "Withdrawn"}
        ),
        "version": "PIS/ICF version",
        "date": "Date",
        "taken_by": "Taken by",
        "assent": "Assent",
        "parent": "Parent",
    },
    not_shown=("id", "events"),
)
label_actions(
    {
        Action.PARTICIPANT_WITHDRAW: ("Withdrawal recorded", "Record a withdrawal"),
        Action.PARTICIPANT_RECORD_DEATH: ("Death recorded", "Record a death"),
        Action.PARTICIPANT_RECORD_LOST_TO_FOLLOW_UP: (
            "Lost to follow-up recorded",
            "Record lost to follow-up",
        ),
        Action.PARTICIPANT_RETURN: (
            "Return or correction recorded",
            "Record a return, or correct a withdrawal, death or loss to follow-up",
        ),
        Action.EVENT_RECORD: ("Event recorded", ""),
    },
    {"participation": _STATE, "events": _EVENTS},
)
label_actions(
    {
        Action.PARTICIPANT_RENUMBER: (
            "Number corrected",
            "Correct a screening or participant number",
        ),
        Action.PARTICIPANT_TRANSFER: (
            "Moved to another site",
            "Move a participant to another site",
        ),
    },
    {
        "kind": BodyLabel("Kind", is_spaced=True),
        "number": "Number",
        "site": BodyLabel("Site", read=read_site),
        "date": "Date",
    },
    not_shown=("id",),
)
label_actions(
    {
        Action.COHORT_RECORD: ("Cohort recorded", "Record the cohort of a participant"),
        Action.COHORT_CORRECT: (
            "Cohort corrected",
            "Correct the cohort of a participant, with a reason",
        ),
    },
    {
        "cohort": BodyLabel("Cohort", audience=Audience.WHO_SEES_ARMS, read=read_cohort),
        "date": BodyLabel("Date of source document", audience=Audience.WHO_SEES_ARMS),
        "source_document": BodyLabel("Source document", audience=Audience.WHO_SEES_ARMS),
    },
    not_shown=("id", "gate", "rests_on"),
)
label_actions(
    {
        Action.VISIT_SCHEDULE: ("Visit schedule updated", ""),
        Action.VISIT_ADD: ("Unscheduled visit added", "Add an unscheduled visit"),
    },
    read_body=_read_visits,
)
label_actions(
    {
        Action.VISIT_BOOK: ("Appointment changed", "Book an appointment"),
        Action.VISIT_MARK_MISSED: ("Visit marked as missed", "Mark a visit as missed"),
    },
    {
        "appointment": "Appointment",
        "status": BodyLabel("Status", codes={status.value: status.label for status in VisitStatus}),
        "reason": "Reason",
    },
    not_shown=("id",),
)
label_actions({Action.PARTICIPANT_VIEW: ("", "See participants and their visits")})
