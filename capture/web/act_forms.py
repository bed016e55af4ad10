"""What the form of an act is made of: its controls and their refusals; services judge the rest."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from werkzeug.datastructures import MultiDict
from wtforms import (
    BooleanField,
    Field,
    FileField,
    Form,
    HiddenField,
    PasswordField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
    ValidationError,
)
from wtforms.form import BaseForm
from wtforms.validators import StopValidation

from forms.date_field import DateBoxes

AS_TYPED = {"autocomplete": "off", "spellcheck": False}
"""How a name or number is typed: the browser neither offers nor corrects it."""
NOT_CHOSEN = {"": "Choose"}
MOST_LETTERS = 500

Sent = MultiDict[str, str] | None


def options(known: dict[str, str]) -> dict[str, str]:
    """Return a list to choose from, code to words; a single one is chosen already."""
    return known if len(known) == 1 else NOT_CHOSEN | known


class AnswerNeeded:
    """Refuses a blank answer in our words."""

    def __init__(self, words: str) -> None:
        self.words = words

    def __call__(self, _form: BaseForm, field: Field) -> None:
        if not str(field.data or "").strip():
            field.errors = []
            raise StopValidation(self.words)


def _list_validators(words: str) -> list[AnswerNeeded]:
    return [AnswerNeeded(words)] if words else []


class TextLine(StringField):
    """One line of text; too much is refused by name, never cut."""

    def __init__(
        self, label: str, *, required: str = "", most: int = MOST_LETTERS, **more: Any
    ) -> None:
        super().__init__(label, _list_validators(required), **more)
        self.most = most

    def pre_validate(self, form: BaseForm) -> None:
        super().pre_validate(form)
        refuse_long(self, self.most)


class TextBox(TextAreaField):
    """Several lines of text, likewise."""

    def __init__(
        self, label: str, *, required: str = "", most: int = MOST_LETTERS, **more: Any
    ) -> None:
        super().__init__(label, _list_validators(required), **more)
        self.most = most

    def pre_validate(self, form: BaseForm) -> None:
        super().pre_validate(form)
        refuse_long(self, self.most)


class ReasonBox(TextBox):
    """Why something is done; it goes on record with the act."""

    def __init__(self, label: str = "Reason", **more: Any) -> None:
        words = "Shown in the audit trail. Do not enter names."
        told = {"required": "Give the reason in a few words.", "description": words}
        super().__init__(label, **{**told, **more})


class PasswordBox(PasswordField):
    """The password of whoever acts, which `do_act` checks before anything is done."""

    def __init__(self, label: str = "Your password", *, required: str = "", **more: Any) -> None:
        super().__init__(label, _list_validators(required), **more)


def refuse_long(field: StringField, most: int) -> None:
    """Refuse a text over the limit, saying both lengths."""
    length = len(field.data or "")
    if length > most:
        raise ValidationError(f"{field.label.text}: {length} characters; shorten it to {most}.")


class SelectList(SelectField):
    """A list of which the service judges the choice, in its own words."""

    def __init__(self, label: str, *, required: str = "", **more: Any) -> None:
        super().__init__(label, _list_validators(required), **{"validate_choice": False, **more})


class RadioList(RadioField):
    """The same with every choice in view."""

    def __init__(self, label: str, *, required: str = "", **more: Any) -> None:
        super().__init__(label, _list_validators(required), **{"validate_choice": False, **more})


class ActForm(Form):
    """A form of one act; `today` is the date at the site, by which its dates are judged.

    act: the name that stands before each control's where several forms share a page. What a
    control is drawn with (width, autocomplete, rows) is its `render_kw`.
    """

    act = ""

    def __init__(self, sent: Sent = None, *, today: date | None = None, **stored: Any) -> None:
        self.today = today
        super().__init__(sent, prefix=self.act, **stored)

    def mark(self, name: str, words: str) -> bool:
        """Mark a control wrong; False when this form has none of that name to see."""
        field = self._fields.get(name)
        if field is None or isinstance(field, HiddenField):
            return False
        field.errors = (words,)
        return True

    def text(self, name: str) -> str:
        """Return what stands in a control, without spaces around it; a date as ISO text."""
        return str(self._fields[name].data or "").strip()

    def date_in(self, name: str) -> date:
        """Return the date of a control that `validate` found whole."""
        return date.fromisoformat(self.text(name))

    def is_ticked(self, name: str) -> bool:
        """Return whether a box is ticked."""
        return bool(self._fields[name].data)

    @property
    def password_name(self) -> str | None:
        """The control for the password of whoever acts; None where the act asks for none."""
        return next((field.name for field in self if isinstance(field, PasswordBox)), None)

    @property
    def takes_files(self) -> bool:
        """Whether a file can come with it."""
        return any(isinstance(field, FileField) for field in self)

    def list_shown_fields(self) -> Iterator[tuple[str, Field]]:
        """Yield each control with the kind of macro that draws it."""
        for field in self:
            yield _macro(field), field


def _macro(field: Field) -> str:
    known = (
        (DateBoxes, "date"),
        (HiddenField, "hidden"),
        (BooleanField, "checkbox"),
        (FileField, "file"),
        (PasswordField, "password"),
        (RadioField, "radios"),
        (SelectMultipleField, "checkboxes"),
        (SelectField, "select"),
        (TextAreaField, "textarea"),
    )
    return next((macro for kind, macro in known if isinstance(field, kind)), "text")
