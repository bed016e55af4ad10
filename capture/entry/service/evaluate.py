"""Evaluates an entry with its new values: derived items, findings, blanks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from capture.entry.reads import COMPLETE, IN_PROGRESS, REDACTED, Entry
from capture.ledger.fold import Change
from capture.queries.reads import Query
from forms.definition import Instrument
from forms.edit_checks import Finding, findings, judge_answers, required_blank
from forms.evaluation_scope import StudyScope
from forms.values import Cell


@dataclass(frozen=True)
class Evaluation:
    """An entry as it will be: its cells with the derived ones, and the findings about them.

    answers: the cells that count. blanks: required items without value or reason.
    not_asked: items that hold an answer but are not asked.
    """

    cells: Mapping[str, Cell]
    answers: Mapping[str, Cell]
    findings: tuple[Finding, ...]
    blanks: tuple[str, ...]
    not_asked: tuple[str, ...]

    def status(self, *, is_clean: bool) -> str:
        """Complete when nothing required is blank and nothing is refused or in question."""
        return COMPLETE if is_clean and not self.blanks else IN_PROGRESS


def merge_cells(before: Entry | None, sent: Mapping[str, Cell | None]) -> dict[str, Cell]:
    """Put the submitted cells over the stored ones; None removes a cell."""
    cells = dict(before.kept_cells) if before else {}
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
    """Work out what is asked and derived, and check the whole entry. scope: at the entry."""
    judged = judge_answers(instrument, cells, scope)
    return Evaluation(
        cells=judged.cells,
        answers=judged.answers,
        findings=tuple(findings(instrument, judged, scope)),
        blanks=required_blank(instrument, judged),
        not_asked=judged.not_asked,
    )


def list_questions(known: Sequence[Query], findings: Mapping[Finding, bool]) -> list[Finding]:
    """The findings that still need an answer. findings: whether each is confirmed in this act."""
    settled = {query.key for query in known if query.is_confirmed}
    return [
        finding
        for finding, is_confirmed in findings.items()
        if not (is_confirmed or (finding.is_confirmable and finding.key in settled))
    ]


def compare_cells(old: Mapping[str, Cell], cells: Mapping[str, Cell]) -> dict[str, Change]:
    """The items that change, each with the stored form of its old and its new cell."""
    return {
        name: Change(_dump_cell(old.get(name)), _dump_cell(cells.get(name)))
        for name in sorted({*old, *cells})
        if old.get(name) != cells.get(name)
    }


def _dump_cell(cell: Cell | None) -> dict[str, str | int | list[str]] | None:
    return None if cell is None else cell.to_json()
