"""A list made elsewhere and uploaded: each allocation is the next row of its stratum."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from randomiser.allocation import Allocation, Places, RowTrace
from randomiser.design import Design
from randomiser.draw import Draw, Integers, list_name


def list_places(design: Design, name: str, _draw: Draw) -> Places:
    """Yield the rows of a list from position 1 to its last; nothing is drawn.

    A stratum without a list has none. Source: docs/randomisation.md, "An uploaded list".
    """
    for position, arm in enumerate(_arms_of(design, name), 1):
        yield Allocation(arm, name, position, RowTrace())


def _arms_of(design: Design, name: str) -> tuple[str, ...]:
    names = (list_name(design.randomisation, design.version, one.levels) for one in design.lists)
    return next((one.arms for one, its in zip(design.lists, names, strict=True) if its == name), ())


def order_hash(design: Design) -> str:
    """Return SHA-256 of the allocations in the order in which the live path takes them.

    One line a row, `level,level,position,arm` with a line feed after each; the lists in ascending
    order of their levels, each from position 1.
    """
    return hashlib.sha256("".join(_lines(design)).encode()).hexdigest()


def _lines(design: Design) -> Iterator[str]:
    for one in design.lists:
        name = list_name(design.randomisation, design.version, one.levels)
        for place in list_places(design, name, _no_draw):
            yield ",".join([*one.levels, str(place.list_position), place.arm]) + "\n"


def _no_draw(name: str, position: int) -> Integers:
    raise AssertionError(f"an uploaded list draws nothing: {name}, {position}")
