"""A history under its own key comes out as it was; under another, chance alone differs."""

from __future__ import annotations

from dataclasses import replace
from itertools import islice

import pytest

from randomiser import Design, Event, Kind, make_draw
from randomiser.envelopes import envelope_list, envelope_places
from randomiser.rekeyed import allocate_again
from tests.unit.randomiser import by_hand
from tests.unit.randomiser.builders import make_design, unseal
from tests.unit.randomiser.test_strangers_verifier import CASES, history_of

RANDOM = [case for case in CASES if not str(case.id).startswith("uploaded_list")]


@pytest.mark.slow
@pytest.mark.parametrize("first, second", RANDOM)
def test_two_versions_of_any_method_come_out_as_they_were(first: Design, second: Design) -> None:
    versions = [replace(unseal(design), key=by_hand.KEY) for design in (first, second)]
    events = history_of(versions, 40)

    own = allocate_again({1: first, 2: second}, events, make_draw(by_hand.KEY))
    other = allocate_again({1: first, 2: second}, events, make_draw(bytes(32)))

    assert own == [event.arm for event in events]
    assert other != own
    assert [arm is None for arm in other] == [event.arm is None for event in events]


def test_lost_positions_and_envelopes_keep_their_places() -> None:
    design = make_design(factors=())
    draw = make_draw(by_hand.KEY)
    name = '["demo/duration",1,[]]'
    listed = allocate_again(
        {1: design},
        [Event(design_version=1, list_name=name, list_position=n, arm="A") for n in range(1, 9)],
        draw,
    )
    site = envelope_list(design.randomisation, 1, "northfield")
    held = [place.arm for place in islice(envelope_places(design, "northfield", draw), 3)]
    events = [
        Event(kind=Kind.LOST, design_version=1, list_name=name, list_position=1),
        Event(number=1, design_version=1, list_name=name, list_position=2, arm="A"),
        Event(
            kind=Kind.ENVELOPE, number=2, design_version=1, list_name=site, list_position=3, arm="A"
        ),
        Event(
            kind=Kind.ENVELOPE, number=3, design_version=1, list_name=site, list_position=1, arm="A"
        ),
        Event(number=4, design_version=1, list_name=name, list_position=5, arm="A"),
    ]

    assert allocate_again({1: design}, events, draw) == [
        None,
        listed[1],
        held[2],
        held[0],
        listed[4],
    ]
