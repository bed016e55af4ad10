"""Methods that draw one at a time: the live path over every draw has each method's distribution."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from fractions import Fraction
from itertools import islice, permutations, product
from math import comb
from pathlib import Path

import pytest

from randomiser import (
    Event,
    Factor,
    Kind,
    ListFull,
    allocate,
    build,
    list_places,
    make_draw,
    replay,
    verify,
)
from tests.unit.randomiser import by_hand
from tests.unit.randomiser.builders import ID_SALT, SITES, make_one_by_one, run, unseal
from tests.unit.randomiser.every_draw import correct_guesses, distribution

PROTOCOL = Path(__file__).parents[3] / "docs" / "randomisation-protocol.md"
HALF = Fraction(1, 2)
RATIOS = [(1, 1), (2, 1), (3, 2), (2, 2, 1)]
P = Fraction(2, 3)


def share(ratio, arm):
    return Fraction(ratio["ABC".index(arm)], sum(ratio))


def simple(ratio):
    return lambda _, arm: share(ratio, arm)


def random_allocation(ratio, times):
    """Every order of the multiset counts once: count the orders that go on so."""
    people = "".join("ABC"[i] * (part * times) for i, part in enumerate(ratio))
    orders = {"".join(order) for order in permutations(people)}
    return chances_of_going_on(orders)


def chances_of_going_on(orders):
    def chance(so_far, arm):
        fit = [order for order in orders if order.startswith(so_far)]
        return Fraction(sum(order.startswith(so_far + arm) for order in fit), len(fit))

    return chance


def coin(p, limit=None):
    """The arm behind with p, certain at the limit, a fair toss at a tie."""

    def chance(so_far, arm):
        lead = so_far.count(arm) - so_far.count("B" if arm == "A" else "A")
        if lead == 0:
            return HALF
        if abs(lead) == limit:
            return Fraction(lead < 0)
        return p if lead < 0 else 1 - p

    return chance


def wei(alpha, beta, arms):
    """Put the balls into an urn, one after the other."""

    def chance(so_far, arm):
        urn = Counter(dict.fromkeys(arms, alpha))
        for drawn in so_far:
            urn.update({other: beta for other in arms if other != drawn})
        return Fraction(urn[arm], urn.total()) if urn.total() else Fraction(1, len(arms))

    return chance


def block_urn(ratio, sets):
    """Two urns: what is drawn lies apart, until it holds the ratio and goes back."""

    def chance(so_far, arm):
        whole = Counter({"ABC"[i]: part for i, part in enumerate(ratio)})
        active = Counter({name: part * sets for name, part in whole.items()})
        apart: Counter[str] = Counter()
        for drawn in so_far:
            active[drawn] -= 1
            apart[drawn] += 1
            if all(apart[name] >= part for name, part in whole.items()):
                apart.subtract(whole)
                active.update(whole)
        return Fraction(active[arm], active.total())

    return chance


def maximal(people, limit):
    """Write down every sequence and keep those that are permitted."""
    every = ("".join(arms) for arms in product("AB", repeat=people))
    return chances_of_going_on(
        {
            sequence
            for sequence in every
            if sequence.count("A") * 2 == people and by_hand.never_past(sequence, limit)
        }
    )


CASES = [
    *[(make_one_by_one("simple", *r), simple(r), 4) for r in RATIOS],
    *[
        (make_one_by_one("random_allocation_rule", *r, people=sum(r)), random_allocation(r, 1), n)
        for r, n in [((2, 1), 3), ((3, 2), 5), ((2, 2, 1), 5)]
    ],
    (make_one_by_one("efron_biased_coin", p=Fraction(3, 4)), coin(Fraction(3, 4)), 5),
    (make_one_by_one("chen_biased_coin", p=P, tolerance=2), coin(P, 2), 6),
    (make_one_by_one("chen_biased_coin", p=P, tolerance=3), coin(P, 3), 6),
    (make_one_by_one("big_stick", tolerance=1), coin(HALF, 1), 6),
    (make_one_by_one("big_stick", tolerance=2), coin(HALF, 2), 8),
    (make_one_by_one("wei_urn", alpha=0, beta=1), wei(0, 1, "AB"), 5),
    (make_one_by_one("wei_urn", alpha=1, beta=2), wei(1, 2, "AB"), 4),
    (make_one_by_one("wei_urn", alpha=2, beta=0), wei(2, 0, "AB"), 4),
    (make_one_by_one("wei_urn", 1, 1, 1, alpha=1, beta=1), wei(1, 1, "ABC"), 4),
    (make_one_by_one("block_urn", balanced_sets=1), block_urn((1, 1), 1), 6),
    (make_one_by_one("block_urn", 3, 2, balanced_sets=1), block_urn((3, 2), 1), 5),
    (make_one_by_one("maximal_procedure", people=4, tolerance=1), maximal(4, 1), 4),
    *[
        pytest.param(design, chance, people, marks=pytest.mark.slow)
        for design, chance, people in [
            (make_one_by_one("random_allocation_rule", people=6), random_allocation((1, 1), 3), 6),
            (make_one_by_one("efron_biased_coin", p=P), coin(P), 6),
            (make_one_by_one("block_urn", balanced_sets=2), block_urn((1, 1), 2), 6),
            (make_one_by_one("block_urn", 2, 1, balanced_sets=2), block_urn((2, 1), 2), 5),
            (make_one_by_one("block_urn", 2, 2, 1, balanced_sets=1), block_urn((2, 2, 1), 1), 5),
            (make_one_by_one("maximal_procedure", people=6, tolerance=2), maximal(6, 2), 6),
            (make_one_by_one("maximal_procedure", people=6, tolerance=3), maximal(6, 3), 6),
        ]
    ],
]


def name_of(value):
    return getattr(value, "method", None)


@pytest.mark.parametrize("design, chance, people", CASES, ids=name_of)
def test_every_sequence_has_its_exact_probability(design, chance, people):
    found = distribution(design, people)

    assert sum(found.values()) == 1
    assert found == {sequence: product_of(chance, sequence) for sequence in found}


def product_of(chance, sequence):
    total = Fraction(1)
    for position, arm in enumerate(sequence):
        total *= chance(sequence[:position], arm)
    return total


LONGER = [
    (make_one_by_one("random_allocation_rule", 2, 1, people=6), random_allocation((2, 1), 2), 6),
    (
        make_one_by_one("random_allocation_rule", 1, 1, 1, people=6),
        random_allocation((1,) * 3, 2),
        6,
    ),
    (make_one_by_one("efron_biased_coin", p=P), coin(P), 10),
    (
        make_one_by_one("chen_biased_coin", p=Fraction(4, 5), tolerance=3),
        coin(Fraction(4, 5), 3),
        10,
    ),
    (make_one_by_one("big_stick", tolerance=3), coin(HALF, 3), 10),
    (make_one_by_one("wei_urn", 2, 2, 2, alpha=3, beta=2), wei(3, 2, "ABC"), 6),
    (make_one_by_one("block_urn", 2, 1, balanced_sets=3), block_urn((2, 1), 3), 9),
    (make_one_by_one("block_urn", 3, 2, balanced_sets=2), block_urn((3, 2), 2), 9),
    (make_one_by_one("block_urn", 2, 2, 1, balanced_sets=2), block_urn((2, 2, 1), 2), 6),
    (make_one_by_one("maximal_procedure", people=10, tolerance=2), maximal(10, 2), 10),
]


@pytest.mark.slow
@pytest.mark.parametrize("design, chance, people", LONGER, ids=name_of)
def test_after_every_beginning_of_a_longer_list_the_odds_are_the_definition(design, chance, people):
    for arms, odds in beginnings(design, people):
        for name, share_of in zip("ABC", odds, strict=False):
            assert Fraction(share_of, sum(odds)) == chance(arms, name), arms


def beginnings(design, people, arms="", integers=()):
    """Yield every beginning that can be drawn, with the odds of the engine after it."""
    places = list_places(design, by_hand.ONE_LIST, draw_of((*integers, 0)))
    odds = next(islice(places, len(arms), None)).trace.odds
    yield arms, odds
    if len(arms) + 1 == people:
        return
    for i, own in enumerate(odds):
        if own:
            more = (*integers, sum(odds[:i]))
            yield from beginnings(design, people, arms + "ABC"[i], more)


def draw_of(integers):
    """A draw of integers that are known for every position."""

    class Given:
        def __init__(self, position):
            self.position = position

        def below(self, n):
            return integers[self.position - 1]

    return lambda _, position: Given(position)


@pytest.mark.slow
@pytest.mark.parametrize("design, chance, people", CASES, ids=name_of)
def test_each_arm_has_its_share_at_every_position(design, chance, people):
    for position in range(people):
        for arm in design.arms:
            if (design.method.name, design.ratio_sum, design.balanced_sets) == (
                "block_urn",
                3,
                2,
            ):
                continue  # the next test: it does not
            assert probability(design, people, position, arm.name) == Fraction(
                arm.ratio, design.ratio_sum
            )


def probability(design, people, position, arm):
    found = distribution(design, people)
    return sum(chance for sequence, chance in found.items() if sequence[position] == arm)


@pytest.mark.slow
def test_a_block_urn_of_unequal_ratio_leaves_the_share_at_the_fifth_position():
    # By hand: after four people the urn's A balls make 3/5 (8/15 of the time) or 4/5 (2/5), or none
    # (1/15): 8/25 + 8/25 = 16/25, not 2/3. The four positions before have 2/3.
    design = make_one_by_one("block_urn", 2, 1, balanced_sets=2)

    shares = [probability(design, 5, position, "A") for position in range(5)]

    assert shares == [P, P, P, P, Fraction(16, 25)]


def test_the_block_urn_is_that_of_its_authors():
    # Zhao and Weng 2011, table 1 (PMC3206733): block size 6, 1:1; who came, and Pr(A) before it.
    came = "ABAABBBBABABAA"
    printed = "0.5 0.4 0.5 0.4 0.25 0.4 0.5 0.6 0.75 0.6 0.75 0.6 0.75 0.6"
    design = make_one_by_one("block_urn", balanced_sets=3)
    places = list_places(design, by_hand.ONE_LIST, draw_for(came))
    odds = [next(places).trace.odds for _ in came]

    assert [Fraction(a, a + b) for a, b in odds] == [Fraction(chance) for chance in printed.split()]


def draw_for(arms):
    """A draw that gives these arms: the lowest integer is of A, the highest of B."""

    class Forced:
        def __init__(self, position):
            self.arm = arms[position - 1]

        def below(self, n):
            return 0 if self.arm == "A" else n - 1

    return lambda _, position: Forced(position)


@pytest.mark.parametrize(
    "people, rate", [(2, Fraction(3, 4)), (4, Fraction(17, 24)), (6, Fraction(41, 60))]
)
def test_guess_rate_of_the_random_allocation_rule_is_the_closed_form(people, rate):
    # m + (4^m / C(2m, m) - 1) / 2 right of 2m, Blackwell and Hodges 1957: as of one large block.
    found = distribution(make_one_by_one("random_allocation_rule", people=people), people)

    assert sum(p * correct_guesses(sequence) for sequence, p in found.items()) / people == rate


def test_efrons_coin_balances_as_worked_by_hand():
    # After 2: 2/3. After 4: 2/3 x 2/3 from a tie, 1/3 x 2/3 x 2/3 from 2 ahead = 16/27.
    found = distribution(make_one_by_one("efron_biased_coin", p=P), 4)

    assert sum(p for sequence, p in found.items() if sequence[:2].count("A") == 1) == P
    assert sum(p for sequence, p in found.items() if sequence.count("A") == 2) == Fraction(16, 27)


def test_weis_urn_of_nothing_has_a_third_of_the_variance_of_a_coin():
    # E D(n + 1)^2 = 1 + (1 - 2/n) E D(n)^2, so E D(n)^2 = n/3 from the third on.
    found = distribution(make_one_by_one("wei_urn", alpha=0, beta=1), 5)

    for people in (3, 4, 5):
        squares = {sequence: (2 * sequence[:people].count("A") - people) ** 2 for sequence in found}
        assert sum(p * squares[sequence] for sequence, p in found.items()) == Fraction(people, 3)


@pytest.mark.slow
def test_methods_that_are_one_another_agree():
    same = [
        (("chen_biased_coin", {"p": HALF, "tolerance": 2}), ("big_stick", {"tolerance": 2})),
        (("chen_biased_coin", {"p": P, "tolerance": 9}), ("efron_biased_coin", {"p": P})),
        (
            ("maximal_procedure", {"people": 6, "tolerance": 3}),
            ("random_allocation_rule", {"people": 6}),
        ),
    ]
    for (method, its), (other, others) in same:
        first = distribution(make_one_by_one(method, **its), 6)
        assert first == distribution(make_one_by_one(other, **others), 6)


@pytest.mark.parametrize("people, limit", [(8, 2), (30, 1), (100, 3), (400, 7)])
def test_the_maximal_procedure_counts_as_the_reflection_principle(people, limit):
    design = make_one_by_one("maximal_procedure", people=people, tolerance=limit)

    first = next(list_places(design, by_hand.ONE_LIST, make_draw(by_hand.LIST_KEY)))

    assert sum(first.trace.odds) == count_walks(people, limit)
    if limit == 2:
        assert count_walks(people, limit) == 2 * 3 ** (people // 2 - 1)


def count_walks(people, limit):
    """Count walks from 0 to 0 between walls at one past the limit: Feller vol. 1, chapter III."""
    wall, half = limit + 1, people // 2
    turns = range(-people, people + 1)
    straight = sum(comb(people, half + 2 * k * wall) for k in turns if half + 2 * k * wall >= 0)
    bent = [half + (2 * k + 1) * wall for k in turns]
    return straight - sum(comb(people, place) for place in bent if place >= 0)


def test_a_draw_below_more_than_one_word_joins_words():
    design = make_one_by_one("maximal_procedure", people=100, tolerance=3)
    first = next(list_places(design, by_hand.ONE_LIST, make_draw(by_hand.LIST_KEY)))
    total = count_walks(100, 3)
    high, low = by_hand.first_words(by_hand.LIST_KEY, by_hand.ONE_LIST, 1)[:2]

    assert 2**64 < total < 2**128
    assert first.trace.integer == (high * 2**64 + low) % total
    assert first.trace.as_plain() == {
        "odds": [str(total // 2), str(total // 2)],
        "integers": [str(first.trace.integer)],
    }


def test_a_long_list_of_the_maximal_procedure_keeps_within_and_ends_even():
    design = make_one_by_one("maximal_procedure", people=400, tolerance=3)
    arms = "".join(
        place.arm for place in list_places(design, by_hand.ONE_LIST, make_draw(by_hand.LIST_KEY))
    )

    assert (len(arms), arms.count("A")) == (400, 200)
    assert by_hand.never_past(arms, 3)


@pytest.mark.parametrize("method", by_hand.ONE_BY_ONE)
def test_the_worked_lists_of_the_protocol_are_those_computed_with_hashlib_alone(method):
    ratio, parameters, odds_after = by_hand.ONE_BY_ONE[method]
    design = make_one_by_one(method, *ratio, **parameters)
    steps = by_hand.one_by_one(by_hand.LIST_KEY, by_hand.ONE_LIST, odds_after, 8)

    places = list(islice(list_places(design, by_hand.ONE_LIST, make_draw(by_hand.LIST_KEY)), 8))

    assert [(list(place.trace.odds), place.trace.integer, place.arm) for place in places] == [
        (odds, drawn, arm) for odds, _, drawn, arm in steps
    ]
    page = PROTOCOL.read_text(encoding="utf-8")
    for odds, word, drawn, arm in steps:
        assert f"| {' : '.join(map(str, odds))} | {word:016x} | {drawn} | {arm} |" in page


@pytest.mark.parametrize("method", by_hand.ONE_BY_ONE)
def test_the_verifier_agrees_and_finds_an_edited_arm(method):
    ratio, parameters, _ = by_hand.ONE_BY_ONE[method]
    wide = parameters | ({"people": 60} if "people" in parameters else {})
    design = make_one_by_one(method, *ratio, **wide)
    one = unseal(make_stratified(design))
    events = run(one, 60)
    bundle = json.loads(build("demo", [one], events, id_salt=ID_SALT, last_number=60))

    assert replay(one.design, one.key, events) == []
    assert verify.check(bundle).problems == []
    bundle["events"][30]["arm"] = "B" if bundle["events"][30]["arm"] == "A" else "A"
    assert "event 31 (number 31): list" in verify.check(bundle).problems[0]


def make_stratified(design):
    return replace(design, factors=(SITES, Factor("country")))


@pytest.mark.parametrize("method", ["random_allocation_rule", "maximal_procedure"])
def test_a_full_list_refuses_in_words_and_nothing_past_it_is_believed(method):
    design = make_one_by_one(method, people=2, **({} if "rule" in method else {"tolerance": 1}))
    one = unseal(design)
    history: list[Event] = []
    for number in (1, 2):
        done = allocate(design, history, {}, make_draw(one.key))
        history.append(
            Event(
                number=number,
                design_version=1,
                list_name=done.list_name,
                list_position=number,
                arm=done.arm,
                levels={},
                participant=str(number),
            )
        )

    with pytest.raises(ListFull, match="is full"):
        allocate(design, history, {}, make_draw(one.key))
    third = Event(**{**vars(history[1]), "number": 3, "list_position": 3, "participant": "3"})
    aside = Event(**{**vars(third), "kind": Kind.RESERVED, "arm": None})
    for event in (third, aside):
        assert "past the end" in replay(design, one.key, [*history, event])[0].words
    data = build("demo", [one], [*history, third], id_salt=ID_SALT, last_number=3)
    assert "the key gives nothing" in verify.check(json.loads(data)).problems[0]
