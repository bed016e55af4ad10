"""One attached file."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar, Literal

from pydantic import Field

from forms.items.base import BaseItem
from forms.items.columns import ColumnKind, ItemColumn, MergedItem, StoredCell
from forms.items.surroundings import Inventor
from forms.values.cells import Cell, Refusal
from forms.values.files import Attached, attached_in, endings_words, read_file
from forms.vocabulary import Ending
from forms.widgets.frames import PageSettings, make_labelled_frame
from forms.widgets.inputs import FileBox
from forms.widgets.parts import Widget, safe


class FileItem(BaseItem):
    """One attached file."""

    browser_kind: ClassVar[str] = "file"

    type: Literal["file"]
    endings: tuple[Ending, ...] = Field(default=("pdf", "png", "jpg"), min_length=1)
    max_megabytes: int = Field(default=10, ge=1, le=50)

    @property
    def attachment(self) -> FileItem:
        """Itself: a file is attached to it."""
        return self

    @property
    def example(self) -> str:
        """What may be chosen."""
        return f"One file, {endings_words(self)}, at most {self.max_megabytes} MB"

    def read_one(self, text: str, unit: str | None) -> Cell | Refusal | None:
        """Read an attached file as its hash, size and name."""
        del unit
        return read_file(self, text)

    def words_of(self, cell: Cell) -> str:
        """Return name and size."""
        attached = attached_in(cell.value)
        return attached.words if attached else str(cell.value)

    def make_control(self, page: PageSettings) -> Widget:
        """Make the control that chooses a file."""
        accept = ",".join(f".{ending}" for ending in self.endings)
        return FileBox(make_labelled_frame(self, page), accept, safe(self.label))

    def list_value_columns(self, merged: MergedItem) -> Sequence[ItemColumn]:
        """Return hash and size; the name, which people chose, may identify."""
        del merged
        return [
            ItemColumn(take=_of_file(lambda file: file.sha256)),
            ItemColumn(
                "_size", "size in bytes", ColumnKind.WHOLE, take=_of_file(lambda file: file.size)
            ),
        ]

    def invent(self, by: Inventor) -> Cell:
        """Attach a small file of the first kind."""
        name = f"synthetic-{by.random.randint(1, 999_999):06d}.{self.endings[0]}"
        return Cell(by.attach(name))


def _of_file(part: Callable[[Attached], str | int]) -> Callable[[StoredCell], str | int | None]:
    def take(cell: StoredCell) -> str | int | None:
        attached = attached_in(cell.get("v"))
        return None if attached is None else part(attached)

    return take
