"""A decision table as data, and the proof that it is total, unambiguous and never reckless."""

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
    """What lies above a level: another one that may be opened, or none (the top, or closed)."""

    OPEN = "open"
    SHUT = "shut"


@dataclass(frozen=True, order=True)
class Cell:
    """One place of a table: people evaluable, with a DLT, who met the condition; what is above."""

    evaluable: int
    dlts: int
    met: int
    above: Above

    def words(self, *, second_condition: bool) -> str:
        """The cell as a reader of the study file thinks of it."""
        met = f", {self.met} who met the second condition" if second_condition else ""
        above = "the level above open" if self.above is Above.OPEN else "no level above open"
        return f"{self.evaluable} evaluable, {self.dlts} with a DLT{met}, {above}"


@dataclass(frozen=True)
class Row:
    """Cells that have one decision: ranges, ends included; None means whatever it is."""

    evaluable: tuple[int, int]
    dlts: tuple[int, int]
    then: Act
    met: tuple[int, int] | None = None
    above: Above | None = None

    def covers(self, cell: Cell) -> bool:
        """Whether the row decides the cell."""
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
    """The decisions of every cell up to so many people at a level.

    otherwise: COMMITTEE when the cells without a row are meant for the committee; None when
               there must be none such.
    """

    people: int
    rows: tuple[Row, ...]
    second_condition: bool = False
    otherwise: Act | None = None

    def cells(self) -> Iterator[Cell]:
        """Every place of the table: every count, every condition, every kind of level."""
        for evaluable in range(self.people + 1):
            for dlts in range(evaluable + 1):
                for met in range(evaluable + 1 if self.second_condition else 1):
                    for above in Above:
                        yield Cell(evaluable, dlts, met, above)

    def at(self, cell: Cell) -> Act:
        """The decision of a cell; a cell without one is the committee's."""
        found = {row.then for row in self.rows if row.covers(cell)}
        return found.pop() if len(found) == 1 else Act.COMMITTEE


@dataclass(frozen=True)
class TableProblem:
    """One reason why a table cannot be followed; row: the index of the row to blame, if one is."""

    words: str
    row: int | None = None


def table_problems(table: DecisionTable) -> Iterator[TableProblem]:
    """Whatever keeps the table from being followed; of states with one cause, the first is named.

    Every count, every condition and every kind of level is looked at.
    """
    for index, row in enumerate(table.rows):
        yield from _row_problems(table, index, row)
    yield from _contradictions(table)
    undecided = [cell for cell in table.cells() if not _deciding_rows(table, cell)]
    if undecided and table.otherwise is not Act.COMMITTEE:
        words = f"the table has no decision for {_states(table, undecided)}"
        yield TableProblem(f"{words}; add rows, or say `otherwise: committee`")
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
        yield TableProblem("this row covers no state that can be; correct its numbers", index)
    if row.then is Act.WAIT:
        yield TableProblem("waiting for outcomes is never a row; say stay", index)


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
            words = f"a level takes {table.people} people; nobody can be added to"
            yield TableProblem(f"{words} {_states(table, full)}", index)
        if row.then in (Act.MTD, Act.ESCALATE) and nobody:
            yield TableProblem("this decides before anybody was judged", index)


def _reckless(table: DecisionTable) -> Iterator[TableProblem]:
    """One DLT more, all else equal, may never make a decision bolder."""
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
