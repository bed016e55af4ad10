"""The results of simulated designs for their page: drawings, and tables of their numbers."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from markupsafe import Markup

from capture.charts import Bar, Share, draw_bar_chart, draw_column_chart
from capture.charts import ChartColumn as Upright
from capture.randomisation.designs.service.design_simulation import NamedDesign
from capture.randomisation.designs.simulation_labels import (
    FIGURES,
    decimal,
    departure_words,
    design_words,
    figures_of,
)
from capture.web.page_data import TableColumn
from randomiser.figures import percent
from randomiser.simulation.characteristics import Imbalance
from randomiser.simulation.report import Report

Reports = Sequence[tuple[NamedDesign, Report]]
RARE = 0.0005
"""Rarer differences at both ends are left out of the drawing; the table has them."""


@dataclass(frozen=True)
class ScreenFigure:
    title: str
    drawing: Markup


@dataclass(frozen=True)
class ScreenTable:
    id: str
    title: str
    columns: Sequence[TableColumn]
    rows: Sequence[Sequence[str]]


@dataclass(frozen=True)
class ScreenWarning:
    """The warnings about a design, also of how far an arm's probability departs from its share."""

    name: str
    design: str
    words: Sequence[str]


@dataclass(frozen=True)
class Screen:
    """The results below the heading of the page."""

    trials: int
    people: int
    warned: Sequence[ScreenWarning]
    figures: Sequence[ScreenFigure]
    comparison: ScreenTable
    tables: Sequence[ScreenTable]


def screen_of(found: Reports) -> Screen | None:
    """Return the reports as drawings and tables; None without reports."""
    if not found:
        return None
    first = found[0][1].simulated
    return Screen(
        trials=first.trials,
        people=first.people,
        warned=[
            ScreenWarning(named.name, design_words(named.design), report.warnings)
            for named, report in found
        ],
        figures=[*_differences(found), _guesses(found)],
        comparison=_make_comparison_table("comparison", "Designs side by side", "Figure", found),
        tables=[
            _make_comparison_table(
                "differences", "How often each difference occurs", "Difference", found
            ),
            _make_comparison_table("levels", "Difference by level: mean, largest", "Level", found),
            _make_comparison_table("sites", "Difference by site: mean, largest", "Site", found),
            *(_positions(number, named, report) for number, (named, report) in enumerate(found)),
        ],
    )


def _make_comparison_table(identity: str, title: str, first: str, found: Reports) -> ScreenTable:
    """Make a table with a column for each design. first: the heading of the rows."""
    heads = [TableColumn(first), *(TableColumn(named.name, numeric=True) for named, _ in found)]
    return ScreenTable(identity, title, heads, list(ROWS[identity](found)))


def _figure_rows(found: Reports) -> Iterator[list[str]]:
    for words, *values in zip(FIGURES, *(figures_of(report) for _, report in found), strict=True):
        yield [words, *values]


def _chance_rows(found: Reports) -> Iterator[list[str]]:
    overall = [report.simulated.overall.chances for _, report in found]
    for difference in sorted({value for chances in overall for value in chances}):
        shown = [percent(chances.get(difference, 0)) for chances in overall]
        yield [_format_signed(difference), *shown]


def _level_rows(found: Reports) -> Iterator[list[str]]:
    every = [report.simulated.factors for _, report in found]
    for factor in dict.fromkeys(name for factors in every for name in factors):
        codes = dict.fromkeys(code for factors in every for code in factors.get(factor, {}))
        for code in codes:
            yield [
                f"{factor}: {code}",
                *(_spread(factors.get(factor, {}).get(code)) for factors in every),
            ]


def _site_rows(found: Reports) -> Iterator[list[str]]:
    for site in found[0][1].simulated.sites:
        yield [site, *(_spread(report.simulated.sites[site]) for _, report in found)]


ROWS: Mapping[str, Callable[[Reports], Iterator[list[str]]]] = {
    "comparison": _figure_rows,
    "differences": _chance_rows,
    "levels": _level_rows,
    "sites": _site_rows,
}


def _spread(imbalance: Imbalance | None) -> str:
    return (
        "not used"
        if imbalance is None
        else f"{decimal(imbalance.mean)}, {decimal(imbalance.largest)}"
    )


def _positions(number: int, named: NamedDesign, report: Report) -> ScreenTable:
    which = "the first participants" if named.design.minimised else "the first list positions"
    arms = [arm.name for arm in named.design.arms]
    return ScreenTable(
        f"positions-{number}",
        f"{named.name}: each arm's exact chance for {which}; departures: {departure_words(report)}",
        [TableColumn("Number"), *(TableColumn(arm, numeric=True) for arm in arms)],
        [
            [str(place), *(percent(chance) for chance in chances)]
            for place, chances in enumerate(report.chances, start=1)
        ],
    )


def _differences(found: Reports) -> Iterator[ScreenFigure]:
    """Yield a drawing for each design, all on the same axes."""
    overall = [report.simulated.overall.chances for _, report in found]
    highest = max(chance for chances in overall for chance in chances.values())
    seldom = min(RARE, highest)
    common = [v for chances in overall for v, chance in chances.items() if chance >= seldom]
    every = sorted({v for chances in overall for v in chances if min(common) <= v <= max(common)})
    for number, ((named, _), chances) in enumerate(zip(found, overall, strict=True)):
        title = f"{named.name}: difference between the arms"
        columns = [Upright(_format_signed(v), Fraction(chances.get(v, 0))) for v in every]
        drawing = draw_column_chart(
            columns,
            identity=f"difference-{number}",
            title=title,
            under="Difference; percent of trials",
            highest=Fraction(highest),
        )
        yield ScreenFigure(title, drawing)


def _format_signed(difference: float) -> str:
    words = decimal(abs(difference))
    return f"\N{MINUS SIGN}{words}" if difference < 0 else words


def _guesses(found: Reports) -> ScreenFigure:
    title = "Of 100 participants, how many allocations are known or guessed in advance"
    bars = [Bar(named.name, _parts(report)) for named, report in found]
    return ScreenFigure(title, draw_bar_chart(bars, identity="guesses", title=title, is_share=True))


def _parts(report: Report) -> tuple[Share, ...]:
    """Split 100 participants for a guesser who knows design, block sizes and all factors."""
    exactly, guessing = report.exactly, report.simulated.guessing
    certain = round(100 * (exactly.certain if exactly else guessing.certain.value))
    informed = round(100 * (exactly.informed if exactly else guessing.informed.value))
    return (
        Share("first", "known for certain", certain),
        Share("second", "guessed correctly", informed - certain),
        Share("fourth", "guessed incorrectly", 100 - informed),
    )
