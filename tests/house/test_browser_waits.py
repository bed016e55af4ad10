"""Browser tests wait for what is true, never for a time; a page that is loaded hears every key."""

from __future__ import annotations

import re

from tests.house import tree

SLEEPS = re.compile(r"\bwait_for_timeout\(|\btime\.sleep\(|\bsleep\(")
LATE = re.compile(r"\bimport\s*\(")


def lines_with(wanted: re.Pattern[str], *names: str) -> list[str]:
    return [
        f"{name}:{number}"
        for name in names
        for number, line in enumerate(tree.text(name).splitlines(), start=1)
        if wanted.search(line)
    ]


def test_no_browser_test_waits_for_a_time() -> None:
    found = lines_with(SLEEPS, *tree.under("tests/browser", suffix=".py"))

    assert found == [], "wait for what must come: next_page, press, expect, expect_response"


def test_no_module_of_a_page_is_fetched_after_it_is_loaded() -> None:
    ours = [n for n in tree.under("capture/static", suffix=".js") if "/vendor/" not in n]
    found = lines_with(LATE, *ours)

    assert ours, "no modules were looked at"
    assert found == [], "import it statically: what comes later moves the page under a hand"
