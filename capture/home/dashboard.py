"""What a dashboard shows, worked out of a study's counters: pooled over the arms, always.

A study without randomisations counts who was recruited, which is to say enrolled.
"""

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
    sees_cohorts: bool = False


def tables(scene: Scene) -> list[Table]:
    """Every table of the dashboard but those of the charts."""
    months = [_months_table(scene, one) for one in scene.study.randomisations]
    cohorts = [_by_cohort(scene)] if scene.study.cohorts and scene.sees_cohorts else []
    if not months:
        months = [_months_table(scene, None)]
    return [_by_site(scene), *cohorts, *months, _not_enrolled(scene), _completeness(scene)]


def _by_cohort(scene: Scene) -> Table:
    """How many of each cohort each site has; they are compared, not drawn."""
    rows = [
        (site.name, *(_in_cohort(scene, one.name, [slug]) for one in scene.study.cohorts))
        for slug, site in scene.sites.items()
    ]
    rows.append(
        ("All sites of the study", *(_in_cohort(scene, one.name) for one in scene.study.cohorts))
    )
    heads = ("Site", *(one.title for one in scene.study.cohorts))
    return Table("by-cohort", "Cohorts compared, by site", heads, tuple(rows))


def _in_cohort(scene: Scene, name: str, sites: Collection[str] | None = None) -> str:
    return str(summed(scene.found, f"cohort.{name}", sites))


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


def _months_table(scene: Scene, randomisation: Randomisation | None) -> Table:
    """Allocations by site and month; enrolments where nothing is allocated."""
    title = (
        "Recruited by site and month" if randomisation is None else "Randomised by site and month"
    )
    if randomisation is not None and len(scene.study.randomisations) > 1:
        title = f"{title}: {randomisation.title}"
    rows = []
    counted = _counted(randomisation)
    for month in months(scene, counted):
        name = f"{counted}.{month:%Y-%m}"
        by_site = (str(summed(scene.found, name, [slug])) for slug in scene.sites)
        rows.append((f"{month:%B %Y}", *by_site, str(summed(scene.found, name))))
    heads = ("Month", *(site.name for site in scene.sites.values()), "All sites")
    return Table(f"months-{_name(randomisation)}", title, heads, tuple(rows))


def _counted(randomisation: Randomisation | None) -> str:
    """The counter of recruitment, with its months below it."""
    return "recruited" if randomisation is None else f"allocated.{randomisation.name}"


def _name(randomisation: Randomisation | None) -> str:
    return "recruited" if randomisation is None else randomisation.name


def months(scene: Scene, counted: str) -> list[date]:
    """The first day of each month from the first one counted to today."""
    prefix = f"{counted}."
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
        for index, one in enumerate(scene.study.randomisations or [None])
    ]


def _recruitment(
    scene: Scene, randomisation: Randomisation | None, *, is_first: bool
) -> Recruitment:
    name, done = _name(randomisation), "randomised" if randomisation else "recruited"
    actual = _points(scene, _counted(randomisation))
    aim = aims(scene, actual[0].day) if is_first else []
    chart = recruitment_chart(actual, aim, identity=f"recruitment-{name}", done=done)
    words = f"{actual[-1].number} {done}"
    target = scene.study.target_on(scene.today) if is_first else None
    heads = ("By the end of", done.capitalize(), "Aimed at in all")
    table = Table(f"recruitment-{name}", "Recruitment against target", heads, chart.rows)
    words = f"{words} of {target} aimed at." if target else f"{words}."
    title = randomisation.title if randomisation else "Recruitment"
    return Recruitment(name, title, chart, words, table)


def _points(scene: Scene, counted: str) -> list[Point]:
    """How many there were by the end of each month; today for the month that is not over."""
    reached, found = 0, []
    for month in months(scene, counted):
        reached += summed(scene.found, f"{counted}.{month:%Y-%m}")
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
