"""What a dashboard is made from, and the tables it is made of."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from markupsafe import Markup

from capture.home.reads import Counts
from capture.study.reads import Site
from capture.visibility import Viewer
from capture.web.page_data import TableColumn
from forms.definition import Study

ALL_SITES = "All sites of the study"


@dataclass(frozen=True)
class DashboardTable:
    """One table of a dashboard; the first `texts` columns are text, the others are numbers."""

    id: str
    title: str
    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    texts: int = 1

    @property
    def columns(self) -> list[TableColumn]:
        return [
            TableColumn(text, numeric=index >= self.texts) for index, text in enumerate(self.heads)
        ]


@dataclass(frozen=True)
class DashboardFigure:
    """A drawing with a heading of its own and the words beside it."""

    title: str
    drawing: Markup
    words: str = ""


@dataclass(frozen=True)
class DashboardSection:
    """One part of a page: what it is about, its drawings, and their numbers in tables."""

    title: str
    words: str
    figures: Sequence[DashboardFigure]
    tables: Sequence[DashboardTable]


@dataclass(frozen=True)
class DashboardContext:
    """What a dashboard is made from. sites: those the reader may see, by slug."""

    study: Study
    found: Counts
    sites: Mapping[str, Site]
    today: date
    viewer: Viewer

    def count(self, name: str, site: str | None = None) -> int:
        """One counter: of a site, or of all sites of the study."""
        return self._in_all[name] if site is None else self.found.get((site, name), 0)

    @cached_property
    def _in_all(self) -> Counter[str]:
        total: Counter[str] = Counter()
        for (_site, name), number in self.found.items():
            total[name] += number
        return total

    def below(self, prefix: str, sites: Collection[str] | None = None) -> int:
        """All counters whose names begin with a prefix, such as the months of one thing."""
        return sum(
            n
            for (site, name), n in self.found.items()
            if name.startswith(f"{prefix}.") and (sites is None or site in sites)
        )


def format_share(part: int, whole: int) -> str:
    """A part in whole percent, rounded down: only all of it is 100 %."""
    return f"{100 * part // whole} %" if whole else ""
