"""The small forms of the randomisation pages; services judge what they carry."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

from werkzeug.datastructures import MultiDict
from wtforms import (
    BooleanField,
    FileField,
    Form,
    PasswordField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
    ValidationError,
)
from wtforms.form import BaseForm

from capture.chrome import PageError
from capture.components import errors_of
from capture.problems import InvalidInput, Problem, WrongPassword
from forms.date_field import DateBoxes

NOT_CHOSEN = {"": "Choose"}
TOP = "#main-content"

Sent = MultiDict[str, str] | None


def needs(words: str) -> Callable[[BaseForm, Any], None]:
    """Refuse a blank answer in these words."""

    def check(_form: BaseForm, field: Any) -> None:
        if not str(field.data or "").strip():
            raise ValidationError(words)

    return check


class Choose(SelectField):
    """A list of which the service judges the choice."""

    def __init__(self, label: str, words: str, **more: Any) -> None:
        super().__init__(label, validators=[needs(words)], validate_choice=False, **more)


class PageForm(Form):
    """A form of ours; its controls carry the form's name, so that no item's name is like theirs."""

    act = ""

    def __init__(self, sent: Sent = None, *, today: date | None = None, **stored: Any) -> None:
        self.today = today
        super().__init__(sent, prefix=f"{self.act}-" if self.act else "", **stored)

    def mark(self, field: str, words: str) -> bool:
        """Mark a control wrong; False when this form has none of that name."""
        if field not in self._fields:
            return False
        self._fields[field].errors = (words,)
        return True

    def typed(self, name: str) -> str:
        """What stands in a control, without spaces around it; a date as ISO text."""
        return str(self._fields[name].data or "").strip()

    @property
    def errors_in_order(self) -> list[PageError]:
        return list(errors_of(self))


def errors_for(problem: Problem | None, *forms: PageForm) -> list[PageError]:
    """The error summary: what the forms found, and what a service said, at its control if any."""
    field = problem.field if isinstance(problem, InvalidInput) else ""
    if isinstance(problem, WrongPassword):
        field = "password"
    is_marked = problem is not None and any(form.mark(field, problem.message) for form in forms)
    found = [error for form in forms for error in form.errors_in_order]
    if problem is None or is_marked:
        return found
    return [PageError(problem.message, TOP), *found]


class ConsentForm(PageForm):
    """Consent to one scope."""

    def __init__(self, sent: Sent = None, *, scope: str, **more: Any) -> None:
        self.act = f"consent-{scope}"
        super().__init__(sent, **more)

    version = Choose("Version of the consent form", "Choose the version of the consent form.")
    consent_date = DateBoxes("Date of consent", required="Enter the date of consent.")
    taken_by = StringField(
        "Consent taken by",
        description="The name of the person at the site.",
        validators=[needs("Enter the name of the person at the site who took it.")],
    )


class EnrolForm(PageForm):
    act = "enrol"
    hospital_number = StringField(
        "Hospital number (optional)",
        description="Only used to look for the same person in this study; it is not kept.",
    )


class BirthForm(EnrolForm):
    """For a study without an item for birth date and sex: asked here and not kept."""

    birth_date = DateBoxes("Date of birth", required="Enter the date of birth.")
    sex = RadioField(
        "Sex recorded at birth",
        validate_choice=False,
        validators=[needs("Choose the sex.")],
        choices={"female": "Female", "male": "Male"},
    )


class DuplicateForm(PageForm):
    act = "same"
    duplicate_confirmed = BooleanField("I have checked: this is somebody else")
    duplicate_reason = StringField("How do you know?")


class ConfirmationForm(PageForm):
    act = "confirm"
    doctor = Choose("Doctor who confirmed eligibility", "Choose the doctor.")
    date = DateBoxes("Date confirmed", required="Enter the date of the doctor's confirmation.")
    where_documented = StringField(
        "Where it is documented",
        description="For example: clinic letter of that day, in the notes.",
        validators=[needs("Say where the doctor's confirmation is documented.")],
    )

    def offer(self, doctors: Sequence[str]) -> None:
        """Let a doctor be chosen; the only one there is stands chosen."""
        self.doctor.choices = {**NOT_CHOSEN, **{name: name for name in doctors}}
        if self.doctor.data is None and len(doctors) == 1:
            self.doctor.data = doctors[0]


class PasswordForm(PageForm):
    password = PasswordField("Your password")


class UnsealForm(PageForm):
    act = "unseal"
    version = Choose("Design version", "Choose the design version.")
    reason = TextAreaField("Reason")
    password = PasswordField("Your password")


class SecondForm(PageForm):
    """The second of two people confirms."""

    act = "second"
    password = PasswordField("Your password")


class MistakeForm(PageForm):
    mistake = RadioField("What went wrong?", validate_choice=False)
    reason = TextAreaField("What happened, and how it was found", description="No names.")


class DesignForm(PageForm):
    act = "design"
    file = FileField("Design file", description="YAML, for example: sizes: [4, 6]")
    text = TextAreaField("Or its text")


class ListForm(PageForm):
    act = "upload"
    list = FileField("List", description="CSV in UTF-8, at most 1 MB.")


class PrintForm(PageForm):
    act = "print"
    site = Choose("Site", "Choose the site.")
    count = StringField("How many envelopes", description="At most 50 at once.")
    password = PasswordField("Your password")


class DestroyForm(PageForm):
    act = "destroy"
    destroyed_site = Choose("Site", "Choose the site.")
    words = TextAreaField(
        "Who destroyed them, and where it is documented", description="No names of participants."
    )
    password = PasswordField("Your password")


class EnvelopeForm(PageForm):
    act = "opened"
    envelope = StringField("Number on the envelope", description="As printed, for example 1-12.")
    opened_on = DateBoxes("Day on which it was opened", required="Enter the day.")
    password = PasswordField("Your password")


class ActivateForm(PageForm):
    act = "activate"
    v = StringField(
        "Your value",
        description="At least 8 characters that nobody could foresee: thrown dice, a newspaper.",
    )
    key_copy = PasswordField(
        "Separate copy of the concealment key",
        description="64 hexadecimal characters, kept apart from the server. Tried out, not stored.",
    )
    password = PasswordField("Your password")


class ProposalForm(PageForm):
    act = "propose"
    receipts = FileField(
        "Receipts", description="Receipt files from outside: .json of one, .jsonl of many."
    )
    text = TextAreaField("Or their text")
    highest = StringField(
        "Highest number known",
        description="Ask the sites: the highest randomisation number on any printout or receipt.",
    )
    password = PasswordField("Your password")
