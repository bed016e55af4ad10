"""A limit of counting: number and sign apart, blank to expressions, two columns in datasets."""

from __future__ import annotations

import json
from datetime import date, datetime
from decimal import Decimal
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from capture.export.item_columns import EntryRow, make_item_columns
from capture.export.merged_definition import MergedDefinition
from capture.synthetic.answers import Answers
from capture.synthetic.people import profile_of
from forms.definition import DecimalNumber, Study
from forms.evaluation_scope import Place, StudyScope
from forms.expressions import UNKNOWN
from forms.formulas import three_valued, two_valued
from forms.items import CensoredNumber, Range, Unit
from forms.values import Cell, Refusal, read_value, show_value, typed_texts
from tests.unit.forms.studies import demo, odd

DAY = date(2026, 3, 2)
NOON = datetime.fromisoformat("2026-03-02T12:00:00")
HERE = Place("start", 1, "kitchen_sink")
CRP = CensoredNumber(
    type="censored_number",
    name="crp",
    label="C-reactive protein",
    unit="mg/L",
    decimals=1,
    other_units=(Unit(unit="mg/dL", factor=Decimal(10)),),
    hard=Range(minimum=Decimal(0), maximum=Decimal(1000)),
)


def read(text: str, unit: str | None = None) -> Cell | Refusal | None:
    return read_value(CRP, text, today=DAY, unit=unit)


def scope(cell: Cell) -> StudyScope:
    return StudyScope(demo(), {HERE: {"ed_crp": cell}}, NOON, here=HERE)


@pytest.mark.parametrize(
    "text, cell",
    [
        ("12.3", Cell("12.3")),
        ("<5", Cell("5", sign="<")),
        (">200", Cell("200", sign=">")),
        ("> 200", Cell("200", sign=">", raw="> 200")),
        ("<0.50", Cell("0.5", sign="<", raw="<0.50")),
        ("012", Cell("12", raw="012")),
        ("", None),
    ],
)
def test_number_and_sign_are_kept_apart(text: str, cell: Cell | None) -> None:
    assert read(text) == cell


@pytest.mark.parametrize(
    "text, words",
    [
        ("<", "in figures"),
        ("5<", "in figures"),
        ("<>5", "in figures"),
        ("<<5", "in figures"),
        ("<=5", "write a limit with < or > alone, for example <5"),
        ("≤5", "write a limit with < or > alone, for example <5"),
        ("<0,5", "use a point"),
        ("<0.55", "at most 1 decimal"),
        (">1000.1", "1000.1 mg/L is not possible; it must be 0 to 1000 mg/L"),
        ("<5 mg/L", "in figures"),
    ],
)
def test_what_is_no_limit_is_refused_in_words(text: str, words: str) -> None:
    refusal = read(text)

    assert isinstance(refusal, Refusal)
    assert words in refusal.words


def test_a_limit_in_another_unit_is_converted_with_its_sign() -> None:
    cell = read("<2.5", "mg/dL")

    # 2.5 mg/dL x 10 = 25 mg/L
    assert cell == Cell("25", unit="mg/dL", raw="<2.5", sign="<")
    assert show_value(CRP, cell) == "<25 mg/L (entered as <2.5 mg/dL)"
    assert (typed_texts(CRP, cell).texts, typed_texts(CRP, cell).unit) == (("<2.5",), "mg/dL")


def test_a_limit_is_shown_with_its_unit_and_stored_by_keys_of_its_own() -> None:
    cell = Cell("5", sign="<")

    assert show_value(CRP, cell) == "<5 mg/L"
    assert cell.to_json() == {"v": "5", "s": "<"}


@given(st.sampled_from(["", "<", ">"]), st.sampled_from(["", " "]), st.integers(0, 10_000))
def test_every_limit_in_tenths_survives_its_box_and_its_document(
    sign: str, blank: str, tenths: int
) -> None:
    cell = read(f"{sign}{blank if sign else ''}{tenths // 10}.{tenths % 10}")

    assert isinstance(cell, Cell)
    assert (cell.sign or "", Decimal(str(cell.value)) * 10) == (sign, tenths)
    assert read(typed_texts(CRP, cell).texts[0]) == cell
    assert Cell.from_json(json.loads(json.dumps(cell.to_json()))) == cell


@pytest.mark.parametrize("text", ["[ed_crp] > 3", "[ed_crp] < 3", "[ed_crp] <> 3", "[ed_crp] * 2"])
@pytest.mark.parametrize("sign", ["<", ">"])
def test_an_expression_sees_no_number_where_there_is_a_limit(text: str, sign: str) -> None:
    limit = scope(Cell("5", sign=sign))

    assert three_valued(text, limit) is UNKNOWN
    assert two_valued(text, limit) == two_valued(text, scope(Cell(missing="not_known")))


def test_a_limit_is_blank_and_not_missing_for_a_reason_in_both_logics() -> None:
    limit = scope(Cell("5", sign="<"))

    for judged in (two_valued, three_valued):
        assert judged("isblanknotmissingcode([ed_crp])", limit) is True
        assert judged("ismissingcode([ed_crp])", limit) is False


def test_a_limit_cannot_be_a_score_nor_its_column_have_two_owners() -> None:
    assert not CRP.serves
    assert CRP.columns_claimed == ("crp_sign",)


def test_an_expression_sees_the_number_where_it_was_counted() -> None:
    assert three_valued("[ed_crp] > 3", scope(Cell("5"))) is True
    assert two_valued("[ed_crp] * 2", scope(Cell("5"))) == 10


def test_a_limit_outside_the_soft_range_is_asked_about_with_its_sign() -> None:
    cells = {"ed_crp": Cell("300", sign=">")}

    asked = odd(demo().instrument("kitchen_sink"), cells, scope(cells["ed_crp"]))

    assert [finding.message for finding in asked] == [
        ">300 mg/L is out of range (0 to 200 mg/L). Please confirm or correct."
    ]


def columns_of(*versions: Study, doc: dict[str, Any]) -> dict[str, Any]:
    (item,) = [
        item
        for form in MergedDefinition(versions).instruments
        for item in form.items
        if item.name == "ed_crp"
    ]
    row = EntryRow(person={}, entry={}, zone="Europe/London", answers=doc)
    return {column.name: column.values([row])[0] for column in make_item_columns(item, {})}


@pytest.mark.parametrize(
    "cell, number, sign",
    [
        ({"v": "5", "s": "<"}, "5", "<"),
        ({"v": "12.3"}, "12.3", None),
        ({"m": "not_done"}, None, None),
    ],
)
def test_a_dataset_has_the_number_and_its_sign(
    cell: dict[str, str], number: str | None, sign: str | None
) -> None:
    found = columns_of(demo(), doc={"ed_crp": cell})

    assert found == {"ed_crp": number, "ed_crp_sign": sign, "ed_crp_mis": cell.get("m")}


def test_a_limit_keeps_its_sign_where_versions_differ_in_type() -> None:
    found = columns_of(demo(), as_decimal(demo()), doc={"ed_crp": {"v": "5", "s": "<"}})

    assert found["ed_crp"] == "<5"


def as_decimal(study: Study) -> Study:
    """The study as if an earlier version had asked for a decimal number."""
    plain = DecimalNumber(type="decimal", name="ed_crp", label="C-reactive protein", decimals=1)
    sink = study.instrument("kitchen_sink")
    sections = tuple(
        section.model_copy(
            update={
                "items": tuple(plain if item.name == plain.name else item for item in section.items)
            }
        )
        for section in sink.sections
    )
    form = sink.model_copy(update={"sections": sections})
    for kept in ("items", "value_items", "section_of"):
        vars(form).pop(kept, None)
    return study.model_copy(
        update={"instruments": tuple(form if one is sink else one for one in study.instruments)}
    )


def test_invented_people_answer_with_numbers_and_limits_that_a_form_would_store() -> None:
    answers = Answers(demo(), Random(3), profile_of("no such study"))  # noqa: S311  (invented)
    form = demo().instrument("kitchen_sink")
    filled = [
        answers.fill(form, StudyScope(demo(), {}, NOON, here=HERE), DAY, {}) for _ in range(200)
    ]
    cells = [one["ed_crp"] for one in filled if "ed_crp" in one and one["ed_crp"].value is not None]

    assert {cell.sign for cell in cells} == {None, "<", ">"}
    item = form.item("ed_crp")
    assert [read_value(item, typed_texts(item, cell).texts, today=DAY) for cell in cells] == cells
