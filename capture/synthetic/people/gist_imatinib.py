"""Invented people of the GIST study: most pass its gate, some do not. All figures are D."""

from __future__ import annotations

from capture.synthetic.people.leanings import Profile, days_before, number, one_of, whole

GIST = Profile(
    leanings={
        "birth_date": days_before(40 * 365, 82 * 365),
        "gist_site": one_of({"stomach": 55, "small_bowel": 33, "rectum": 6, "elsewhere": 6}),
        "gist_size_mm": whole(45, 180),
        "gist_mitoses": whole(9, 60),
        "gist_rupture": one_of({"no": 78, "yes": 20, "nk": 2}),
        "gist_stain": one_of({"positive": 97, "negative": 1, "not_done": 2}),
        "gist_mutation": one_of(
            {"kit_11": 60, "kit_9": 12, "wild_type": 8, "not_tested": 18, "d842v": 2}
        ),
        "gist_resection": one_of({"r0": 86, "r1": 12, "r2": 2}),
        "gist_neoadjuvant": one_of({"no": 85, "yes": 15}),
        "imatinib_start": days_before(1_085, 1_140),
        "imatinib_now": one_of({"yes": 98, "no": 2}),
        "imatinib_dose_mg": whole(400, 400),
        "imatinib_gap_days": whole(0, 20),
        "img_method": one_of({"ct": 80, "mri": 18, "pet_ct": 2}),
        "img_result": one_of({"none": 98, "unclear": 2}),
        "ecog": one_of({"0": 60, "1": 32, "2": 7, "3": 1}),
        "hb": number(1_150, 1_550, 1),
        "wbc": number(650, 950, 2),
        "anc": number(180, 600, 2),
        "plt": whole(140, 380),
        "creat": number(550, 1_050, 1),
        "creat_uln": number(1_050, 1_050, 1),
        "alt": whole(12, 60),
        "alt_uln": whole(45, 45),
        "bili": number(40, 160, 1),
        "alb": number(340, 460, 1),
        "preg_status": one_of({"not_possible": 85, "negative": 15}),
        "contraception": one_of({"yes": 98, "no": 2}),
        "height_cm": number(1_520, 1_920, 1),
        "weight_kg": number(520, 1_080, 1),
        "sbp_mmhg": whole(105, 150),
        "dbp_mmhg": whole(62, 92),
        "imtx_dose_mg": whole(400, 400),
        "imtx_expected": whole(90, 92),
        "imtx_taken": whole(78, 90),
        "fu_disease": one_of({"free": 94, "alive_with": 4, "not_assessed": 2}),
        "fu_new_cancer": one_of({"no": 98, "yes": 2}),
        "ae_grade": one_of({"1": 60, "2": 30, "3": 10}),
        "ae_outcome": one_of({"resolved": 70, "resolving": 20, "ongoing": 10}),
    }
)
