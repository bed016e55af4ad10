"""The small forms of the randomisation pages; the services check what is typed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from wtforms import BooleanField, Field, FileField, HiddenField, PasswordField, TextAreaField

from capture.randomisation.allocation.service.allocation_notes import (
    MOST_LETTERS as MOST_OF_MISTAKE,
)
from capture.randomisation.designs.service.designs import LONGEST_REASON
from capture.web.act_forms import (
    AS_TYPED,
    NOT_CHOSEN,
    ActForm,
    PasswordBox,
    RadioList,
    SelectList,
    Sent,
    TextBox,
    TextLine,
)
from forms.date_field import DateBoxes


class PrerandomisationConsentForm(ActForm):
    """Consent to one scope."""

    def __init__(self, sent: Sent = None, *, scope: str, **more: Any) -> None:
        self.act = f"consent-{scope}"
        super().__init__(sent, **more)

    version = SelectList("PIS/ICF version", required="Choose the version of the consent form.")
    consent_date = DateBoxes("Date of consent", required="Enter the date of consent.")
    taken_by = TextLine(
        "Consent taken by",
        description="The name of the person at the site.",
        required="Enter the name of the person at the site who took it.",
    )


class PrerandomisationEnrolForm(ActForm):
    act = "enrol"
    hospital_number = TextLine(
        "Hospital number (optional)",
        description="Used to check for duplicates in this study. It is not saved.",
    )


class BirthForm(PrerandomisationEnrolForm):
    """Birth date and sex for a study without items for them; they are not stored."""

    birth_date = DateBoxes("Date of birth", required="Enter the date of birth.")
    sex = RadioList(
        "Sex recorded at birth",
        required="Choose the sex.",
        choices={"female": "Female", "male": "Male"},
    )


class DuplicateForm(ActForm):
    act = "same"
    duplicate_confirmed = BooleanField("I have checked: this is a different person")
    duplicate_reason = TextLine("Reason that this is a different person")


class ConfirmationForm(ActForm):
    act = "confirm"
    doctor = SelectList(
        "Investigator who confirmed eligibility", required="Choose the investigator."
    )
    date = DateBoxes(
        "Date confirmed", required="Enter the date of the investigator's confirmation."
    )
    where_documented = TextLine(
        "Source document",
        description="For example, clinic letter of that day in the medical notes.",
        required="Enter the source document of the investigator's confirmation.",
    )

    def offer(self, doctors: Sequence[str]) -> None:
        """Offer the investigators to choose from; preselect the only one."""
        self.doctor.choices = {**NOT_CHOSEN, **{name: name for name in doctors}}
        if self.doctor.data is None and len(doctors) == 1:
            self.doctor.data = doctors[0]


class SeenForm(ActForm):
    """seen: hash of what the page showed; signing and randomising are for these answers alone."""

    seen = HiddenField()
    password = PasswordBox()


class UnsealForm(ActForm):
    act = "unseal"
    version = SelectList("Design version", required="Choose the design version.")
    reason = TextBox("Reason", required="Say why the key is to be unsealed.", most=LONGEST_REASON)
    password = PasswordBox()


class SecondForm(ActForm):
    """The second of two people confirms."""

    act = "second"
    password = PasswordBox()


class MistakeForm(ActForm):
    mistake = RadioList("What went wrong?", required="Choose what went wrong.")
    reason = TextBox(
        "What happened, and how it was found",
        required="Say what happened.",
        description="Do not enter names.",
        most=MOST_OF_MISTAKE,
    )

    def list_shown_fields(self) -> Iterator[tuple[str, Field]]:
        """Return the fields in page order: the correct levels come before the reason."""
        yield from sorted(super().list_shown_fields(), key=lambda drawn: drawn[1] is self.reason)


class DesignForm(ActForm):
    act = "design"
    file = FileField("Design file", description="YAML, for example: sizes: [4, 6]")
    content = TextAreaField("Or its text", name="text")


class ListForm(ActForm):
    act = "upload"
    list = FileField("List", description="CSV in UTF-8, at most 1 MB.")


class PrintForm(ActForm):
    act = "print"
    site = SelectList("Site", required="Choose the site.")
    count = TextLine(
        "How many envelopes", description="At most 50 at once.", render_kw={"width": 3}
    )
    password = PasswordBox()


class DestroyForm(ActForm):
    act = "destroy"
    destroyed_site = SelectList("Site", required="Choose the site.")
    words = TextBox(
        "Who destroyed them, and where it is documented",
        description="Do not enter names of participants.",
    )
    password = PasswordBox()


class EnvelopeForm(ActForm):
    act = "opened"
    envelope = TextLine(
        "Number on the envelope",
        required="Enter the number on the envelope.",
        description="As printed, for example 1-12.",
        render_kw={**AS_TYPED, "width": 5},
    )
    opened_on = DateBoxes("Day on which it was opened", required="Enter the day.")
    password = PasswordBox()


class ActivateForm(ActForm):
    act = "activate"
    v = TextLine(
        "Your value",
        description="At least 8 characters that nobody could foresee: thrown dice, a newspaper.",
        render_kw=AS_TYPED,
    )
    key_copy = PasswordField(
        "Separate copy of the concealment key",
        description="64 hexadecimal characters, kept apart from the server. Tried out, not stored.",
        render_kw={"autocomplete": "off"},
    )
    password = PasswordBox()


class ProposalForm(ActForm):
    act = "propose"
    receipts = FileField(
        "Receipts", description="Receipt files from outside: .json of one, .jsonl of many."
    )
    content = TextAreaField("Or their text", name="text")
    highest = TextLine(
        "Highest number known",
        description="Ask the sites: the highest randomisation number on any printout or receipt.",
        render_kw={"width": 5, "inputmode": "numeric"},
    )
    password = PasswordBox()
