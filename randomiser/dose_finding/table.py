"""Decision tables, and the check that a table is complete, unambiguous and never reckless."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import combinations

from randomiser.dose_finding.state import Act

BOLDNESS: Mapping[Act, int] = {
    Act.STOP: 0,
    Act.DE_ESCALATE: 1,
    Act.MTD: 2,
    Act.STAY: 2,
    Act.ESCALATE: 3,
}
"""From the most careful to the boldest; a committee's cell stands outside this order."""


class Above(StrEnum):
    """Whether a level that may be opened lies above: none at the top or below a closed level."""

    OPEN = "open"
    SHUT = "shut"


@dataclass(frozen=True, order=True)
class Cell:
    """A state in a table: numbers evaluable, with a DLT, with the condition met; what is above."""

    evaluable: int
    dlts: int
    met: int
    above: Above

    def words(self, *, second_condition: bool) -> str:
        """Return the cell in words for the reader of the study file."""
        met = f", {self.met} who met the second condition" if second_condition else ""
        above = "the level above open" if self.above is Above.OPEN else "no level above open"
        return f"{self.evaluable} evaluable, {self.dlts} with a DLT{met}, {above}"


@dataclass(frozen=True)
class Row:
    """Cells with the same decision, given as ranges with both ends included; None means any."""

    evaluable: tuple[int, int]
    dlts: tuple[int, int]
    then: Act
    met: tuple[int, int] | None = None
    above: Above | None = None

    def covers(self, cell: Cell) -> bool:
        """Return whether the row has the decision of the cell."""
        return (
            _within(cell.evaluable, self.evaluable)
            and _within(cell.dlts, self.dlts)
            and (self.met is None or _within(cell.met, self.met))
            and (self.above is None or self.above is cell.above)
        )


def _within(number: int, ends: tuple[int, int]) -> bool:
    return ends[0] <= number <= ends[1]


@dataclass(frozen=True)
class DecisionTable:
    """The decisions of all cells up to a number of participants at a level.

    otherwise: COMMITTEE when cells without a row are left to the committee; None when every cell
               must have a row.
    """

    people: int
    rows: tuple[Row, ...]
    second_condition: bool = False
    otherwise: Act | None = None

    def cells(self) -> Iterator[Cell]:
        """Yield every cell: all counts, all numbers meeting the condition, all levels above."""
        for evaluable in range(self.people + 1):
            for dlts in range(evaluable + 1):
                for met in range(evaluable + 1 if self.second_condition else 1):
                    for above in Above:
                        yield Cell(evaluable, dlts, met, above)

    def at(self, cell: Cell) -> Act:
        """Return the decision of a cell; a cell without a row is left to the committee."""
        found = {row.then for row in self.rows if row.covers(cell)}
        return found.pop() if len(found) == 1 else Act.COMMITTEE


@dataclass(frozen=True)
class TableProblem:
    """A reason why a table cannot be used; row: the index of the row with the problem, if any."""

    words: str
    row: int | None = None


def table_problems(table: DecisionTable) -> Iterator[TableProblem]:
    """Yield the problems of a table; of states with the same problem the first is named.

    Every cell is checked.
    """
    for index, row in enumerate(table.rows):
        yield from _row_problems(table, index, row)
    yield from _contradictions(table)
    undecided = [cell for cell in table.cells() if not _deciding_rows(table, cell)]
    if undecided and table.otherwise is not Act.COMMITTEE:
        words = f"the table has no decision for {_states(table, undecided)}"
        yield TableProblem(f"{words}; add rows, or write `otherwise: committee`")
    yield from _impossible(table)
    yield from _reckless(table)


def _deciding_rows(table: DecisionTable, cell: Cell) -> list[int]:
    return [index for index, row in enumerate(table.rows) if row.covers(cell)]


def _states(table: DecisionTable, cells: list[Cell]) -> str:
    first = cells[0].words(second_condition=table.second_condition)
    return first if len(cells) == 1 else f"{first} (and {len(cells) - 1} more)"


def _row_problems(table: DecisionTable, index: int, row: Row) -> Iterator[TableProblem]:
    if row.met is not None and not table.second_condition:
        words = "this row looks at a second condition, which the part does not have"
        yield TableProblem(words, index)
    elif not any(row.covers(cell) for cell in table.cells()):
        yield TableProblem("this row covers no possible state; correct its numbers", index)
    if row.then is Act.WAIT:
        yield TableProblem("a row cannot be wait; write stay", index)


def _contradictions(table: DecisionTable) -> Iterator[TableProblem]:
    found: dict[tuple[int, int], list[Cell]] = {}
    for cell in table.cells():
        for former, other in combinations(_deciding_rows(table, cell), 2):
            if table.rows[former].then is not table.rows[other].then:
                found.setdefault((former, other), []).append(cell)
    for (former, other), cells in found.items():
        said = f"{table.rows[former].then} in row {former + 1} and {table.rows[other].then} here"
        yield TableProblem(f"the table says {said} for {_states(table, cells)}", other)


def _impossible(table: DecisionTable) -> Iterator[TableProblem]:
    for index, row in enumerate(table.rows):
        covered = [cell for cell in table.cells() if row.covers(cell)]
        shut = [cell for cell in covered if cell.above is Above.SHUT]
        full = [cell for cell in covered if cell.evaluable == table.people]
        nobody = [cell for cell in covered if cell.evaluable == 0]
        if row.then is Act.ESCALATE and shut:
            words = f"nowhere to escalate to with {_states(table, shut)}; add `above: open`"
            yield TableProblem(words, index)
        if row.then is Act.STAY and full:
            words = f"a level takes {table.people} participants; none can be added to"
            yield TableProblem(f"{words} {_states(table, full)}", index)
        if row.then in (Act.MTD, Act.ESCALATE) and nobody:
            yield TableProblem("this row decides before any participant is evaluated", index)


def _reckless(table: DecisionTable) -> Iterator[TableProblem]:
    """Yield the cells where one more DLT, all else equal, makes the decision bolder."""
    found: dict[tuple[Act, Act], list[Cell]] = {}
    for cell in table.cells():
        if cell.dlts == cell.evaluable:
            continue
        worse = replace(cell, dlts=cell.dlts + 1)
        before, after = table.at(cell), table.at(worse)
        if before not in BOLDNESS or after not in BOLDNESS:
            continue
        if BOLDNESS[after] > BOLDNESS[before]:
            found.setdefault((before, after), []).append(worse)
    for (before, after), cells in found.items():
        words = f"the table says {after} for {_states(table, cells)}, yet with one DLT fewer"
        yield TableProblem(f"{words} {before}", _deciding_rows(table, cells[0])[0])
