"""The one form beside an instrument's own: why values of a complete form change."""

from __future__ import annotations

from wtforms import Form, SelectField, StringField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than the stubs

REASONS = (
    "Typing error",
    "Source document corrected",
    "New information",
    "Wrong participant",
)
OTHER = "other"
MOST_LETTERS = 500


def _list_choices() -> list[SelectChoice]:
    values = ["", *REASONS, OTHER]
    words = {"": "Choose", OTHER: "Other, specify"}
    return [SelectChoice(value=value, label=words.get(value, value)) for value in values]


class CorrectionForm(Form):
    """A reason chosen once for a save; own words may stand beside it or instead of it."""

    reason = SelectField(
        "Reason for change", choices=_list_choices(), validate_choice=False, default=""
    )
    reason_words = StringField("Specify the reason (required for Other, specify)", default="")

    CONTROLS = ("reason", "reason_words")

    def words(self) -> str:
        """The reason as it is kept; blank when none was given."""
        chosen = self.reason.data if self.reason.data in REASONS else ""
        own = (self.reason_words.data or "").strip()
        return f"{chosen}: {own}" if chosen and own else chosen or own

    def validate_length(self) -> bool:
        """Refuse too many letters: nothing is ever cut."""
        over = len(self.reason_words.data or "") - MOST_LETTERS
        if over > 0:
            words = f"The reason is too long by {over} letters; it may have {MOST_LETTERS}."
            self.reason_words.errors = (words,)
        return over <= 0


def read_version(text: str) -> int | None:
    """The version of an entry that a page was drawn from; None for what is no such number."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None
