"""`sarcomere randomisation rerandomise`: a dataset with an outcome and the trial's own design."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from capture.access import Role
from capture.config import Config
from capture.randomisation.reads import AllocationRow
from capture.web.request_context import Services
from tests.support.builders import PASSWORD, make_user
from tests.support.commands import Prompt
from tests.support.randomising import DURATION, activate, delegate, draw, ready
from tests.support.trial import GIST, Trial, make_trial
from tests.support.uploading import activate_list, list_of, take_lists

PLACE = f"{GIST}/{DURATION}"
HEAD = (
    "randomisation,allocation_number,arm,stratum_tumour_site,stratum_rupture,stratum_country,score"
)
ROWS = (
    "duration,2,IM60,gastric,intact,gb,1",
    "duration,1,IM36,gastric,intact,gb,5",
    "other,3,IM36,gastric,intact,gb,99",
    "duration,4,IM60,gastric,intact,gb,2",
    "duration,10,IM36,gastric,intact,gb,9",
    "duration,,,,,,7",
)
"""Two blocks of two in one stratum, out of order, among rows that do not count."""


@pytest.fixture
def trial(services: Services) -> Trial:
    made = make_trial(services.database, services.concealment)
    delegate(made)
    for role in (Role.UNBLINDED, Role.STATISTICIAN):
        make_user(services, email=f"{role.value}@unit.example", name=role.label, role=role)
    return made


@pytest.fixture
def prompt(trial: Trial, config: Config) -> Prompt:
    return Prompt(config)


def written(config: Config, *rows: str, head: str = HEAD, name: str = "data.csv") -> Path:
    file = config.data / name
    file.write_text("\n".join((head, *rows)), encoding="utf-8")
    return file


def asked(prompt: Prompt, file: Path, *more: object, role: Role | None = None):
    who = ("--as", f"{role.value}@unit.example") if role else ()
    words = ("rerandomise", PLACE, file, "--outcome", "score", *who, *more)
    return prompt("randomisation", *words, typed=f"{PASSWORD}\n" if role else "")


def drawn(trial: Trial, people: int) -> list[AllocationRow]:
    return [draw(trial, ready(trial)) for _ in range(people)]


def scored(people: Sequence[AllocationRow], scores: Mapping[str, Sequence[int]]) -> list[str]:
    """Rows of the dataset: the next score of the person's arm, in the order of the draws."""
    left = {arm: iter(given) for arm, given in scores.items()}
    return [f"{one.number},{one.arm},{next(left[one.arm])}" for one in people]


HISTORY_HEAD = "allocation_number,arm,score"


def test_a_trial_is_tested_by_its_own_history(prompt: Prompt, trial: Trial, config: Config) -> None:
    # One stratum, two blocks of two: 5 against 1, 9 against 2. Of the four ways to allocate them,
    # two have means 11 / 2 apart (5 and 9 together), the other two 3 / 2.
    activate(trial, design={"sizes": [2]})
    people = drawn(trial, 4)
    rows = scored(people, {people[0].arm: (5, 9), people[1].arm: (1, 2)})

    file = written(config, *rows, head=HISTORY_HEAD)
    done = asked(prompt, file, "--json", role=Role.UNBLINDED)

    assert json.loads(done.output[done.output.index("{") :]) == {
        "difference": 5.5,
        "p": 0.5,
        "p_exact": "1/2",
        "courses": 4,
    }


def test_both_versions_of_an_amended_design_are_used(
    prompt: Prompt, trial: Trial, config: Config
) -> None:
    # The first block of two stays half empty; the second version begins a list of its own.
    activate(trial, design={"sizes": [2]})
    first = drawn(trial, 1)
    activate(trial, design={"sizes": [2, 4]})
    rows = scored([*first, *drawn(trial, 4)], dict.fromkeys(("IM36", "IM60"), range(5)))

    file = written(config, *rows, head=HISTORY_HEAD)
    done = asked(prompt, file, "--draws", 50, role=Role.UNBLINDED)

    assert "over 50 courses of the allocation (drawn)" in done.output


@pytest.mark.parametrize(
    "change, words",
    [
        (lambda rows: [rows[0], rows[0]], "the allocation_number 1 more than once"),
        (
            lambda rows: [*rows, "7,IM36,1"],
            "'IM36' for number 7, which is not an allocation of the trial",
        ),
        (lambda rows: ["1,IM48,3"], "'IM48' for number 1, which is not an allocation of the trial"),  # noqa: ARG005
    ],
)
def test_a_file_of_other_people_is_refused(
    prompt: Prompt, trial: Trial, config: Config, change, words: str
) -> None:
    activate(trial, design={"sizes": [2]})
    rows = scored(drawn(trial, 2), dict.fromkeys(("IM36", "IM60"), (1, 2)))

    file = written(config, *change(rows), head=HISTORY_HEAD)
    done = asked(prompt, file, role=Role.UNBLINDED)

    assert done.exit_code == 1
    assert words in done.output.replace("\n", " ")


def test_nobody_randomised_is_said(prompt: Prompt, trial: Trial, config: Config) -> None:
    activate(trial, design={"sizes": [2]})

    done = asked(prompt, written(config, *ROWS), role=Role.UNBLINDED)
    assert "No participant has been randomised yet." in done.output


def test_the_concealed_design_is_for_its_statistician_alone(
    prompt: Prompt, trial: Trial, config: Config
) -> None:
    activate(trial, design={"sizes": [2]})
    file = written(config, *ROWS)

    refused = asked(prompt, file, role=Role.STATISTICIAN)
    assert refused.exit_code == 1
    assert "Only the unblinded statistician sees the concealed design." in refused.output
    assert "Say with --as" in asked(prompt, file).output


def test_a_design_file_and_words(prompt: Prompt, config: Config) -> None:
    design = written(config, head="sizes: [2]", name="design.yaml")
    done = asked(prompt, written(config, *ROWS), "--design", design)

    assert done.output == (
        "Largest difference between the arms' means: 5.5\n"
        "p = 0.5 over 4 courses of the allocation (all there are)\n"
    )


def test_an_uploaded_list_is_not_tested(prompt: Prompt, trial: Trial, config: Config) -> None:
    take_lists(trial)
    activate_list(trial, list_of("6336"))
    drawn(trial, 1)

    done = asked(prompt, written(config, *ROWS), role=Role.UNBLINDED)
    assert "The allocations of an uploaded list are fixed" in done.output


@pytest.mark.parametrize(
    "head, rows, words",
    [
        (HEAD, (), "No row of data.csv has an allocation_number"),
        (HEAD.replace("arm,", "x,"), ROWS, "The file has no column 'arm'."),
        (HEAD.replace("score", "x"), ROWS, "The file has no column 'score'."),
        (HEAD.replace("stratum_country", "x"), ROWS, "The file has no column 'stratum_country'."),
        (HEAD, ("duration,one,IM36,gastric,intact,gb,5",), "The allocation_number 'one' is no"),
        (HEAD, ("duration,1,IM36,gastric,intact,gb,high",), "Number 1: the outcome 'high' is no"),
        (HEAD, ("duration,1,IM36,gastric,intact,gb,inf",), "Participant 1 has the outcome inf"),
        (HEAD, ("duration,1,IM36,gastric,intact,gb,",), "No participant has an outcome"),
        (HEAD, ("duration,1,IM48,gastric,intact,gb,5",), "Participant 1 has the arm 'IM48'"),
        (HEAD, ("duration,1,IM36,liver,intact,gb,5",), "tumour_site is 'liver'"),
        (HEAD, ("duration,1,IM36",), "No participant has an outcome"),
        (HEAD, ("duration,1,IM36,gastric,intact,,5",), "country has no level"),
        (
            HEAD,
            (*ROWS[:2], "duration,3,IM60,gastric,intact,gb,1", ROWS[3]),
            "The design cannot allocate participant 4",
        ),
    ],
)
def test_what_cannot_be_tested_is_said(
    prompt: Prompt, config: Config, head: str, rows: tuple[str, ...], words: str
) -> None:
    design = written(config, head="sizes: [2]", name="design.yaml")
    done = asked(prompt, written(config, *rows, head=head), "--design", design)

    assert done.exit_code == 1
    assert words in done.output.replace("\n", " ")
