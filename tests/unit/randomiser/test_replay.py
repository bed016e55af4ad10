"""Replay names every allocation that the key does not give, and shows no list position in words."""

from __future__ import annotations

from dataclasses import replace

import pytest

from randomiser import KeyProblem, Kind, replay
from tests.unit.randomiser.builders import make_design, run, two_versions, unseal


@pytest.fixture
def history():
    one = unseal(make_design())
    return one, run(one, 40)


def test_an_untouched_history_has_no_difference():
    unsealed, events = two_versions()

    assert [replay(opened.design, opened.key, events) for opened in unsealed] == [[], []]


def test_one_version_does_not_judge_another():
    (first, _), events = two_versions()
    events[-1] = replace(events[-1], arm="neither")

    assert replay(first.design, first.key, events) == []


@pytest.mark.parametrize(
    "change, words",
    [
        (lambda e: {"arm": "A" if e.arm == "B" else "B"}, "the key gives"),
        (lambda _: {"arm": "C"}, "has the arm C"),
        (lambda e: {"list_position": e.list_position + 1}, "not at the next position"),
        (lambda _: {"list_position": 10**18}, "not at the next position"),
        (lambda _: {"list_position": 0}, "not at the next position"),
        (lambda _: {"list_position": None}, "no list position"),
        (lambda _: {"list_name": None}, "not in the list that its levels pick"),
        (lambda _: {"levels": {"tumour_site": "x", "country": "GB"}}, "outside the design"),
        (lambda _: {"levels": None}, "outside the design"),
        (lambda _: {"levels": {"tumour_site": "other", "country": "SE"}}, "not in the list"),
    ],
)
def test_a_changed_allocation_is_named(history, change, words):
    one, events = history
    events[20] = replace(events[20], **change(events[20]))

    first = replay(one.design, one.key, events)[0]

    assert first.number == 21
    assert words in first.words
    assert first.words.startswith("Number 21 ")


def test_a_removed_allocation_is_found_at_the_next_of_its_list(history):
    one, events = history
    gone = events.pop(10)
    after = next(e for e in events[10:] if e.list_name == gone.list_name)

    assert replay(one.design, one.key, events)[0].number == after.number


def test_a_lost_number_with_unknown_position_is_no_difference(history):
    one, events = history
    lost = replace(events[-1], kind=Kind.LOST, list_name=None, list_position=None, arm=None)

    assert replay(one.design, one.key, [*events[:-1], lost]) == []


def test_a_position_set_aside_counts_and_has_no_arm(history):
    one, events = history
    aside = replace(events[-1], kind=Kind.RESERVED, arm=None, number=None)

    assert replay(one.design, one.key, [*events[:-1], aside]) == []
    twice = replay(one.design, one.key, [*events[:-1], aside, aside])
    assert [d.words for d in twice] == [
        "A reserved event without a number is not at the next position of its list."
    ]


def test_another_key_gives_differences(history):
    one, events = history

    assert replay(one.design, bytes(32), events)
    with pytest.raises(KeyProblem):
        replay(one.design, b"", events)
