"""A date in three boxes for forms that are not instruments: consent, death, withdrawal."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from wtforms import Field
from wtforms.form import BaseForm

from forms.fields import SentForm
from forms.items import DateItem
from forms.items.dated import DATE_BOXES
from forms.partial_dates import parse_iso
from forms.values import Cell, Refusal, read_value, typed_texts


class DateBoxes(Field):
    """A whole date, or with `partial` one whose day or month may be unknown.

    data is the date's ISO text (`2026-11-23`, partial: `2026-11`) or None. The form must have an
    attribute `today`, the site's date; a later date is refused unless `future`.
    """

    def __init__(
        self,
        label: str,
        *,
        required: str | None = None,
        partial: bool = False,
        future: bool = False,
        **options: Any,
    ) -> None:
        super().__init__(label=label, **options)
        self.required = required
        self.item = DateItem(type="date", name="date", label=label, partial=partial, future=future)
        self.typed: Sequence[str] = ("", "", "")
        self.wrong_part: str | None = None

    @property
    def first_id(self) -> str:
        """The box to correct, or the day."""
        return f"{self.id}-{self.wrong_part or 'day'}"

    @property
    def wrong_parts(self) -> Sequence[str]:
        """The boxes to mark: the one to correct, or all of them when none is named."""
        if not self.errors:
            return ()
        return (self.wrong_part,) if self.wrong_part else DATE_BOXES

    def process(
        self,
        formdata: SentForm | None,
        data: object = None,
        extra_filters: object = None,  # noqa: ARG002 - WTForms passes it
    ) -> None:
        """Take the three boxes; without a form, show the date given."""
        self.errors, self.process_errors = (), []
        if formdata is None:
            iso = data.isoformat() if isinstance(data, date) else data
            self.data = iso if isinstance(iso, str) and iso else None
            cell = Cell(parse_iso(self.data).iso) if self.data else None
            self.typed = typed_texts(self.item, cell).texts or ("", "", "")
            return
        self.data = None
        sent = [formdata.getlist(f"{self.name}-{box}") for box in DATE_BOXES]
        self.typed = [texts[0] if texts else "" for texts in sent]

    def validate(
        self,
        form: BaseForm,
        extra_validators: object = (),  # noqa: ARG002 - WTForms passes it
    ) -> bool:
        """Read the boxes; words of our own say what is wrong."""
        read = read_value(self.item, self.typed, today=form.today)  # type: ignore[attr-defined]
        if isinstance(read, Refusal):
            self.errors, self.wrong_part = (read.words,), read.part
        elif read is None and self.required:
            self.errors = (self.required,)
        self.data = str(read.value) if isinstance(read, Cell) else None
        return not self.errors
