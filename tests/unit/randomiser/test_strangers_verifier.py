"""A verifier written by somebody else from the protocol's page alone agrees, for every method."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest

from randomiser import (
    METHODS,
    Annotation,
    Design,
    Event,
    Factor,
    Kind,
    Mistake,
    Unsealed,
    UploadedList,
    allocate,
    build,
    make_draw,
    verify,
)
from randomiser.methods.minimisation import MEASURES
from tests.support.strangers_verifier import differences
from tests.unit.randomiser.adaptive import AGE, event_with, make_hu_hu, make_minimised
from tests.unit.randomiser.builders import ID_SALT, make_design, make_one_by_one, unseal

SEX, COUNTRY = Factor("sex", ("f", "m")), Factor("country")
COUNTRIES = ("GB", "FI", "NO")
RATIOS = ((1, 1), (2, 1), (3, 2), (2, 2, 1))
P = Fraction(3, 4)


def lists_of(*arms: str) -> tuple[UploadedList, ...]:
    return tuple(
        UploadedList((sex, country), tuple("".join(arms) * 30))
        for sex in ("f", "m")
        for country in sorted(COUNTRIES)
    )


def make_uploaded(arms: str) -> Design:
    strata = {"factors": (SEX, COUNTRY), "sizes": (), "weights": ()}
    return make_design(method="uploaded_list", file_hash="ab" * 32, lists=lists_of(arms), **strata)


def one_by_one(method: str, *ratio: int, **parameters: Any) -> Design:
    return make_one_by_one(method, *ratio, factors=(SEX, COUNTRY), **parameters)


def minimise(*ratio: int, **changes: Any) -> Design:
    return make_minimised(*ratio, factors=(COUNTRY,), minimised=(SEX, AGE), **changes)


VERSIONS: Mapping[str, Sequence[tuple[Design, Design]]] = {
    "permuted_blocks": [
        (
            make_design(factors=(SEX, COUNTRY)),
            make_design(factors=(SEX,), sizes=(2, 8), weights=(3, 1)),
        )
    ],
    "simple": [(one_by_one("simple", *r), one_by_one("simple", 1, 1)) for r in RATIOS],
    "random_allocation_rule": [
        (
            one_by_one("random_allocation_rule", *r, people=30),
            one_by_one("random_allocation_rule", people=40),
        )
        for r in RATIOS
    ],
    "efron_biased_coin": [(one_by_one("efron_biased_coin", p=P), one_by_one("simple", 2, 1))],
    "chen_biased_coin": [
        (one_by_one("chen_biased_coin", p=P, tolerance=2), one_by_one("big_stick", tolerance=1))
    ],
    "big_stick": [(one_by_one("big_stick", tolerance=2), one_by_one("big_stick", tolerance=3))],
    "wei_urn": [
        (one_by_one("wei_urn", 1, 1, 1, alpha=0, beta=2), one_by_one("wei_urn", alpha=3, beta=1))
    ],
    "block_urn": [
        (one_by_one("block_urn", *r, balanced_sets=2), one_by_one("block_urn", balanced_sets=3))
        for r in RATIOS
    ],
    "maximal_procedure": [
        (
            one_by_one("maximal_procedure", people=120, tolerance=3),
            one_by_one("maximal_procedure", people=40, tolerance=2),
        )
    ],
    "uploaded_list": [(make_uploaded("AB"), make_uploaded("BBAA"))],
    "minimisation": [
        (
            minimise(*r, measure=measure, factor_weights=(2, 1), first=3, mistakes="leave_out"),
            minimise(2, 1, p=Fraction(2, 3), mistakes=rule),
        )
        for r, rule in zip(RATIOS, ("count", "leave_out") * 2, strict=True)
        for measure in MEASURES
        if measure != "squared_difference" or len(r) == 2
    ],
    "hu_hu": [
        (
            make_hu_hu(factors=(COUNTRY,), minimised=(SEX, AGE), mistakes="leave_out"),
            make_hu_hu(factors=(COUNTRY,), minimised=(AGE,), factor_weights=(0,)),
        )
    ],
}
CASES = [
    pytest.param(first, replace(second, version=2), id=f"{method}-{number}")
    for method, pairs in VERSIONS.items()
    for number, (first, second) in enumerate(pairs)
]
NOTES = {
    4: [Annotation(Mistake.INELIGIBLE, after=9)],
    7: [
        Annotation(Mistake.WRONG_STRATUM, {"sex": "f", "age": "old", "country": "GB"}, after=7),
        Annotation(Mistake.TWICE, after=50),
    ],
}


def test_every_method_is_followed_here() -> None:
    assert set(VERSIONS) == set(METHODS)


def levels_for(design: Design, number: int) -> dict[str, str]:
    everything = {
        "sex": "fm"[number * number % 3 % 2],
        "age": ("young", "old")[number // 2 % 2],
        "country": COUNTRIES[number * 5 % 7 % 3],
    }
    return {factor.name: everything[factor.name] for factor in (*design.factors, *design.minimised)}


def history_of(versions: Sequence[Unsealed], people: int) -> list[Event]:
    """People under each version in turn, a number elsewhere between, mistakes noted on the way."""
    events: list[Event] = []
    for opened in versions:
        for _ in range(people):
            number = len(events) + 1
            levels = levels_for(opened.design, number)
            done = allocate(opened.design, events, levels, make_draw(opened.key))
            events.append(
                Event(
                    number=number,
                    design_version=opened.design.version,
                    list_name=done.list_name,
                    list_position=done.list_position,
                    arm=done.arm,
                    levels=levels,
                    participant=f"person-{number}",
                )
            )
            note_mistakes(opened.design, events)
        events.append(Event(kind=Kind.ELSEWHERE, number=len(events) + 1))
    return events


def note_mistakes(design: Design, events: list[Event]) -> None:
    for about, notes in NOTES.items() if design.method.is_adaptive else ():
        if about <= len(events):
            made = tuple(note for note in notes if (note.after or about) <= len(events))
            events[about - 1] = event_with(events[about - 1], made)


@pytest.mark.slow
@pytest.mark.parametrize("first, second", CASES)
def test_both_verifiers_agree_with_every_allocation_and_find_an_edited_one(
    first: Design, second: Design
) -> None:
    versions = [unseal(first), unseal(second)]
    events = history_of(versions, 60)
    data = build("demo", versions, events, id_salt=ID_SALT, last_number=len(events))

    assert differences(json.loads(data)) == []
    assert verify.check(json.loads(data)).problems == []
    assert len({event.list_name for event in events}) > 4
    for place in (20, 80):
        changed = json.loads(data)
        arms = [arm.name for arm in (first, second)[place > 60].arms]
        was = changed["events"][place]["arm"]
        changed["events"][place]["arm"] = next(arm for arm in arms if arm != was)
        assert differences(changed) != []
        assert verify.check(changed).problems != []
