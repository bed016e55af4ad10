"""The small forms of the study pages; services judge what they carry, only dates are read here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, cast

from werkzeug.datastructures import MultiDict
from wtforms import Field, Form, PasswordField, SelectField, StringField

from capture.chrome import PageError
from capture.components import errors_of
from capture.problems import InvalidInput
from forms.date_field import DateBoxes
from forms.definition import Study

ATTRIBUTE = "attribute_"
NOT_CHOSEN = {"": "Choose"}

Sent = MultiDict[str, str] | None


class PageForm(Form):
    """A form of ours with its name before each control's, so that several stand on one page."""

    act = ""

    def __init__(self, sent: Sent = None, *, today: date, **options: Any) -> None:
        self.today = today
        super().__init__(sent, prefix=self.act, **options)

    def mark(self, field: str, words: str) -> bool:
        """Mark a control wrong; False when this form has none of that name."""
        for name in (field, f"{ATTRIBUTE}{field}"):
            if name in self._fields:
                self._fields[name].errors = (words,)
                return True
        return False

    def page_errors(self) -> Sequence[PageError]:
        return list(errors_of(self))

    def text(self, name: str) -> str:
        """What stands in a control, without spaces around it."""
        return str(self._fields[name].data or "").strip()

    def date_in(self, name: str) -> date:
        """The date of a control that `validate` found whole."""
        return date.fromisoformat(cast(str, self._fields[name].data))


class ApproveForm(PageForm):
    password = PasswordField("Your password")


class OpenForm(PageForm):
    act = "open"
    open_from = DateBoxes(
        "Open from", required="Enter the date from which the site is open.", future=True
    )


class CloseForm(PageForm):
    act = "close"
    closed_from = DateBoxes(
        "Closed from", required="Enter the date from which nobody new may join.", future=True
    )
    reason = StringField("Reason")


class DelegateForm(PageForm):
    act = "delegate"
    name = StringField("Name of the doctor")
    role_note = StringField("Role", description="For example principal investigator.")
    from_date = DateBoxes("From", required="Enter the first day.", future=True)


class EndDelegationForm(PageForm):
    act = "end"
    line = SelectField("Whose line ends", validate_choice=False)
    to_date = DateBoxes("Last day", required="Enter the last day.", future=True)


class ConsentForm(PageForm):
    act = "consent"
    version = SelectField("Version", validate_choice=False)
    from_date = DateBoxes("In use from", required="Enter the first day.", future=True)


class AttributeForm(PageForm):
    act = "attribute"
    attribute = SelectField("What", validate_choice=False)
    from_date = DateBoxes("From", required="Enter the first day.", future=True)


class TargetForm(PageForm):
    """How many a site is to recruit and by when; what is empty is not aimed at."""

    act = "target"
    target = StringField(
        "Participants aimed at", description="Leave empty when there is no target."
    )
    target_by = DateBoxes(
        "To be reached by",
        future=True,
        description="Leave empty when the target has no day.",
    )

    def number(self) -> int | None:
        """The number, or None. Raises InvalidInput."""
        said = self.text("target")
        if said and not (said.isascii() and said.isdigit() and len(said) <= 6):
            raise InvalidInput("target", "A target is a whole number, for example 40.")
        return int(said) if said else None

    def by(self) -> date | None:
        """The day that `validate` found whole, or None."""
        return self.date_in("target_by") if self.text("target_by") else None


class AddSiteForm(TargetForm):
    """A new site; `add_site_form` adds a list for each attribute the study reads of its sites."""

    act = "add"
    name = StringField("Name of the site")
    slug = StringField(
        "Short name",
        description="1 to 18 small letters, digits or _, for example northfield. It never changes.",
    )
    zone = StringField("Time zone", description="For example Europe/London.")

    @property
    def attribute_fields(self) -> list[Field]:
        return [field for name, field in self._fields.items() if name.startswith(ATTRIBUTE)]

    def attributes(self) -> Mapping[str, str]:
        """The chosen codes by attribute; what was not chosen is left for later."""
        chosen = {name: self.text(name) for name in self._fields if name.startswith(ATTRIBUTE)}
        return {name.removeprefix(ATTRIBUTE): code for name, code in chosen.items() if code}


def add_site_form(study: Study) -> type[AddSiteForm]:
    """The form for a new site of this study."""
    fields: dict[str, Field] = {}
    for attribute in study.site_attributes:
        choices: Any = NOT_CHOSEN | {choice.code: choice.label for choice in attribute.choices}
        fields[f"{ATTRIBUTE}{attribute.name}"] = SelectField(
            attribute.title, choices=choices, validate_choice=False
        )
    if "attribute_country" not in fields:
        fields["country"] = StringField("Country")
    return cast(type[AddSiteForm], type("StudySiteForm", (AddSiteForm,), fields))
