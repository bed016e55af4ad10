"""The forms of the dose-finding pages; the services check what is typed."""

from __future__ import annotations

from wtforms import HiddenField

from capture.web.act_forms import ActForm, PasswordBox, RadioList, SelectList, TextBox
from forms.date_field import DateBoxes


class RegisterForm(ActForm):
    """seen: the hash of what the page showed, so that a changed level is never used unnoticed."""

    seen = HiddenField()
    password = PasswordBox()


class OutcomeForm(ActForm):
    """The outcome of a participant; `met` and `reason` are asked only where they apply."""

    outcome = RadioList("Outcome", required="Choose the outcome of the participant.")
    day = DateBoxes(
        "Date",
        required="Enter the date.",
        description="Of the DLT; without one, of the end of the window or of the last visit.",
    )
    met = RadioList("Second condition", render_kw={"inline": True})
    note = TextBox(
        "What happened",
        description="The DLT, or why the participant is not evaluable. Do not enter names.",
    )
    reason = TextBox("Reason for the correction")


class DecisionForm(ActForm):
    """seen: the hash of the counts that the page showed; a signature is for these alone."""

    seen = HiddenField()
    choice = RadioList("Decision", required="Choose what the committee decides.")
    level = SelectList("Dose level")
    why = TextBox(
        "Reason",
        description="Needed where the decision is not the recommendation. Do not enter names.",
    )
    password = PasswordBox()
