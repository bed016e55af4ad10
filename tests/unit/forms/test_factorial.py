"""A factorial randomisation: several questions at once, allocated as their product."""

from __future__ import annotations

import pytest

from forms.definition import Study
from forms.load import load_study, read_folder
from forms.problems import DefinitionProblems
from tests.unit.forms.studies import TEST_STUDIES

FOLDER = TEST_STUDIES / "twofold-demo"


def twofold(*changes: tuple[str, str]) -> Study:
    files = read_folder(FOLDER)
    text = files["study.yaml"].decode()
    for old, new in changes:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    return load_study(files | {"study.yaml": text.encode()})


def problems_of(*changes: tuple[str, str]) -> list[str]:
    with pytest.raises(DefinitionProblems) as caught:
        twofold(*changes)
    return [problem.words for problem in caught.value.problems]


def test_the_arms_are_the_product_of_the_questions() -> None:
    arms = twofold().randomisation("radiotherapy").arms

    assert [(arm.arm, arm.label, arm.ratio) for arm in arms] == [
        ("PRE_LOW", "Before surgery; 41.4 Gy", 2),
        ("PRE_HIGH", "Before surgery; 50.4 Gy", 1),
        ("POST_LOW", "After surgery; 41.4 Gy", 2),
        ("POST_HIGH", "After surgery; 50.4 Gy", 1),
    ]


def test_a_product_arm_tells_the_arm_of_each_question() -> None:
    one = twofold().randomisation("radiotherapy")

    chosen = one.by_question("POST_LOW")

    assert {name: arm.label for name, arm in chosen.items()} == {
        "timing": "After surgery",
        "dose": "41.4 Gy",
    }
    assert one.by_question("LOW") == {}
    assert twofold().randomisation("maintenance").by_question("STOP") == {}


MAINTENANCE = "    arms:\n      - {arm: GO_ON, label: Maintenance}\n"
PRE = "{arm: PRE, label: Before surgery}"


@pytest.mark.parametrize(
    "old, new, words",
    [
        (MAINTENANCE, "    factorial: []\n" + MAINTENANCE, "at least 2"),
        (
            "    factorial:\n",
            "    arms: [{arm: X, label: X}, {arm: Y, label: Y}]\n    factorial:\n",
            "give either `arms` or",
        ),
        (
            f"{MAINTENANCE}      - {{arm: STOP, label: No maintenance}}\n",
            "",
            "give either `arms` or, for several questions at once, `factorial`",
        ),
        ("question: dose", "question: timing", "there are two questions `timing`"),
        ("{arm: PRE, label: Before surgery}", "{arm: POST, label: Before}", "two arms `POST_LOW`"),
        (PRE, PRE.replace("PRE", "P" * 24), f"the product arm `{'P' * 24}_LOW` is longer than 26"),
        (PRE, PRE.replace("}", ", ratio: 26}"), "`PRE_LOW` has the ratio 52; at most 50"),
        (
            PRE,
            ", ".join(f"{{arm: P{n}, label: P{n}}}" for n in range(13)),
            "the questions make",
        ),
        ("{arm: GO_ON, label: Maintenance}", "{arm: PRE_LOW, label: M}", "two arms `PRE_LOW`"),
        ("arms: [PRE_LOW, PRE_HIGH]", "arms: [PRE]", "PRE"),
    ],
)  # fmt: skip
def test_an_impossible_product_is_refused_in_words(old: str, new: str, words: str) -> None:
    if new.startswith("{arm: P0"):
        new = new.replace("}, {", "}\n          - {")
    assert any(words in problem for problem in problems_of((old, new)))


def test_the_arm_of_an_earlier_randomisation_makes_strata() -> None:
    (factor,) = twofold().randomisation("maintenance").strata

    assert factor.levels == {"before": ("PRE_LOW", "PRE_HIGH"), "after": ("POST_LOW", "POST_HIGH")}


@pytest.mark.parametrize(
    "old, new, words",
    [
        ("[POST_LOW, POST_HIGH]", "[POST_LOW]", "code `POST_HIGH` is in no level"),
        ("[POST_LOW, POST_HIGH]", "[POST_LOW, POST_HIGH, LOW]", "`LOW`, which cannot be answered"),
        ("allocation('radiotherapy').arm", "allocation('maintenance').arm", "name another rand"),
        ("allocation('radiotherapy').arm", "allocation('surgery').arm", "surgery"),
        ("allocation('radiotherapy').arm", "allocation.arm", "not exactly one randomisation"),
        ("allocation('radiotherapy').arm", "allocation('radiotherapy').date", "read from one item"),
    ],
)
def test_strata_by_an_arm_are_proved_as_any_others(old: str, new: str, words: str) -> None:
    found = problems_of((old, new))

    assert any(words in problem for problem in found), found
