"""The forms of actions about participants; services check their values."""

from __future__ import annotations

from collections.abc import Iterator

from wtforms import BooleanField, Field, HiddenField, StringField

from capture.participants import event_kinds
from capture.participants.reasons import AGE_BANDS, NOT_ENROLLED, SOURCES
from capture.participants.service.endings import ASKED_BY
from capture.web.act_forms import ActForm, RadioList, SelectList, TextBox, TextLine, options
from forms.date_field import DateBoxes


class ScreenForm(ActForm):
    site = SelectList("Site", required="Choose the site.")
    date = DateBoxes("Date of screening", required="Enter the date of screening.")
    source = SelectList("Source of referral (optional)", choices=options(SOURCES))
    age_band = SelectList("Age group (optional)", choices=options(AGE_BANDS))
    earlier = HiddenField()


class NotEnrolForm(ActForm):
    reason = RadioList(
        "Reason not recruited",
        required="Choose the reason not recruited.",
        choices=NOT_ENROLLED,
    )
    note = TextLine("Specify other reason", description="Do not enter names or dates of birth.")


class ConsentTakenForm(ActForm):
    scope = SelectList("Consent to", required="Choose what the consent is to.")
    version = SelectList("PIS/ICF version", required="Choose the version.")
    consent_date = DateBoxes("Date of consent", required="Enter the date of consent.")
    taken_by = TextLine(
        "Consent taken by",
        required="Enter who took the consent.",
        description="The name of the person at the site.",
    )


class EnrolForm(ActForm):
    version = SelectList("PIS/ICF version", required="Choose the version.")
    consent_date = DateBoxes("Date of consent", required="Enter the date of consent.")
    taken_by = TextLine(
        "Consent taken by",
        required="Enter who took the consent.",
        description="The name of the person at the site.",
    )
    birth_date = DateBoxes(
        "Date of birth",
        required="Enter the date of birth.",
        description="Used to check for duplicates. Enter it in its form as well.",
    )
    sex = RadioList("Sex recorded at birth", required="Choose the sex.")
    hospital_number = TextLine(
        "Hospital number (optional)", description="Used to check for duplicates."
    )
    duplicate_confirmed = BooleanField("I have checked: this is a different person")
    duplicate_reason = TextLine("Reason that this is a different person")

    def list_shown_fields(self) -> Iterator[tuple[str, Field]]:
        """Yield the fields, without the answer to the warning until the warning was shown."""
        answer = (self.duplicate_confirmed, self.duplicate_reason)
        is_warned = any(field.data or field.errors for field in answer)
        return (
            labelled
            for labelled in super().list_shown_fields()
            if is_warned or labelled[1] not in answer
        )


class WithdrawConsentForm(ActForm):
    scope = SelectList("Consent to", required="Choose what the consent is to.")
    date = DateBoxes("Date of withdrawal", required="Enter the date of withdrawal.")
    taken_by = TextLine(
        "Withdrawal reported to",
        required="Enter who the withdrawal was reported to.",
        description="The name of the person at the site.",
    )
    reason = TextLine(
        "Reason (optional)", description="The participant does not have to give a reason."
    )


class WithdrawForm(ActForm):
    kind = RadioList(
        "Withdrawal from",
        required="Choose what the withdrawal is from.",
        choices={kind: what.capitalize() for kind, what in event_kinds.WITHDRAWALS.items()},
    )
    date = DateBoxes("Date", required="Enter the date.")
    asked_by = SelectList(
        "Withdrawal initiated by",
        required="Choose who initiated the withdrawal.",
        choices=options(ASKED_BY),
    )
    reason = TextBox(
        "Reason",
        required="Give the reason in a few words.",
        description="Enter “not given” if the participant gave no reason.",
    )


class DeathForm(ActForm):
    date = DateBoxes(
        "Date of death",
        required="Enter the date of death.",
        partial=True,
        description="Enter UK for an unknown day or month.",
    )
    reason = TextLine("Reason for a correction (only when a date is recorded already)")


class LossForm(ActForm):
    date = DateBoxes("Date of last contact", required="Enter the date of the last contact.")
    reason = TextBox("Contact attempts made", required="Enter the contact attempts made.")


class ReturnForm(ActForm):
    date = DateBoxes("Date contact was re-established", required="Enter the date.")
    reason = TextLine("Note (optional)")


class UndoForm(ActForm):
    kind = RadioList("Recorded in error", required="Choose what was recorded in error.")
    reason = TextBox("Reason", required="Give the reason in a few words.")


class AddVisitForm(ActForm):
    slug = SelectList("Kind of visit", required="Choose the kind of visit.")
    date = DateBoxes("Visit date", required="Enter the visit date.")


class AppointForm(ActForm):
    date = DateBoxes("Day", future=True, description="Leave blank to cancel the appointment.")
    time = StringField("Time (optional)", description="For example 14:30.")


class NotDoneForm(ActForm):
    reason = TextBox("Reason for missed visit", required="Give the reason in a few words.")
