"""Our controls have the elements, classes and attributes of the NHS.UK macros."""

from __future__ import annotations

from typing import Any

import jinja2
import pytest
from werkzeug.datastructures import MultiDict

from forms.build import InstrumentForm
from tests.unit.pages.kit import TODAY, sink_class
from tests.unit.pages.nhsuk_shape import Shape, shape

TYPED = MultiDict(
    {
        "sbp": "12x",
        "remarks": "Well <today>",
        "surgery": "no",
        "symptoms": "pain",
        "region": "s",
        "visit_date-day": "31",
        "visit_date-month": "2",
        "visit_date-year": "2026",
        "tumour_site": "bowel",
    }
)
SMALL = {"size": "s"}


@pytest.fixture(scope="module")
def environment() -> jinja2.Environment:
    return jinja2.Environment(
        loader=jinja2.PackageLoader("nhsuk_frontend_jinja"),
        autoescape=True,
        undefined=jinja2.ChainableUndefined,
    )


@pytest.fixture
def form() -> InstrumentForm:
    made = sink_class()(TYPED, today=TODAY)
    made.validate()
    return made


def macro(
    environment: jinja2.Environment, folder: str, macro_name: str, /, **given: Any
) -> Shape | str:
    module = environment.get_template(f"nhsuk/components/{folder}/macro.jinja").module
    (only,) = shape(str(getattr(module, macro_name)(given)))
    return only


def ours(form: InstrumentForm, item: str) -> Shape | str:
    """Give our shape without the group's own id, and its optional mark."""
    (only,) = shape(form.field(item)())
    assert not isinstance(only, str)
    tag, attributes, inner = only
    return tag, tuple(one for one in attributes if one[0] != "id"), inner


def legend(words: str) -> dict[str, object]:
    return {"legend": {"text": words, "size": "s"}}


def test_number_with_unit_and_error(environment: jinja2.Environment, form: InstrumentForm) -> None:
    expected = macro(
        environment,
        "input",
        "input",
        id="sbp",
        name="sbp",
        value="12x",
        width=5,
        inputmode="numeric",
        suffix="mmHg",
        label={
            "html": 'Systolic blood pressure<span class="nhsuk-u-visually-hidden">, in mmHg</span>'
        },
        errorMessage={"text": form.refusals()["sbp"]},
    )

    assert ours(form, "sbp") == expected


def test_notes(environment: jinja2.Environment, form: InstrumentForm) -> None:
    expected = macro(
        environment,
        "textarea",
        "textarea",
        id="remarks",
        name="remarks",
        value="Well <today>",
        rows=4,
        label={"text": "Remarks"},
    )

    assert ours(form, "remarks") == expected


def test_radios_with_hints(environment: jinja2.Environment, form: InstrumentForm) -> None:
    expected = macro(
        environment,
        "radios",
        "radios",
        name="tumour_site",
        small=True,
        fieldset=legend("Site of the tumour"),
        value="bowel",
        items=[
            {"value": "stomach", "text": "Stomach"},
            {"value": "bowel", "text": "Small bowel", "hint": {"text": "Duodenum included"}},
            {"value": "womb", "text": "Womb"},
        ],
    )

    assert ours(form, "tumour_site") == expected


def test_yes_no_stands_side_by_side(environment: jinja2.Environment, form: InstrumentForm) -> None:
    expected = macro(
        environment,
        "radios",
        "radios",
        name="surgery",
        small=True,
        inline=True,
        fieldset=legend("Operated on before?"),
        value="no",
        items=[
            {"value": "yes", "text": "Yes"},
            {"value": "no", "text": "No"},
            {"value": "nk", "text": "Not known"},
        ],
    )

    assert ours(form, "surgery") == expected


def test_checkboxes(environment: jinja2.Environment, form: InstrumentForm) -> None:
    expected = macro(
        environment,
        "checkboxes",
        "checkboxes",
        name="symptoms",
        small=True,
        fieldset=legend("Symptoms"),
        values=["pain"],
        items=[
            {"value": "pain", "text": "Pain"},
            {"value": "nausea", "text": "Nausea"},
            {"value": "none", "text": "None of these"},
        ],
    )

    assert ours(form, "symptoms") == expected


def test_list_of_choices(environment: jinja2.Environment, form: InstrumentForm) -> None:
    expected = macro(
        environment,
        "select",
        "select",
        id="region",
        name="region",
        value="s",
        label={"text": "Region"},
        items=[
            {"value": "", "text": "Choose"},
            {"value": "n", "text": "North"},
            {"value": "s", "text": "South"},
        ],
    )

    assert ours(form, "region") == expected


def test_date_marks_the_box_to_correct(
    environment: jinja2.Environment, form: InstrumentForm
) -> None:
    box = {"inputmode": "numeric"}
    expected = macro(
        environment,
        "date-input",
        "dateInput",
        id="visit_date",
        fieldset=legend("Date of the visit"),
        errorMessage={"text": form.refusals()["visit_date"]},
        items=[
            {"name": "visit_date-day", "id": "visit_date-day", "label": "Day", "width": 2,
             "value": "31", "error": True, **box},
            {"name": "visit_date-month", "id": "visit_date-month", "label": "Month", "width": 3,
             "value": "2", "error": False, "inputmode": "text"},
            {"name": "visit_date-year", "id": "visit_date-year", "label": "Year", "width": 4,
             "value": "2026", "error": False, **box},
        ],
    )  # fmt: skip

    assert ours(form, "visit_date") == expected
