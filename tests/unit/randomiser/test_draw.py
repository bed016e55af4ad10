"""The keyed stream is the one of the protocol, to the letter."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from randomiser import KeyProblem, list_name, make_draw
from tests.unit.randomiser import by_hand

WORD = 2**64


def test_words_are_those_computed_with_hashlib_alone():
    stream = make_draw(by_hand.LIST_KEY)(by_hand.LIST, 7)

    drawn = [stream.below(WORD) for _ in range(8)]

    assert tuple(drawn) == by_hand.first_words(by_hand.LIST_KEY, by_hand.LIST, 7)


def test_ninth_word_is_the_first_of_the_next_counter():
    stream = make_draw(by_hand.LIST_KEY)(by_hand.LIST, 1)

    ninth = [stream.below(WORD) for _ in range(9)][8]

    assert ninth == int.from_bytes(by_hand.digest(by_hand.LIST_KEY, by_hand.LIST, 1, 1)[:8], "big")


def test_a_word_that_would_favour_some_is_passed_over():
    n = 2**63 + 1  # 2^64 mod n = 2^63 - 1, so words from 2^63 + 1 on are rejected
    words = by_hand.first_words(by_hand.LIST_KEY, by_hand.LIST, 1)
    accepted = [word for word in words if word < n]
    assert words[0] >= n

    assert make_draw(by_hand.LIST_KEY)(by_hand.LIST, 1).below(n) == accepted[0]


def test_an_integer_below_one_uses_a_word_too():
    stream = make_draw(by_hand.LIST_KEY)(by_hand.LIST, 1)

    assert stream.below(1) == 0
    assert stream.below(WORD) == by_hand.first_words(by_hand.LIST_KEY, by_hand.LIST, 1)[1]


def test_list_name_is_canonical_json():
    assert list_name("demo/duration", 1, ["gastric", "GB"]) == by_hand.LIST
    assert list_name("d", 12, []) == '["d",12,[]]'
    assert list_name("d", 1, ["Malmö"]) == '["d",1,["Malmö"]]'


@pytest.mark.parametrize("key", [b"", b"k" * 31, b"k" * 33])
def test_a_key_of_another_length_is_refused(key):
    with pytest.raises(KeyProblem, match="exactly 32"):
        make_draw(key)


@pytest.mark.parametrize("position", [0, -1, WORD])
def test_a_position_outside_the_list_is_refused(position):
    with pytest.raises(ValueError, match="list position"):
        make_draw(by_hand.LIST_KEY)("l", position)


@pytest.mark.parametrize("n", [0, -3, WORD + 1])
def test_an_impossible_range_is_refused(n):
    with pytest.raises(ValueError, match="no integer"):
        make_draw(by_hand.LIST_KEY)("l", 1).below(n)


@given(st.binary(min_size=32, max_size=32), st.text("abc,é", min_size=1), st.integers(1, 2**40))
def test_any_stream_agrees_with_hashlib_alone(key, name, position):
    stream = make_draw(key)(name, position)

    assert stream.below(WORD) == by_hand.first_words(key, name, position)[0]


@given(st.binary(min_size=32, max_size=32), st.integers(2**62, WORD))
def test_a_word_in_the_last_unfinished_run_is_passed_over(key, n):
    words = by_hand.first_words(key, "l", 1)
    kept = [word % n for word in words if word < WORD - WORD % n]
    integers = make_draw(key)("l", 1)

    assert [integers.below(n) for _ in kept] == kept
