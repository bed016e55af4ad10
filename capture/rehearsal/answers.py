"""Invented answers to an instrument: plausible, now and then odd or missing with a reason."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from random import Random

from capture.rehearsal.papers import bytes_of, paper
from capture.rehearsal.people.leanings import Profile, Situation, Traits
from forms.checks import offered_choices, shown_items
from forms.definition import (
    DateItem,
    DateTimeItem,
    DecimalNumber,
    Derived,
    FileItem,
    Instrument,
    Integer,
    Item,
    MultipleChoice,
    Notes,
    Range,
    SingleChoice,
    Study,
    Text,
    TimeItem,
    VisualAnalogue,
    YesNo,
)
from forms.scopes import StudyScope
from forms.values import Cell, attached_in
from forms.values.numbers import plain

MISSING_SHARE = 0.015
"""How often an answer is missing with a reason: a default [D]."""
ODD_SHARE = 0.01
OPTIONAL_SHARE = 0.85


class Answers:
    """Answers of one study, drawn from one stream."""

    def __init__(self, study: Study, random: Random, profile: Profile) -> None:
        self._study = study
        self._random = random
        self._leanings = profile.leanings

    def fill(
        self,
        instrument: Instrument,
        scope: StudyScope,
        day: date,
        traits: Traits,
        *,
        fixed: Mapping[str, Cell] = {},
    ) -> dict[str, Cell]:
        """Answer every item that is shown, in page order.

        scope stands at the entry. day: the day at the site. traits: of the person. fixed: answers
        given beforehand.
        """
        cells: dict[str, Cell] = {}
        for name, item in instrument.value_items.items():
            here = scope.with_cells(cells)
            if name not in shown_items(instrument, cells, here) or isinstance(item, Derived):
                continue
            if name in fixed:
                cells[name] = fixed[name]
            elif name == instrument.assessment_date:
                cells[name] = Cell(day.isoformat())
            elif item.required or self._random.random() < OPTIONAL_SHARE:
                cells[name] = self._answer(item, Situation(self._random, day, here, traits))
        return cells

    def _answer(self, item: Item, now: Situation) -> Cell:
        if not item.critical and self._random.random() < MISSING_SHARE:
            return Cell(missing=self._random.choice(self._study.missing_reasons).code)
        lean = self._leanings.get(item.name)
        if lean is not None and not self._is_odd(item):
            return lean(now)
        return self._plain(item, now.scope, now.day)

    def _is_odd(self, item: Item) -> bool:
        ranged = isinstance(item, Integer | DecimalNumber) and item.soft and not item.critical
        return bool(ranged) and self._random.random() < ODD_SHARE

    def _plain(self, item: Item, scope: StudyScope, day: date) -> Cell:
        match item:
            case Integer():
                return Cell(int(self._between(item.hard, item.soft, 0)))
            case DecimalNumber():
                return Cell(plain(self._between(item.hard, item.soft, item.decimals)))
            case VisualAnalogue():
                return Cell(self._random.randint(0, item.steps))
            case DateItem() | DateTimeItem() | TimeItem():
                return self._when(item, day)
            case SingleChoice() | MultipleChoice() | YesNo():
                return self._choice(item, scope)
            case FileItem():
                return Cell(paper(item, self._random).text)
            case Text() | Notes():
                return Cell("Synthetic entry")
            case _:
                return Cell(missing=self._study.missing_reasons[0].code)

    def _between(self, hard: Range | None, soft: Range | None, decimals: int) -> Decimal:
        """A number within the hard limits, nine times in ten within the soft ones."""
        low, high = _ends(hard, Decimal(0), Decimal(100))
        if soft is not None and self._random.random() < 0.9:
            low, high = _ends(soft, low, high)
        step = Decimal(1).scaleb(-decimals)
        steps = int((high - low) / step)
        return (low + step * self._random.randint(0, max(steps, 0))).quantize(step)

    def _when(self, item: DateItem | DateTimeItem | TimeItem, day: date) -> Cell:
        then = day - timedelta(self._random.randint(0, 20))
        if isinstance(item, TimeItem):
            return Cell(f"{self._random.randint(8, 17):02d}:{self._random.randint(0, 59):02d}")
        if isinstance(item, DateTimeItem):
            return Cell(f"{then.isoformat()}T{self._random.randint(8, 17):02d}:15")
        if item.partial and self._random.random() < 0.15:
            return Cell(then.isoformat()[: self._random.choice((4, 7))])
        return Cell(then.isoformat())

    def _choice(self, item: SingleChoice | MultipleChoice | YesNo, scope: StudyScope) -> Cell:
        offered = [choice.code for choice in offered_choices(item, scope)]
        known = [c.code for c in item.choices if c.code in offered and not c.unknown] or offered
        if isinstance(item, MultipleChoice):
            return Cell((self._random.choice(known),))
        if isinstance(item, YesNo):
            return Cell("yes" if self._random.random() < 0.8 else "no")
        return Cell(self._random.choice(known))


def attached(instrument: Instrument, cells: Mapping[str, Cell]) -> dict[str, bytes]:
    """The bytes of the files that some answers name."""
    files = {
        name: attached_in(cell.value)
        for name, cell in cells.items()
        if isinstance(instrument.value_items[name], FileItem)
    }
    return {name: bytes_of(file.name) for name, file in files.items() if file is not None}


def _ends(limits: Range | None, low: Decimal, high: Decimal) -> tuple[Decimal, Decimal]:
    if limits is None:
        return low, high
    return (
        limits.minimum if limits.minimum is not None else low,
        limits.maximum if limits.maximum is not None else high,
    )
