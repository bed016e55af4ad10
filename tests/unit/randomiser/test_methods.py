"""Each method is one file: its name is the file's, and it says all that others ask of it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import randomiser.methods
from randomiser import METHODS, Arm, Factor, parameters_of, read_design, verify
from randomiser.simulation.step_lists import CHANCES, chances_by_odds
from randomiser.stepwise import StepMethod
from tests.unit.randomiser import by_hand
from tests.unit.randomiser.builders import make_one_by_one

EQUAL, UNEQUAL = (Arm("A", 1), Arm("B", 1)), (Arm("A", 2), Arm("B", 1))
FOR_EQUAL_ARMS = {*verify.TWO_EQUAL, "wei_urn"}
STEPS = [name for name, method in METHODS.items() if isinstance(method, StepMethod)]
OFFERED = [
    (name, arms)
    for name, method in METHODS.items()
    for arms in (EQUAL, UNEQUAL)
    if not method.takes_list and (arms == EQUAL or name not in FOR_EQUAL_ARMS)
]


def test_a_method_is_named_after_its_file_and_every_file_is_one():
    files = {file.stem for file in Path(randomiser.methods.__file__).parent.glob("*.py")}

    assert {"__init__", *METHODS} == files
    assert [method.name for method in METHODS.values()] == [*METHODS]


def test_methods_and_their_parameters_have_labels_of_their_own():
    labels = [method.label for method in METHODS.values()]

    assert all(labels)
    assert len(set(labels)) == len(labels)
    for method in METHODS.values():
        shown = [parameter.label for parameter in method.parameters]
        assert all(shown), method
        assert len(set(shown)) == len(shown), method


@pytest.mark.parametrize("name, arms", OFFERED)
def test_a_design_file_to_begin_with_is_one_that_can_be(name, arms):
    method = METHODS[name]
    content = method.offered_file(arms)

    design = read_design(
        content,
        randomisation="demo/duration",
        version=1,
        method=name,
        arms=arms,
        factors=(),
        minimised=(Factor("sex", ("f", "m")),) if method.is_adaptive else (),
    )

    assert content.items() <= parameters_of(design).items()


@pytest.mark.parametrize("name", sorted(CHANCES))
def test_chances_of_many_lists_at_once_are_those_of_the_live_path(name):
    ratio, parameters, _ = by_hand.ONE_BY_ONE[name]
    design = make_one_by_one(name, *ratio, **parameters)
    counts = reachable_counts(design)

    at_once = CHANCES[name](design, counts)

    assert chances_by_odds(design)(counts) == pytest.approx(at_once)


def test_every_method_that_draws_one_by_one_is_followed_at_once():
    assert sorted(CHANCES) == sorted(STEPS)


def reachable_counts(design):
    """What lists of up to seven people may hold, one after the other along the second axis."""
    odds_after = design.method.odds_of(design)
    found, last = [(0,) * len(design.arms)], [(0,) * len(design.arms)]
    for _ in range(7):
        last = [
            (*counts[:arm], counts[arm] + 1, *counts[arm + 1 :])
            for counts in last
            for arm, share in enumerate(odds_after(counts))
            if share
        ]
        found += last
    return np.array(found).T
