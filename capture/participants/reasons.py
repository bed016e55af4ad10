"""Lists of the screening log: why somebody did not join, where found, how old roughly."""

from __future__ import annotations

OTHER = "other"
NOT_ENROLLED = {
    "not_eligible": "Does not meet the criteria",
    "declined": "Declined to take part",
    "not_approached": "Was not asked",
    "other_study": "Takes part in another study",
    "clinician": "The treating doctor decided against it",
    "died": "Died before joining",
    OTHER: "Another reason",
}
SOURCES = {
    "clinic": "Clinic",
    "ward": "Ward",
    "board": "Multidisciplinary meeting",
    "referral": "Referral from another hospital",
    "register": "Register or database",
    OTHER: "Elsewhere",
}
AGE_BANDS = {
    "under_18": "Under 18",
    "18_29": "18 to 29",
    "30_44": "30 to 44",
    "45_59": "45 to 59",
    "60_74": "60 to 74",
    "75_over": "75 or over",
}
