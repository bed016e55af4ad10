"""The forms about people; what must hold of their content is the service's business."""

from __future__ import annotations

from datetime import date

from werkzeug.datastructures import MultiDict
from wtforms import (
    BooleanField,
    Form,
    HiddenField,
    PasswordField,
    SelectField,
    SelectMultipleField,
    StringField,
)
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # stubs lag
from wtforms.validators import InputRequired, Length

from capture.access import Role
from forms.date_field import DateBoxes


class SignInForm(Form):
    email = StringField(
        "E-mail address", [InputRequired("Enter your e-mail address"), Length(max=254)]
    )
    password = PasswordField("Password", [InputRequired("Enter your password")])
    next = HiddenField()


class UnlockForm(Form):
    password = PasswordField("Your password", [InputRequired("Enter your password")])
    next = HiddenField()


class SettingsForm(Form):
    fast_entry = BooleanField(
        "Number keys answer the rows of a grid",
        description="While a row has the focus, the key of an answer's number (or its first "
        "letter) gives that answer and goes on to the next row.",
    )


class PasswordForm(Form):
    current_password = PasswordField("Your password now", [InputRequired("Enter your password")])
    new_password = PasswordField(
        "New password",
        [InputRequired("Enter a new password")],
        description="At least 12 characters. Three or four words not often seen together do well.",
    )
    new_password_again = PasswordField(
        "New password again", [InputRequired("Enter the new password again")]
    )


class AccountForm(Form):
    name = StringField("Name", [InputRequired("Enter the person's name")])
    email = StringField("E-mail address", [InputRequired("Enter an e-mail address")])


class ReasonForm(Form):
    reason = StringField("Why", [InputRequired("Say why")])


class MembershipForm(Form):
    """today: the day that memberships are judged by."""

    def __init__(self, formdata: MultiDict[str, str], *, today: date) -> None:
        self.today = today
        super().__init__(formdata or None, data={"from_date": today})

    email = StringField(
        "E-mail address of the account",
        [InputRequired("Enter the e-mail address of an account")],
        description="An administrator opens accounts.",
    )
    role = SelectField("Role", [InputRequired("Choose a role")])
    sites = SelectMultipleField("Sites", description="Leave all unticked for every site.")
    from_date = DateBoxes("First day", required="Enter the first day.", future=True)
    to_date = DateBoxes(
        "Last day", description="Leave empty when there is no end yet.", future=True
    )
    masked = BooleanField("Must not learn any arm (blinded assessor)")


class InstallationRoleForm(Form):
    """What an administrator grants: the trial manager of a study, or another administrator."""

    role = SelectField(
        "Role",
        choices=[
            SelectChoice(role.value, role.label)
            for role in (Role.TRIAL_MANAGER, Role.ADMINISTRATOR)
        ],
    )
    study = StringField("Study", description="The study's short name; empty for an administrator.")
