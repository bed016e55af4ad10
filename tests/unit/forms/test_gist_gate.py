"""The GIST gate and strata: every criterion on both sides of its boundary, blanks named.

The fixed person is born 1 May 1960, took the first dose on 3 April 2023; today is 3 April 2026
unless said, so 36 months are completed.
"""

from __future__ import annotations

from dataclasses import replace

import pytest

from forms.eligibility import GateVerdict, Result, assess, stratum
from forms.evaluation_scope import Facts, StudyScope
from forms.values import Cell
from tests.unit.forms.studies import gist, gist_entries, scope_at


def _scope(today: str = "2026-04-03", **changes: object) -> StudyScope:
    entries = gist_entries()
    for item, value in changes.items():
        instrument = gist().instrument_of(item).name
        if value is None:
            entries[instrument].pop(item, None)
        else:
            entries[instrument][item] = value
    scope = scope_at(gist(), today, **entries)
    return replace(scope, facts=Facts(site={"country": "se"}))


def _assess(today: str = "2026-04-03", **changes: object) -> GateVerdict:
    return assess(gist().gate("eligibility"), _scope(today, **changes))


def test_somebody_who_meets_every_criterion_passes() -> None:
    verdict = _assess()

    assert verdict.is_passed
    assert len(verdict.criteria) == 14


@pytest.mark.parametrize(
    "changes, criterion",
    [
        ({"birth_date": "2008-04-04"}, "adult"),  # 18 tomorrow
        ({"gist_stain": "negative"}, "gist_confirmed"),
        ({"high_risk": "no"}, "high_risk_of_return"),
        ({"gist_resection": "r2"}, "removed_completely"),
        ({"imatinib_start": "2023-05-04"}, "imatinib_months_35_38"),  # 34 months completed
        ({"imatinib_start": "2023-01-03"}, "imatinib_months_35_38"),  # 39 months completed
        ({"imatinib_now": "no"}, "still_on_imatinib"),
        ({"img_result": "recurrence"}, "free_of_recurrence"),
        ({"img_date": "2026-03-05"}, "free_of_recurrence"),  # 29 days ago
        ({"ecog": "3"}, "fit"),
        ({"haem_date": "2026-03-05"}, "blood_recent"),
        ({"anc": "0.99"}, "blood_count"),
        ({"plt": 74}, "blood_count"),
        ({"creat": "165.1"}, "kidneys"),  # 1.5 x 110 = 165
        ({"alt": 101}, "liver"),  # 2.5 x 40 = 100
        ({"gist_mutation": "d842v"}, "no_d842v"),
        ({"preg_status": "positive", "contraception": "yes"}, "not_pregnant"),
    ],
)
def test_one_criterion_that_does_not_hold_is_the_one_named(
    changes: dict[str, object], criterion: str
) -> None:
    verdict = _assess(**changes)

    assert not verdict.is_passed
    assert [one.name for one in verdict.not_met] == [criterion]
    assert not verdict.unknown


@pytest.mark.parametrize(
    "changes",
    [
        {"birth_date": "2008-04-03"},  # 18 today
        {"imatinib_start": "2023-05-03"},  # 35 months completed today
        {"imatinib_start": "2023-02-03"},  # 38 months completed today
        {"img_date": "2026-03-06"},  # 28 days ago
        {"anc": "1", "plt": 75},
        {"creat": "165"},
        {"alt": 100},
        {"gist_mutation": "not_tested"},
        {"preg_status": "negative", "contraception": "yes"},
    ],
)
def test_the_boundary_itself_passes(changes: dict[str, object]) -> None:
    assert _assess(**changes).is_passed


@pytest.mark.parametrize(
    "changes, criterion, blank",
    [
        ({"birth_date": None}, "adult", "birth_date"),
        ({"gist_stain": "not_done"}, "gist_confirmed", "gist_stain"),
        ({"imatinib_start": Cell(missing="not_known")}, "imatinib_months_35_38", "imatinib_start"),
        ({"img_result": "unclear"}, "free_of_recurrence", "img_result"),
        ({"preg_status": "not_tested"}, "not_pregnant", "preg_status"),
        ({"plt": None}, "blood_count", "plt"),
    ],
)
def test_a_blank_or_not_known_value_never_passes_and_is_named(
    changes: dict[str, object], criterion: str, blank: str
) -> None:
    verdict = _assess(**changes)

    assert not verdict.is_passed
    assert [one.name for one in verdict.unknown] == [criterion]
    assert blank in [source.name for source in verdict.unknown[0].blanks]


def test_a_criterion_that_fails_for_sure_is_not_unknown_beside_a_blank() -> None:
    # Neutrophils of 0.5 fail whatever the platelets are.
    verdict = _assess(anc="0.5", plt=None)

    assert [one.name for one in verdict.not_met] == ["blood_count"]


def test_the_value_used_and_its_entry_stand_beside_each_criterion() -> None:
    adult = _assess().criteria[0]

    assert (adult.values[0].label, adult.values[0].shown) == ("Age in years", "65")
    place = adult.sources[0].place
    assert place is not None
    assert (place.visit, place.instrument) == ("baseline", "demography")
    assert adult.result is Result.MET


@pytest.mark.parametrize(
    "site, level",
    [("stomach", "gastric"), ("small_bowel", "other"), ("rectum", "other"), ("elsewhere", "other")],
)
def test_every_tumour_site_has_one_level(site: str, level: str) -> None:
    found = stratum(gist().randomisation("duration"), _scope(gist_site=site))

    assert found.levels == {"tumour_site": level, "rupture": "intact", "country": "se"}
    assert found.is_complete


@pytest.mark.parametrize("rupture", [None, "nk", Cell(missing="not_known")])
def test_an_unknown_rupture_picks_no_level_and_is_named(rupture: object) -> None:
    found = stratum(gist().randomisation("duration"), _scope(gist_rupture=rupture))

    assert "rupture" not in found.levels
    assert [blank.factor for blank in found.blanks] == ["rupture"]
    assert found.blanks[0].sources[0].name == "gist_rupture"


def test_a_site_without_its_country_has_no_stratum() -> None:
    bare = replace(_scope(), facts=Facts())

    assert [blank.label for blank in stratum(gist().randomisation("duration"), bare).blanks] == [
        "Country"
    ]
