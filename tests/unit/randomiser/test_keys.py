"""The key is made by two, and what is published beforehand binds both."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from randomiser import KeyProblem, canonical, combine, commit_r, commitment, from_canonical
from randomiser.problems import DesignProblem
from tests.unit.randomiser import by_hand
from tests.unit.randomiser.builders import make_design

PROTOCOL = Path(__file__).parents[3] / "docs" / "randomisation-protocol.md"


def test_key_is_the_keyed_hash_of_the_second_part_under_the_first():
    assert combine(by_hand.R, by_hand.V) == by_hand.KEY
    assert combine(by_hand.R, b"v") != combine(by_hand.R, b"w")


def test_knowing_the_hash_of_the_first_part_does_not_give_the_key():
    """A plain SHA-256(R ‖ v) can be extended from SHA-256(R) alone (B3); a keyed one cannot."""
    assert combine(by_hand.R, by_hand.V) != hashlib.sha256(by_hand.R + by_hand.V).digest()


def test_commitment_covers_design_key_and_salt():
    expected = hashlib.sha256(by_hand.DESIGN + by_hand.KEY + by_hand.SALT).digest()

    assert commitment(make_design(), by_hand.KEY, by_hand.SALT) == expected
    assert commit_r(by_hand.R) == hashlib.sha256(by_hand.R).digest()


def test_canonical_design_is_spelt_as_the_protocol_says():
    assert canonical(make_design()) == by_hand.DESIGN


def test_canonical_design_reads_back():
    design = make_design(sizes=(6, 4), weights=(1, 3))

    assert from_canonical(canonical(design)) == design


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{}",
        b"[]",
        b"null",
        b"\xff",
        by_hand.DESIGN + b" ",
        by_hand.DESIGN.replace(b"6", b"5"),
    ],
)
def test_anything_else_than_a_canonical_design_is_refused(data):
    with pytest.raises(DesignProblem):
        from_canonical(data)


@pytest.mark.parametrize(
    "call",
    [
        lambda: combine(b"short", b"v"),
        lambda: combine(by_hand.R, b""),
        lambda: commit_r(b""),
        lambda: commitment(make_design(), b"k", by_hand.SALT),
        lambda: commitment(make_design(), by_hand.KEY, b"s"),
    ],
)
def test_parts_of_another_length_are_refused(call):
    with pytest.raises(KeyProblem):
        call()


def test_the_worked_example_of_the_protocol_page_is_right():
    page = " ".join(PROTOCOL.read_text(encoding="utf-8").split())
    key, name = by_hand.LIST_KEY, by_hand.LIST
    words = [f"{word:016x}" for word in by_hand.first_words(key, name, 1)]

    assert f"K {by_hand.KEY.hex()}" in page
    assert f"key {key.hex()}" in page
    assert f"SHA-256(R) {hashlib.sha256(by_hand.R).hexdigest()}" in page
    stated = hashlib.sha256(by_hand.DESIGN + by_hand.KEY + by_hand.SALT).hexdigest()
    assert f"commitment {stated}" in page
    assert " ".join(words) in page
    assert by_hand.DESIGN.decode() in page.replace(", ", ",")
    blocks = [by_hand.block_1_to_1(key, name, start)[1] for start in (1, 7, 13)]
    assert f"| `{name}` | {' '.join(blocks)} |" in page
    other = '["demo/duration",1,["other","FI"]]'
    blocks = [by_hand.block_1_to_1(key, other, start)[1] for start in (1, 7, 13)]
    assert f"| `{other}` | {' '.join(blocks)} |" in page
