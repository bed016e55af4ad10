"""What is typed on the pages of dose finding; the services judge it."""

from __future__ import annotations

from wtforms import HiddenField

from capture.web.act_forms import ActForm, PasswordBox, RadioList, SelectList, TextBox
from forms.date_field import DateBoxes


class RegisterForm(ActForm):
    """seen: what the page showed, so that nobody is registered at a level unseen."""

    seen = HiddenField()
    password = PasswordBox()


class OutcomeForm(ActForm):
    """What became of somebody; `met` and `reason` are asked where they belong."""

    outcome = RadioList("Outcome", required="Choose what became of the participant.")
    day = DateBoxes(
        "Date",
        required="Enter the date.",
        description="Of the DLT; without one, of the end of the window or of the last visit.",
    )
    met = RadioList("Second condition", render_kw={"inline": True})
    note = TextBox(
        "What happened",
        description="The DLT, or why nobody can judge. No names.",
    )
    reason = TextBox("Reason for the correction")


class DecisionForm(ActForm):
    """seen: the counts that the page showed, so that nobody signs for others."""

    seen = HiddenField()
    choice = RadioList("Decision", required="Choose what the committee decides.")
    level = SelectList("Dose level")
    why = TextBox(
        "Reason",
        description="Needed where the decision is not what is recommended. No names.",
    )
    password = PasswordBox()
