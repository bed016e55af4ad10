"""Invented answers to an instrument: plausible, now and then odd or missing with a reason."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from random import Random

from capture.synthetic.files import bytes_of
from capture.synthetic.people.leanings import Profile, Situation, Traits
from forms.definition import Instrument, Study
from forms.edit_checks import shown_items
from forms.evaluation_scope import StudyScope
from forms.formulas import holds
from forms.items import Item
from forms.items.surroundings import Inventor
from forms.values import Attached, Cell, attached_in

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
            if name not in shown_items(instrument, cells, here) or item.is_derived:
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
        return item.invent(self._inventor(now))

    def _is_odd(self, item: Item) -> bool:
        is_ranged = item.soft_range is not None and not item.critical
        return is_ranged and self._random.random() < ODD_SHARE

    def _inventor(self, now: Situation) -> Inventor:
        return Inventor(
            random=self._random,
            day=now.day,
            holds=lambda text: holds(text, now.scope),
            attach=lambda name: Attached.of(name, bytes_of(name)).text,
            reason=self._study.missing_reasons[0].code,
        )


def list_attached_bytes(instrument: Instrument, cells: Mapping[str, Cell]) -> dict[str, bytes]:
    """Return the bytes of the files that some answers name."""
    files = {
        name: attached_in(cell.value)
        for name, cell in cells.items()
        if instrument.value_items[name].attachment
    }
    return {name: bytes_of(file.name) for name, file in files.items() if file is not None}
