"""The small forms of acts about participants; services judge what they carry."""

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
    date = DateBoxes("Date screened", required="Enter the date of screening.")
    source = SelectList("Where found (optional)", choices=options(SOURCES))
    age_band = SelectList("Age (optional)", choices=options(AGE_BANDS))
    earlier = HiddenField()


class NotEnrolForm(ActForm):
    reason = RadioList(
        "Why does the person not join?",
        required="Choose why the person does not join.",
        choices=NOT_ENROLLED,
    )
    note = TextLine("Other reason, in a few words", description="No names and no dates of birth.")


class ConsentTakenForm(ActForm):
    scope = SelectList("Consent to", required="Choose what the consent is to.")
    version = SelectList("Version of the consent form", required="Choose the version.")
    consent_date = DateBoxes("Date of consent", required="Enter the date of consent.")
    taken_by = TextLine(
        "Consent taken by",
        required="Enter who took the consent.",
        description="The name of the person at the site.",
    )


class EnrolForm(ActForm):
    version = SelectList("Version of the consent form", required="Choose the version.")
    consent_date = DateBoxes("Date of consent", required="Enter the date of consent.")
    taken_by = TextLine(
        "Consent taken by",
        required="Enter who took the consent.",
        description="The name of the person at the site.",
    )
    birth_date = DateBoxes(
        "Date of birth",
        required="Enter the date of birth.",
        description="Only used here to look for the same person; it is entered in a form later.",
    )
    sex = RadioList("Sex recorded at birth", required="Choose the sex.")
    hospital_number = TextLine(
        "Hospital number (optional)", description="Only used to look for the same person."
    )
    duplicate_confirmed = BooleanField("I have checked: this is somebody else")
    duplicate_reason = TextLine("How do you know?")

    def shown(self) -> Iterator[tuple[str, Field]]:
        """Without the answer to the warning until there was one, or it would never be read."""
        answer = (self.duplicate_confirmed, self.duplicate_reason)
        is_warned = any(field.data or field.errors for field in answer)
        return (one for one in super().shown() if is_warned or one[1] not in answer)


class WithdrawConsentForm(ActForm):
    scope = SelectList("Consent to", required="Choose what the consent is to.")
    date = DateBoxes("Date of withdrawal", required="Enter the date of withdrawal.")
    taken_by = TextLine(
        "Who was told",
        required="Enter who was told.",
        description="The name of the person at the site.",
    )
    reason = TextLine("Reason (optional)", description="Nobody has to give one.")


class WithdrawForm(ActForm):
    kind = RadioList(
        "Withdraws from",
        required="Choose what the person withdraws from.",
        choices={kind: what.capitalize() for kind, what in event_kinds.WITHDRAWALS.items()},
    )
    date = DateBoxes("Date", required="Enter the date.")
    asked_by = SelectList(
        "Who asked for it", required="Choose who asked for it.", choices=options(ASKED_BY)
    )
    reason = TextBox(
        "Reason",
        required="Give the reason in a few words.",
        description="Enter “not given” when none was given.",
    )


class DeathForm(ActForm):
    date = DateBoxes(
        "Date of death",
        required="Enter the date of death.",
        partial=True,
        description="Enter UK for a day or month that is not known.",
    )
    reason = TextLine("Reason for a correction (only when a date is recorded already)")


class LossForm(ActForm):
    date = DateBoxes("Last contact", required="Enter the date of the last contact.")
    reason = TextBox("What was tried", required="Say in a few words what was tried.")


class ReturnForm(ActForm):
    date = DateBoxes("Came back on", required="Enter the date.")
    reason = TextLine("Note (optional)")


class UndoForm(ActForm):
    kind = RadioList("Recorded in error", required="Choose what was recorded in error.")
    reason = TextBox("Reason", required="Give the reason in a few words.")


class AddVisitForm(ActForm):
    slug = SelectList("Kind of visit", required="Choose the kind of visit.")
    date = DateBoxes("Date of the visit", required="Enter the date of the visit.")


class AppointForm(ActForm):
    date = DateBoxes("Day", future=True, description="Leave empty to take an appointment back.")
    time = StringField("Time (optional)", description="For example 14:30.")


class NotDoneForm(ActForm):
    reason = TextBox("Why was the visit not done?", required="Give the reason in a few words.")
