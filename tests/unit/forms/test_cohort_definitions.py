"""Cohorts as a study defines them: what is refused, with its line; visits and sight by cohort."""

from __future__ import annotations

from datetime import date

import pytest

from forms.blinding import arm_revealing
from forms.definition import Role
from forms.load import load_study
from forms.problems import DefinitionProblems
from forms.schedule import Course, DatedEvent, planned_visits
from tests.unit.forms.studies import changed, muscle, muscle_files

CONTROL = "when: \"[history][operated] = 'no'\""
PLAN = "plan.yaml"
DUE = "    due: enrolment\n    by_cohort:"

# name of the mistake: file, what is replaced, by what (`#!` marks the line), words to be told
MISTAKES = {
    "no condition": (PLAN, f"    {CONTROL}\n", "", "`when` is missing"),
    "both hold": (
        PLAN,
        CONTROL,
        "when: \"[operated] <> 'yes' or [history][walks] = 'no'\" #!",
        "`no_transfer` and `control` both hold when [operated] is yes and [transfer] is no"
        " and [walks] is no",
    ),
    "never holds": (
        PLAN,
        CONTROL,
        "when: \"[history][operated] = 'no' and [history][operated] = 'yes'\" #!",
        "nobody could ever be in this cohort",
    ),
    "item unknown": (PLAN, CONTROL, "when: \"[operatd] = 'no'\" #!", "no item “operatd”"),
    "not a condition": (PLAN, CONTROL, "when: \"upper('a')\" #!", "must be true or false"),
    "looks at nothing": (PLAN, CONTROL, 'when: "1 = 1" #!', "looks at nothing"),
    "rests on a cohort": (
        PLAN,
        CONTROL,
        "when: \"cohort = 'transfer'\" #!",
        "rests on `cohort`, but a cohort is found by evidence",
    ),
    "datediff": (
        PLAN,
        CONTROL,
        "when: \"datediff([surgery_date], today, 'd') > 1\" #!",
        "datediff counts months",
    ),
    "gate unknown": (PLAN, "gate: unoperated", "gate: unoperatd #!", "no gate `unoperatd`"),
    "evidence unreadable": (
        PLAN,
        'values: [{label: Surgery, value: "[history][operated]"}]',
        'values: [{label: Surgery, value: "[history][operated"}] #!',
        "at character",
    ),
    "evidence key": (PLAN, "document: false", "documents: false #!", "did you mean `document`"),
    "two of one name": (PLAN, "- name: control", "- name: transfer #!", "two cohorts `transfer`"),
    "visit of an unknown cohort": (
        PLAN,
        "cohorts: [transfer]\n",
        "cohorts: [transfre] #!\n",
        "no cohort `transfre`",
    ),
    "timing of an unknown cohort": (
        PLAN,
        "control: {anchor",
        "contrl: {anchor: consent} #!\n      control: {anchor",
        "no cohort of this visit `contrl`",
    ),
    "timing without an anchor": (
        PLAN,
        "control: {anchor: consent, window: {after: 90}}",
        "control: {window: {after: 90}} #!",
        "needs an `anchor`",
    ),
    "timing on an unknown event": (
        PLAN,
        "control: {anchor: consent, window: {after: 90}}",
        "control: {anchor: consnt, window: {after: 90}} #!",
        "no event `consnt`",
    ),
    "due on an unknown event": (PLAN, DUE, "    due: enrollment #!\n    by_cohort:", "no event"),
    "due and repeating": (
        PLAN,
        DUE,
        "    due: enrolment #!\n    repeats: {every: {days: 9}, times: 2}\n    by_cohort:",
        "a visit with `due` happens once",
    ),
    "accepted without a reason": (
        "study.yaml",
        "  reason: A masked",
        "# A masked",
        "`accepts` needs a `reason`",
    ),
    "accepting what is not there": (
        "study.yaml",
        "accepts: [assessment]",
        "accepts: [assessmnt] #!",
        "no visit, instrument, item or event",
    ),
    "nobody to record it": (
        "study.yaml",
        "arm_visibility:\n",
        "arm_visibility:\n  visible_to: [monitor] #!\n  revealing: withhold\n",
        "cohorts are recorded by site staff",
    ),
    "gate that nobody passes": (
        PLAN,
        "holds: \"[history][walks] = 'yes'\"",
        "holds: \"[history][walks] = 'yes' and [history][walks] = 'no'\" #!",
        "no answer fulfils this, so nobody could pass",
    ),
    "blind role without a word": (
        "study.yaml",
        "arm_visibility:\n",
        "arm_visibility:\n  visible_to: [nurse]\n",
        "would tell data_manager the cohort; say `revealing: withhold`",
    ),
}


def _changed(file: str, old: str, new: str) -> dict[str, bytes]:
    files = muscle_files()
    text = files[file].decode()
    assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in {file}"
    return files | {file: text.replace(old, new).encode()}


def _told(files: dict[str, bytes]) -> DefinitionProblems:
    with pytest.raises(DefinitionProblems) as caught:
        load_study(files)
    return caught.value


@pytest.mark.parametrize("mistake", sorted(MISTAKES))
def test_a_mistake_about_cohorts_is_told_with_file_line_and_words(mistake: str) -> None:
    file, old, new, words = MISTAKES[mistake]
    files = _changed(file, old, new)
    marked = [n for n, line in enumerate(files[file].decode().splitlines(), 1) if "#!" in line]

    told = _told(files)

    fitting = [one for one in told.problems if words in one.words]
    assert fitting, str(told)
    assert not marked or fitting[0].line in marked, str(told)


def test_a_study_without_chance_loads_with_nothing_said_about_arms() -> None:
    files = muscle_files()
    text = files["study.yaml"].decode()
    start, end = text.index("# Everybody"), text.index("recruitment_target")

    study = load_study(files | {"study.yaml": (text[:start] + text[end:]).encode()})

    assert (study.randomisations, study.endpoints) == ((), ())
    assert set(study.arm_visibility.visible_to) == set(Role)


def test_a_study_with_neither_chance_nor_cohorts_loads() -> None:
    files = muscle_files()
    plan = files["plan.yaml"].decode()
    plan = plan[: plan.index("cohorts:")] + plan[plan.index("visits:") :]
    plan = plan.replace(
        "    by_cohort:\n      control: {anchor: consent, window: {after: 90}}\n", ""
    )
    plan = plan.replace("    cohorts: [transfer, no_transfer, control]\n", "")
    plan = plan.replace("    cohorts: [transfer]\n", "")
    score = files["instruments/leg_score.yaml"].replace(b"\"cohort = 'transfer'\"", b'"1 = 1"')

    study = load_study(files | {"plan.yaml": plan.encode(), "instruments/leg_score.yaml": score})

    assert (study.cohorts, study.gates, study.randomisations) == ((), (), ())


def test_a_randomised_study_must_say_who_sees_arms() -> None:
    visibility = "arm_visibility:\n  visible_to: [nurse, investigator, data_manager, monitor,"
    visibility += " trial_manager, unblinded_statistician]\n  revealing: withhold\n"

    told = _told(changed("study.yaml", visibility, ""))

    assert "say under `arm_visibility` which roles see the arms" in str(told)


@pytest.mark.parametrize(
    "when, is_told",
    [
        ("[history][points] <= 10", False),  # beside it the others look at no points
        ("[history][points] < 10 and [history][operated] = 'no'", False),
        ("[history][points] >= 10", True),
        ("[history][points] > 9 and [history][points] < 10", False),
        ("isblankormissingcode([history][points])", False),
        ("abs([history][points]) > 10", False),  # not finitely many cases: nothing is claimed
    ],
)
def test_numbers_are_told_apart_at_their_limits(when: str, is_told: bool) -> None:
    files = _changed(PLAN, CONTROL, f'when: "{when}"')
    plan = (
        files[PLAN]
        .decode()
        .replace(
            "[history][operated] = 'yes' and [history][transfer] = 'no'\"",
            "[history][points] > 10 and [history][transfer] = 'no'\"",
        )
    )
    history = files["instruments/history.yaml"].decode() + (
        "      - {name: points, type: integer, label: Points}\n"
    )
    files |= {PLAN: plan.encode(), "instruments/history.yaml": history.encode()}

    try:
        told = "" if load_study(files) else "never"
    except DefinitionProblems as problems:
        told = str(problems)

    assert ("`no_transfer` and `control` both hold" in told) == is_told


SURGERY, ENROLMENT = date(2021, 3, 1), date(2024, 6, 10)


def _assessment(
    cohort: str | None, surgery: date | None = SURGERY, enrolled: date | None = ENROLMENT
) -> tuple[str, date, date, date] | None:
    days = {"consent": date(2024, 6, 3), "surgery": surgery, "enrolment": enrolled}
    events = [DatedEvent(name, day) for name, day in days.items() if day is not None]
    course = Course(events, horizon=date(2029, 1, 1), cohort=cohort)
    plan = [one for one in planned_visits(muscle(), course) if one.slug == "assessment"]
    return (plan[0].anchor, plan[0].earliest, plan[0].target, plan[0].latest) if plan else None


def test_any_day_of_ten_years_is_due_at_enrolment_and_overdue_at_its_end_only() -> None:
    # 1 March 2021 + 180 days = 28 August 2021; + 3650 days = 27 February 2031.
    assert _assessment("transfer") == ("surgery", ENROLMENT, ENROLMENT, date(2031, 2, 27))


def test_before_the_window_opens_it_is_due_when_it_opens() -> None:
    # 1 May 2024 + 180 days = 28 October 2024; + 3650 days = 29 April 2034.
    opens = date(2024, 10, 28)

    assert _assessment("transfer", date(2024, 5, 1)) == ("surgery", opens, opens, date(2034, 4, 29))


def test_a_window_that_closed_before_enrolment_stays_closed() -> None:
    # 1 January 2014 + 3650 days = 30 December 2023.
    closed = date(2023, 12, 30)

    assert _assessment("transfer", date(2014, 1, 1)) == ("surgery", closed, closed, closed)


def test_what_is_due_at_enrolment_waits_for_it() -> None:
    assert _assessment("transfer", enrolled=None) is None


def test_a_control_is_counted_from_consent() -> None:
    day = date(2024, 6, 3)

    assert _assessment("control", surgery=None) == ("consent", day, day, date(2024, 9, 1))


def test_whose_cohort_is_not_known_has_no_visit_of_a_cohort() -> None:
    assert _assessment(None) is None


def test_what_a_cohort_rests_on_and_what_hangs_on_it_tells_the_cohort() -> None:
    found = arm_revealing(muscle())

    assert found.visits == {"muscle"}  # the assessment is accepted
    assert found.instruments == {"muscle_power"}
    assert found.items == {"operated", "transfer", "surgery_date", "leg_donor", "muscle_grade"}
    assert found.events == {"surgery"}


def test_without_accepting_it_a_timing_of_ones_own_tells_the_cohort() -> None:
    files = _changed("study.yaml", "accepts: [assessment]", "accepts: [leg_points]")

    found = arm_revealing(load_study(files))

    assert found.visits == {"assessment", "muscle"}
    assert "leg_score" in found.instruments
    assert "leg_seen" in found.items
    assert "leg_points" not in found.items
