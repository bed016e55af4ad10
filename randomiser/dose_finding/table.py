"""A decision table as data, and the proof that it is total, unambiguous and never reckless."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

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


def table_problems(table: DecisionTable) -> Iterator[str]:
    """Whatever keeps the table from being followed, each with the cell it is about."""
    for number, row in enumerate(table.rows, 1):
        yield from _row_problems(table, number, row)
    undecided: list[Cell] = []
    for cell in table.cells():
        found = [row.then for row in table.rows if row.covers(cell)]
        if len(set(found)) > 1:
            said = " and ".join(sorted(set(found)))
            yield f"{_words(table, cell)}: the table says {said}; one of them must go."
        if not found:
            undecided.append(cell)
        yield from _impossible(table, cell)
    if undecided and table.otherwise is not Act.COMMITTEE:
        yield (
            f"The table has no decision for {len(undecided)} "
            f"{'state' if len(undecided) == 1 else 'states'}, the first with "
            f"{_words(table, undecided[0])}; add rows, or say otherwise: committee."
        )
    yield from _reckless(table)


def _words(table: DecisionTable, cell: Cell) -> str:
    return cell.words(second_condition=table.second_condition)


def _row_problems(table: DecisionTable, number: int, row: Row) -> Iterator[str]:
    if row.met is not None and not table.second_condition:
        yield f"Row {number} looks at a second condition, which the part does not have."
    elif not any(row.covers(cell) for cell in table.cells()):
        yield f"Row {number} covers no state that can be; correct its numbers."
    if row.then is Act.WAIT:
        yield f"Row {number} says wait; waiting for outcomes is never a row, say stay."


def _impossible(table: DecisionTable, cell: Cell) -> Iterator[str]:
    act = table.at(cell)
    if act is Act.ESCALATE and cell.above is Above.SHUT:
        yield f"{_words(table, cell)}: the table says escalate, but there is nowhere to go."
    if act is Act.STAY and cell.evaluable == table.people:
        yield (
            f"{_words(table, cell)}: the table says stay, but a level takes {table.people} people."
        )
    if act in (Act.MTD, Act.ESCALATE) and cell.evaluable == 0:
        yield f"{_words(table, cell)}: the table decides before anybody was judged."


def _reckless(table: DecisionTable) -> Iterator[str]:
    """One DLT more, all else equal, may never make a decision bolder."""
    for cell in table.cells():
        if cell.dlts == cell.evaluable:
            continue
        worse = Cell(cell.evaluable, cell.dlts + 1, cell.met, cell.above)
        before, after = table.at(cell), table.at(worse)
        if before not in BOLDNESS or after not in BOLDNESS:
            continue
        if BOLDNESS[after] > BOLDNESS[before]:
            yield f"{_words(table, worse)}: {after}, yet with one DLT fewer {before}."
