"""Envelopes come from a list of the site's own, and are checked in whatever order they open."""

from __future__ import annotations

import json
from fractions import Fraction
from itertools import islice

import pytest

from randomiser import (
    Design,
    Event,
    Factor,
    Kind,
    UploadedList,
    allocate,
    build,
    envelope_list,
    envelope_places,
    list_name,
    make_draw,
    replay,
    site_of_envelopes,
    verify,
)
from tests.unit.randomiser import by_hand
from tests.unit.randomiser.builders import ID_SALT, make_design, make_one_by_one, unseal

KEY = bytes(range(32))


def arms_of(design: Design, site: str, number: int) -> list[str]:
    places = envelope_places(design, site, make_draw(KEY))
    return [place.arm for place in islice(places, number)]


def open_at(design: Design, number: int, position: int, arm: str, site: str = "north") -> Event:
    return Event(
        kind=Kind.ENVELOPE,
        number=number,
        design_version=design.version,
        list_name=envelope_list(design.randomisation, design.version, site),
        list_position=position,
        arm=arm,
        levels={"tumour_site": "gastric", "country": "GB"},
        participant=f"person-{number}",
    )


def test_the_list_of_a_site_is_named_as_no_stratum_can_be():
    name = envelope_list("demo/duration", 2, "north")

    assert name == '["demo/duration",2,"envelopes","north"]'
    assert site_of_envelopes(name) == "north"
    assert site_of_envelopes(list_name("demo/duration", 2, ["envelopes", "north"])) is None
    assert site_of_envelopes(list_name("demo/duration", 2, [])) is None


def test_blocks_are_drawn_as_in_any_list_but_from_its_own_name():
    design = make_design(sizes=(4,), weights=(1,))
    arms = arms_of(design, "north", 8)

    assert [sorted(arms[:4]), sorted(arms[4:])] == [["A", "A", "B", "B"]] * 2
    assert arms_of(design, "south", 40) != arms_of(design, "north", 40)


def by_ratio(name: str, position: int) -> str:
    """Arms A and B 1:1: the first word of the position's stream, modulo 2."""
    word = int.from_bytes(by_hand.digest(KEY, name, position, 0)[:8], "big")
    return "AB"[word % 2]


WITHOUT_LISTS = [
    make_design(
        method="minimisation",
        factors=(),
        minimised=(Factor("age", ("young", "old")),),
        sizes=(),
        weights=(),
        measure="range",
        p=Fraction(4, 5),
        factor_weights=(1,),
        mistakes="count",
    ),
    make_design(
        method="uploaded_list",
        factors=(),
        sizes=(),
        weights=(),
        file_hash="0" * 64,
        lists=(UploadedList((), ("A", "A", "B", "B")),),
    ),
]


@pytest.mark.parametrize("design", WITHOUT_LISTS, ids=["minimisation", "uploaded list"])
def test_where_lists_do_not_follow_from_the_key_the_ratio_alone_draws(design):
    name = envelope_list("demo/duration", 1, "north")

    assert arms_of(design, "north", 20) == [by_ratio(name, position) for position in range(1, 21)]


def test_a_list_with_an_end_has_so_many_envelopes():
    assert sorted(arms_of(make_one_by_one("random_allocation_rule", people=6), "n", 9)) == [
        *"AAABBB"
    ]


def test_envelopes_opened_out_of_order_agree_and_move_no_live_list():
    design = make_design()
    third, first = (arms_of(design, "north", number)[-1] for number in (3, 1))

    assert replay(design, KEY, [open_at(design, 1, 3, third), open_at(design, 2, 1, first)]) == []


@pytest.mark.parametrize(
    "change, words",
    [
        ({"arm": "other"}, "has the arm other; the key gives"),
        ({"list_name": '["demo/duration",1,["gastric","GB"]]'}, "is of no envelope list"),
        ({"list_name": '["demo/duration",2,"envelopes","north"]'}, "is of no envelope list"),
        ({"list_position": 0}, "is of no envelope list"),
        ({"list_position": None}, "is of no envelope list"),
    ],
)
def test_a_changed_envelope_is_named_by_its_number(change, words):
    design = make_design()
    arm = arms_of(design, "north", 1)[0]
    event = open_at(design, 7, 1, arm)

    (found,) = replay(design, KEY, [Event(**{**vars_of(event), **change})])

    assert found.number == 7
    assert words in found.words


def test_an_envelope_opened_twice_and_one_past_the_end_are_named():
    design = make_one_by_one("random_allocation_rule", people=2)
    arm = arms_of(design, "north", 1)[0]

    twice = replay(design, KEY, [open_at(design, 1, 1, arm), open_at(design, 2, 1, arm)])
    past = replay(design, KEY, [open_at(design, 1, 3, arm)])

    assert "was opened before" in twice[0].words
    assert "past the last envelope" in past[0].words


def proof_of(design: Design):
    """Two live allocations with envelopes 3 and 1 between and after them, as a bundle."""
    one = unseal(design)
    levels = {"tumour_site": "gastric", "country": "GB"} if design.factors else {}
    levels |= {"age": "old"} if design.minimised else {}
    events: list[Event] = []
    for number, envelope in enumerate((None, 3, None, 1), 1):
        if envelope is None:
            done = allocate(one.design, events, levels, make_draw(one.key))
            kind, name, position = Kind.ALLOCATED, done.list_name, done.list_position
        else:
            places = envelope_places(design, "north", make_draw(one.key))
            done = next(islice(places, envelope - 1, None))
            kind, name, position = Kind.ENVELOPE, done.list_name, envelope
        events.append(
            Event(
                kind=kind,
                number=number,
                design_version=1,
                list_name=name,
                list_position=position,
                arm=done.arm,
                levels=levels,
                participant=f"person-{number}",
            )
        )
    assert replay(design, one.key, events) == []
    return json.loads(build("demo", [one], events, id_salt=ID_SALT, last_number=4))


@pytest.mark.parametrize(
    "design", [make_design(), *WITHOUT_LISTS], ids=["blocks", "minimisation", "uploaded list"]
)
def test_the_verifier_follows_envelopes_and_finds_what_was_changed(design):
    assert verify.check(proof_of(design)).problems == []
    for change, words in [
        ({"arm": "A"}, "the key gives"),
        ({"arm": "B"}, "the key gives"),
        ({"list_position": 3}, "opened before"),
        ({"list_position": 0}, "not an envelope"),
        ({"list_name": '["demo/duration",2,"envelopes","north"]'}, "not an envelope"),
        ({"list_name": '["demo/duration",1,"envelopes","north"]x'}, "not an envelope"),
        ({"list_name": "[1]"}, "not an envelope"),
        ({"levels": {"tumour_site": "x"}}, "levels"),
    ]:
        bundle = proof_of(design)
        if change == {"arm": bundle["events"][3]["arm"]}:
            continue
        bundle["events"][3] |= change
        assert any(words in problem for problem in verify.check(bundle).problems), change


def vars_of(event: Event) -> dict[str, object]:
    return {name: getattr(event, name) for name in Event.__dataclass_fields__}
