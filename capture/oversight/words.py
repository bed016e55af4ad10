"""What the trail calls the items of acts' bodies; what has no word here is not shown."""

from __future__ import annotations

from collections.abc import Mapping

from capture.participants.reasons import AGE_BANDS, NOT_ENROLLED, SOURCES

ITEMS: Mapping[str, str] = {
    "act": "Page",
    "action": "Acts of",
    "age_band": "Age",
    "annotation": "Annotation",
    "answer": "Answer",
    "appointment": "Appointment",
    "arm": "Arm",
    "as_of": "As of",
    "assent": "Assent",
    "closed_from": "Closed from",
    "choice": "Decision",
    "cohort": "Cohort",
    "committee": "Committee",
    "commitment": "Commitment",
    "country": "Country",
    "cutoff": "Cut-off",
    "date": "Date",
    "digest": "Digest",
    "doctor": "Doctor",
    "email": "E-mail address",
    "ended_at": "Ended at",
    "envelope": "Envelope",
    "enrolled_on": "Enrolled on",
    "first": "From",
    "format": "Format",
    "formats": "Formats",
    "from_date": "From",
    "identifying": "Identifying items",
    "kind": "Kind",
    "label": "Label",
    "last": "To",
    "level": "Dose level",
    "levels": "Strata as used",
    "levels_corrected": "Strata corrected",
    "local_date": "Date at the site",
    "masked": "Masked",
    "meaning": "Meaning of the signature",
    "message": "Question",
    "met": "Second condition met",
    "missing_reason": "Reason",
    "mistake": "What went wrong",
    "name": "Name",
    "note": "Note",
    "number": "Number",
    "open_from": "Open from",
    "outcome": "Outcome",
    "outcome_date": "Date of the outcome",
    "parent": "Parent",
    "participant_number": "Participant number",
    "person": "Acts by",
    "position": "Position",
    "problem": "Why",
    "r_hash": "SHA-256(R)",
    "reason_not_enrolled": "Reason",
    "role": "Role",
    "role_note": "Task",
    "scope": "Consent to",
    "screened_on": "Screened on",
    "screening_number": "Screening number",
    "sha256": "SHA-256",
    "site": "Site",
    "sites": "Sites",
    "source": "Found at",
    "state": "State",
    "status": "Status",
    "style": "Way of confirming",
    "taken_by": "Taken by",
    "target": "Target",
    "to_date": "To",
    "v": "v",
    "version": "Version",
    "void_reason": "Why",
    "where_documented": "Documented in",
    "who": "Told",
    "why": "Why",
    "zone": "Time zone",
}
"""What is concealed, comes from it, or is of no use to a reader (ids, hashes) is left out."""

ENTRY_ITEMS = ("status", "missing_reason")
"""Of an entry's own outcome these are shown, beside the items of its instrument."""

CODES: Mapping[str, Mapping[str, str]] = {
    "source": SOURCES,
    "age_band": AGE_BANDS,
    "reason_not_enrolled": NOT_ENROLLED,
}
SPACED = {"status", "state", "role", "mistake", "who", "style", "kind"}
"""Codes of ours that read well once their underscores are spaces."""
