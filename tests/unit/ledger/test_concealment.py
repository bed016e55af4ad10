"""What is concealed tells nothing by its length."""

from __future__ import annotations

import pytest

from capture.ledger.concealment import Concealment, is_concealed
from capture.problems import ConfigurationProblem

KNOWN = Concealment(b"\x07" * 32)
ONE_SIZE = {"list_position": 9, "size": 4, "place": 1}
ANOTHER = {"list_position": 1000, "size": 12, "place": 11}


def test_values_of_other_lengths_are_concealed_in_texts_of_one_length() -> None:
    short, long = (KNOWN.conceal(value, "here") for value in (ONE_SIZE, ANOTHER))

    assert len(short) == len(long)
    assert is_concealed(short)
    assert KNOWN.reveal(long, "here") == ANOTHER


def test_what_is_longer_than_one_step_is_revealed_whole() -> None:
    value = "x" * 1000

    assert KNOWN.reveal(KNOWN.conceal(value, "here"), "here") == value


def test_another_key_or_purpose_reveals_nothing() -> None:
    text = KNOWN.conceal(ONE_SIZE, "here")

    for known, purpose in ((KNOWN, "elsewhere"), (Concealment(b"\x08" * 32), "here")):
        with pytest.raises(ConfigurationProblem, match="cannot be opened"):
            known.reveal(text, purpose)
