"""Invented people of the test study with minimisation: children and young adults. D."""

from __future__ import annotations

from capture.synthetic.people.leanings import Profile, days_before, number, one_of, whole

CT1A_DEMO = Profile(
    leanings={
        "bl_date": days_before(0, 3),
        "bl_birth": days_before(365, 22 * 365),
        "bl_risk": one_of({"metastatic": 70, "n1_fusion_positive": 30}),
        "bl_biopsy": days_before(5, 50),
        "bl_untreated": one_of({"yes": 95, "no": 5}),
        "bl_bilirubin": number(3, 15, 1),
        "bl_shortening": whole(28, 45),
    },
    years=(1, 22),
)
