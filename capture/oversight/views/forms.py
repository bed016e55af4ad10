"""The forms of oversight: the filter of the trail, the redaction request, the redaction."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from wtforms import Field, Form, SelectField, StringField
from wtforms.validators import ValidationError

from capture.ledger.action_labels import ACTION_LABELS
from capture.oversight.reads import TrailFilters
from capture.web.act_forms import ActForm, PasswordBox, ReasonBox

RANDOMISING = ("randomisation.", "envelope.")
ALL = {"": "All"}
MOST_LETTERS = 100
YEARS = range(1900, 2200)


def list_action_choices() -> dict[str, str]:
    """Return every action that the trail may hold, by its words."""
    done = {action.value: label.done for action, label in ACTION_LABELS.items() if label.done}
    return dict(sorted(done.items(), key=lambda choice: choice[1]))


class FilterForm(Form):
    """What of the trail to show; everything may stay empty."""

    person = SelectField("User", validate_choice=False, default="")
    number = StringField("Participant number", default="")
    action = SelectField("Action", validate_choice=False, default="")
    item = StringField("Item", default="")
    first = StringField("From", description="Such as 2026-03-01", default="")
    last = StringField("To", description="Such as 2026-03-31", default="")

    def name_people(self, people: Mapping[str, str]) -> None:
        self.person.choices = {**ALL, **people}

    def name_actions(self, *, randomises: bool) -> None:
        """Offer the actions of the trail; those of randomisation where the study randomises."""
        choices = list_action_choices().items()
        kept = {
            action: words
            for action, words in choices
            if randomises or not action.startswith(RANDOMISING)
        }
        self.action.choices = {**ALL, **kept}

    def validate_number(self, field: StringField) -> None:
        _refuse_long(field)

    def validate_item(self, field: StringField) -> None:
        _refuse_long(field)

    def validate_first(self, field: StringField) -> None:
        _read_day(field)

    def validate_last(self, field: StringField) -> None:
        _read_day(field)

    def filters(self) -> TrailFilters:
        """Return the filters of a form that was validated."""
        return TrailFilters(
            person=_read_text(self.person),
            number=_read_text(self.number),
            action=_read_text(self.action),
            item=_read_text(self.item),
            first=_read_day(self.first),
            last=_read_day(self.last),
        )

    def query(self) -> dict[str, str]:
        """Return the filled-in filters as they stand in an address."""
        return {field.name: _read_text(field) for field in self if _read_text(field)}


class RedactionRequestForm(ActForm):
    reason = ReasonBox(
        "Why must the value go?",
        required="Say why the value has to go; do not repeat the value.",
        description="The reason stays on record for ever. Do not repeat the value in it.",
        render_kw={"rows": 3},
    )


class RedactForm(ActForm):
    password = PasswordBox(required="Enter your password")


def _read_text(field: Field) -> str:
    return (field.data or "").strip()


def _refuse_long(field: StringField) -> None:
    if len(_read_text(field)) > MOST_LETTERS:
        raise ValidationError(f"At most {MOST_LETTERS} letters. Shorten it.")


def _read_day(field: StringField) -> date | None:
    text = _read_text(field)
    if not text:
        return None
    try:
        day = date.fromisoformat(text)
    except ValueError:
        day = None
    # Python reads weeks (2024-W05-1) and dates without hyphens as well.
    if day is None or day.isoformat() != text or day.year not in YEARS:
        raise ValidationError("Write a date as year, month and day: 2026-03-01.")
    return day
