"""Widths at which style sheets lay a page out anew; what axe looks at rests on them."""

from __future__ import annotations

import re
from pathlib import Path

from capture.assets import ROOT
from tests.browser.accessibility import AXE_WIDTHS, WIDTHS

STATIC = Path(ROOT) / "capture" / "static"
BREAK = re.compile(r"(?:min|max)-width: ?([\d.]+)(em|rem|px)")
EM = 16


def breaks() -> set[float]:
    """Every width, in pixels, that a rule of ours or of NHS.UK frontend names."""
    texts = [file.read_text("utf-8") for file in STATIC.rglob("*.css")]
    queries = [query for text in texts for query in re.findall(r"@media([^{]*)\{", text)]
    found = [match for query in queries for match in BREAK.findall(query)]
    return {float(number) * (1 if unit == "px" else EM) for number, unit in found}


def test_a_width_that_axe_leaves_out_is_laid_out_like_one_that_it_looks_at() -> None:
    known = breaks()
    left_out = set(WIDTHS) - set(AXE_WIDTHS)

    assert {320, 768} <= known
    for width in left_out:
        assert any(_is_alike(known, width, other) for other in AXE_WIDTHS), (
            f"a style sheet tells {width} pixels from all of {AXE_WIDTHS}: have axe look there too"
        )


def _is_alike(known: set[float], first: int, second: int) -> bool:
    low, high = sorted((first, second))
    return not any(low <= width <= high for width in known)
