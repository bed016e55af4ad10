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
        "Date of source document",
        required="Enter the date of the source document.",
        description="The date of the operation note, record or visit that shows the cohort.",
    )
    where_documented = TextLine(
        "Source document", description="For example: operation note in the hospital record."
    )


class CorrectForm(ActForm):
    cohort = SelectList("Cohort", required="Choose the cohort.")
    date = DateBoxes(
        "Date of source document",
        required="Enter the date of the source document.",
        description="The date of the operation note, record or visit that shows the cohort.",
    )
    where_documented = TextLine(
        "Source document", description="For example: operation note in the hospital record."
    )
    reason = TextBox("Reason for the correction", required="Give the reason in a few words.")
