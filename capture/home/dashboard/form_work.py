"""How complete the forms are and how timely, by form and by site.

How far forms came and how late they were begun stands in the counters, by visit; which forms are
overdue or of a visit not done is read by `reads.unentered`. Visits and forms that would tell an arm
are left out of both.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, field

from capture.charts import Bar, Share, draw_bar_chart
from capture.entry.fold import BANDS
from capture.home.dashboard.context import (
    DashboardContext,
    DashboardFigure,
    DashboardSection,
    DashboardTable,
    format_share,
)
from capture.home.reads import UnenteredRow

DONE = {"complete": "Complete", "in_progress": "In progress", "not_done": "Not done"}
OVERDUE = "overdue"
LATER = "later"
LATE = {
    "in_window": "In the window",
    "week": "1 to 7 days late",
    "month": "8 to 30 days late",
    LATER: "More than 30 days late",
}
KINDS = ("first", "second", "third", "fourth")
Place = tuple[str, str]
"""A site and an instrument, by slug and name."""
ALL_FORMS, MY_SITES = "All forms", "All these sites"


@dataclass(frozen=True)
class FormTally:
    """How many forms there are of each state, by site and instrument."""

    numbers: dict[Place, Counter[str]] = field(default_factory=dict)

    def add(self, place: Place, state: str, number: int) -> None:
        self.numbers.setdefault(place, Counter())[state] += number

    def over(self, site: str | None = None, instrument: str | None = None) -> Counter[str]:
        """Over all sites or one, all instruments or one."""
        found: Counter[str] = Counter()
        for (at, of), counted in self.numbers.items():
            if site in (None, at) and instrument in (None, of):
                found.update(counted)
        return found


def tally_completeness(scene: DashboardContext, missing: Counter[UnenteredRow]) -> FormTally:
    """Forms begun, from the counters; those not done with their visit, and overdue, from a read."""
    tally = FormTally()
    for place, state, number in _list_counters(scene, "entry", DONE):
        tally.add(place, state, number)
    for form, number in missing.items():
        tally.add((form.site, form.instrument), OVERDUE if form.is_overdue else "not_done", number)
    return tally


def tally_timeliness(scene: DashboardContext) -> FormTally:
    """How late forms were begun, from the counters; nothing of those without a window."""
    tally = FormTally()
    for place, band, number in _list_counters(scene, "begun", (*BANDS, LATER)):
        tally.add(place, band, number)
    return tally


def _list_counters(
    scene: DashboardContext, kind: str, states: Collection[str]
) -> Iterator[tuple[Place, str, int]]:
    """Counters named `kind.instrument.visit.state` at the reader's sites that tell no arm."""
    for (site, name), number in scene.found.items():
        head, *parts = name.split(".")
        if head == kind and site in scene.sites and len(parts) == len(("form", "visit", "state")):
            instrument, visit, state = parts
            if state in states and scene.viewer.shows_form_at(visit, instrument):
                yield (site, instrument), state, number


def list_sections(
    scene: DashboardContext, missing: Counter[UnenteredRow]
) -> list[DashboardSection]:
    """Completeness, then timeliness; each by form, by site, and by both."""
    complete = _Kind(
        "completeness",
        "Completeness",
        "A form is expected once it is begun or marked as not done, or when the window of its "
        "visit has closed; of these, overdue are those that nothing is entered for.",
        {**DONE, OVERDUE: "Overdue"},
        tally_completeness(scene, missing),
        _make_completeness_cells,
        ("Expected", "Entered", *DONE.values(), "Overdue", "Entered of expected"),
    )
    timely = _Kind(
        "timeliness",
        "Timeliness",
        "The days from the end of the visit’s window, as it stood then, to the day on which the "
        "form was begun or marked as not done. Forms whose visit has no window are not counted.",
        LATE,
        tally_timeliness(scene),
        _make_timeliness_cells,
        ("Begun", *LATE.values(), "In the window of begun"),
    )
    return [_make_section(scene, kind) for kind in (complete, timely)]


@dataclass(frozen=True)
class _Kind:
    id: str
    title: str
    words: str
    states: dict[str, str]
    tally: FormTally
    cells: Callable[[Counter[str]], tuple[str, ...]]
    heads: tuple[str, ...]

    def shares(self, counted: Counter[str]) -> tuple[Share, ...]:
        return tuple(
            Share(kind, words.lower() if index else words, counted[state])
            for index, (kind, (state, words)) in enumerate(
                zip(KINDS, self.states.items(), strict=True)
            )
        )


def _make_completeness_cells(counted: Counter[str]) -> tuple[str, ...]:
    entered = counted["complete"] + counted["in_progress"]
    numbers = (entered, *(counted[state] for state in (*DONE, OVERDUE)))
    expected = counted.total()
    return (str(expected), *(str(number) for number in numbers), format_share(entered, expected))


def _make_timeliness_cells(counted: Counter[str]) -> tuple[str, ...]:
    begun = counted.total()
    return (
        str(begun),
        *(str(counted[band]) for band in LATE),
        format_share(counted["in_window"], begun),
    )


def _make_section(scene: DashboardContext, kind: _Kind) -> DashboardSection:
    figures = []
    for what, title, names in (
        ("form", f"{kind.title} by form", dict(_list_forms(scene))),
        ("site", f"{kind.title} by site", {slug: site.name for slug, site in scene.sites.items()}),
    ):
        bars = [
            Bar(name, kind.shares(counted))
            for key, name in names.items()
            if (counted := _sum_tally(kind.tally, what, key)).total()
        ]
        if bars:
            drawing = draw_bar_chart(bars, identity=f"{kind.id}-{what}", title=title, is_share=True)
            figures.append(DashboardFigure(title, drawing))
    tables = (
        _tabulate_by_form(scene, kind),
        _tabulate_by_site(scene, kind),
        _tabulate_by_both(scene, kind),
    )
    return DashboardSection(kind.title, kind.words, figures, tables)


def _sum_tally(tally: FormTally, what: str, key: str) -> Counter[str]:
    return tally.over(instrument=key) if what == "form" else tally.over(site=key)


def _list_forms(scene: DashboardContext) -> Iterable[tuple[str, str]]:
    """The forms the reader may be told of, by name, in the order of the study."""
    for instrument in scene.study.instruments:
        if scene.viewer.shows_form(instrument.name):
            yield instrument.name, instrument.title


def _tabulate_by_form(scene: DashboardContext, kind: _Kind) -> DashboardTable:
    rows = [
        (title, *kind.cells(kind.tally.over(instrument=name))) for name, title in _list_forms(scene)
    ]
    rows.append((ALL_FORMS, *kind.cells(kind.tally.over())))
    return DashboardTable(kind.id, f"{kind.title} by form", ("Form", *kind.heads), tuple(rows))


def _tabulate_by_site(scene: DashboardContext, kind: _Kind) -> DashboardTable:
    rows = [
        (site.name, *kind.cells(kind.tally.over(site=slug))) for slug, site in scene.sites.items()
    ]
    rows.append((MY_SITES, *kind.cells(kind.tally.over())))
    return DashboardTable(
        f"{kind.id}-sites", f"{kind.title} by site", ("Site", *kind.heads), tuple(rows)
    )


def _tabulate_by_both(scene: DashboardContext, kind: _Kind) -> DashboardTable:
    rows = [
        (site.name, title, *kind.cells(counted))
        for slug, site in scene.sites.items()
        for name, title in _list_forms(scene)
        if (counted := kind.tally.over(slug, name)).total()
    ]
    title = f"{kind.title} by site and form"
    heads = ("Site", "Form", *kind.heads)
    return DashboardTable(f"{kind.id}-sites-forms", title, heads, tuple(rows), texts=2)
