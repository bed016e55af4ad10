"""What a template may never hold: unescaped values, and anything the content policy would block."""

from __future__ import annotations

import re

import pytest

from tests.house import tree

FORBIDDEN = {
    "an unescaped value": re.compile(r"\|\s*safe\b|\bautoescape\s+false\b|\bMarkup\("),
    "an inline style": re.compile(r"<style\b|\sstyle\s*=", re.IGNORECASE),
    "an inline script": re.compile(r"<script\b(?![^>]*\ssrc=)", re.IGNORECASE),
    "an inline event handler": re.compile(r"<[^>]*\son[a-z]+\s*=\s*[\"']", re.IGNORECASE),
    "a script address": re.compile(r"(href|src|action)\s*=\s*[\"']\s*javascript:", re.IGNORECASE),
    "another machine's file": re.compile(r"(src|srcset)\s*=\s*[\"']https?:", re.IGNORECASE),
    "a number box (its wheel changes values)": re.compile(r"type\s*=\s*[\"']number[\"']"),
}


@pytest.mark.parametrize("what", FORBIDDEN)
def test_templates_hold_nothing_forbidden(what: str) -> None:
    templates = [*tree.under("capture", suffix=".html"), *tree.under("capture", suffix=".jinja")]
    found = [
        f"{name}: {match.group(0)!r}"
        for name in templates
        for match in FORBIDDEN[what].finditer(tree.text(name))
    ]

    assert templates
    assert found == [], f"a template holds {what}"


def test_every_post_form_carries_the_token_against_forged_posts() -> None:
    form = re.compile(r"<form\b[^>]*method=[\"']post[\"'].*?</form>", re.IGNORECASE | re.DOTALL)
    bare = [
        f"{name}: {match.group(0)[:80]!r}"
        for name in tree.under("capture", suffix=".html")
        for match in form.finditer(tree.text(name))
        if "csrf" not in match.group(0) and "{{ request_field() }}" not in match.group(0)
    ]

    assert bare == [], "put the token into these forms"
