"""What every page is held to in a browser: axe, no sideways scroll, no script or policy errors."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from playwright.sync_api import ConsoleMessage, Page

AXE = Path(__file__).parents[2] / "node_modules" / "axe-core" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
WIDTHS = (1280, 820, 320)
AXE_WIDTHS = (1280, 320)
"""No style sheet tells 820 pixels from 1280 (test_styles.py holds it): axe would see the same."""
OPTIONS = f"{{runOnly: {RULES!r}, resultTypes: ['violations', 'incomplete'], preload: false}}"
"""What axe would load beforehand, style sheets and media, serves rules that have nothing here."""
EXPANDED = "aria-allowed-attr"
"""NHS.UK frontend puts `aria-expanded` on radios that reveal more, on purpose (upstream keeps it);
this rule on exactly these controls is the one exception."""
EXPANDED_CONTROLS = ("nhsuk-radios__input", "nhsuk-checkboxes__input")


@cache
def _axe() -> str:
    return AXE.read_text("utf-8")


def violations(page: Page) -> list[str]:
    """Give what axe finds on the page, and duplicate ids that it is only unsure about."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(_axe())
    found = page.evaluate(f"axe.run(document, {OPTIONS})")
    unsure = [one for one in found["incomplete"] if one["id"] == "duplicate-id-aria"]
    return [
        f"{one['id']}: {node['html'][:160]} {node['failureSummary'][:200]}"
        for one in [*found["violations"], *unsure]
        for node in one["nodes"]
        if not _is_excepted(one["id"], node["html"])
    ]


def _is_excepted(rule: str, html: str) -> bool:
    is_reveal = "aria-expanded" in html and any(name in html for name in EXPANDED_CONTROLS)
    return rule == EXPANDED and is_reveal


def sideways_scroll(page: Page) -> int:
    """Give by how many pixels the page is wider than its window."""
    wide: int = page.evaluate(
        "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    )
    return wide


def listen(page: Page) -> list[str]:
    """Collect script errors and reports of the content security policy from now on."""
    heard: list[str] = []

    def hear(message: ConsoleMessage) -> None:
        is_status = "the server responded with a status of 4" in message.text
        if message.type in ("error", "warning") and not is_status:
            heard.append(message.text)

    page.on("console", hear)
    page.on("pageerror", lambda problem: heard.append(str(problem)))
    return heard


def faults(page: Page) -> list[str]:
    """Everything that is wrong with the page as it stands, at the three widths."""
    found: list[str] = []
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        if width in AXE_WIDTHS:
            found += [f"{page.url} at {width}: {one}" for one in violations(page)]
        if sideways := sideways_scroll(page):
            found.append(f"{page.url} at {width}: scrolls sideways by {sideways}")
    page.set_viewport_size({"width": WIDTHS[0], "height": 900})
    return found
