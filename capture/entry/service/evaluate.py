"""Evaluates an entry with its new values: derived items, findings, blanks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from capture.entry.reads import COMPLETE, IN_PROGRESS, REDACTED, Entry
from capture.ledger.fold import Change
from forms.definition import Instrument
from forms.edit_checks import Finding, derive, findings, hidden_filled, required_blank
from forms.evaluation_scope import StudyScope
from forms.values import Cell


@dataclass(frozen=True)
class Evaluation:
    """An entry as it will be: its cells with the derived ones, and the findings about them.

    blanks: required items without value or reason. hidden: items with a value that are not asked.
    """

    cells: Mapping[str, Cell]
    findings: tuple[Finding, ...]
    blanks: tuple[str, ...]
    hidden: tuple[str, ...]

    def status(self, *, is_clean: bool) -> str:
        """Complete when nothing required is blank and nothing is refused or in question."""
        return COMPLETE if is_clean and not self.blanks else IN_PROGRESS


def merge_cells(before: Entry | None, sent: Mapping[str, Cell | None]) -> dict[str, Cell]:
    """Put the submitted cells over the stored ones; None removes a cell."""
    cells = dict(before.cells) if before else {}
    for name, cell in sent.items():
        old = cells.get(name)
        if cell is not None:
            cells[name] = cell
        elif old is not None and old.missing != REDACTED:
            del cells[name]
    return cells


def evaluate_entry(
    instrument: Instrument, cells: Mapping[str, Cell], scope: StudyScope
) -> Evaluation:
    """Calculate the derived items and check the whole entry. scope: at the entry."""
    entered = {
        name: cell
        for name, cell in cells.items()
        if name not in instrument.value_items or not instrument.value_items[name].is_derived
    }
    full = {**entered, **derive(instrument, entered, scope)}
    return Evaluation(
        cells=full,
        findings=tuple(findings(instrument, full, scope)),
        blanks=required_blank(instrument, full, scope),
        hidden=hidden_filled(instrument, full, scope),
    )


def compare_cells(before: Entry | None, cells: Mapping[str, Cell]) -> dict[str, Change]:
    """The items that change, each with the stored form of its old and its new cell."""
    old = before.cells if before else {}
    return {
        name: Change(_dump_cell(old.get(name)), _dump_cell(cells.get(name)))
        for name in sorted({*old, *cells})
        if old.get(name) != cells.get(name)
    }


def _dump_cell(cell: Cell | None) -> dict[str, str | int | list[str]] | None:
    return None if cell is None else cell.to_json()
