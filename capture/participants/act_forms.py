"""What the small forms of acts about a participant are made of; services judge what they carry."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from werkzeug.datastructures import MultiDict
from wtforms import (
    BooleanField,
    Field,
    Form,
    HiddenField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
    ValidationError,
)
from wtforms.form import BaseForm
from wtforms.validators import DataRequired

from forms.date_field import DateBoxes

NOT_CHOSEN = {"": "Choose"}
MOST_LETTERS = 500


def options(known: dict[str, str]) -> dict[str, str]:
    """A list to choose from, code to words; a single one is chosen already."""
    return known if len(known) == 1 else NOT_CHOSEN | known


def needed(words: str) -> list[DataRequired]:
    """The validator of an answer that cannot be left out, in our words."""
    return [DataRequired(words)] if words else []


class Words(StringField):
    """One line of text; too much is refused by name, never cut."""

    def __init__(self, label: str, *, required: str = "", **more: Any) -> None:
        super().__init__(label, needed(required), **more)

    def pre_validate(self, form: BaseForm) -> None:
        super().pre_validate(form)
        refuse_long(self)


class MoreWords(TextAreaField):
    """Several lines of text, likewise."""

    def __init__(self, label: str, *, required: str = "", **more: Any) -> None:
        super().__init__(label, needed(required), **more)

    def pre_validate(self, form: BaseForm) -> None:
        super().pre_validate(form)
        refuse_long(self)


def refuse_long(field: StringField) -> None:
    """Refuse a text over the limit, saying both lengths."""
    length = len(field.data or "")
    if length > MOST_LETTERS:
        raise ValidationError(
            f"{field.label.text}: {length} characters; shorten it to {MOST_LETTERS}."
        )


class Choose(SelectField):
    """A list of which the service judges the choice, in its own words."""

    def __init__(self, label: str, *, required: str = "", **more: Any) -> None:
        super().__init__(label, needed(required), validate_choice=False, **more)


class Pick(RadioField):
    """The same with every choice in view."""

    def __init__(self, label: str, *, required: str, **more: Any) -> None:
        super().__init__(label, needed(required), validate_choice=False, **more)


class ActForm(Form):
    """A form of one act; `today` is the date at the site."""

    def __init__(
        self, sent: MultiDict[str, str] | None = None, *, today: date, **stored: Any
    ) -> None:
        self.today = today
        super().__init__(sent, **stored)

    def mark(self, name: str, words: str) -> bool:
        """Mark a control wrong; False when this form has none of that name."""
        if name not in self._fields:
            return False
        self._fields[name].errors = (words,)
        return True

    def text(self, name: str) -> str:
        """What stands in a control, without spaces around it; a date as ISO text."""
        return str(self._fields[name].data or "").strip()

    def is_ticked(self, name: str) -> bool:
        """Whether a box is ticked."""
        return bool(self._fields[name].data)

    def shown(self) -> Iterator[tuple[str, Field]]:
        """Each control with the kind of macro that draws it."""
        for field in self:
            yield _macro(field), field


def _macro(field: object) -> str:
    known = (
        (DateBoxes, "date"),
        (HiddenField, "hidden"),
        (BooleanField, "checkbox"),
        (RadioField, "radios"),
        (SelectField, "select"),
        (TextAreaField, "textarea"),
    )
    return next((macro for kind, macro in known if isinstance(field, kind)), "text")
