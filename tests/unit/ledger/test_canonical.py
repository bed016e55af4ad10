"""One way to write a value down; redaction leaves the hash of a body as it was."""

from __future__ import annotations

import hashlib

import pytest

from capture.ledger import canonical


def test_keys_are_sorted_and_nothing_is_padded() -> None:
    assert (
        canonical.canonical({"b": 1, "a": [True, None, "é"]})
        == '{"a":[true,null,"é"],"b":1}'.encode()
    )


@pytest.mark.parametrize("value", [1.5, {"a": [2.0]}, "a\x00b", "\ud800", {"\udc00": 1}])
def test_what_cannot_be_written_exactly_is_refused(value: object) -> None:
    with pytest.raises(ValueError, match=r"written down|holds a NUL"):
        canonical.canonical(value)  # type: ignore[arg-type]


def test_digest_is_sha256_of_the_canonical_form() -> None:
    assert canonical.digest(["a", 1]) == hashlib.sha256(b'["a",1]').hexdigest()


def test_redacting_an_item_keeps_the_body_digest() -> None:
    body: dict[str, canonical.Value] = {"a": ["5a17", None, "x"], "b": ["0b57", 1, 2]}
    before = canonical.body_digest(body)

    body["a"] = {canonical.REDACTED: canonical.item_digest("a", body["a"])}

    assert canonical.body_digest(body) == before


def test_another_value_salt_or_name_changes_the_body_digest() -> None:
    digests = {
        canonical.body_digest({"a": ["5a17", None, "x"]}),
        canonical.body_digest({"a": ["5a17", None, "y"]}),
        canonical.body_digest({"a": ["5a18", None, "x"]}),
        canonical.body_digest({"b": ["5a17", None, "x"]}),
    }

    assert len(digests) == 4
