"""Dose finding as a study says it: what `study check` refuses, with file, line and words."""

from __future__ import annotations

from fractions import Fraction

import pytest

from capture.study.changes import list_breaking_changes
from capture.study.dose_designs import make_dose_design
from capture.study.service import check_definition
from capture.study.service.publishing import DefinitionRefused
from forms.load import read_folder
from randomiser.dose_finding import Act, DoseDesign, recommend
from tests.support.dosing import DEPLETION, FOLDER, PART_FILE, THREE_PLUS_THREE
from tests.unit.dose_finding.builders import PARC, make_state

MODEL = """\
    method: crm
    target: 0.25
    people: 24
    per_level: 24
    cohort: 1
    skeleton: [0.05, 0.12, 0.25, 0.40]
"""
INTERVAL = "    method: boin\n    target: 0.3\n    people: 30\n    per_level: 30\n"


def files_with(old: str, new: str) -> dict[str, bytes]:
    files = read_folder(FOLDER)
    text = files[PART_FILE].decode()
    assert old in text
    return {**files, PART_FILE: text.replace(old, new).encode()}


def design_with(method: str) -> DoseDesign:
    return make_dose_design(
        check_definition(files_with(THREE_PLUS_THREE, method)).study.dose_part("irinotecan")
    )


def test_the_test_study_is_the_design_it_says() -> None:
    part = check_definition(read_folder(FOLDER)).study.dose_part("irinotecan")

    design = make_dose_design(part)

    assert (design.levels, design.start) == (("-1", "1", "2", "3"), 1)
    assert (design.cohort, design.per_level) == (3, 6)
    assert (part.window_days, part.stagger_days) == (21, 7)


def test_a_table_of_the_study_is_the_table_it_says() -> None:
    assert design_with(DEPLETION).decisions == PARC


def test_decimals_are_exact() -> None:
    design = design_with(MODEL)

    assert design.skeleton == tuple(Fraction(share) for share in ("1/20", "3/25", "1/4", "2/5"))
    assert (design.rate, design.prior_variance) == (Fraction(1, 4), Fraction(134, 100))
    assert recommend(design, make_state(1, (0, 0), (0, 0), (0, 0), (0, 0))).act is Act.STAY


MISTAKES = {
    # name: what is replaced, by what (`#!` marks the line), words to be told
    "gate": ("gate: phase_1b", "gate: phase_1c #!", "no gate `phase_1c`"),
    "consent": ("consent: phase_1b", "consent: phase_1c #!", "no consent `phase_1c`"),
    "start": ('start: "1"', 'start: "4" #!', "no level `4`; there is -1, 1, 2, 3"),
    "twice": ('level: "3"', 'level: "2"', "two levels `2`; rename one"),
    "method": (
        "three_plus_three",
        "four_plus_four #!",
        "there is no method of dose finding `four_plus_four`",
    ),
    "window": ("window_days: 21", "window_days: 0 #!", "must be at least 1"),
    "spelling": ("window_days", "windw_days", "did you mean `window_days`"),
    "other key": (THREE_PLUS_THREE, f"{THREE_PLUS_THREE}    cohort: 4 #!\n", "`cohort` is no key"),
    "count": (THREE_PLUS_THREE, DEPLETION.replace('"4-5"', "four"), "a number of people, or two"),
    "target": (THREE_PLUS_THREE, INTERVAL.replace("0.3", "1.3"), "above 0 and below 1"),
    "target text": (
        THREE_PLUS_THREE,
        INTERVAL.replace("0.3", "third #!"),
        "must be a number such as",
    ),
    "no people": (
        THREE_PLUS_THREE,
        INTERVAL.replace("people: 30", "cohort: 3", 1),
        "the most participants",
    ),
    "skeleton short": (THREE_PLUS_THREE, MODEL.replace(", 0.40", ""), "one DLT rate for each"),
    "skeleton falls": (THREE_PLUS_THREE, MODEL.replace("0.12", "0.3"), "must increase"),
    "model": (THREE_PLUS_THREE, f"{MODEL}    model: probit #!\n", "'empiric' or 'logistic'"),
    "wide prior": (
        THREE_PLUS_THREE,
        f"{MODEL}    prior_variance: 1000000\n",
        "prior_variance must be above 0 and at most 10",
    ),
    "safe of CRM": (THREE_PLUS_THREE, f"{MODEL}    safe: 0.1 #!\n", "`safe` is no key of the meth"),
    "hole": (
        THREE_PLUS_THREE,
        DEPLETION.replace("    otherwise: committee\n", ""),
        "no decision for 3 evaluable, 0 with a DLT, 0 who met the second condition, no level above",
    ),
    "contradiction": (
        THREE_PLUS_THREE,
        DEPLETION.replace(
            '"0-1", above: open, then: escalate}', '"0-3", above: open, then: escalate} #!', 1
        ),
        "the table says stay in row 4 and escalate here for 3 evaluable, 0 with a DLT, 3 who met",
    ),
    "nowhere": (
        THREE_PLUS_THREE,
        DEPLETION.replace(", above: open, then: escalate}", ", then: escalate} #!", 1),
        "nowhere to escalate to",
    ),
    "long table": (
        THREE_PLUS_THREE,
        DEPLETION + "    per_level: 27\n",
        "A table can have at most 24 participants at a level",
    ),
    "large cohort": (THREE_PLUS_THREE, MODEL.replace("cohort: 1", "cohort: 25 #!"), "at most 24"),
    "no condition": (
        THREE_PLUS_THREE,
        "\n".join(line for line in DEPLETION.splitlines() if "second" not in line) + "\n",
        "looks at a second condition, which the part does not have",
    ),
}


@pytest.mark.parametrize("mistake", sorted(MISTAKES))
def test_a_mistake_is_told_with_file_line_and_words(mistake: str) -> None:
    old, new, words = MISTAKES[mistake]
    files = files_with(old, new)
    lines = files[PART_FILE].decode().splitlines()

    with pytest.raises(DefinitionRefused) as caught:
        check_definition(files)

    fitting = [problem for problem in caught.value.mistakes if words in problem.words]
    assert fitting, str(caught.value)
    assert fitting[0].file == PART_FILE
    marked = [number for number, line in enumerate(lines, start=1) if line.endswith("#!")]
    assert not marked or fitting[0].line in marked


def test_a_name_of_a_randomisation_is_refused() -> None:
    files = read_folder(FOLDER.parent / "esign-demo")
    part = read_folder(FOLDER)[PART_FILE].decode()
    part = part.replace("- name: irinotecan", "- name: exercise").replace("phase_1b", "main")

    with pytest.raises(DefinitionRefused, match="a randomisation is named `exercise` too"):
        check_definition({**files, PART_FILE: part.encode()})


def test_a_visit_may_be_counted_from_the_registration_of_a_part_alone() -> None:
    files = read_folder(FOLDER)
    wrong = files["plan.yaml"].replace(b"dose.irinotecan", b"dose.irinotecn")

    with pytest.raises(DefinitionRefused, match=r"no event `dose\.irinotecn`"):
        check_definition({**files, "plan.yaml": wrong})


def test_a_live_study_keeps_its_levels_and_its_method() -> None:
    live = check_definition(read_folder(FOLDER)).study
    changed = check_definition(files_with(THREE_PLUS_THREE, "    method: rolling_six\n")).study
    gone = check_definition(files_with("50 mg/m²", "60 mg/m²")).study

    assert list_breaking_changes(live, changed) == [
        "dose finding irinotecan was three plus three and would be rolling six"
    ]
    assert list_breaking_changes(live, gone) == [
        "dose finding irinotecan, level 3 was 50 mg/m² on days 8 to 12"
        " and would be 60 mg/m² on days 8 to 12"
    ]
