"""What home is made of: sections, each a table or words when there is nothing."""

from __future__ import annotations

from dataclasses import dataclass

from capture.web.layout import Link
from capture.web.page_data import TableColumn, Tag


@dataclass(frozen=True)
class SectionCell:
    """One cell of a table. hidden: words for who cannot see the row around a link; also: below."""

    text: str
    url: str | None = None
    hidden: str = ""
    tag: Tag | None = None
    also: str = ""


@dataclass(frozen=True)
class HomeSection:
    """One heading of home. total: how many there are, where the table shows only the first."""

    id: str
    title: str
    columns: tuple[str, ...] = ()
    rows: tuple[tuple[SectionCell, ...], ...] = ()
    empty: str = ""
    total: int | None = None
    links: tuple[Link, ...] = ()
    words: tuple[str, ...] = ()

    @property
    def count(self) -> int:
        return len(self.rows) if self.total is None else self.total

    @property
    def heads(self) -> list[TableColumn]:
        return [TableColumn(text) for text in self.columns]

    @property
    def is_cut(self) -> bool:
        return self.count > len(self.rows)


def make_cell(text: str | int) -> SectionCell:
    """A cell of plain text."""
    return SectionCell(str(text))
