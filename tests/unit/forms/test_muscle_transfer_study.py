"""The bundled study of functional muscle transfer: who belongs where, and when what is due.

The fixed person, born 1 May 1960, was operated on on 3 September 2025; today is 3 April 2026, so
7 months are completed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date

import pytest

from forms.cohorts import belonging
from forms.definition import Instrument
from forms.eligibility import GateVerdict, Result, assess
from forms.evaluation_scope import Facts, StudyScope
from forms.formulas import three_valued
from forms.load import BUNDLED_STUDIES, load_sites, read_folder
from forms.schedule import Course, DatedEvent, PlannedVisit, planned_visits
from tests.unit.forms.studies import muscle_transfer, scope_at

QUESTIONNAIRES = ("tess", "msts", "lefs")
OPERATED: Mapping[str, Mapping[str, object]] = {
    "demography": {"birth_date": "1960-05-01", "sex": "male"},
    "leg_state": {
        "leg_state_date": "2026-04-01",
        "entry_route": "after",
        "serial_agreed": "no",
        "walks_now": "yes",
        "neuromuscular": "no",
    },
    "surgery_record": {
        "surgery_date": "2025-09-03",
        "surgery_note_seen": "yes",
        "surgery_for": "sarcoma",
        "operated_side": "left",
        "resection_extent": "major",
        "functional_transfer": "yes",
    },
    "recovery": {
        "rehab_complete": "yes",
        "walks_after": "yes",
        "leg_amputated": "no",
        "recurrence_active": "no",
    },
}
CONTROL: Mapping[str, Mapping[str, object]] = {
    "demography": {"birth_date": "1960-05-01", "sex": "female"},
    "leg_state": {
        "entry_route": "unoperated",
        "walks_now": "yes",
        "legs_operated": "no",
        "neuromuscular": "no",
    },
}


def _scope(
    entries: Mapping[str, Mapping[str, object]] = OPERATED,
    today: str = "2026-04-03",
    **changes: object,
) -> StudyScope:
    filled = {name: dict(values) for name, values in entries.items()}
    for item, value in changes.items():
        form = filled[muscle_transfer().instrument_of(item).name]
        form.pop(item, None)
        if value is not None:
            form[item] = value
    scope = scope_at(muscle_transfer(), today, **filled)
    return replace(scope, facts=Facts(consents={"main": [(date(2026, 3, 30), None)]}))


# --- who belongs to which cohort ------------------------------------------------------------------


def _cohorts(
    entries: Mapping[str, Mapping[str, object]] = OPERATED, **changes: object
) -> list[str]:
    scope = _scope(entries, **changes)
    return [c.name for c in muscle_transfer().cohorts if three_valued(c.when, scope) is True]


def test_the_operation_decides_the_cohort_and_nothing_else_does() -> None:
    assert _cohorts() == ["transfer"]
    assert _cohorts(entry_route="before") == ["transfer"]
    assert _cohorts(functional_transfer="no") == ["no_transfer"]
    assert _cohorts(CONTROL) == ["control"]


@pytest.mark.parametrize("changes", [{"functional_transfer": "nk"}, {"functional_transfer": None},
                                     {"entry_route": None}])  # fmt: skip
def test_who_cannot_be_told_belongs_to_no_cohort(changes: dict[str, object]) -> None:
    assert _cohorts(**changes) == []


def test_no_cohort_is_found_while_another_one_cannot_be_told_yet() -> None:
    """Two cohorts of which the first holds and the second waits for an answer."""
    study = muscle_transfer()
    first, second, *_ = study.cohorts
    apart = study.model_copy(
        update={
            "cohorts": (
                first.model_copy(update={"when": "[enrolment][walks_now] = 'yes'"}),
                second.model_copy(update={"when": "[enrolment][neuromuscular] = 'yes'"}),
            )
        }
    )

    waiting = belonging(apart, _scope(neuromuscular=None))
    told = belonging(apart, _scope(neuromuscular="no")).found

    assert (waiting.found, [source.name for source in waiting.unknown]) == (None, ["neuromuscular"])
    assert told is not None
    assert told.cohort.name == first.name


def test_nobody_is_ever_randomised_and_nothing_says_so() -> None:
    study = muscle_transfer()
    folder = read_folder(BUNDLED_STUDIES / study.slug)
    own = {name: text for name, text in folder.items() if not name.startswith("library/")}

    assert study.randomisations == ()
    words = b"\n".join(own.values()).decode().lower()
    said = [line for line in words.splitlines() if "randomis" in line]
    assert said == [
        line for line in said if "nobody is randomised" in line or "no randomisation" in line
    ]
    assert {gate.name for gate in study.gates} == {cohort.gate for cohort in study.cohorts}


# --- the criteria of each cohort ------------------------------------------------------------------


def _assess(gate: str, scope: StudyScope) -> GateVerdict:
    return assess(muscle_transfer().gate(gate), scope)


def test_who_meets_every_criterion_passes() -> None:
    operated, unoperated = _assess("operated", _scope()), _assess("unoperated", _scope(CONTROL))

    assert (operated.is_passed, len(operated.criteria)) == (True, 11)
    assert (unoperated.is_passed, len(unoperated.criteria)) == (True, 5)


@pytest.mark.parametrize(
    "changes, criterion",
    [
        ({"birth_date": "2010-04-04"}, "old_enough"),  # 16 tomorrow
        ({"surgery_note_seen": "no"}, "note_seen"),
        ({"surgery_for": "other"}, "for_sarcoma_or_injury"),
        ({"resection_extent": "minor"}, "major_resection"),
        ({"surgery_date": "2025-10-04"}, "months_6_to_120"),  # 5 months completed
        ({"surgery_date": "2016-04-03"}, "months_6_to_120"),  # 120 months completed
        ({"rehab_complete": "no"}, "rehabilitated"),
        ({"walks_after": "no"}, "walks"),
        ({"leg_amputated": "yes"}, "not_amputated"),
        ({"neuromuscular": "yes"}, "no_other_disorder"),
        ({"recurrence_active": "yes"}, "no_active_recurrence"),
    ],
)
def test_each_criterion_of_the_operated_fails_alone(
    changes: dict[str, object], criterion: str
) -> None:
    assert [one.name for one in _assess("operated", _scope(**changes)).not_met] == [criterion]


@pytest.mark.parametrize(
    "changes",
    [
        {"birth_date": "2010-04-03"},  # 16 today
        {"surgery_date": "2025-10-03"},  # 6 months completed
        {"surgery_date": "2016-04-04"},  # 119 months completed
        {"surgery_for": "trauma"},
    ],
)
def test_the_other_side_of_each_boundary_passes(changes: dict[str, object]) -> None:
    assert _assess("operated", _scope(**changes)).is_passed


@pytest.mark.parametrize(
    "changes, criterion",
    [
        ({"birth_date": "2010-04-04"}, "old_enough"),
        ({"walks_now": "no"}, "walks"),
        ({"legs_operated": "yes"}, "legs_sound"),
        ({"neuromuscular": "yes"}, "no_other_disorder"),
    ],
)
def test_each_criterion_of_the_unoperated_fails_alone(
    changes: dict[str, object], criterion: str
) -> None:
    verdict = _assess("unoperated", _scope(CONTROL, **changes))

    assert [one.name for one in verdict.not_met] == [criterion]


def test_without_consent_in_force_nobody_passes() -> None:
    for gate, entries in (("operated", OPERATED), ("unoperated", CONTROL)):
        verdict = _assess(gate, replace(_scope(entries), facts=Facts()))

        assert [one.name for one in verdict.not_met] == ["consented"]


@pytest.mark.parametrize("item", ["rehab_complete", "leg_amputated", "recurrence_active"])
def test_what_is_not_known_does_not_pass(item: str) -> None:
    for answer in ("nk", None):
        verdict = _assess("operated", _scope(**{item: answer}))

        assert not verdict.is_passed
        assert [one.result for one in verdict.unknown] == [Result.UNKNOWN]


# --- visits ---------------------------------------------------------------------------------------


def _plan(
    cohort: str | None, scope: StudyScope, *events: tuple[str, str]
) -> dict[str, tuple[date, date, date]]:
    """The planned visits of somebody who consents and is enrolled on 1 April 2026."""
    known = [("screening", "2026-03-30"), ("consent", "2026-04-01"), ("enrolment", "2026-04-01")]
    course = Course(
        events=[DatedEvent(name, date.fromisoformat(day)) for name, day in (*known, *events)],
        cohort=cohort,
        holds=lambda condition: three_valued(condition, scope) is True,
        horizon=date(2040, 1, 1),
    )
    found: list[PlannedVisit] = planned_visits(muscle_transfer(), course)
    return {one.slug: (one.earliest, one.target, one.latest) for one in found}


def _days(*texts: str) -> tuple[date, ...]:
    return tuple(map(date.fromisoformat, texts))


def test_before_a_cohort_is_recorded_only_its_evidence_is_due() -> None:
    # Consent on day 0: 28 days for enrolment, 365 for the operation.
    assert _plan(None, _scope(), ("surgery", "2025-09-03")) == {
        "enrolment": _days("2026-04-01", "2026-04-01", "2026-04-29"),
        "operation": _days("2026-04-01", "2026-04-01", "2027-04-01"),
    }


def test_the_one_assessment_is_due_at_enrolment_and_open_until_day_3650() -> None:
    # From 3 September 2025, 180 days were over on 2 March 2026, before enrolment; 3650 days will be
    # on 1 September 2035.
    for cohort in ("transfer", "no_transfer"):
        plan = _plan(cohort, _scope(), ("surgery", "2025-09-03"))

        assert plan.keys() == {"enrolment", "operation", "assessment"}
        assert plan["assessment"] == _days("2026-04-01", "2026-04-01", "2035-09-01")


def test_an_assessment_that_is_to_come_opens_180_days_after_the_operation() -> None:
    # Enrolled before: 10 April 2026 + 180 days is 7 October 2026; + 3650 days 7 April 2036.
    scope = _scope(entry_route="before", surgery_date="2026-04-10")
    plan = _plan("transfer", scope, ("surgery", "2026-04-10"))

    assert plan["assessment"] == _days("2026-10-07", "2026-10-07", "2036-04-07")
    assert plan["preoperative"] == _days("2026-04-01", "2026-04-01", "2026-04-29")


def test_who_was_never_operated_on_is_assessed_within_90_days_of_consent() -> None:
    assert _plan("control", _scope(CONTROL)) == {
        "enrolment": _days("2026-04-01", "2026-04-01", "2026-04-29"),
        "assessment": _days("2026-04-01", "2026-04-01", "2026-06-30"),
    }


def test_further_assessments_are_planned_for_those_who_agreed() -> None:
    # From 10 April 2026: 180 days to 7 October (+-45), 365 to 10 April 2027 (+-60), 730 to 9 April
    # 2028 (+-90).
    scope = _scope(entry_route="before", serial_agreed="yes", surgery_date="2026-04-10")
    plan = _plan("no_transfer", scope, ("surgery", "2026-04-10"))

    assert plan.keys() == {
        "enrolment", "operation", "preoperative", "serial_6m", "serial_12m", "serial_24m"
    }  # fmt: skip
    assert plan["serial_6m"] == _days("2026-08-23", "2026-10-07", "2026-11-21")
    assert plan["serial_12m"] == _days("2027-02-09", "2027-04-10", "2027-06-09")
    assert plan["serial_24m"] == _days("2028-01-10", "2028-04-09", "2028-07-08")


@pytest.mark.parametrize(
    "operated, slugs",
    [
        ("2025-08-19", {"serial_6m", "serial_12m", "serial_24m"}),  # 225 days before 1 April 2026
        ("2025-08-18", {"assessment", "serial_12m", "serial_24m"}),  # 226 days
        ("2025-01-31", {"assessment", "serial_12m", "serial_24m"}),  # 425 days
        ("2025-01-30", {"assessment", "serial_24m"}),  # 426 days
        ("2024-01-02", {"assessment", "serial_24m"}),  # 820 days
        ("2024-01-01", {"assessment"}),  # 821 days
    ],
)
def test_a_visit_whose_window_closed_before_enrolment_is_never_planned(
    operated: str, slugs: set[str]
) -> None:
    scope = _scope(serial_agreed="yes", surgery_date=operated)
    plan = _plan("transfer", scope, ("surgery", operated))

    assert plan.keys() - {"enrolment", "operation"} == slugs


@pytest.mark.parametrize("event", ["recurrence", "amputation"])
def test_a_recurrence_or_an_amputation_ends_the_assessments_that_follow(event: str) -> None:
    scope = _scope(entry_route="before", serial_agreed="yes", surgery_date="2026-04-10")
    plan = _plan("transfer", scope, ("surgery", "2026-04-10"), (event, "2027-01-15"))

    assert "serial_6m" in plan
    assert not {"serial_12m", "serial_24m"} & plan.keys()


# --- what is asked, and where it comes from -------------------------------------------------------


def test_every_assessment_asks_the_same_forms_in_the_same_order() -> None:
    study = muscle_transfer()
    slugs = ("preoperative", "assessment", "serial_6m", "serial_12m", "serial_24m")

    assert len({study.visit(slug).instruments for slug in slugs}) == 1
    assert study.visit("assessment").instruments == (
        "leg_assessment", "tess", "lefs", "pain", "msts", "mrc_power", "timed_up_and_go",
        "range_of_movement", "gait_laboratory", "simulator_tasks",
    )  # fmt: skip


@pytest.mark.parametrize("name", QUESTIONNAIRES)
def test_a_questionnaire_says_its_version_licence_mode_and_who_answered(name: str) -> None:
    instrument = muscle_transfer().instrument(name)

    assert instrument.version
    assert "Wording not shipped; authors hold copyright; not verified." in (
        instrument.licence or ""
    )
    assert instrument.assessment_date == f"{name}_date"
    assert (instrument.mode, instrument.completed_by) == (f"{name}_mode", f"{name}_by")
    assert {f"{name}_mode", f"{name}_by", f"{name}_date"} <= _required(instrument)


def _required(instrument: Instrument) -> set[str]:
    return {name for name, item in instrument.value_items.items() if item.required}


def test_the_count_of_items_is_that_of_the_version() -> None:
    tess, lefs = (muscle_transfer().instrument(name).value_items for name in ("tess", "lefs"))

    assert len([name for name in tess if name.removeprefix("tess_").isdigit()]) == 30
    assert len([name for name in lefs if name.removeprefix("lefs_").isdigit()]) == 20


@pytest.mark.parametrize(
    "item, soft, hard",
    [
        ("tug_first_s", (5, 30), (3, 300)),
        ("rom_knee_act_left", (0, 150), (-20, 170)),
        ("rom_lag_right", (0, 20), (0, 90)),
        ("rom_hip_pas_left", (0, 130), (-20, 150)),
        ("rom_ankle_act_right", (-10, 40), (-40, 70)),
        ("gps_overall", (4, 20), (0, 60)),
        ("gait_speed", ("0.4", "1.6"), ("0.05", 3)),
        ("sim_speed_change", (-60, 20), (-100, 100)),
        ("defect_cm2", (20, 600), (0, 2000)),
        ("leg_rt_dose_gy", (20, 66), (0, 80)),
    ],
)
def test_ranges_are_those_of_the_table(
    item: str, soft: tuple[object, object], hard: tuple[object, object]
) -> None:
    found = muscle_transfer().item(item)
    limits = [
        (str(limit.minimum), str(limit.maximum))
        for limit in (found.soft, found.hard)  # type: ignore[union-attr]
    ]
    assert limits == [tuple(map(str, soft)), tuple(map(str, hard))]


def test_every_part_keeps_its_provenance_mark_and_nothing_is_claimed_that_is_not_known() -> None:
    study = muscle_transfer()
    items = [item for instrument in study.instruments for item in instrument.items]
    criteria = [criterion for gate in study.gates for criterion in gate.criteria]
    parts = (*items, *criteria, *study.visits, *study.cohorts, *study.events)

    assert not [part.name for part in parts if part.provenance is None and hasattr(part, "name")]
    assert not [visit.slug for visit in study.visits if visit.provenance is None]
    used = {mark.strip() for part in parts for mark in (part.provenance or "").split(",")}
    assert {mark for mark in used if mark.startswith("S")} <= set(study.sources)
    assert {one.provenance for one in criteria} == {"D"}
    assert study.cohorts[-1].provenance == "D"
    assert "U" in (study.item("lefs_score").provenance or "")
    assert study.modelled_on.startswith("Modelled on NCT04911972")
    assert "It is not that study" in study.modelled_on
    assert study.target_on(date(2026, 1, 1)) == study.recruitment_target[0]
    assert study.recruitment_target[0].number == 27


def test_sites_are_invented_and_in_more_than_one_zone() -> None:
    sites = load_sites(
        read_folder(BUNDLED_STUDIES / "functional-muscle-transfer"), muscle_transfer()
    )

    assert len(sites) == 4
    assert {site.zone for site in sites} == {"Europe/London", "Europe/Dublin"}
