"""Both sides of a form that was saved for the wrong participant."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from capture.entry.reads import REDACTED, Entry, PastSave, cells_at_version
from forms.definition import Instrument
from forms.values import Cell


@dataclass(frozen=True)
class MoveSide:
    """One answer on both forms: what stands there now and what would stand there afterwards."""

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
    """What the saves from a version on changed, beside the other form, in the order of the page.

    past: the entry's saves, newest first. Derived items follow by themselves; a value that was
    redacted stays gone.
    """
    wrong = {change.item for save in past if save.version >= since for change in save.changes}
    before = cells_at_version(entry, list(past), since - 1)
    found = there.cells if there else {}
    return [
        MoveSide(
            item=name,
            here=entry.cells.get(name),
            here_after=before.get(name),
            there=found.get(name),
            moved=_leave_out_redacted(entry.cells.get(name)),
        )
        for name, item in instrument.value_items.items()
        if name in wrong and not item.is_derived
    ]


def _leave_out_redacted(cell: Cell | None) -> Cell | None:
    return None if cell is None or cell.missing == REDACTED else cell
