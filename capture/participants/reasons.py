"""Code lists of the screening log: reasons for not joining, sources, age bands."""

from __future__ import annotations

OTHER = "other"
NOT_ENROLLED = {
    "not_eligible": "Does not meet eligibility criteria",
    "declined": "Declined to take part",
    "not_approached": "Not approached",
    "other_study": "In another trial",
    "clinician": "Clinician decision",
    "died": "Died before enrolment",
    OTHER: "Other, specify",
}
SOURCES = {
    "clinic": "Clinic",
    "ward": "Ward",
    "board": "MDT",
    "referral": "Referral from another hospital",
    "register": "Registry or database",
    OTHER: "Other",
}
AGE_BANDS = {
    "under_18": "Under 18",
    "18_29": "18 to 29",
    "30_44": "30 to 44",
    "45_59": "45 to 59",
    "60_74": "60 to 74",
    "75_over": "75 or over",
}
