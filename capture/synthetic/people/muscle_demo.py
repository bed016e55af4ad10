"""Invented people of the test study without chance: operated long enough ago to be compared. D."""

from __future__ import annotations

from capture.synthetic.people.leanings import Profile, days_before, one_of

MUSCLE_DEMO = Profile(
    leanings={
        "birth_date": days_before(20 * 365, 82 * 365),
        "operated": one_of({"yes": 70, "no": 28, "nk": 2}),
        "surgery_date": days_before(181, 3_600),
        "transfer": one_of({"yes": 60, "no": 38, "nk": 2}),
    }
)
