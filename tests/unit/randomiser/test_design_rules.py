"""A design that cannot be is refused with every reason."""

from __future__ import annotations

from pathlib import Path

import pytest
from ruamel.yaml import YAML

from randomiser import Arm, DesignProblem, Factor, UnknownLevel, level_codes, read_design
from tests.unit.randomiser.builders import make_design

TWO_TO_ONE = (Arm("A", 2), Arm("B", 1))


@pytest.mark.parametrize(
    "changes, words",
    [
        ({"arms": ()}, "at least two"),
        ({"arms": (Arm("A", 1),)}, "at least two"),
        ({"arms": tuple(Arm(f"A{i}", 1) for i in range(27))}, "at most 26"),
        ({"arms": (Arm("A", 1), Arm("A", 1))}, "Arm A is given 2 times"),
        ({"arms": (Arm("A", 0), Arm("B", 1))}, "ratio 0"),
        ({"arms": (Arm("A", -1), Arm("B", 1))}, "ratio -1"),
        ({"arms": (Arm("A", True), Arm("B", 1))}, "ratio True"),
        ({"arms": (Arm("A", 51), Arm("B", 1))}, "1 to 50"),
        ({"arms": (Arm("", 1), Arm("B", 1))}, "Arm is blank"),
        ({"arms": (Arm('"', 1), Arm("B", 1))}, "quotation mark"),
        ({"arms": (Arm("\ud800", 1), Arm("B", 1))}, "control character"),
        ({"sizes": (), "weights": ()}, "no block size"),
        ({"sizes": (3,), "weights": (1,)}, "3 is not a multiple of 2, the sum of the ratio 1:1"),
        ({"arms": TWO_TO_ONE}, "4 is not a multiple of 3, the sum of the ratio 2:1"),
        ({"sizes": (0,), "weights": (1,)}, "above zero"),
        ({"sizes": (-4,), "weights": (1,)}, "above zero"),
        ({"sizes": (4.0,), "weights": (1,)}, "4.0 is not a whole number"),
        ({"sizes": (102,), "weights": (1,)}, "too large"),
        ({"sizes": (4, 4)}, "Block size 4 is given 2 times"),
        ({"sizes": tuple(range(2, 44, 2)), "weights": (1,) * 21}, "at most 20"),
        ({"weights": (1,)}, "1 weights for 2 block sizes"),
        ({"weights": (1, 0)}, "Weight 0"),
        ({"weights": (1, 0.5)}, "Weight 0.5"),
        ({"weights": (1, 1001)}, "1 to 1000"),
        ({"factors": (Factor("f"), Factor("f"))}, "Factor f is given 2 times"),
        ({"factors": (Factor("f", ()),)}, "no levels"),
        ({"factors": (Factor("f", ("a", "a")),)}, "Level of f a is given 2 times"),
        ({"factors": (Factor("f", (" a",)),)}, "begins or ends with a space"),
        ({"version": 0}, "versions start at 1"),
        ({"randomisation": "x" * 201}, "longer than 200"),
        ({"randomisation": "a\nb"}, "control character"),
    ],
)
def test_an_impossible_design_is_refused_in_words(changes, words):
    with pytest.raises(DesignProblem) as caught:
        make_design(**changes)

    assert words in str(caught.value)


def test_all_problems_are_reported_at_once():
    with pytest.raises(DesignProblem) as caught:
        make_design(arms=(Arm("A", 0),), sizes=(0, 102), weights=(0,))

    assert len(caught.value.problems) == 6


def read(content, **changes):
    design = make_design(**changes)
    return read_design(
        content,
        randomisation=design.randomisation,
        version=design.version,
        method=design.method.name,
        arms=design.arms,
        factors=design.factors,
    )


def test_weights_left_out_are_equal():
    assert read({"sizes": [4, 6]}) == make_design()
    assert read({"sizes": [4, 6], "weights": [2, 1]}) == make_design(weights=(2, 1))


def test_the_bundled_test_design_is_blocks_of_four_and_six():
    path = Path(__file__).parents[2] / "designs" / "gist-imatinib.duration.yaml"

    assert read(YAML(typ="safe").load(path)).sizes == (4, 6)


@pytest.mark.parametrize(
    "content, words",
    [
        (None, "not a list of names"),
        ([4, 6], "not a list of names"),
        ("sizes", "not a list of names"),
        ({}, "sizes is missing"),
        ({"sizes": 4}, "sizes is 4"),
        ({"sizes": "4, 6"}, "sizes is '4, 6'"),
        ({"sizes": ["4"]}, "'4' is not a whole number"),
        ({"sizes": [None]}, "None is not a whole number"),
        ({"sizes": [[4]]}, "[4] is not a whole number"),
        ({"sizes": [4], "weights": None}, "weights is missing"),
        ({"sizes": [4], "p": 0.8}, "p is not a parameter"),
        ({"sizes": [5], 1: 2}, "5 is not a multiple of 2"),
        ({"sizes": [4, 6], "weights": [1]}, "1 weights for 2"),
    ],
)
def test_a_wrong_design_file_is_refused_in_words(content, words):
    with pytest.raises(DesignProblem) as caught:
        read(content)

    assert words in str(caught.value)


@pytest.mark.parametrize(
    "levels, words",
    [
        ({}, "tumour_site has no level"),
        ({"tumour_site": "gastric"}, "country has no level"),
        ({"tumour_site": "gastric", "country": ""}, "country has no level"),
        ({"tumour_site": "Gastric", "country": "GB"}, "the design knows gastric, other"),
        ({"tumour_site": "gastric", "country": "GB", "sex": "f"}, "sex is not a factor"),
        ({"tumour_site": "gastric", "country": 'G"B'}, "quotation mark"),
    ],
)
def test_levels_that_pick_no_list_are_refused(levels, words):
    with pytest.raises(UnknownLevel, match=words):
        level_codes(make_design(), levels)


def test_levels_come_in_the_order_of_the_design():
    codes = level_codes(make_design(), {"country": "FI", "tumour_site": "other"})

    assert codes == ("other", "FI")
