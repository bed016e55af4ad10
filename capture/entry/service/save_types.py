"""The submission and the result of a save."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from capture.entry.reads import COMPLETE
from forms.edit_checks import Finding
from forms.evaluation_scope import Place
from forms.values import Cell

Confirms = Callable[[Finding], bool]


def _confirms_nothing(_finding: Finding) -> bool:
    return False


@dataclass(frozen=True)
class Submission:
    """What a person sends for one entry.

    cells: the items that arrived and can be values; None leaves one blank. An item that did not
        arrive is not among them and stays as it is.
    refused: why items could not be values, by item.
    typed: every text of each control, as the draft of what was refused keeps it.
    files: the bytes of attached files, by the item that names them.
    confirms: whether the person said that what a finding asks about is right.
    """

    cells: Mapping[str, Cell | None]
    refused: Mapping[str, str] = field(default_factory=dict)
    typed: Mapping[str, Sequence[str]] = field(default_factory=dict)
    confirms: Confirms = _confirms_nothing
    files: Mapping[str, bytes] = field(default_factory=dict)


@dataclass(frozen=True)
class SaveResult:
    """The state of an entry after a save. changed, still_blank: items by name, in page order.

    odd_visits: titles of visits that were entered and whose dates fit no longer since this save.
    """

    title: str
    key: Place
    version: int
    status: str
    changed: tuple[str, ...]
    still_blank: tuple[str, ...]
    blank_labels: tuple[str, ...]
    questions: tuple[Finding, ...]
    refused: tuple[str, ...]
    odd_visits: tuple[str, ...] = ()

    @property
    def is_complete(self) -> bool:
        return self.status == COMPLETE

    @property
    def summary(self) -> str:
        """What happened, and what is left to do, in words."""
        words = [f"{self.title} saved." if self.changed else f"{self.title}: nothing was changed."]
        if self.refused:
            words.append(f"{_count(len(self.refused), 'answer')} could not be stored.")
        if self.blank_labels:
            verb = "is" if len(self.blank_labels) == 1 else "are"
            words.append(f"Not complete: still blank {verb} {', '.join(self.blank_labels)}.")
        if self.questions:
            words.append(f"{_count(len(self.questions), 'answer')} to confirm or correct.")
        if self.odd_visits:
            words.append(
                f"Check the dates: {', '.join(self.odd_visits)} stayed as entered, and no longer "
                "agrees with them."
            )
        if self.is_complete:
            words.append("It is complete.")
        return " ".join(words)


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
