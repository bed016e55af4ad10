"""The forms of corrections; services check their values."""

from __future__ import annotations

from wtforms import HiddenField

from capture.web.act_forms import AS_TYPED, ActForm, RadioList, ReasonBox, SelectList, TextLine
from forms.date_field import DateBoxes


class CorrectionReasonForm(ActForm):
    reason = ReasonBox()


class FormForm(ActForm):
    """Of a form: `version` is what the person looked at."""

    version = HiddenField()
    reason = ReasonBox()


class NumberForm(ActForm):
    kind = RadioList("Number to correct", required="Choose the number to correct.")
    number = TextLine("Correct number", required="Enter the correct number.")
    reason = ReasonBox()
    seen_screening_number = HiddenField()
    seen_participant_number = HiddenField()


class MoveForm(ActForm):
    site = SelectList("New site", required="Choose the new site.")
    date = DateBoxes("Date of move", required="Enter the date of the move.")
    reason = ReasonBox()
    seen = HiddenField()


class OwnerForm(ActForm):
    """The first step: to whom the answers belong, and from which save on."""

    to = TextLine(
        "Number of the correct participant",
        required="Enter the screening or participant number.",
        description="A participant at one of your sites; the same number for another visit.",
        render_kw={**AS_TYPED, "width": 10},
    )
    since = SelectList(
        "Which version is the first with the wrong data?",
        required="Choose the first version with the wrong data.",
    )


class ConfirmForm(ActForm):
    """The second step: both sides were looked at."""

    overwrite = RadioList(
        "If the other form has a different value",
        choices={
            "keep": "Keep the value on the other form",
            "take": "Use the value from this form",
        },
    )
    reason = ReasonBox()
    to = HiddenField()
    visit = HiddenField()
    instance = HiddenField()
    since = HiddenField()
    version = HiddenField()
    to_version = HiddenField()
