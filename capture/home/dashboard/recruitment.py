"""Recruitment against dated targets, by month, by site and by cohort; all out of the counters.

A participant counts where they were recruited, wherever they went afterwards: an allocation at the
site of the draw, an enrolment at the site that screened.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from capture.charts import Point, draw_recruitment_chart
from capture.home.dashboard.context import (
    ALL_SITES,
    DashboardContext,
    DashboardFigure,
    DashboardSection,
    DashboardTable,
)
from capture.home.dashboard.targets import (
    TargetPlan,
    find_plan_of_site,
    find_plan_of_study,
    get_last_day,
)
from forms.definition import Cohort, Randomisation


@dataclass(frozen=True)
class CountedRandomisation:
    """What counts as recruited. counter: with its months below it."""

    name: str
    title: str
    counter: str
    done: str
    is_aimed_at: bool


def list_counted_randomisations(
    study_randomisations: Sequence[Randomisation],
) -> list[CountedRandomisation]:
    """Allocations of each randomisation, the first against the target; else enrolments."""
    if not study_randomisations:
        return [
            CountedRandomisation(
                "recruited", "Recruitment", "recruited", "recruited", is_aimed_at=True
            )
        ]
    several = len(study_randomisations) > 1
    return [
        CountedRandomisation(
            randomisation.name,
            f"Recruitment: {randomisation.title}" if several else "Recruitment",
            f"allocated.{randomisation.name}",
            "randomised",
            is_aimed_at=index == 0,
        )
        for index, randomisation in enumerate(study_randomisations)
    ]


def list_sections(scene: DashboardContext) -> list[DashboardSection]:
    """Recruitment over time: of the study, of each site, and of each cohort to who may see it."""
    found = []
    for randomisation in list_counted_randomisations(scene.study.randomisations):
        found += [
            _make_study_section(scene, randomisation),
            _make_site_section(scene, randomisation),
        ]
    if scene.study.cohorts and scene.viewer.sees_cohorts:
        found.append(_make_cohort_section(scene))
    return found


def list_months(scene: DashboardContext, counter: str) -> list[date]:
    """The first day of each month from the first one counted to today."""
    prefix = f"{counter}."
    known = [key.removeprefix(prefix) for _site, key in scene.found if key.startswith(prefix)]
    if not known:
        return []
    month, found = date.fromisoformat(f"{min(known)}-01"), []
    while month <= max(scene.today, date.fromisoformat(f"{max(known)}-01")):
        found.append(month)
        month = (month + timedelta(days=31)).replace(day=1)
    return found


def list_points(
    scene: DashboardContext, counter: str, span: Sequence[date], site: str | None = None
) -> list[Point]:
    """How many there were by the end of each month; today for the month that is not over."""
    reached, found = 0, []
    for month in span:
        reached += scene.count(f"{counter}.{month:%Y-%m}", site)
        end = (month + timedelta(days=31)).replace(day=1) - timedelta(days=1)
        found.append(Point(min(end, scene.today) if scene.today >= month else end, reached))
    return found or [Point(scene.today, 0)]


def _make_line(
    plan: TargetPlan | None, scene: DashboardContext, actual: Sequence[Point]
) -> list[Point]:
    first = min(actual[0].day.replace(day=1), scene.today - timedelta(days=1))
    return plan.line(first, get_last_day(plan, scene.today)) if plan else []


def _make_study_section(scene: DashboardContext, counted: CountedRandomisation) -> DashboardSection:
    actual = list_points(scene, counted.counter, list_months(scene, counted.counter))
    plan = find_plan_of_study(scene) if counted.is_aimed_at else None
    aim = plan.in_force(scene.today) if plan else None
    drawing = draw_recruitment_chart(
        actual,
        _make_line(plan, scene, actual),
        identity=f"recruitment-{counted.name}",
        done=counted.done,
    )
    words = f"{actual[-1].number} {counted.done}"
    if plan and aim:
        words += f"; recruitment target {aim.number}"
        words += (
            f" by {_format_day(aim.by)}, {plan.on(scene.today)} expected to date" if aim.by else ""
        )
    table = DashboardTable(
        f"recruitment-{counted.name}",
        "Recruitment against target",
        ("By the end of", counted.done.capitalize(), "Expected"),
        tuple(
            (
                _format_day(point.day),
                str(point.number),
                _format_number(plan.on(point.day) if plan else None),
            )
            for point in actual
        ),
    )
    tables = (table, _tabulate_months(scene, counted))
    return DashboardSection(counted.title, f"{words}.", [DashboardFigure("", drawing)], tables)


def _tabulate_months(scene: DashboardContext, counted: CountedRandomisation) -> DashboardTable:
    rows = []
    for month in list_months(scene, counted.counter):
        name = f"{counted.counter}.{month:%Y-%m}"
        by_site = (str(scene.count(name, slug)) for slug in scene.sites)
        rows.append((f"{month:%B %Y}", *by_site, str(scene.count(name))))
    heads = ("Month", *(site.name for site in scene.sites.values()), ALL_SITES)
    title = f"{counted.done.capitalize()} by site and month"
    return DashboardTable(f"months-{counted.name}", title, heads, tuple(rows))


def _make_site_section(scene: DashboardContext, counted: CountedRandomisation) -> DashboardSection:
    """One drawing for each site, all over the same time and up to the same number."""
    span = list_months(scene, counted.counter)
    plans = {
        slug: find_plan_of_site(site, scene.today) if counted.is_aimed_at else None
        for slug, site in scene.sites.items()
    }
    actual = {slug: list_points(scene, counted.counter, span, slug) for slug in scene.sites}
    lines = {slug: _make_line(plans[slug], scene, actual[slug]) for slug in scene.sites}
    beside = [point for lot in (*actual.values(), *lines.values()) for point in lot]
    figures = [
        DashboardFigure(
            site.name,
            draw_recruitment_chart(
                actual[slug],
                lines[slug],
                identity=f"recruitment-{counted.name}-{slug}",
                title=f"Recruitment at {site.name}",
                done=counted.done,
                beside=beside,
            ),
        )
        for slug, site in scene.sites.items()
    ]
    rows = [
        (
            site.name,
            str(actual[slug][-1].number),
            _format_number(plan.on(scene.today) if (plan := plans[slug]) else None),
            _format_number(site.target if counted.is_aimed_at else None),
            describe_target_day(site.target_by) if counted.is_aimed_at else "",
        )
        for slug, site in scene.sites.items()
    ]
    heads = (
        "Site",
        counted.done.capitalize(),
        "Expected to date",
        "Recruitment target",
        "Target date",
    )
    table = DashboardTable(
        f"sites-{counted.name}", "Recruitment by site against target", heads, tuple(rows)
    )
    words = "All charts have the same time and number scales."
    return DashboardSection(f"{counted.title} by site", words, figures, [table])


def _make_cohort_section(scene: DashboardContext) -> DashboardSection:
    """How many of each cohort were recruited; they are compared, and have no target."""
    span = list_months(scene, "recruited")
    cohorts = scene.study.cohorts
    actual = [list_points(scene, f"cohort.{cohort.name}", span) for cohort in cohorts]
    beside = [point for line in actual for point in line]
    figures = [
        DashboardFigure(
            cohort.title,
            draw_recruitment_chart(
                line,
                [],
                identity=f"cohort-{cohort.name}",
                title=f"Recruitment: {cohort.title}",
                done="recruited",
                beside=beside,
            ),
        )
        for cohort, line in zip(cohorts, actual, strict=True)
    ]
    words = "Participants with a recorded cohort, by month of enrolment."
    tables = (_tabulate_cohorts_by_site(scene), _tabulate_cohorts_by_month(scene, span))
    return DashboardSection("Recruitment by cohort", words, figures, tables)


def _tabulate_cohorts_by_site(scene: DashboardContext) -> DashboardTable:
    def row(name: str, site: list[str] | None) -> tuple[str, ...]:
        return name, *(_count_cohort(scene, cohort, site) for cohort in scene.study.cohorts)

    rows = [row(site.name, [slug]) for slug, site in scene.sites.items()]
    heads = ("Site", *(cohort.title for cohort in scene.study.cohorts))
    return DashboardTable(
        "by-cohort", "Cohorts compared, by site", heads, (*rows, row(ALL_SITES, None))
    )


def _count_cohort(scene: DashboardContext, cohort: Cohort, sites: list[str] | None) -> str:
    return str(scene.below(f"cohort.{cohort.name}", sites))


def _tabulate_cohorts_by_month(scene: DashboardContext, span: Sequence[date]) -> DashboardTable:
    rows = tuple(
        (
            f"{month:%B %Y}",
            *(
                str(scene.count(f"cohort.{cohort.name}.{month:%Y-%m}"))
                for cohort in scene.study.cohorts
            ),
        )
        for month in span
    )
    heads = ("Month", *(cohort.title for cohort in scene.study.cohorts))
    return DashboardTable("months-by-cohort", "Cohorts compared, by month", heads, rows)


def describe_target_day(iso: str | None) -> str:
    """The day by which a target is to be reached, in words."""
    return _format_day(date.fromisoformat(iso)) if iso else ""


def _format_number(number: int | None) -> str:
    return "" if number is None else str(number)


def _format_day(day: date) -> str:
    return f"{day.day} {day:%B %Y}"
