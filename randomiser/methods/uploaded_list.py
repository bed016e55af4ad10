"""A list made elsewhere and uploaded: an allocation is the next row of its stratum."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any, TypeGuard

from randomiser.allocation import Allocation, Places, RowTrace
from randomiser.arms import Arm
from randomiser.design import Design
from randomiser.draw import Draw, Integers, list_name
from randomiser.list_rules import (
    MOST_ROWS,
    UploadedList,
    level_problem,
    ratio_problem,
    stratum_words,
)
from randomiser.method import Described, DesignParts, ListMethod, Method
from randomiser.parameters import Parameter

SHA_256 = re.compile(r"[0-9a-f]{64}")


def list_places(design: Design, name: str, _draw: Draw) -> Places:
    """Yield the rows of a list from position 1 to the last one; nothing is drawn.

    A stratum without a list has no rows. Source: docs/randomisation.md, "An uploaded list".
    """
    for position, arm in enumerate(_arms_of(design, name), 1):
        yield Allocation(arm, name, position, RowTrace())


def _arms_of(design: Design, name: str) -> tuple[str, ...]:
    for listed in design.lists:
        if list_name(design.randomisation, design.version, listed.levels) == name:
            return listed.arms
    return ()


def order_hash(design: Design) -> str:
    """Return the SHA-256 of the allocations in the order in which they are used.

    Each row is a line `level,level,position,arm` that ends with a line feed. The lists are in
    ascending order of their levels, each from position 1.
    """
    return hashlib.sha256("".join(_lines(design)).encode()).hexdigest()


def _lines(design: Design) -> Iterator[str]:
    for listed in design.lists:
        name = list_name(design.randomisation, design.version, listed.levels)
        for place in list_places(design, name, _no_draw):
            yield ",".join([*listed.levels, str(place.list_position), place.arm]) + "\n"


def _no_draw(name: str, position: int) -> Integers:
    raise AssertionError(f"an uploaded list draws nothing: {name}, {position}")


def _hash_problems(file_hash: object, _: Sequence[Arm]) -> Iterator[str]:
    if not isinstance(file_hash, str) or not SHA_256.fullmatch(file_hash):
        yield "file_hash is not a SHA-256: 64 hexadecimal characters in lower case."


def _are_lists(lists: object) -> TypeGuard[tuple[UploadedList, ...]]:
    return isinstance(lists, tuple) and all(isinstance(listed, UploadedList) for listed in lists)


def _row_problems(lists: object, arms: Sequence[Arm]) -> Iterator[str]:
    if not _are_lists(lists):
        yield "An uploaded list does not come in a design file; upload its CSV file."
        return
    rows = sum(len(listed.arms) for listed in lists)
    if not 1 <= rows <= MOST_ROWS:
        yield f"The list has {rows} rows; it needs 1 to {MOST_ROWS}."
    for listed in lists:
        problem = ratio_problem(listed.arms, arms)
        if problem:
            yield f"{stratum_words(listed.levels)}: {problem}"


def stratum_problems(_: Method, parts: DesignParts) -> Iterator[str]:
    """Yield the problems of the strata that have a list: unknown levels, or out of order."""
    lists, factors = parts.given.get("lists"), parts.factors
    if not _are_lists(lists):
        return
    for before, after in pairwise(lists):
        if before.levels >= after.levels:
            yield f"{stratum_words(after.levels)}: its list is repeated or out of order."
    for listed in lists:
        if len(listed.levels) != len(factors):
            which = stratum_words(listed.levels)
            yield f"{which}: it must have {len(factors)} levels, one for each factor."
            continue
        for factor, code in zip(factors, listed.levels, strict=True):
            problem = level_problem(factor, code)
            if problem:
                yield problem


def _describe(design: Design) -> Described:
    """Return the numbers of rows and strata, and the hashes to compare with the original list."""
    rows = sum(len(listed.arms) for listed in design.lists)
    return [
        ("Uploaded list", f"{rows} rows in {len(design.lists)} strata"),
        ("SHA-256 of the file", design.file_hash),
        ("SHA-256 of the order", order_hash(design)),
    ]


def _plain_lists(lists: Sequence[UploadedList]) -> object:
    return [{"arms": list(listed.arms), "levels": list(listed.levels)} for listed in lists]


def _typed_lists(plain: Sequence[Mapping[str, Any]]) -> tuple[UploadedList, ...]:
    return tuple(UploadedList(tuple(listed["levels"]), tuple(listed["arms"])) for listed in plain)


METHOD = ListMethod(
    name="uploaded_list",
    label="Uploaded list",
    parameters=(
        Parameter(
            name="file_hash", label="SHA-256 of the file", example="", problems=_hash_problems
        ),
        Parameter(
            name="lists",
            label="Uploaded list",
            example=[],
            problems=_row_problems,
            as_plain=_plain_lists,
            as_typed=_typed_lists,
        ),
    ),
    limits=(stratum_problems,),
    places=list_places,
    describe=_describe,
    takes_list=True,
)
