"""Whatever the key, design and order of arrival, permuted blocks keep their promises."""

from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from randomiser import METHODS, Arm, Design, Event, Factor, allocate, block_at, make_draw, replay

KEYS = st.binary(min_size=32, max_size=32)
RATIOS = st.lists(st.integers(1, 3), min_size=2, max_size=4)
MULTIPLES = st.lists(st.integers(1, 4), min_size=1, max_size=3, unique=True)


@st.composite
def designs(draw):
    ratios = draw(RATIOS)
    sizes = tuple(sum(ratios) * times for times in draw(MULTIPLES))
    weights = draw(st.lists(st.integers(1, 5), min_size=len(sizes), max_size=len(sizes)))
    return Design(
        randomisation="demo/question",
        version=1,
        method=METHODS["permuted_blocks"],
        arms=tuple(Arm(f"arm {i}", ratio) for i, ratio in enumerate(ratios)),
        factors=(Factor("site"),),
        sizes=sizes,
        weights=tuple(weights),
    )


def history_of(design, key, sites):
    events: list[Event] = []
    for number, site in enumerate(sites, 1):
        done = allocate(design, events, {"site": site}, make_draw(key))
        events.append(
            Event(
                number=number,
                design_version=1,
                list_name=done.list_name,
                list_position=done.list_position,
                arm=done.arm,
                levels={"site": site},
            )
        )
    return events


@given(designs(), KEYS, st.integers(1, 10**6))
def test_every_block_holds_the_ratio_exactly(design, key, start):
    block = block_at(design, "list", start, make_draw(key))
    times = len(block.arms) // design.ratio_sum

    assert len(block.arms) in design.sizes
    assert Counter(block.arms) == {arm.name: arm.ratio * times for arm in design.arms}
    assert len(block.integers) == len(block.arms)


@given(designs(), KEYS, st.integers(1, 40))
def test_no_arm_is_further_from_its_share_than_one_block_allows(design, key, people):
    found = Counter(event.arm for event in history_of(design, key, ["S01"] * people))

    for arm in design.arms:
        departure = found[arm.name] * design.ratio_sum - people * arm.ratio
        assert abs(departure) <= max(design.sizes) * arm.ratio


@given(designs(), KEYS, st.lists(st.sampled_from(["S01", "S02", "S03"]), max_size=40))
def test_a_history_replays_and_a_new_site_changes_no_other(design, key, sites):
    events = history_of(design, key, sites)
    without = history_of(design, key, [site for site in sites if site != "S02"])

    assert replay(design, key, events) == []
    kept = [event.arm for event in events if event.levels != {"site": "S02"}]
    assert kept == [event.arm for event in without]
