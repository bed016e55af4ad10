"""Adaptive designs and histories, and the definitions of their methods in plain arithmetic."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal, getcontext
from fractions import Fraction
from itertools import combinations, product
from math import lcm
from typing import Any

from randomiser import (
    Annotation,
    Arm,
    Design,
    Event,
    Factor,
    Kind,
    Mistake,
    Unsealed,
    allocate,
    make_draw,
)
from tests.unit.randomiser import by_hand
from tests.unit.randomiser.builders import make_design, unseal

getcontext().prec = 60
SEX, AGE = Factor("sex", ("f", "m")), Factor("age", ("young", "old"))
PEOPLE = [{"sex": sex, "age": age} for sex, age in product(("f", "m"), ("young", "old"))]
"""One person of each kind; a history takes them in the order that `order` gives."""


def make_minimised(*ratio: int, **changes: Any) -> Design:
    given: dict[str, Any] = {
        "method": "minimisation",
        "arms": tuple(Arm("ABCDEF"[i], share) for i, share in enumerate(ratio or (1, 1))),
        "factors": (),
        "minimised": (SEX, AGE),
        "sizes": (),
        "weights": (),
        "measure": "range",
        "p": Fraction(4, 5),
        "factor_weights": (1, 1),
        "first": 0,
        "mistakes": "count",
    }
    return make_design(**(given | changes))


def make_hu_hu(**changes: Any) -> Design:
    given: dict[str, Any] = {
        "method": "hu_hu",
        "overall_weight": 1,
        "factor_weights": (1, 1),
        "stratum_weight": 2,
        "measure": "",
    }
    return make_minimised(**(given | changes))


def order(people: int) -> list[dict[str, str]]:
    return [PEOPLE[(turn * turn + turn // 3) % len(PEOPLE)] for turn in range(people)]


def event(number: int, arm: str, levels: Mapping[str, str], **changes: Any) -> Event:
    given: dict[str, Any] = {
        "number": number,
        "design_version": 1,
        "list_name": '["demo/duration",1,[]]',
        "list_position": number,
        "arm": arm,
        "levels": levels,
        "participant": f"person-{number}",
    }
    return Event(**(given | changes))


def run(
    one: Unsealed,
    arrivals: Sequence[Mapping[str, str]],
    history: Sequence[Event] = (),
    mistakes: Mapping[int, Sequence[Annotation]] | None = None,
) -> list[Event]:
    """Allocate people in turn; mistakes: what is noted after a number, about which numbers.

    The annotation of number n is noted as soon as its own `after` has been drawn.
    """
    events = list(history)
    for levels in arrivals:
        done = allocate(one.design, events, levels, make_draw(one.key))
        number = len(events) + 1
        events.append(
            event(
                number,
                done.arm,
                levels,
                design_version=one.design.version,
                list_name=done.list_name,
                list_position=done.list_position,
            )
        )
        for about, notes in (mistakes or {}).items():
            made = tuple(note for note in notes if (note.after or about) <= number)
            if about <= number:
                events[about - 1] = event_with(events[about - 1], made)
    return events


def event_with(old: Event, notes: tuple[Annotation, ...]) -> Event:
    return Event(**{**vars(old), "annotations": notes})


def imbalance(design: Design, came: Sequence[tuple[str, Mapping[str, str]]], levels, arm) -> Any:
    """The weighted sum over the factors if somebody of these levels were put into an arm."""
    after = [*came, (arm, levels)]
    total: Any = 0
    for factor, weight in zip(design.minimised, design.factor_weights, strict=True):
        like = [to for to, had in after if had[factor.name] == levels[factor.name]]
        shares = [Fraction(like.count(arm.name), arm.ratio) for arm in design.arms]
        total += weight * measure_of(design.measure, shares)
    return total


def measure_of(measure: str, shares: list[Fraction]) -> Any:
    mean = sum(shares) / len(shares)
    spread = sum((share - mean) ** 2 for share in shares) / (len(shares) - 1)
    differences = sum(abs(share - other) for share, other in combinations(shares, 2))
    root = (Decimal(spread.numerator) / Decimal(spread.denominator)).sqrt()
    return {
        "range": max(shares) - min(shares),
        "variance": spread,
        "standard_deviation": round(root, 40),
        "squared_difference": (shares[0] - shares[1]) ** 2,
        "marginal_balance": differences / ((len(shares) - 1) * sum(shares)),
    }[measure]


def chances(design: Design, came: Sequence[tuple[str, Mapping[str, str]]], levels) -> list[Any]:
    """Each arm's chance: one of the best is preferred, by the ratio, then the coin is tossed."""
    total = design.ratio_sum
    if len(came) < design.first:
        return [Fraction(arm.ratio, total) for arm in design.arms]
    scores = [imbalance(design, came, levels, arm.name) for arm in design.arms]
    best = [arm for arm, score in zip(design.arms, scores, strict=True) if score == min(scores)]
    found = [Fraction(0)] * len(design.arms)
    for preferred in best:
        picked = Fraction(preferred.ratio, sum(arm.ratio for arm in best))
        for i, arm in enumerate(design.arms):
            found[i] += picked * biased_chance(design, preferred, arm)
    return found


def biased_chance(design: Design, preferred: Arm, arm: Arm) -> Fraction:
    """Han, Enas and McEntegart: an arm not preferred has r (1 - p) / (S - smallest r)."""
    smallest, total = min(arm.ratio for arm in design.arms), design.ratio_sum

    def chance_of_other(other: Arm) -> Fraction:
        return other.ratio * (1 - design.p) / (total - smallest)

    if arm != preferred:
        return chance_of_other(arm)
    return 1 - sum(chance_of_other(arm) for arm in design.arms if arm != preferred)


def hu_hu_scores(design: Design, came, levels) -> list[int]:
    names = [factor.name for factor in design.minimised]
    groups = [[], *([name] for name in names), names]
    weights = [design.overall_weight, *design.factor_weights, design.stratum_weight]
    scores = []
    for arm in ("A", "B"):
        after = [*came, (arm, levels)]
        score = 0
        for weight, group in zip(weights, groups, strict=True):
            like = [to for to, had in after if all(had[name] == levels[name] for name in group)]
            score += weight * (like.count("A") - like.count("B")) ** 2
        scores.append(score)
    return scores


def hu_hu_chances(design: Design, came, levels) -> list[Fraction]:
    scores = hu_hu_scores(design, came, levels)
    if scores[0] == scores[1]:
        return [Fraction(1, 2)] * 2
    return [design.p, 1 - design.p] if scores[0] < scores[1] else [1 - design.p, design.p]


Step = tuple[list[Any], list[int], int, int, str]


def by_word(design: Design, arrivals: Sequence[Mapping[str, str]]) -> list[Step]:
    """Imbalances, odds, word, integer and arm of each person, from hashlib and the definitions.

    Right if no word is passed over (a chance under 1e-17).
    """
    came: list[tuple[str, Mapping[str, str]]] = []
    steps: list[Step] = []
    for position, levels in enumerate(arrivals, 1):
        if design.method.name == "hu_hu":
            scores: list[Any] = hu_hu_scores(design, came, levels)
            chances_now = hu_hu_chances(design, came, levels)
            total = 2 if scores[0] == scores[1] else design.p.denominator
        else:
            shared = lcm(*(arm.ratio for arm in design.arms))
            scores = [shared * imbalance(design, came, levels, arm.name) for arm in design.arms]
            chances_now = chances(design, came, levels)
            smallest = min(arm.ratio for arm in design.arms)
            tied = zip(design.arms, scores, strict=True)
            total = sum(arm.ratio for arm, score in tied if score == min(scores))
            total *= design.p.denominator * (design.ratio_sum - smallest)
        odds = [int(chance * total) for chance in chances_now]
        word = by_hand.first_words(by_hand.LIST_KEY, by_hand.ONE_LIST, position)[0]
        urn = "".join(name * share for name, share in zip("ABC", odds, strict=False))
        came.append((urn[word % total], levels))
        steps.append((scores, odds, word, word % total, came[-1][0]))
    return steps


def make_noted_history() -> tuple[list[Unsealed], list[Event]]:
    """One design version that leaves mistakes out, and one after it with another arm and p."""
    country = Factor("country")
    first = unseal(make_minimised(factors=(country,), mistakes="leave_out"))
    second = unseal(
        make_minimised(
            2,
            2,
            1,
            version=2,
            factors=(country,),
            measure="standard_deviation",
            factor_weights=(1, 2),
            p=Fraction(1, 2),
            mistakes="leave_out",
        )
    )
    arrivals = [
        {**levels, "country": ("GB", "FI")[i % 5 == 1]} for i, levels in enumerate(order(70))
    ]
    wrong = {"sex": "f", "age": "old", "country": "GB"}
    mistakes = {
        3: [Annotation(Mistake.INELIGIBLE, after=9)],
        8: [Annotation(Mistake.WRONG_STRATUM, wrong, after=8)],
        12: [
            Annotation(Mistake.WRONG_STRATUM, wrong, after=20),
            Annotation(Mistake.TWICE, after=33),
        ],
    }
    events = run(first, arrivals[:40], mistakes=mistakes)
    events.append(Event(kind=Kind.ELSEWHERE, number=41))
    return [first, second], run(second, arrivals[41:], events, mistakes)
