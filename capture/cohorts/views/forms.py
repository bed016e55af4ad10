"""The forms to record or correct a cohort; the service checks their values."""

from __future__ import annotations

from wtforms import HiddenField

from capture.web.act_forms import ActForm, SelectList, TextBox, TextLine
from forms.date_field import DateBoxes


class RecordForm(ActForm):
    """cohort, seen: the cohort and content hash that the page showed; no other is recorded."""

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
