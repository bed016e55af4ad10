"""Forms that are not instruments: dates in three boxes, and the order of their errors."""

from __future__ import annotations

from datetime import date

import pytest
from werkzeug.datastructures import MultiDict
from wtforms import Form, StringField
from wtforms.validators import InputRequired

from forms.date_field import DateBoxes
from tests.unit.pages.kit import TODAY


class ConsentForm(Form):
    """A date between two texts."""

    today = TODAY
    taken_by = StringField("Taken by", [InputRequired("Enter who took it")])
    given_on = DateBoxes("Date of consent", required="Enter the date of consent")
    onset = DateBoxes("Onset", partial=True)


def sent(day: str, month: str, year: str, name: str = "given_on") -> ConsentForm:
    form = ConsentForm(
        MultiDict({f"{name}-day": day, f"{name}-month": month, f"{name}-year": year})
    )
    form.validate()
    return form


@pytest.mark.parametrize(
    "boxes",
    [("3", "11", "2026"), ("03", "nov", "2026"), ("3 Nov 2026", "", ""), ("2026-11-03", "", "")],
)
def test_a_date_is_read_from_the_boxes(boxes: tuple[str, str, str]) -> None:
    assert sent(*boxes).given_on.data == "2026-11-03"


def test_a_date_left_out_is_asked_for_by_name() -> None:
    assert sent("", "", "").given_on.errors == ("Enter the date of consent",)


def test_an_impossible_date_is_named_and_its_box_marked() -> None:
    field = sent("29", "2", "2026").given_on

    assert "29 February 2026 does not exist" in field.errors[0]
    assert field.data is None
    assert field.wrong_parts == ("day",)
    assert field.first_id == "given_on-day"


def test_a_date_in_the_future_is_refused() -> None:
    assert "future" in sent("24", "11", "2026").given_on.errors[0]


def test_a_partial_date_is_kept_as_far_as_it_is_known() -> None:
    assert sent("UK", "3", "2020", "onset").onset.data == "2020-03"


def test_a_truncated_form_is_asked_again_and_never_crashes() -> None:
    form = ConsentForm(MultiDict({"given_on-day": "3"}))

    assert not form.validate()
    assert form.given_on.wrong_parts == ("year",)


def test_a_stored_date_fills_the_boxes() -> None:
    form = ConsentForm(data={"given_on": date(2026, 11, 3), "onset": "2020"})

    assert form.given_on.typed == ("3", "11", "2026")
    assert form.onset.typed == ("UK", "UK", "2020")
