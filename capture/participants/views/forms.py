"""The small forms of acts about participants; services judge what they carry."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from werkzeug.datastructures import MultiDict
from wtforms import (
    BooleanField,
    Field,
    Form,
    HiddenField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
    ValidationError,
)
from wtforms.form import BaseForm
from wtforms.validators import DataRequired

from capture.participants import kinds
from capture.participants.reasons import AGE_BANDS, NOT_ENROLLED, SOURCES
from capture.participants.service.endings import ASKED_BY
from forms.date_field import DateBoxes

NOT_CHOSEN = {"": "Choose"}
MOST_LETTERS = 500


def options(known: dict[str, str]) -> dict[str, str]:
    """A list to choose from, code to words; a single one is chosen already."""
    return known if len(known) == 1 else NOT_CHOSEN | known


def needed(words: str) -> list[DataRequired]:
    """The validator of an answer that cannot be left out, in our words."""
    return [DataRequired(words)] if words else []


class Words(StringField):
    """One line of text; too much is refused by name, never cut."""

    def __init__(self, label: str, *, required: str = "", **more: Any) -> None:
        super().__init__(label, needed(required), **more)

    def pre_validate(self, form: BaseForm) -> None:
        super().pre_validate(form)
        refuse_long(self)


class MoreWords(TextAreaField):
    """Several lines of text, likewise."""

    def __init__(self, label: str, *, required: str = "", **more: Any) -> None:
        super().__init__(label, needed(required), **more)

    def pre_validate(self, form: BaseForm) -> None:
        super().pre_validate(form)
        refuse_long(self)


def refuse_long(field: StringField) -> None:
    """Refuse a text over the limit, saying both lengths."""
    length = len(field.data or "")
    if length > MOST_LETTERS:
        raise ValidationError(
            f"{field.label.text}: {length} characters; shorten it to {MOST_LETTERS}."
        )


class Choose(SelectField):
    """A list of which the service judges the choice, in its own words."""

    def __init__(self, label: str, *, required: str = "", **more: Any) -> None:
        super().__init__(label, needed(required), validate_choice=False, **more)


class Pick(RadioField):
    """The same with every choice in view."""

    def __init__(self, label: str, *, required: str, **more: Any) -> None:
        super().__init__(label, needed(required), validate_choice=False, **more)


class ActForm(Form):
    """A form of one act; `today` is the date at the site."""

    def __init__(
        self, sent: MultiDict[str, str] | None = None, *, today: date, **stored: Any
    ) -> None:
        self.today = today
        super().__init__(sent, **stored)

    def mark(self, name: str, words: str) -> bool:
        """Mark a control wrong; False when this form has none of that name."""
        if name not in self._fields:
            return False
        self._fields[name].errors = (words,)
        return True

    def text(self, name: str) -> str:
        """What stands in a control, without spaces around it; a date as ISO text."""
        return str(self._fields[name].data or "").strip()

    def is_ticked(self, name: str) -> bool:
        """Whether a box is ticked."""
        return bool(self._fields[name].data)

    def shown(self) -> Iterator[tuple[str, Field]]:
        """Each control with the kind of macro that draws it."""
        for field in self:
            yield _macro(field), field


def _macro(field: object) -> str:
    known = (
        (DateBoxes, "date"),
        (HiddenField, "hidden"),
        (BooleanField, "checkbox"),
        (RadioField, "radios"),
        (SelectField, "select"),
        (TextAreaField, "textarea"),
    )
    return next((macro for kind, macro in known if isinstance(field, kind)), "text")


class ScreenForm(ActForm):
    site = Choose("Site", required="Choose the site.")
    date = DateBoxes("Date screened", required="Enter the date of screening.")
    source = Choose("Where found (optional)", choices=options(SOURCES))
    age_band = Choose("Age (optional)", choices=options(AGE_BANDS))
    earlier = HiddenField()


class NotEnrolForm(ActForm):
    reason = Pick(
        "Why does the person not join?",
        required="Choose why the person does not join.",
        choices=NOT_ENROLLED,
    )
    note = Words("Other reason, in a few words", description="No names and no dates of birth.")


class ConsentForm(ActForm):
    scope = Choose("Consent to", required="Choose what the consent is to.")
    version = Choose("Version of the consent form", required="Choose the version.")
    consent_date = DateBoxes("Date of consent", required="Enter the date of consent.")
    taken_by = Words(
        "Consent taken by",
        required="Enter who took the consent.",
        description="The name of the person at the site.",
    )


class EnrolForm(ActForm):
    version = Choose("Version of the consent form", required="Choose the version.")
    consent_date = DateBoxes("Date of consent", required="Enter the date of consent.")
    taken_by = Words(
        "Consent taken by",
        required="Enter who took the consent.",
        description="The name of the person at the site.",
    )
    birth_date = DateBoxes(
        "Date of birth",
        required="Enter the date of birth.",
        description="Only used here to look for the same person; it is entered in a form later.",
    )
    sex = Pick("Sex recorded at birth", required="Choose the sex.")
    hospital_number = Words(
        "Hospital number (optional)", description="Only used to look for the same person."
    )
    duplicate_confirmed = BooleanField("I have checked: this is somebody else")
    duplicate_reason = Words("How do you know? (only when asked to check)")


class WithdrawConsentForm(ActForm):
    scope = Choose("Consent to", required="Choose what the consent is to.")
    date = DateBoxes("Date of withdrawal", required="Enter the date of withdrawal.")
    taken_by = Words(
        "Who was told",
        required="Enter who was told.",
        description="The name of the person at the site.",
    )
    reason = Words("Reason (optional)", description="Nobody has to give one.")


class WithdrawForm(ActForm):
    kind = Pick(
        "Withdraws from",
        required="Choose what the person withdraws from.",
        choices={kind: what.capitalize() for kind, what in kinds.WITHDRAWALS.items()},
    )
    date = DateBoxes("Date", required="Enter the date.")
    asked_by = Choose(
        "Who asked for it", required="Choose who asked for it.", choices=options(ASKED_BY)
    )
    reason = MoreWords(
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
    reason = Words("Reason for a correction (only when a date is recorded already)")


class LossForm(ActForm):
    date = DateBoxes("Last contact", required="Enter the date of the last contact.")
    reason = MoreWords("What was tried", required="Say in a few words what was tried.")


class ReturnForm(ActForm):
    date = DateBoxes("Came back on", required="Enter the date.")
    reason = Words("Note (optional)")


class UndoForm(ActForm):
    kind = Pick("Recorded in error", required="Choose what was recorded in error.")
    reason = MoreWords("Reason", required="Give the reason in a few words.")


class AddVisitForm(ActForm):
    slug = Choose("Kind of visit", required="Choose the kind of visit.")
    date = DateBoxes("Date of the visit", required="Enter the date of the visit.")


class AppointForm(ActForm):
    date = DateBoxes("Day", future=True, description="Leave empty to take an appointment back.")
    time = StringField("Time (optional)", description="For example 14:30.")


class NotDoneForm(ActForm):
    reason = MoreWords("Why was the visit not done?", required="Give the reason in a few words.")
