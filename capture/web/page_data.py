"""Small typed values that the page macros draw: tags, tasks, rows and pages of lists."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Colour(StrEnum):
    """Colours of a tag: only for what needs action, and red only for errors and alarms."""

    GREY = "grey"
    WHITE = "white"
    GREEN = "green"
    AQUA_GREEN = "aqua-green"
    BLUE = "blue"
    PURPLE = "purple"
    PINK = "pink"
    RED = "red"
    ORANGE = "orange"
    YELLOW = "yellow"


class Icon(StrEnum):
    """Shapes that differ without colour; the word always stands beside them."""

    COMPLETE = "complete"
    IN_PROGRESS = "in-progress"
    DUE = "due"
    OVERDUE = "overdue"
    QUERY = "query"
    LOCKED = "locked"
    NOT_DUE = "not-due"
    NOT_DONE = "not-done"


@dataclass(frozen=True)
class Tag:
    """A status word; without a colour it is plain text, as for what is complete."""

    text: str
    colour: Colour | None = None
    icon: Icon | None = None


@dataclass(frozen=True)
class Task:
    """One line of a task list; without `url` it cannot be opened yet."""

    title: str
    tag: Tag
    url: str | None = None
    hint: str | None = None


@dataclass(frozen=True)
class SummaryRow:
    """One line of a summary list; `change_url` leads to where the value is corrected."""

    key: str
    value: str
    change_url: str | None = None
    change_text: str = "Change"


@dataclass(frozen=True)
class TableColumn:
    """A column head; `numeric` aligns its cells to the right."""

    text: str
    numeric: bool = False


@dataclass(frozen=True)
class ParticipantBanner:
    """Who this page is about; `arm` and `cohort` only where the reader may see them."""

    number: str
    site: str
    stage: Tag
    participation: Tag
    url: str
    arm: str | None = None
    cohort: str | None = None


@dataclass(frozen=True)
class Pagination:
    """Where the reader is in a long list; addresses are None at its ends."""

    page: int
    pages: int
    total: int
    previous_url: str | None
    next_url: str | None
