"""Proof that each item makes sense by itself: choices, ranges, units, derived rules."""

from __future__ import annotations

from decimal import Decimal

from forms.definition import (
    DecimalNumber,
    Derived,
    Integer,
    LikertGrid,
    MultipleChoice,
    Range,
    SingleChoice,
)
from forms.proofs.ground import Ground, PlacedItem, placed_items


def prove_items(ground: Ground) -> None:
    """Codes are unique, ranges have a lower and an upper end in order, derived items a value."""
    for placed in placed_items(ground.study):
        item, path = placed.item, placed.path
        ground.require_unique([*path, "checks"], [one.name for one in item.checks], "checks")
        if isinstance(item, SingleChoice | MultipleChoice | LikertGrid | Derived):
            codes = [choice.code for choice in item.choices]
            ground.require_unique([*path, "choices"], codes, "choices with the code")
        if isinstance(item, MultipleChoice):
            _alone(ground, placed, item)
        if isinstance(item, Integer | DecimalNumber):
            _ranges(ground, placed, item)
        if isinstance(item, DecimalNumber):
            _units(ground, placed, item)
        if isinstance(item, Derived):
            _derived(ground, placed, item)
        if item.identifying and item.show_if is None and isinstance(item, Derived):
            ground.problem(path, f"derived item `{item.name}` cannot be marked identifying")


def _alone(ground: Ground, placed: PlacedItem, item: MultipleChoice) -> None:
    codes = [choice.code for choice in item.choices]
    for index, code in enumerate(item.alone):
        ground.require_known([*placed.path, "alone", index], code, codes, "choice")


def _ranges(ground: Ground, placed: PlacedItem, item: Integer | DecimalNumber) -> None:
    for key, limits in (("soft", item.soft), ("hard", item.hard)):
        if limits is not None:
            _one_range(ground, [*placed.path, key], limits)
    if item.soft is not None and item.hard is not None and not _inside(item.soft, item.hard):
        words = f"`{item.name}`: the soft range must lie inside the hard range"
        ground.problem([*placed.path, "soft"], words)


def _one_range(ground: Ground, path: list[str | int], limits: Range) -> None:
    low, high = limits.minimum, limits.maximum
    if low is None and high is None:
        ground.problem(path, "give the range a `min`, a `max` or both")
    elif low is not None and high is not None and low > high:
        ground.problem(path, f"the range is upside down: min {low} is more than max {high}")


def _inside(soft: Range, hard: Range) -> bool:
    endless = Decimal("Infinity")
    low_soft = -endless if soft.minimum is None else soft.minimum
    low_hard = -endless if hard.minimum is None else hard.minimum
    high_soft = endless if soft.maximum is None else soft.maximum
    high_hard = endless if hard.maximum is None else hard.maximum
    # A soft range without an end asks nothing there; only a stated end beyond the hard one is odd.
    is_low = soft.minimum is None or low_soft >= low_hard
    return is_low and (soft.maximum is None or high_soft <= high_hard)


def _units(ground: Ground, placed: PlacedItem, item: DecimalNumber) -> None:
    if item.other_units and item.unit is None:
        words = f"`{item.name}` accepts other units but has no `unit` of its own"
        ground.problem([*placed.path, "other_units"], words)
    names = [other.unit for other in item.other_units]
    ground.require_unique([*placed.path, "other_units"], names, "units")
    if item.unit in names:
        place = [*placed.path, "other_units", names.index(item.unit)]
        ground.problem(place, f"there are two units `{item.unit}`; the first is its own")


def _derived(ground: Ground, placed: PlacedItem, item: Derived) -> None:
    if (item.formula is None) == (not item.rules):
        ground.problem(placed.path, f"derived `{item.name}` needs either a `formula` or `rules`")
    if item.required:
        ground.problem(
            [*placed.path, "required"], "a derived item cannot be required; nobody types it"
        )
    if item.result != "code":
        if item.rules:
            ground.problem([*placed.path, "result"], "rules give a code; write `result: code`")
        return
    codes = [choice.code for choice in item.choices]
    ground.require_unique([*placed.path, "rules"], [rule.name for rule in item.rules], "rules")
    for rule in item.rules:
        path = [*placed.path, "rules", rule.name, "value"]
        ground.require_known(path, rule.value, codes, "choice")
    if item.otherwise is not None:
        ground.require_known([*placed.path, "otherwise"], item.otherwise, codes, "choice")
