"""What is typed to record or correct a cohort; the service judges it."""

from __future__ import annotations

from wtforms import HiddenField

from capture.web.act_forms import ActForm, SelectList, TextBox, TextLine
from forms.date_field import DateBoxes


class RecordForm(ActForm):
    """cohort, seen: what the page showed, so that another one is never recorded unseen."""

    cohort = HiddenField()
    seen = HiddenField()
    date = DateBoxes(
        "Date of the evidence",
        required="Enter the date of the evidence.",
        description="The day of the operation, record or visit that shows it.",
    )
    where_documented = TextLine(
        "Where it is documented", description="For example: operation note in the hospital record."
    )


class CorrectForm(ActForm):
    cohort = SelectList("Cohort", required="Choose the cohort.")
    date = DateBoxes(
        "Date of the evidence",
        required="Enter the date of the evidence.",
        description="The day of the operation, record or visit that shows it.",
    )
    where_documented = TextLine(
        "Where it is documented", description="For example: operation note in the hospital record."
    )
    reason = TextBox("Reason for the correction", required="Give the reason in a few words.")
