"""Invented people of the test study of dose finding: young, and most of them eligible. D."""

from __future__ import annotations

from capture.synthetic.people.leanings import Profile, days_before, number, one_of

DOSE_DEMO = Profile(
    leanings={
        "born": days_before(2 * 365, 24 * 365),
        "risk": one_of({"vhr": 90, "hr": 10}),
        "neutrophils": number(9, 60, 1),
    },
    years=(2, 24),
)
