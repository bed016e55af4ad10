"""Each method has parameters of its own; what cannot be is refused with every reason."""

from __future__ import annotations

import copy
import hashlib
import json
from fractions import Fraction

import pytest

from forms.checks import randomisations
from randomiser import (
    METHODS,
    Arm,
    Design,
    DesignProblem,
    build,
    canonical,
    canonical_json,
    from_canonical,
    read_design,
    verify,
)
from randomiser.methods.minimisation import MEASURES
from tests.unit.randomiser import by_hand
from tests.unit.randomiser.builders import ID_SALT, make_one_by_one, unseal

P = Fraction(2, 3)
IMPOSSIBLE = [
    ("random_allocation_rule", (1, 1), {"people": 0}, "people is 0; give a whole number from 1"),
    ("random_allocation_rule", (1, 1), {"people": 1002}, "from 1 to 1000"),
    ("random_allocation_rule", (2, 1), {"people": 40}, "40, not a multiple of 3, the sum of"),
    ("efron_biased_coin", (2, 1), {"p": P}, "The ratio 2:1 is not possible: efron biased coin"),
    ("efron_biased_coin", (1, 1, 1), {"p": P}, "The ratio 1:1:1 is not possible"),
    ("efron_biased_coin", (1, 1), {"p": Fraction(49, 100)}, "at least 1/2 and below 1"),
    ("efron_biased_coin", (1, 1), {"p": Fraction(1)}, "at least 1/2 and below 1"),
    ("efron_biased_coin", (1, 1), {"p": Fraction(1000, 1001)}, "denominator can be at most 1000"),
    ("efron_biased_coin", (1, 1), {"p": 0.75}, "p is 0.75; write it as a fraction"),
    ("efron_biased_coin", (1, 1), {"p": P, "tolerance": 2}, "tolerance is not a parameter of"),
    ("chen_biased_coin", (3, 2), {"p": P, "tolerance": 2}, "The ratio 3:2 is not possible"),
    ("chen_biased_coin", (1, 1), {"p": P, "tolerance": 0}, "tolerance is 0"),
    ("chen_biased_coin", (1, 1), {"p": P, "tolerance": True}, "tolerance is True"),
    ("big_stick", (2, 1), {"tolerance": 2}, "The ratio 2:1 is not possible: big stick"),
    ("big_stick", (1, 1), {"tolerance": -1}, "tolerance is -1; give a whole number from 1 to 50"),
    ("big_stick", (1, 1), {"tolerance": 51}, "from 1 to 50"),
    ("wei_urn", (2, 1), {"alpha": 1, "beta": 1}, "takes arms of equal share"),
    ("wei_urn", (1, 1), {"alpha": 0, "beta": 0}, "the urn is always empty"),
    ("wei_urn", (1, 1), {"alpha": -1, "beta": 1}, "alpha is -1; give a whole number from 0"),
    ("block_urn", (2, 1), {"balanced_sets": 0}, "balanced_sets is 0"),
    ("block_urn", (2, 1), {"balanced_sets": 51}, "from 1 to 50"),
    ("maximal_procedure", (2, 1), {"people": 9, "tolerance": 2}, "The ratio 2:1 is not possible"),
    ("maximal_procedure", (1, 1), {"people": 9, "tolerance": 2}, "9, not a multiple of 2"),
    ("maximal_procedure", (1, 1), {"people": 8, "tolerance": 0}, "tolerance is 0"),
]


@pytest.mark.parametrize("method, ratio, parameters, words", IMPOSSIBLE)
def test_an_impossible_design_is_refused_in_words(method, ratio, parameters, words):
    with pytest.raises(DesignProblem) as caught:
        make_one_by_one(method, *ratio, **parameters)

    assert words in str(caught.value)


def test_every_reason_is_given_at_once():
    with pytest.raises(DesignProblem) as caught:
        make_one_by_one("chen_biased_coin", 2, 1, p=Fraction(1, 3), tolerance=0, people=7)

    assert len(caught.value.problems) == 4


def test_sizes_belong_to_permuted_blocks_alone():
    with pytest.raises(
        DesignProblem, match="sizes is not a parameter of simple; a design file has"
    ):
        make_one_by_one("simple", sizes=(4,))


def test_a_study_can_name_every_method_there_is_and_no_other():
    adaptive = {name: method.is_adaptive for name, method in METHODS.items()}
    assert adaptive == randomisations.METHODS
    assert set(METHODS) == set(verify.METHODS)
    assert {name for name in adaptive if adaptive[name]} == verify.ADAPTIVE
    assert set(MEASURES) == set(verify.MEASURES)


def read(method, content, *ratio):
    arms = [Arm("ABC"[i], share) for i, share in enumerate(ratio or (1, 1))]
    return read_design(
        content, randomisation="demo/duration", version=1, method=method, arms=arms, factors=()
    )


@pytest.mark.parametrize("method", by_hand.ONE_BY_ONE)
def test_a_design_file_gives_the_parameters(method):
    ratio, parameters, _ = by_hand.ONE_BY_ONE[method]
    written = {
        name: f"{value.numerator}/{value.denominator}" if name == "p" else value
        for name, value in parameters.items()
    }

    assert read(method, written, *ratio) == make_one_by_one(method, *ratio, **parameters)


def test_a_fraction_is_kept_in_lowest_terms():
    assert read("efron_biased_coin", {"p": " 4/6 "}).p == P


@pytest.mark.parametrize(
    "method, content, words",
    [
        ("efron_biased_coin", {}, "p is missing; give one, such as p: 2/3"),
        ("efron_biased_coin", {"p": None}, "p is missing"),
        ("efron_biased_coin", {"p": 0.8}, "p is 0.8; write it as a fraction"),
        ("efron_biased_coin", {"p": "0.8"}, "p is '0.8'; write it as a fraction"),
        ("efron_biased_coin", {"p": "2/0"}, "p is '2/0'; write it as a fraction"),
        ("efron_biased_coin", {"p": "-2/3"}, "p is '-2/3'; write it as a fraction"),
        ("efron_biased_coin", {"p": [2, 3]}, "p is (2, 3); write it as a fraction"),
        ("efron_biased_coin", {"p": "1/3"}, "p is 1/3; it must be at least 1/2"),
        ("big_stick", {"tolerance": "3"}, "tolerance is '3'; give a whole number"),
        ("big_stick", {"tolerance": 2.0}, "tolerance is 2.0; give a whole number"),
        ("big_stick", {"tolerance": "3/1"}, "tolerance is"),
        ("big_stick", {"tolerance": 3, "sizes": [4]}, "sizes is not a parameter of big stick"),
        ("chen_biased_coin", {"tolerance": 0}, "p is missing"),
        ("chen_biased_coin", {"tolerance": 0}, "tolerance is 0"),
        ("wei_urn", {"beta": 1}, "alpha is missing"),
        ("simple", {"p": "2/3"}, "p is not a parameter of simple; a design file has nothing"),
        ("simple", None, "not a list of names"),
        ("coin", {"p": "2/3"}, "'coin' does not exist"),
    ],
)
def test_a_wrong_design_file_is_refused_in_words(method, content, words):
    with pytest.raises(DesignProblem) as caught:
        read(method, content)

    assert words in str(caught.value)


@pytest.mark.parametrize("method", by_hand.ONE_BY_ONE)
def test_a_canonical_design_reads_back_and_holds_its_own_parameters(method):
    ratio, parameters, _ = by_hand.ONE_BY_ONE[method]
    design = make_one_by_one(method, *ratio, **parameters)

    plain = json.loads(canonical(design))

    common = {"arms", "factors", "method", "randomisation", "version"}
    assert set(plain) == common | set(parameters)
    assert from_canonical(canonical(design)) == design


def test_the_canonical_design_of_a_coin_is_spelt_as_the_protocol_says():
    design = make_one_by_one("chen_biased_coin", p=Fraction(6, 10), tolerance=2)

    assert canonical(design) == (
        b'{"arms":[{"name":"A","ratio":1},{"name":"B","ratio":1}],"factors":[],'
        b'"method":"chen_biased_coin","p":"3/5","randomisation":"demo/duration",'
        b'"tolerance":2,"version":1}'
    )


@pytest.mark.parametrize("p", ["4/6", "0.5", "2/3 ", "1/3", "", 1, None, [2, 3]])
def test_a_stored_design_with_another_spelling_is_refused(p):
    plain = json.loads(canonical(make_one_by_one("efron_biased_coin", p=P)))

    with pytest.raises(DesignProblem):
        from_canonical(canonical_json(plain | {"p": p}))


def commit_changed(design: Design, **changes):
    """A bundle without events whose design was changed and committed to nevertheless."""
    one = unseal(design)
    bundle = json.loads(build("demo", [one], [], id_salt=ID_SALT, last_number=0))
    changed = copy.deepcopy(bundle)
    inner = changed["designs"][0]
    inner["design"] |= changes
    covered = canonical_json(inner["design"]) + one.key + one.salt
    inner["commitment"] = hashlib.sha256(covered).hexdigest()
    return changed


ODD = [None, True, -1, 0, 10**30, "", "0", "4/6", "1/3", "3/3", "2/0", "x", [], {}, [1]]


@pytest.mark.parametrize("method", by_hand.ONE_BY_ONE)
def test_the_verifier_refuses_what_the_engine_refuses(method):
    ratio, parameters, _ = by_hand.ONE_BY_ONE[method]
    design = make_one_by_one(method, *ratio, **parameters)

    assert verify.check(commit_changed(design)).problems == []
    for name in parameters:
        for value in ODD:
            if method == "wei_urn" and value == 0 and value is not False:
                continue  # an urn may begin empty or stay as it is
            assert "design 1" in verify.check(commit_changed(design, **{name: value})).problems[0]
    assert "out of place" in verify.check(commit_changed(design, more=1)).problems[0]


@pytest.mark.parametrize("method, ratio, parameters, words", IMPOSSIBLE)
def test_the_verifier_refuses_an_impossible_design(method, ratio, parameters, words):
    own_ratio, own, _ = by_hand.ONE_BY_ONE[method]
    design = make_one_by_one(method, *own_ratio, **own)
    arms = [{"name": "ABC"[i], "ratio": share} for i, share in enumerate(ratio)]
    told = {
        name: str(value) if isinstance(value, Fraction | float) else value
        for name, value in parameters.items()
    }

    assert "design 1" in verify.check(commit_changed(design, arms=arms, **told)).problems[0]
