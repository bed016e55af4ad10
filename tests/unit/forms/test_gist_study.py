"""The bundled GIST study: what studies of its kind must say, checked against its sources."""

from __future__ import annotations

from datetime import date

import pytest

from forms.edit_checks import derive, judge_answers, required_blank, shown_items
from forms.evaluation_scope import Place, StudyScope
from forms.load import BUNDLED_STUDIES, load_sites, read_folder
from forms.schedule import Course, DatedEvent, PlannedVisit, planned_visits
from forms.values import Cell
from tests.unit.forms.studies import cells, gist, odd, scope_at


def _at(instrument: str, values: dict[str, object]) -> StudyScope:
    scope = scope_at(gist(), "2026-04-03", **{instrument: values})
    visits = gist().visits_with(instrument)
    here = Place(visits[0].slug if visits else "log", 1, instrument)
    return StudyScope(gist(), scope.entries, scope.local_now, here=here)


def _risk(**values: object) -> Cell | None:
    answers = cells(values)
    scope = _at("gist_history", values)
    return derive(gist().instrument("gist_history"), answers, scope).get("high_risk")


@pytest.mark.parametrize(
    "site, mitoses, rupture, neoadjuvant, size, risk, rule",
    [
        ("stomach", 11, "no", "no", 50, "yes", "gastric_over_10"),
        ("stomach", 10, "no", "no", 50, "no", "otherwise"),
        ("rectum", 6, "no", "no", 50, "yes", "other_over_5"),
        ("rectum", 5, "no", "no", 50, "no", "otherwise"),
        ("stomach", 0, "yes", "no", 50, "yes", "rupture"),
        ("small_bowel", 0, "no", "yes", 101, "yes", "neoadjuvant_over_10_cm"),
        ("small_bowel", 0, "no", "yes", 100, "no", "otherwise"),
        ("stomach", 0, "no", "yes", 200, "no", "otherwise"),
    ],
)
def test_high_risk_names_the_rule_that_fired(  # noqa: PLR0917  one column of the table each
    site: str, mitoses: int, rupture: str, neoadjuvant: str, size: int, risk: str, rule: str
) -> None:
    cell = _risk(
        gist_site=site,
        gist_mitoses=mitoses,
        gist_rupture=rupture,
        gist_neoadjuvant=neoadjuvant,
        gist_size_mm=size,
    )

    assert cell is not None
    assert (cell.value, cell.rule) == (risk, rule)
    assert cell.formula is not None
    assert len(cell.formula) == 12


def test_a_rupture_is_enough_whatever_else_is_blank() -> None:
    cell = _risk(gist_rupture="yes")

    assert cell is not None
    assert (cell.value, cell.rule) == ("yes", "rupture")


def test_an_unknown_rupture_leaves_a_low_risk_unknown() -> None:
    known = {"gist_site": "stomach", "gist_mitoses": 2, "gist_neoadjuvant": "no"}

    assert _risk(**known, gist_size_mm=50, gist_rupture="nk") is None
    assert _risk(**known, gist_size_mm=50) is None


def _plan(arm: str, *events: DatedEvent, on: date = date(2024, 1, 31)) -> list[PlannedVisit]:
    allocated = DatedEvent("allocation.duration", on)
    course = Course(
        events=[DatedEvent("screening", date(2024, 1, 10)), allocated, *events],
        arms=frozenset({arm}),
        horizon=date(2040, 1, 1),
    )
    return planned_visits(gist(), course)


def _targets(plan: list[PlannedVisit], slug: str) -> list[date]:
    return [visit.target for visit in plan if visit.slug == slug]


def test_drug_visits_are_planned_in_the_arm_that_goes_on_alone() -> None:
    drug = {"drug_m1", "drug_m3", "drug"}

    assert not drug & {visit.slug for visit in _plan("IM36")}
    # Months 1, 3 and 6 to 24 by 3: nine visits.
    assert len([visit for visit in _plan("IM60") if visit.slug in drug]) == 9


def test_drug_visits_fall_on_days_30_and_multiples_of_91() -> None:
    plan = _plan("IM60", on=date(2023, 1, 1))

    assert _targets(plan, "drug_m1") == [date(2023, 1, 31)]
    assert _targets(plan, "drug_m3") == [date(2023, 4, 2)]
    assert _targets(plan, "drug")[0] == date(2023, 7, 2)  # day 182
    assert _targets(plan, "drug")[-1] == date(2024, 12, 29)  # day 728


def test_imaging_is_the_same_in_both_arms_to_ten_years() -> None:
    slugs = ("imaging", "imaging_late")
    both = [[_targets(_plan(arm), slug) for slug in slugs] for arm in ("IM36", "IM60")]

    assert both[0] == both[1]
    assert [len(targets) for targets in both[0]] == [10, 5]


def test_the_first_imaging_has_a_window_of_28_days() -> None:
    first = next(visit for visit in _plan("IM36", on=date(2023, 1, 1)) if visit.slug == "imaging")

    assert (first.earliest, first.target, first.latest) == (
        date(2023, 6, 4),
        date(2023, 7, 2),
        date(2023, 7, 30),
    )
    assert first.title == "Imaging month 6"


def test_follow_up_is_yearly_to_ten_years_by_the_calendar() -> None:
    targets = _targets(_plan("IM36", on=date(2024, 2, 29)), "followup")

    assert targets[0] == date(2025, 2, 28)
    assert targets[3] == date(2028, 2, 29)
    assert targets[-1] == date(2034, 2, 28)


def test_a_recurrence_ends_drug_visits_and_imaging_but_never_follow_up() -> None:
    plan = _plan("IM60", DatedEvent("recurrence", date(2024, 8, 15)))
    later = {visit.slug for visit in plan if visit.target > date(2024, 8, 15)}

    assert later == {"followup"}
    assert len(_targets(plan, "followup")) == 10


def test_stopping_treatment_ends_drug_visits_alone() -> None:
    plan = _plan("IM60", DatedEvent("treatment_withdrawal", date(2024, 3, 1)))

    assert not _targets(plan, "drug")
    assert len(_targets(plan, "imaging")) == 10


def test_death_ends_everything_later_and_keeps_what_was_due() -> None:
    death = date(2025, 3, 1)
    plan = _plan("IM36", DatedEvent("death", death))

    assert max(visit.target for visit in plan) <= death
    assert {"imaging", "followup"} <= {visit.slug for visit in plan}


def test_months_on_imatinib_are_completed_calendar_months() -> None:
    values: dict[str, object] = {"imatinib_start": "2023-03-31", "imh_date": "2026-02-28"}
    found = derive(
        gist().instrument("imatinib_history"), cells(values), _at("imatinib_history", values)
    )

    assert found["imatinib_months"].value == "34"


def test_body_surface_area_follows_mosteller() -> None:
    # sqrt(170 cm x 70 kg / 3600) = sqrt(3.30556) = 1.81812
    values: dict[str, object] = {"height_cm": "170", "weight_kg": "70"}
    found = derive(gist().instrument("vitals"), cells(values), _at("vitals", values))

    assert found["bsa_m2"].value == "1.82"


def test_a_weight_outside_its_range_is_asked_about_once_for_this_value() -> None:
    vitals = gist().instrument("vitals")
    heavy, heavier = ({"weight_kg": Cell(text)} for text in ("180", "181"))
    scope = _at("vitals", {})

    asked = odd(vitals, heavy, scope)

    assert [finding.message for finding in asked] == [
        "180 kg is out of range (40 to 130 kg). Please confirm or correct."
    ]
    assert asked == odd(vitals, heavy, scope)
    assert asked[0].key != odd(vitals, heavier, scope)[0].key


def test_blood_pressures_the_wrong_way_round_are_asked_about() -> None:
    values = cells({"sbp_mmhg": 90, "dbp_mmhg": 95})
    asked = odd(gist().instrument("vitals"), values, _at("vitals", {}))

    assert [(finding.item, finding.kind) for finding in asked] == [("dbp_mmhg", "check")]


def test_an_answer_hidden_by_a_later_one_is_kept_and_flagged() -> None:
    imaging = gist().instrument("imaging")
    values = cells({"img_date": "2026-03-20", "img_result": "none", "img_sites": ("liver",)})
    scope = _at("imaging", {})

    assert "img_sites" not in shown_items(imaging, values, scope)
    assert judge_answers(imaging, values, scope).not_asked == ("img_sites",)
    assert [finding.kind for finding in odd(imaging, values, scope)] == ["hidden"]


def test_a_required_item_is_blank_only_while_it_is_shown() -> None:
    imaging = gist().instrument("imaging")
    scope = _at("imaging", {})
    clear = cells({"img_date": "2026-03-20", "img_method": "ct", "img_result": "none"})

    assert required_blank(imaging, judge_answers(imaging, clear, scope)) == ()
    assert required_blank(
        imaging, judge_answers(imaging, clear | {"img_result": Cell("recurrence")}, scope)
    ) == ("img_sites",)
    assert required_blank(
        imaging, judge_answers(imaging, {"img_date": Cell(missing="not_done")}, scope)
    ) == (
        "img_method",
        "img_result",
    )


def test_screening_asks_few_enough_items_for_one_visit() -> None:
    names = gist().visit("baseline").instruments
    asked = [item for name in names for item in gist().instrument(name).value_items]

    assert len(asked) <= 50
    assert all(len(item) <= 26 for item in gist().item_names)


def test_the_design_is_as_published_and_the_target_is_dated() -> None:
    study = gist()
    duration = study.randomisation("duration")

    assert [(arm.arm, arm.ratio) for arm in duration.arms] == [("IM36", 1), ("IM60", 1)]
    assert [factor.factor for factor in duration.strata] == ["tumour_site", "rupture", "country"]
    assert study.target_on(date(2014, 1, 1)) is None
    before, after = study.target_on(date(2020, 1, 1)), study.target_on(date(2026, 1, 1))
    assert before is not None
    assert after is not None
    assert (before.number, before.by) == (300, date(2025, 4, 30))
    assert (after.number, after.by) == (255, date(2027, 12, 31))
    assert study.endpoints[0].events == ("recurrence", "death")


def test_every_item_criterion_and_visit_keeps_its_provenance_mark() -> None:
    study = gist()
    items = [item for instrument in study.instruments for item in instrument.items]
    criteria = [criterion for gate in study.gates for criterion in gate.criteria]

    unmarked = [part for part in (*items, *criteria, *study.visits) if part.provenance is None]
    assert not unmarked
    assert "Modelled on SSG XXII" in study.modelled_on


def test_sites_are_in_several_countries_and_zones() -> None:
    folder = read_folder(BUNDLED_STUDIES / "gist-imatinib")
    sites = load_sites(folder, gist())

    assert len(sites) == 6
    assert len({site.attributes["country"] for site in sites}) >= 3
    assert len({site.zone for site in sites}) >= 3
