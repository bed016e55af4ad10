"""The small forms of the study pages; services check their values, only dates are read here."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any, cast

from wtforms import Field

from capture.problems import InvalidInput
from capture.web.act_forms import NOT_CHOSEN, ActForm, PasswordBox, SelectList, TextLine
from forms.date_field import DateBoxes
from forms.definition import Study

ATTRIBUTE = "attribute_"


class ApproveForm(ActForm):
    password = PasswordBox()


class OpenForm(ActForm):
    act = "open"
    open_from = DateBoxes("Opening date", required="Enter the opening date.", future=True)


class CloseForm(ActForm):
    act = "close"
    closed_from = DateBoxes("Closure date", required="Enter the closure date.", future=True)
    reason = TextLine("Reason")


class DelegateForm(ActForm):
    act = "delegate"
    name = TextLine("Name of the investigator", required="Enter the investigator's name.")
    role_note = TextLine("Role", description="For example, principal investigator.")
    from_date = DateBoxes("From", required="Enter the start date.", future=True)


class EndDelegationForm(ActForm):
    act = "end"
    line = SelectList("Delegation to end")
    to_date = DateBoxes("End date", required="Enter the last day.", future=True)


class ConsentVersionForm(ActForm):
    act = "consent"
    version = SelectList("Version")
    from_date = DateBoxes("Approved from", required="Enter the start date.", future=True)


class AttributeForm(ActForm):
    act = "attribute"
    attribute = SelectList("Site attribute")
    from_date = DateBoxes("From", required="Enter the start date.", future=True)


class TargetForm(ActForm):
    """How many a site is to recruit and by when; what is empty is not aimed at."""

    act = "target"
    target = TextLine(
        "Recruitment target",
        description="Leave blank if there is no target.",
        render_kw={"width": 5, "inputmode": "numeric"},
    )
    target_by = DateBoxes(
        "Target date",
        future=True,
        description="Leave blank if the target has no date.",
    )

    def number(self) -> int | None:
        """The number, or None. Raises InvalidInput."""
        text = self.text("target")
        if text and not (text.isascii() and text.isdigit() and len(text) <= 6):
            raise InvalidInput("target", "A target is a whole number, for example 40.")
        return int(text) if text else None

    def by(self) -> date | None:
        """The day that `validate` found whole, or None."""
        return self.date_in("target_by") if self.text("target_by") else None


class AddSiteForm(TargetForm):
    """A new site; `add_site_form` adds a list for each attribute the study reads of its sites."""

    act = "add"
    name = TextLine("Site name", required="Enter the site's name.")
    slug = TextLine(
        "Site code",
        required="Enter a site code, for example northfield.",
        description="1 to 18 lower-case letters, digits or _, for example northfield. It cannot be "
        "changed later.",
        render_kw={"width": 20, "spellcheck": False},
    )
    zone = TextLine(
        "Time zone",
        required="Enter the time zone, for example Europe/London.",
        description="For example Europe/London.",
        render_kw={"width": 20, "spellcheck": False},
    )

    def mark(self, name: str, words: str) -> bool:
        """Mark a control wrong; what a service says of an attribute stands at its list."""
        return super().mark(name, words) or super().mark(f"{ATTRIBUTE}{name}", words)

    def list_shown_fields(self) -> Iterator[tuple[str, Field]]:
        """The target comes last, after what the study asks of its sites."""
        last = (self.target, self.target_by)
        yield from sorted(super().list_shown_fields(), key=lambda drawn: drawn[1] in last)

    def attributes(self) -> Mapping[str, str]:
        """The chosen codes by attribute; what was not chosen is left for later."""
        chosen = {name: self.text(name) for name in self._fields if name.startswith(ATTRIBUTE)}
        return {name.removeprefix(ATTRIBUTE): code for name, code in chosen.items() if code}


def make_add_site_form(study: Study) -> type[AddSiteForm]:
    """The form for a new site of this study."""
    fields: dict[str, Field] = {}
    for attribute in study.site_attributes:
        choices: Any = NOT_CHOSEN | {choice.code: choice.label for choice in attribute.choices}
        fields[f"{ATTRIBUTE}{attribute.name}"] = SelectList(attribute.title, choices=choices)
    if "attribute_country" not in fields:
        fields["country"] = TextLine("Country")
    return cast(type[AddSiteForm], type("StudySiteForm", (AddSiteForm,), fields))
