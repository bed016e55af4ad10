"""How far people came at each site, and why people did not join; all out of the counters."""

from __future__ import annotations

from capture.charts import Bar, Share, draw_bar_chart
from capture.home.dashboard.context import (
    ALL_SITES,
    DashboardContext,
    DashboardFigure,
    DashboardSection,
    DashboardTable,
)
from capture.participants.reasons import NOT_ENROLLED


def make_section(scene: DashboardContext) -> DashboardSection:
    """The screening log in numbers, of the whole study and of the reader's sites."""
    screened = _count_screened(scene, None)
    bars = [
        Bar(words, (Share("first", "", scene.count(f"not_recruited.{code}")),))
        for code, words in NOT_ENROLLED.items()
    ]
    figures = []
    if any(bar.total for bar in bars):
        drawing = draw_bar_chart(bars, identity="reasons", title="Reasons for not enrolling")
        figures = [DashboardFigure("", drawing)]
    words = f"{screened} people screened, {scene.count('participant.enrolled')} enrolled."
    return DashboardSection(
        "Screening", words, figures, (_tabulate_by_site(scene), _tabulate_reasons(scene))
    )


def _count_screened(scene: DashboardContext, site: str | None) -> int:
    states = ("screened", "not_enrolled", "enrolled")
    return sum(scene.count(f"participant.{state}", site) for state in states)


def _tabulate_by_site(scene: DashboardContext) -> DashboardTable:
    """Screened in all, of them waiting, not enrolled and enrolled; then how it ended for some."""
    names = [f"participant.{status}" for status in ("screened", "not_enrolled", "enrolled")]
    names += [f"allocated.{randomisation.name}" for randomisation in scene.study.randomisations]
    names += [f"participant.{state}" for state in ("withdrawn", "lost", "died")]
    titles = [randomisation.title for randomisation in scene.study.randomisations]
    titles = ["Randomised"] if len(titles) == 1 else titles
    heads = ("Site", "Screened", "Waiting", "Not enrolled", "Enrolled", *titles)

    def row(title: str, site: str | None) -> tuple[str, ...]:
        counts = (str(scene.count(name, site)) for name in names)
        return title, str(_count_screened(scene, site)), *counts

    rows = [row(site.name, slug) for slug, site in scene.sites.items()]
    title = "Participants by site"
    heads = (*heads, "Withdrawn", "Lost", "Died")
    return DashboardTable("by-site", title, heads, (*rows, row(ALL_SITES, None)))


def _tabulate_reasons(scene: DashboardContext) -> DashboardTable:
    """Why people on the screening log did not join."""
    rows = tuple(
        (
            words,
            *(str(scene.count(f"not_recruited.{code}", slug)) for slug in scene.sites),
            str(scene.count(f"not_recruited.{code}")),
        )
        for code, words in NOT_ENROLLED.items()
    )
    heads = ("Reason", *(site.name for site in scene.sites.values()), ALL_SITES)
    return DashboardTable("not-enrolled", "Reasons for not enrolling, by site", heads, rows)
