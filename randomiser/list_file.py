"""Reading the CSV file of an uploaded list; every problem names its line."""

from __future__ import annotations

import csv
import hashlib
import io
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product

from randomiser.arms import Arm, Factor
from randomiser.list_rules import (
    MOST_ROWS,
    UploadedList,
    level_problem,
    ratio_problem,
    stratum_words,
)
from randomiser.problems import DesignProblem

LONGEST_FILE = 1_000_000
LONGEST_POSITION = 6
POSITION, ARM = "list_position", "arm"


@dataclass
class _Reading:
    """The rows read so far in each stratum (list position to line and arm) and the problems."""

    arms: Sequence[Arm]
    factors: Sequence[Factor]
    problems: list[str] = field(default_factory=list)
    rows: dict[tuple[str, ...], dict[int, tuple[int, str]]] = field(
        default_factory=lambda: defaultdict(dict)
    )


def header_of(factors: Sequence[Factor]) -> list[str]:
    """Return the column names in the first line of a file: factors, list position, arm."""
    return [*(factor.name for factor in factors), POSITION, ARM]


def read_list(
    data: bytes, arms: Sequence[Arm], factors: Sequence[Factor], known: Mapping[str, Sequence[str]]
) -> tuple[str, tuple[UploadedList, ...]]:
    """Return the SHA-256 of a file and the lists in it, in ascending order of their levels.

    data:  CSV in UTF-8 with commas. The first line has the names of the factors in their order,
           then `list_position` and `arm`. Every other line is a row; rows may be in any order.
    known: the codes that an open factor may have, by factor; a factor not in it may have any.
    In every stratum the positions are 1, 2, 3 … and the whole list is in the ratio. When a code of
    an open factor occurs, every stratum with that code must have a list.
    Raises DesignProblem with every problem, each with its line.
    """
    reading = _Reading(arms, [_close_factor(factor, known) for factor in factors])
    text = _text(data)
    if "\0" in text:
        line = text[: text.index("\0")].count("\n") + 1
        raise DesignProblem([f"Line {line}: there is a NUL character; save the list as CSV again."])
    _read(reading, text)
    if not reading.problems:
        reading.problems.extend(_whole_problems(reading, factors))
    if reading.problems:
        raise DesignProblem(reading.problems)
    return hashlib.sha256(data).hexdigest(), tuple(_lists(reading))


def _close_factor(factor: Factor, known: Mapping[str, Sequence[str]]) -> Factor:
    codes = factor.levels if factor.levels is not None else known.get(factor.name)
    return Factor(factor.name, None if codes is None else tuple(codes))


def _text(data: bytes) -> str:
    if len(data) > LONGEST_FILE:
        raise DesignProblem([f"The file is larger than {LONGEST_FILE} bytes; a list is smaller."])
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        line = data[: problem.start].count(b"\n") + 1
        words = f"Line {line}: this is not UTF-8 text; save the list as “CSV UTF-8”."
        raise DesignProblem([words]) from problem


def _read(reading: _Reading, text: str) -> None:
    lines = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        header = next(lines, [])
        if header != header_of(reading.factors):
            right = ",".join(header_of(reading.factors))
            raise DesignProblem(
                [f"Line 1: the first line is {','.join(header)[:200]!r}; it must be {right!r}."]
            )
        for cells in lines:
            if cells:
                _read_row(reading, lines.line_num, cells)
    except csv.Error as problem:
        reading.problems.append(f"Line {lines.line_num}: this is not CSV ({problem}).")
    if not reading.rows and not reading.problems:
        reading.problems.append("Line 2: there is no row; a list needs at least one.")


def _read_row(reading: _Reading, line: int, cells: list[str]) -> None:
    named = len(header_of(reading.factors))
    if len(cells) != named:
        words = f"there are {len(cells)} values; the first line names {named}."
        reading.problems.append(f"Line {line}: {words}")
        return
    *codes, position, arm = cells
    found = [*_row_problems(reading, codes, position, arm)]
    if not found:
        stands = reading.rows[tuple(codes)].setdefault(int(position), (line, arm))[0]
        if stands != line:
            stratum = stratum_words(codes)
            found = [f"{POSITION} {position} of {stratum} is already on line {stands}."]
    reading.problems.extend(f"Line {line}: {words}" for words in found)


def _row_problems(reading: _Reading, codes: list[str], position: str, arm: str) -> Iterator[str]:
    for factor, code in zip(reading.factors, codes, strict=True):
        problem = level_problem(factor, code)
        if problem:
            yield problem
    right = position.isascii() and position.isdigit() and len(position) <= LONGEST_POSITION
    if not right or position.startswith("0"):
        yield f"{POSITION} is {position[:40]!r}; it must be a whole number from 1."
    names = [arm.name for arm in reading.arms]
    if arm not in names:
        yield f"{ARM} is {arm[:40]!r}; the arms are {', '.join(names)}."


def _whole_problems(reading: _Reading, factors: Sequence[Factor]) -> Iterator[str]:
    """Yield the problems of the lists as a whole; every row has been read without a problem."""
    for levels, rows in sorted(reading.rows.items()):
        missing = next(position for position in range(1, len(rows) + 2) if position not in rows)
        if missing <= len(rows):
            after = min(position for position in rows if position > missing)
            yield (
                f"Line {rows[after][0]}: {stratum_words(levels)} has {POSITION} {after} and not "
                f"{missing}; positions must be 1, 2, 3 … without a gap."
            )
        problem = ratio_problem([arm for _line, arm in rows.values()], reading.arms)
        if problem:
            last = max(line for line, _arm in rows.values())
            yield f"Line {last}: {stratum_words(levels)}: {problem}"
    yield from _missing_strata(reading, factors)
    rows_in_all = sum(map(len, reading.rows.values()))
    if rows_in_all > MOST_ROWS:
        yield f"There are {rows_in_all} rows; an uploaded list has at most {MOST_ROWS}."


def _missing_strata(reading: _Reading, factors: Sequence[Factor]) -> Iterator[str]:
    """Yield strata without a list when another stratum with the same open codes has one."""
    wanted = {
        stratum
        for levels in reading.rows
        for stratum in product(
            *(
                (code,) if factor.levels is None else factor.levels
                for factor, code in zip(factors, levels, strict=True)
            )
        )
    }
    for stratum in sorted(wanted - reading.rows.keys()):
        yield f"There is no line for {stratum_words(stratum)}; every stratum needs a list."


def _lists(reading: _Reading) -> Iterator[UploadedList]:
    for levels, rows in sorted(reading.rows.items()):
        yield UploadedList(levels, tuple(rows[position][1] for position in sorted(rows)))
