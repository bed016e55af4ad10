"""Both sides of moving answers that were saved for the wrong participant."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from capture.entry.reads import REDACTED, Entry, PastSave, get_cells_at
from forms.definition import Instrument
from forms.values import Cell


@dataclass(frozen=True)
class MoveSide:
    """One answer on both forms: the values now, and the values after the move."""

    item: str
    here: Cell | None
    here_after: Cell | None
    there: Cell | None
    moved: Cell | None

    @property
    def is_conflict(self) -> bool:
        """Whether the other form holds another answer already."""
        return self.moved is not None and self.there is not None and self.there != self.moved


def list_move_sides(
    instrument: Instrument, entry: Entry, past: Sequence[PastSave], since: int, there: Entry | None
) -> list[MoveSide]:
    """The answers that the saves from a version on changed, on both forms, in the form's order.

    past: the entry's saves, newest first. Derived items are left out, as they are calculated; a
    redacted value is not moved.
    """
    wrong = {change.item for save in past if save.version >= since for change in save.changes}
    before = get_cells_at(entry, list(past), since - 1)
    found = there.kept_cells if there else {}
    return [
        MoveSide(
            item=name,
            here=entry.kept_cells.get(name),
            here_after=before.get(name),
            there=found.get(name),
            moved=_leave_out_redacted(entry.kept_cells.get(name)),
        )
        for name, item in instrument.value_items.items()
        if name in wrong and not item.is_derived
    ]


def _leave_out_redacted(cell: Cell | None) -> Cell | None:
    return None if cell is None or cell.missing == REDACTED else cell
