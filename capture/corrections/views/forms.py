"""The small forms of putting things right; services judge what they carry."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from werkzeug.datastructures import MultiDict
from wtforms import (
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

MOST_LETTERS = 500


class Reason(TextAreaField):
    """Why something is put right; too much is refused by name, never cut."""

    def __init__(self, **more: Any) -> None:
        super().__init__(
            "Reason",
            [DataRequired("Give the reason in a few words.")],
            description="It stands in the history beside the act. No names.",
            **more,
        )

    def pre_validate(self, form: BaseForm) -> None:
        super().pre_validate(form)
        over = len(self.data or "") - MOST_LETTERS
        if over > 0:
            raise ValidationError(f"The reason is too long by {over} letters; shorten it.")


class Choose(SelectField):
    """A list of which the service judges the choice, in its own words."""

    def __init__(self, label: str, *, required: str, **more: Any) -> None:
        super().__init__(label, [DataRequired(required)], validate_choice=False, **more)


class Pick(RadioField):
    """The same with every choice in view."""

    def __init__(self, label: str, *, required: str, **more: Any) -> None:
        super().__init__(label, [DataRequired(required)], validate_choice=False, **more)


class ActForm(Form):
    """A form of one act; `today` is the date at the site."""

    def __init__(
        self, sent: MultiDict[str, str] | None = None, *, today: date, **stored: Any
    ) -> None:
        self.today = today
        super().__init__(sent, **stored)

    def mark(self, name: str, words: str) -> bool:
        """Mark a control wrong; False when this form has none of that name to see."""
        if name not in self._fields or isinstance(self._fields[name], HiddenField):
            return False
        self._fields[name].errors = (words,)
        return True

    def text(self, name: str) -> str:
        """What stands in a control, without spaces around it; a date as ISO text."""
        return str(self._fields[name].data or "").strip()

    def shown(self) -> Iterator[tuple[str, Field]]:
        """Each control with the kind of macro that draws it."""
        for field in self:
            yield _macro(field), field


def _macro(field: object) -> str:
    known = (
        (DateBoxes, "date"),
        (HiddenField, "hidden"),
        (RadioField, "radios"),
        (SelectField, "select"),
        (TextAreaField, "textarea"),
    )
    return next((macro for kind, macro in known if isinstance(field, kind)), "text")


class ReasonForm(ActForm):
    reason = Reason()


class FormForm(ActForm):
    """Of a form: `version` is what the person looked at."""

    version = HiddenField()
    reason = Reason()


class NumberForm(ActForm):
    kind = Pick("Which number is wrong?", required="Choose which number is wrong.")
    number = StringField("Right number", [DataRequired("Enter the right number.")])
    reason = Reason()
    seen_screening_number = HiddenField()
    seen_participant_number = HiddenField()


class MoveForm(ActForm):
    site = Choose("New site", required="Choose the new site.")
    date = DateBoxes("From which day on?", required="Enter the day of the move.")
    reason = Reason()
    seen = HiddenField()


class OwnerForm(ActForm):
    """The first step: to whom the answers belong, and from which save on."""

    to = StringField(
        "Number of the participant they belong to",
        [DataRequired("Enter the screening or participant number.")],
        description="At one of your sites. The same number again for another visit of the person.",
    )
    since = Choose(
        "From which save on are the answers wrong here?", required="Choose the first wrong save."
    )


class ConfirmForm(ActForm):
    """The second step: both sides were looked at."""

    overwrite = RadioField(
        "Where the other form holds another answer",
        choices={"keep": "Keep the other form's answer", "take": "Take the answer from here"},
        validate_choice=False,
    )
    reason = Reason()
    to = HiddenField()
    visit = HiddenField()
    instance = HiddenField()
    since = HiddenField()
    version = HiddenField()
    to_version = HiddenField()
