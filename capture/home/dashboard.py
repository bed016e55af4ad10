"""What a dashboard shows, worked out of a study's counters: pooled over the arms, always."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from capture.charts import Point, RecruitmentChart, recruitment_chart
from capture.home.reads import Counts, summed
from capture.participants.reasons import NOT_ENROLLED
from capture.parts import Column
from capture.study.reads import Site
from forms.blinding import Revealing
from forms.definition import Randomisation, Study

STATUSES = ("in_progress", "complete", "not_done")


@dataclass(frozen=True)
class Table:
    """One table of a dashboard; the first column is text, the others are numbers."""

    id: str
    title: str
    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    @property
    def columns(self) -> list[Column]:
        return [Column(text, numeric=index > 0) for index, text in enumerate(self.heads)]


@dataclass(frozen=True)
class Recruitment:
    """One randomisation: its drawing, its title, and how many against the aim in force."""

    name: str
    title: str
    chart: RecruitmentChart
    words: str
    table: Table


@dataclass(frozen=True)
class Scene:
    """What a dashboard is made from. sites: those the reader may see, by slug."""

    study: Study
    found: Counts
    sites: Mapping[str, Site]
    today: date
    withheld: Revealing


def tables(scene: Scene) -> list[Table]:
    """Every table of the dashboard but those of the charts."""
    months = [_months_table(scene, one) for one in scene.study.randomisations]
    return [_by_site(scene), *months, _not_enrolled(scene), _completeness(scene)]


def _by_site(scene: Scene) -> Table:
    """How far people came at each site, and in all."""
    found = scene.found
    names = [f"participant.{status}" for status in ("screened", "not_enrolled", "enrolled")]
    names += [f"allocated.{one.name}" for one in scene.study.randomisations]
    names += [f"participant.{state}" for state in ("withdrawn", "lost", "died")]
    titles = [one.title for one in scene.study.randomisations]
    titles = ["Randomised"] if len(titles) == 1 else titles
    heads = ("Site", "Waiting", "Not enrolled", "Enrolled", *titles, "Withdrawn", "Lost", "Died")
    rows = [
        (site.name, *(str(summed(found, name, [slug])) for name in names), _target(site))
        for slug, site in scene.sites.items()
    ]
    total = ("All sites of the study", *(str(summed(found, name)) for name in names))
    aim = scene.study.target_on(scene.today)
    rows.append((*total, str(aim) if aim else ""))
    return Table("by-site", "Participants by site", (*heads, "Target"), tuple(rows))


def _target(site: Site) -> str:
    return "" if site.target is None else str(site.target)


def _not_enrolled(scene: Scene) -> Table:
    """Why people on the screening log did not join."""
    rows = [
        (words, str(summed(scene.found, f"not_enrolled.{code}")))
        for code, words in NOT_ENROLLED.items()
    ]
    return Table("not-enrolled", "Reasons for not enrolling", ("Reason", "People"), tuple(rows))


def _completeness(scene: Scene) -> Table:
    """How many forms of each kind are begun, complete or not done, at the reader's sites."""
    rows = []
    for instrument in scene.study.instruments:
        if instrument.name in scene.withheld.instruments:
            continue
        counted = [
            summed(scene.found, f"entry.{instrument.name}.{status}", scene.sites)
            for status in STATUSES
        ]
        share = f"{100 * counted[1] // sum(counted)} %" if sum(counted) else ""
        rows.append((instrument.title, *(str(one) for one in counted), share))
    heads = ("Form", "In progress", "Complete", "Not done", "Complete of those begun")
    return Table("completeness", "Forms", heads, tuple(rows))


def _months_table(scene: Scene, randomisation: Randomisation) -> Table:
    """Allocations by site and month."""
    title = "Randomised by site and month"
    if len(scene.study.randomisations) > 1:
        title = f"{title}: {randomisation.title}"
    rows = []
    for month in months(scene, randomisation.name):
        name = f"allocated.{randomisation.name}.{month:%Y-%m}"
        by_site = (str(summed(scene.found, name, [slug])) for slug in scene.sites)
        rows.append((f"{month:%B %Y}", *by_site, str(summed(scene.found, name))))
    heads = ("Month", *(site.name for site in scene.sites.values()), "All sites")
    return Table(f"months-{randomisation.name}", title, heads, tuple(rows))


def months(scene: Scene, name: str) -> list[date]:
    """The first day of each month from the first allocation to today."""
    prefix = f"allocated.{name}."
    known = [key.removeprefix(prefix) for _site, key in scene.found if key.startswith(prefix)]
    if not known:
        return []
    month, found = date.fromisoformat(f"{min(known)}-01"), []
    while month <= max(scene.today, date.fromisoformat(f"{max(known)}-01")):
        found.append(month)
        month = (month + timedelta(days=31)).replace(day=1)
    return found


def recruitments(scene: Scene) -> list[Recruitment]:
    """Recruitment over time of each randomisation, against the aim of the study for the first."""
    return [
        _recruitment(scene, one, is_first=index == 0)
        for index, one in enumerate(scene.study.randomisations)
    ]


def _recruitment(scene: Scene, randomisation: Randomisation, *, is_first: bool) -> Recruitment:
    actual = _points(scene, randomisation.name)
    aim = aims(scene, actual[0].day) if is_first else []
    chart = recruitment_chart(actual, aim, identity=f"recruitment-{randomisation.name}")
    words = f"{actual[-1].number} randomised"
    target = scene.study.target_on(scene.today) if is_first else None
    heads = ("By the end of", "Randomised", "Aimed at in all")
    table = Table(
        f"recruitment-{randomisation.name}", "Recruitment against target", heads, chart.rows
    )
    words = f"{words} of {target} aimed at." if target else f"{words}."
    return Recruitment(randomisation.name, randomisation.title, chart, words, table)


def _points(scene: Scene, name: str) -> list[Point]:
    """How many were randomised by the end of each month; today for the month that is not over."""
    reached, found = 0, []
    for month in months(scene, name):
        reached += summed(scene.found, f"allocated.{name}.{month:%Y-%m}")
        end = (month + timedelta(days=31)).replace(day=1) - timedelta(days=1)
        found.append(Point(min(end, scene.today) if scene.today >= month else end, reached))
    return found or [Point(scene.today, 0)]


def aims(scene: Scene, first: date) -> list[Point]:
    """The number aimed at in all, as a line with a step where the aim was changed."""
    start = min(first.replace(day=1), scene.today - timedelta(days=1))
    number = scene.study.target_on(start)
    line = [] if number is None else [Point(start, number)]
    for target in sorted(scene.study.recruitment_target, key=lambda one: one.date_from):
        if start < target.date_from <= scene.today:
            if line:
                line.append(Point(target.date_from - timedelta(days=1), line[-1].number))
            line.append(Point(target.date_from, target.number))
    return [*line, Point(scene.today, line[-1].number)] if line else []


def named(scene: Scene, name: str) -> Table | None:
    """One table by its name in the address; None for a name that is none."""
    known: Collection[Table] = [*tables(scene), *(one.table for one in recruitments(scene))]
    return next((one for one in known if one.id == name), None)
