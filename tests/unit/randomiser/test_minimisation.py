"""Minimisation and Hu-Hu: the live path has the chances that their definitions give, exactly."""

from __future__ import annotations

import json
from collections import Counter
from fractions import Fraction
from math import prod
from pathlib import Path

import pytest

from randomiser import (
    Annotation,
    Arm,
    DesignProblem,
    Event,
    Factor,
    Kind,
    Mistake,
    ReplayDiffers,
    UnknownLevel,
    allocate,
    build,
    canonical,
    from_canonical,
    make_draw,
    read_design,
    replay,
    verify,
)
from randomiser.counts import Counts, count_people
from randomiser.methods.hu_hu import odds as hu_hu_odds
from randomiser.methods.minimisation import MEASURES, odds
from tests.unit.randomiser import adaptive, by_hand
from tests.unit.randomiser.adaptive import (
    event,
    make_hu_hu,
    make_minimised,
    make_noted_history,
    order,
    run,
)
from tests.unit.randomiser.builders import ID_SALT, make_bundle, unseal
from tests.unit.randomiser.every_draw import Script, Unforeseen

PROTOCOL = Path(__file__).parents[3] / "docs" / "randomisation-protocol.md"
HALF = Fraction(1, 2)
SMALL = [
    (make_minimised(p=Fraction(2, 3)), 4),
    (make_minimised(p=Fraction(1)), 5),
    (make_minimised(p=Fraction(2, 3), first=2), 4),
    (make_minimised(2, 1, p=HALF), 2),
    pytest.param(make_minimised(2, 1, p=HALF), 3, marks=pytest.mark.slow),
    pytest.param(make_minimised(3, 2, p=HALF), 3, marks=pytest.mark.slow),
    (make_minimised(1, 1, 1, p=HALF), 3),
    (make_hu_hu(p=Fraction(2, 3)), 5),
    (make_hu_hu(p=Fraction(3, 4), overall_weight=0, factor_weights=(0, 0)), 4),
]


def chances(design, came, levels):
    defined = adaptive.hu_hu_chances if design.method.name == "hu_hu" else adaptive.chances
    return defined(design, came, levels)


def method_of(value):
    return getattr(value, "method", None)


@pytest.mark.slow
@pytest.mark.parametrize("design, people", SMALL, ids=method_of)
def test_every_sequence_has_its_exact_probability_over_every_draw(design, people):
    arrivals = order(people)
    found: Counter[str] = Counter()
    scripts: list[tuple[int, ...]] = [()]
    while scripts:
        values = scripts.pop()
        draw = Script(values)
        try:
            found[allocate_in_turn(design, arrivals, draw)] += draw.chance
        except Unforeseen as more:
            scripts.extend((*values, value) for value in range(more.n))

    assert sum(found.values()) == 1
    assert found == {arms: chance_of(design, arrivals, arms) for arms in found}


def allocate_in_turn(design, arrivals, draw):
    history = []
    for number, levels in enumerate(arrivals, 1):
        history.append(event(number, allocate(design, history, levels, draw).arm, levels))
    return "".join(event.arm for event in history)


def chance_of(design, arrivals, arms):
    came = list(zip(arms, arrivals, strict=True))
    return prod(
        dict(zip("ABC", chances(design, came[:i], levels), strict=False))[arm]
        for i, (arm, levels) in enumerate(came)
    )


LONGER = [
    *[
        (make_minimised(*ratio, measure=measure, factor_weights=(2, 3)), people)
        for measure in MEASURES
        for ratio, people in [((1, 1), 8), ((2, 1), 7), ((3, 2), 7), ((2, 2, 1), 5)]
        if measure != "squared_difference" or len(ratio) == 2
    ],
    (make_minimised(2, 2, 1, p=Fraction(1, 5), first=1), 5),
    (make_hu_hu(), 8),
    (make_hu_hu(overall_weight=0, factor_weights=(5, 1), stratum_weight=0), 8),
]


@pytest.mark.slow
@pytest.mark.parametrize("design, people", LONGER, ids=method_of)
def test_after_every_beginning_the_odds_are_the_definition(design, people):
    arrivals = order(people)
    beginnings = [()]
    for number, levels in enumerate(arrivals):
        for arms in beginnings:
            came = list(zip(arms, arrivals, strict=False))
            history = [event(i, arm, had) for i, (arm, had) in enumerate(came, 1)]
            trace = allocate(design, history, levels, make_draw(b"k" * 32)).trace
            found = [Fraction(share, sum(trace.odds)) for share in trace.odds]
            assert found == chances(design, came, levels), (arms, number)
        beginnings = [(*arms, arm.name) for arms in beginnings for arm in design.arms]


WORKED = [
    make_minimised(2, 1, factor_weights=(2, 1), p=Fraction(3, 4)),
    make_minimised(1, 1, 1, measure="marginal_balance", p=Fraction(2, 3)),
    make_hu_hu(),
]


@pytest.mark.parametrize("design", WORKED, ids=method_of)
def test_the_worked_lists_of_the_protocol_are_those_computed_with_hashlib_alone(design):
    steps = adaptive.by_word(design, order(8))
    key = by_hand.LIST_KEY
    history = []
    for number, levels in enumerate(order(8), 1):
        done = allocate(design, history, levels, make_draw(key))
        history.append(event(number, done.arm, levels))
        scores, odds, _, drawn, arm = steps[number - 1]
        assert done.trace.imbalances == tuple(map(str, scores))
        assert (list(done.trace.odds), done.trace.integer, done.arm) == (odds, drawn, arm)

    page = PROTOCOL.read_text(encoding="utf-8")
    for (scores, odds, word, drawn, arm), levels in zip(steps, order(8), strict=True):
        who = f"{levels['sex']}, {levels['age']}"
        weighed = " , ".join(map(str, scores))
        share = " : ".join(map(str, odds))
        assert f"| {who} | {weighed} | {share} | {word:016x} | {drawn} | {arm} |" in page


def test_the_example_of_pocock_and_simon():
    # Biometrics 1975;31:103-115, section 3.4: 50 patients, 3 treatments, weights 2, 1, 1, range;
    # the margins of table 1 that the next patient meets. G is 6, 10 and 5; 2/3 to the third.
    three = tuple(Factor(name, ("x", "y")) for name in ("one", "two", "three"))
    design = make_minimised(
        1, 1, 1, minimised=three, factor_weights=(2, 1, 1), p=Fraction(2, 3), measure="range"
    )
    counts = Counts([17, 17, 16], [[9, 10, 9], [9, 11, 9], [4, 5, 3]], [0, 0, 0])

    shares, imbalances = odds(design, counts)

    assert imbalances == [6, 10, 5]
    assert [Fraction(share, sum(shares)) for share in shares] == [
        Fraction(1, 6),
        Fraction(1, 6),
        Fraction(2, 3),
    ]


def test_the_example_after_scott_and_others():
    # PMC3503622 table 3, after Scott and others 2002: the seventh patient has a high baseline rate
    # and a moderate covariate rate; marginal totals 4 for intervention, 2 for control.
    rates = (Factor("baseline", ("high", "low")), Factor("covariate", ("moderate", "low")))
    design = make_minimised(minimised=rates, p=Fraction(1))
    counts = Counts([5, 6], [[2, 2], [3, 1]], [0, 0])

    shares, imbalances = odds(design, counts)

    assert imbalances == [4, 2]
    assert shares[0] == 0 < shares[1]


def test_the_first_people_are_drawn_by_the_ratio_alone():
    design = make_minimised(2, 1, first=3)
    history = [event(1, "A", order(1)[0]), event(2, "A", order(1)[0])]

    third = allocate(design, history, order(1)[0], make_draw(b"k" * 32))
    fourth = allocate(
        design, [*history, event(3, "A", order(1)[0])], order(1)[0], make_draw(b"k" * 32)
    )

    assert third.trace.odds == (2, 1)
    assert third.trace.imbalances == ()
    # Three in A and none in B: one more in A leaves 4/2 - 0, in B 3/2 - 1. B is best, with 4/5.
    assert [Fraction(share, sum(fourth.trace.odds)) for share in fourth.trace.odds] == [
        Fraction(1, 5),
        Fraction(4, 5),
    ]


def test_separate_strata_are_balanced_apart():
    design = make_minimised(factors=(Factor("country"),), p=Fraction(1))
    in_gb = [event(i, "A", {**order(1)[0], "country": "GB"}) for i in (1, 2, 3)]

    tally = count_people(design, in_gb, 4)

    assert tally.counts({**order(1)[0], "country": "FI"}).overall == [0, 0]
    assert tally.counts({**order(1)[0], "country": "GB"}).factors == [[3, 0], [3, 0]]


NOTES = {
    "ineligible": Annotation(Mistake.INELIGIBLE, after=2),
    "twice": Annotation(Mistake.TWICE, after=2),
    "wrong_person": Annotation(Mistake.WRONG_PERSON, after=2),
    "wrong_stratum": Annotation(Mistake.WRONG_STRATUM, {"sex": "m", "age": "young"}, after=2),
}


@pytest.mark.parametrize("mistake", NOTES)
def test_a_mistake_moves_the_counts_only_by_the_rule_and_from_its_note_on(mistake):
    first = {"sex": "f", "age": "young"}
    history = [
        event(1, "A", first, annotations=(NOTES[mistake],)),
        event(2, "B", {"sex": "m", "age": "old"}),
    ]

    def counts_before(rule, before):
        return count_people(make_minimised(mistakes=rule), history, before).counts(first)

    assert counts_before("count", 3).factors == [[1, 0], [1, 0]]
    assert counts_before("leave_out", 2).factors == [[1, 0], [1, 0]]
    if mistake == "wrong_stratum":
        assert counts_before("leave_out", 3).factors == [[0, 0], [1, 0]]
        assert counts_before("leave_out", 3).overall == [1, 1]
    else:
        assert counts_before("leave_out", 3).factors == [[0, 0], [0, 0]]
        assert counts_before("leave_out", 3).overall == [0, 1]


def bundle_of(unsealed, events):
    data = build("demo", unsealed, events, id_salt=ID_SALT, last_number=len(events))
    return json.loads(data)


def test_engine_and_verifier_derive_every_allocation_of_two_versions_again():
    unsealed, events = make_noted_history()

    assert [replay(opened.design, opened.key, events) for opened in unsealed] == [[], []]
    walk = verify.check(bundle_of(unsealed, events))
    assert walk.problems == []
    assert walk.counts == {"allocated": 69, "elsewhere": 1}
    arms = Counter(event.arm for event in events[41:])
    assert set(arms) == {"A", "B", "C"}


@pytest.mark.slow
@pytest.mark.parametrize("design", [design for design, _ in LONGER], ids=method_of)
def test_engine_and_verifier_agree_for_every_measure_and_ratio(design):
    one = unseal(design)
    events = run(one, order(60))

    assert replay(design, one.key, events) == []
    assert verify.check(bundle_of([one], events)).problems == []


def test_the_note_of_a_mistake_cannot_be_left_out_moved_or_changed():
    unsealed, events = make_noted_history()
    whole = bundle_of(unsealed, events)

    for change in [
        lambda bundle: bundle["events"][2].update(annotations=[]),
        lambda bundle: bundle["events"][7]["annotations"][0].update(levels=None),
        lambda bundle: bundle["events"][11]["annotations"].reverse(),
        lambda bundle: bundle["events"][2]["annotations"][0].update(after=2),
    ]:
        bundle = json.loads(json.dumps(whole))
        change(bundle)
        assert verify.check(bundle).problems, change


def test_what_is_entered_again_rests_on_its_receipt_counts_and_is_told():
    one = unseal(make_minimised())
    events = run(one, order(12))
    lost = Event(
        kind=Kind.LOST,
        number=5,
        design_version=1,
        list_name=events[4].list_name,
        list_position=5,
    )
    again = [Event(**{**vars(event), "kind": Kind.REENTERED}) for event in events[5:8]]
    known = run(one, order(20)[8:], [*events[:4], lost, *again])

    walk = verify.check(bundle_of([one], known))

    assert replay(one.design, one.key, known) == []
    assert walk.problems == []
    assert walk.counts == {"allocated": 16, "lost": 1, "reentered": 3}


@pytest.mark.parametrize("kind", ["reentered", "counted"])
def test_a_kind_that_is_not_derived_hides_nothing_where_lists_follow_from_the_key(kind):
    bundle = make_bundle()
    nowhere = {"design_version": None, "list_name": None, "list_position": None}
    bundle["events"][-1] |= {"kind": kind, **(nowhere if kind == "counted" else {})}

    assert f"has events that are {kind}" in verify.check(bundle).problems[0]


def test_an_arm_that_no_design_has_is_found_though_it_rests_on_a_receipt():
    one = unseal(make_minimised())
    bundle = bundle_of([one], run(one, order(12)))
    bundle["events"][5] |= {"kind": "reentered", "arm": "X"}

    assert "the arm is X" in verify.check(bundle).problems[0]


def test_an_arm_of_an_earlier_person_changed_is_found():
    one = unseal(make_minimised())
    events = run(one, order(30))
    other = "B" if events[6].arm == "A" else "A"
    events[6] = event(7, other, events[6].levels, list_name=events[6].list_name)

    assert replay(one.design, one.key, events)[0].number == 7
    assert "number 7" in verify.check(bundle_of([one], events)).problems[0]


def test_a_history_out_of_its_place_is_refused():
    one = unseal(make_minimised())
    events = run(one, order(5))

    with pytest.raises(ReplayDiffers, match="number 4 is out of order"):
        allocate(one.design, [*events[:2], *events[3:]], order(1)[0], make_draw(one.key))


@pytest.mark.parametrize(
    "levels, words",
    [
        ({"sex": "f"}, "age has no level"),
        ({"sex": "f", "age": ""}, "age has no level"),
        ({"sex": "x", "age": "old"}, "sex is 'x'"),
        ({"sex": "f", "age": "old", "site": "1"}, "site is not a factor"),
    ],
)
def test_an_unknown_or_missing_level_is_refused(levels, words):
    with pytest.raises(UnknownLevel, match=words):
        allocate(make_minimised(), [], levels, make_draw(b"k" * 32))


IMPOSSIBLE = [
    ({"minimised": (), "factor_weights": ()}, "no factor to balance"),
    ({"factors": (adaptive.SEX,)}, "Factor sex is given 2 times"),
    ({"p": Fraction(1, 3)}, "at least its fair share, 1/2"),
    ({"p": 0.8}, "write it as a fraction"),
    ({"p": Fraction(1001, 1002)}, "denominator can be at most 1000"),
    ({"factor_weights": (1,)}, "1 factor weights for 2 minimisation factors"),
    ({"factor_weights": (1, 0)}, "A factor weight is 0"),
    ({"measure": "median"}, "measure is 'median'"),
    ({"mistakes": "maybe"}, "mistakes is 'maybe'"),
    ({"first": -1}, "first is -1"),
    ({"arms": tuple(Arm(a, 1) for a in "ABC"), "measure": "squared_difference"}, "for two arms"),
    ({"sizes": (4,)}, "sizes is not a parameter of minimisation"),
    ({"method": "simple"}, "simple balances no factors"),
]


@pytest.mark.parametrize("changes, words", IMPOSSIBLE)
def test_an_impossible_minimisation_is_refused_in_words(changes, words):
    with pytest.raises(DesignProblem) as caught:
        make_minimised(**changes)

    assert words in str(caught.value)


def test_a_p_below_the_smallest_share_is_refused_at_an_unequal_ratio():
    make_minimised(2, 1, p=Fraction(1, 3))
    with pytest.raises(DesignProblem, match="fair share, 1/3"):
        make_minimised(2, 1, p=Fraction(33, 100))


@pytest.mark.parametrize(
    "changes, words",
    [
        ({"arms": (Arm("A", 2), Arm("B", 1))}, "takes two arms 1:1"),
        ({"overall_weight": 0, "factor_weights": (0, 0), "stratum_weight": 0}, "All weights are 0"),
        ({"p": Fraction(1, 3)}, "fair share, 1/2"),
        ({"overall_weight": -1}, "overall_weight is -1"),
        ({"measure": "range"}, "measure is not a parameter of hu hu"),
    ],
)
def test_an_impossible_hu_hu_is_refused_in_words(changes, words):
    with pytest.raises(DesignProblem) as caught:
        make_hu_hu(**changes)

    assert words in str(caught.value)


@pytest.mark.parametrize("design", [make_minimised(2, 1), make_hu_hu()], ids=method_of)
def test_a_canonical_adaptive_design_reads_back(design):
    assert from_canonical(canonical(design)) == design


def test_a_design_file_may_leave_out_what_has_a_default():
    read = read_design(
        {"measure": "range", "p": "4/5"},
        randomisation="demo/duration",
        version=1,
        method="minimisation",
        arms=[Arm("A", 1), Arm("B", 1)],
        factors=[],
        minimised=[adaptive.SEX, adaptive.AGE],
    )

    assert read == make_minimised()


def test_hu_and_hu_may_leave_nothing_to_chance_but_ties_as_the_protocol_says() -> None:
    design = make_hu_hu(p=Fraction(1))
    behind = Counts([2, 1], [[1, 0], [1, 1]], [1, 0])

    assert hu_hu_odds(design, behind)[0] == (0, 1)
    with pytest.raises(DesignProblem, match="at most 1/1"):
        make_hu_hu(p=Fraction(3, 2))
