"""The forms about people; what must hold of their content is the service's business."""

from __future__ import annotations

from wtforms import (
    BooleanField,
    Form,
    HiddenField,
    PasswordField,
    SelectMultipleField,
    StringField,
)
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # stubs lag
from wtforms.validators import InputRequired, Length

from capture.access import Role
from capture.web.act_forms import (
    AS_TYPED,
    ActForm,
    AnswerNeeded,
    PasswordBox,
    ReasonBox,
    SelectList,
    TextLine,
)
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


class SettingsForm(ActForm):
    fast_entry = BooleanField(
        "Number keys answer the rows of a grid",
        description="While a row has the focus, the key of an answer's number (or its first "
        "letter) gives that answer and goes on to the next row.",
    )


class NewPasswordForm(ActForm):
    current_password = PasswordBox("Your password now", required="Enter your password")
    new_password = PasswordField(
        "New password",
        [AnswerNeeded("Enter a new password")],
        description="At least 12 characters. Three or four words not often seen together do well.",
        render_kw={"autocomplete": "new-password"},
    )
    new_password_again = PasswordField(
        "New password again",
        [AnswerNeeded("Enter the new password again")],
        render_kw={"autocomplete": "new-password"},
    )


class AccountForm(ActForm):
    name = TextLine("Name", required="Enter the person's name", render_kw=AS_TYPED)
    email = TextLine(
        "E-mail address",
        required="Enter an e-mail address",
        render_kw={**AS_TYPED, "type": "email"},
    )


class AccountReasonForm(ActForm):
    reason = ReasonBox(required="Enter a reason", most=1_000)


class MembershipForm(ActForm):
    """today: the day that memberships are judged by."""

    email = TextLine(
        "E-mail address of the account",
        required="Enter the e-mail address of an account",
        description="An administrator opens accounts.",
        render_kw={**AS_TYPED, "type": "email"},
    )
    role = SelectList("Role", required="Choose a role", validate_choice=True)
    sites = SelectMultipleField("Sites", description="Leave all unticked for all sites.")
    from_date = DateBoxes("Start date", required="Enter the start date.", future=True)
    to_date = DateBoxes(
        "End date",
        description="Leave blank if there is no end date.",
        future=True,
        render_kw={"today_button": False},
    )
    masked = BooleanField("Blinded to allocation (blinded assessor)")


class InstallationRoleForm(ActForm):
    """What an administrator grants: the trial manager of a study, or another administrator."""

    role = SelectList(
        "Role",
        validate_choice=True,
        choices=[
            SelectChoice(role.value, role.label)
            for role in (Role.TRIAL_MANAGER, Role.ADMINISTRATOR)
        ],
    )
    study = TextLine(
        "Study",
        description="The study code. Leave blank for an administrator.",
        render_kw=AS_TYPED,
    )
