"""The tables of log forms on a participant's page, which another feature fills."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from capture.participants.presenters.next_steps import Outlook
from capture.web.page_data import TableColumn, Tag


@dataclass(frozen=True)
class LogRow:
    """One instance of a repeated form: its first values in words, and how far it came."""

    number: int
    url: str
    values: tuple[str, ...]
    status: Tag


@dataclass(frozen=True)
class LogTable:
    """All instances of one log form; add_url is None for who may not add another."""

    id: str
    title: str
    columns: tuple[TableColumn, ...]
    rows: tuple[LogRow, ...]
    add_url: str | None


Source = Callable[[Outlook], Sequence[LogTable]]
_sources: list[Source] = []


def register_log_tables(source: Source) -> Source:
    """Register a function that fills the tables, so that this feature need not import entries."""
    _sources.append(source)
    return source


def list_log_tables(outlook: Outlook) -> list[LogTable]:
    """Return the tables of one person, as this reader may see them."""
    return [table for source in _sources for table in source(outlook)]
