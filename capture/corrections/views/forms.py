"""The small forms of putting things right; services judge what they carry."""

from __future__ import annotations

from typing import Any

from wtforms import (
    HiddenField,
    RadioField,
    StringField,
    TextAreaField,
    ValidationError,
)
from wtforms.form import BaseForm
from wtforms.validators import DataRequired

from capture.participants.act_forms import ActForm, Choose, Pick
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


class PutRightForm(ActForm):
    """A form of one act; what is wrong with a hidden control is said at the top alone."""

    def mark(self, name: str, words: str) -> bool:
        """Mark a control wrong; False when this form has none of that name to see."""
        if isinstance(self._fields.get(name), HiddenField):
            return False
        return super().mark(name, words)


class ReasonForm(PutRightForm):
    reason = Reason()


class FormForm(PutRightForm):
    """Of a form: `version` is what the person looked at."""

    version = HiddenField()
    reason = Reason()


class NumberForm(PutRightForm):
    kind = Pick("Which number is wrong?", required="Choose which number is wrong.")
    number = StringField("Right number", [DataRequired("Enter the right number.")])
    reason = Reason()
    seen_screening_number = HiddenField()
    seen_participant_number = HiddenField()


class MoveForm(PutRightForm):
    site = Choose("New site", required="Choose the new site.")
    date = DateBoxes("From which day on?", required="Enter the day of the move.")
    reason = Reason()
    seen = HiddenField()


class OwnerForm(PutRightForm):
    """The first step: to whom the answers belong, and from which save on."""

    to = StringField(
        "Number of the participant they belong to",
        [DataRequired("Enter the screening or participant number.")],
        description="At one of your sites. The same number again for another visit of the person.",
    )
    since = Choose(
        "From which save on are the answers wrong here?", required="Choose the first wrong save."
    )


class ConfirmForm(PutRightForm):
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
