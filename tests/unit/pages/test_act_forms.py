"""The controls of an act's form: what is refused, where it is marked, and what draws it."""

from __future__ import annotations

import pytest
from werkzeug.datastructures import MultiDict
from wtforms import HiddenField

from capture.problems import InvalidInput, Refused, WrongPassword
from capture.web.act_forms import ActForm, PasswordBox, ReasonBox, SelectList, TextLine
from capture.web.act_pages import list_errors
from forms.date_field import DateBoxes
from tests.unit.pages.kit import TODAY


class CloseForm(ActForm):
    """One of several forms on a page, with a control of every kind that matters here."""

    act = "close"
    seen = HiddenField()
    site = SelectList("Site", required="Choose the site.")
    closed_from = DateBoxes("Closed from", required="Enter the date.")
    number = TextLine("Number", most=4)
    reason = ReasonBox()
    password = PasswordBox()


def sent(**typed: str) -> CloseForm:
    form = CloseForm(MultiDict({f"close-{k}": v for k, v in typed.items()}), today=TODAY)
    form.validate()
    return form


def test_blank_answers_are_refused_in_page_order_each_at_its_control() -> None:
    found = [(error.text, error.href) for error in list_errors(None, sent(reason="   "))]

    assert found == [
        ("Choose the site.", "#close-site"),
        ("Enter the date.", "#close-closed_from-day"),
        ("Give the reason in a few words.", "#close-reason"),
    ]


def test_too_much_text_is_refused_with_both_lengths_and_kept() -> None:
    form = sent(number="12345")

    assert form.number.errors == ["Number: 5 characters; shorten it to 4."]
    assert form.text("number") == "12345"


def test_what_a_service_refuses_stands_at_its_control_alone() -> None:
    form = CloseForm(today=TODAY)

    errors = list_errors(InvalidInput("site", "The site is closed."), form)

    assert [(error.text, error.href) for error in errors] == [
        ("The site is closed.", "#close-site")
    ]
    assert list(form.site.errors) == ["The site is closed."]


def test_a_wrong_password_stands_at_the_password() -> None:
    errors = list_errors(WrongPassword("The password is not right."), CloseForm(today=TODAY))

    assert [error.href for error in errors] == ["#close-password"]


@pytest.mark.parametrize(
    "problem",
    [Refused("Too late."), InvalidInput("seen", "Too late."), InvalidInput("nothing", "Too late.")],
)
def test_what_has_no_control_to_see_is_said_at_the_top(problem: Refused) -> None:
    errors = list_errors(problem, CloseForm(today=TODAY))

    assert [(error.text, error.href) for error in errors] == [("Too late.", "#main-content")]


def test_a_form_names_its_password_and_knows_what_draws_each_control() -> None:
    form = CloseForm(today=TODAY)

    assert form.password_name == "close-password"
    assert [macro for macro, _field in form.list_shown_fields()] == [
        "hidden",
        "select",
        "date",
        "text",
        "textarea",
        "password",
    ]
