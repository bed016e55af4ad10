"""The small forms of putting things right; services judge what they carry."""

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
    kind = RadioList("Which number is wrong?", required="Choose which number is wrong.")
    number = TextLine("Right number", required="Enter the right number.")
    reason = ReasonBox()
    seen_screening_number = HiddenField()
    seen_participant_number = HiddenField()


class MoveForm(ActForm):
    site = SelectList("New site", required="Choose the new site.")
    date = DateBoxes("From which day on?", required="Enter the day of the move.")
    reason = ReasonBox()
    seen = HiddenField()


class OwnerForm(ActForm):
    """The first step: to whom the answers belong, and from which save on."""

    to = TextLine(
        "Number of the participant they belong to",
        required="Enter the screening or participant number.",
        description="At one of your sites. The same number again for another visit of the person.",
        render_kw={**AS_TYPED, "width": 10},
    )
    since = SelectList(
        "From which save on are the answers wrong here?", required="Choose the first wrong save."
    )


class ConfirmForm(ActForm):
    """The second step: both sides were looked at."""

    overwrite = RadioList(
        "Where the other form holds another answer",
        choices={"keep": "Keep the other form's answer", "take": "Take the answer from here"},
    )
    reason = ReasonBox()
    to = HiddenField()
    visit = HiddenField()
    instance = HiddenField()
    since = HiddenField()
    version = HiddenField()
    to_version = HiddenField()
