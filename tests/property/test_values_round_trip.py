"""Whatever is typed never crashes, and a cell shown in a form's boxes reads as the same cell."""

from __future__ import annotations

import json
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forms.definition import Item
from forms.values import Cell, Refusal, read_value, show_value, typed_texts
from tests.unit.forms.studies import demo, gist

TODAY = date(2026, 4, 3)
ITEMS = [
    leaf
    for study in (demo(), gist())
    for instrument in study.instruments
    for item in instrument.items
    for leaf in item.leaves()
]
_PIECES = [
    "",
    "-",
    "+",
    ".",
    ",",
    "/",
    " ",
    "UK",
    "mar",
    "today",
    "yes",
    "nk",
    "T",
    ":",
    "e5",
    "<",
    "> ",
    "\x00",
]
_TEXT = st.one_of(
    st.text(max_size=30),
    st.lists(st.one_of(st.sampled_from(_PIECES), st.integers(0, 3000).map(str)), max_size=7).map(
        "".join
    ),
    st.dates().map(str),
    st.decimals(allow_nan=True).map(str),
)


@st.composite
def _answers(draw: st.DrawFn) -> tuple[Item, list[str], str | None]:
    item = draw(st.sampled_from(ITEMS))
    codes = [choice.code for choice in item.answers]
    texts = st.one_of(_TEXT, st.sampled_from(codes)) if codes else _TEXT
    units = list(item.entry_units)
    return item, draw(st.lists(texts, max_size=4)), draw(st.sampled_from([None, *units, "furlong"]))


@pytest.mark.slow
@settings(max_examples=300)
@given(_answers())
def test_any_answer_is_read_or_refused_and_a_cell_survives_its_form(
    answer: tuple[Item, list[str], str | None],
) -> None:
    item, texts, unit = answer
    read = read_value(item, texts, today=TODAY, unit=unit)

    if isinstance(read, Refusal):
        assert read.words.strip()
    if isinstance(read, Cell):
        boxes = typed_texts(item, read)
        assert read_value(item, boxes.texts, today=TODAY, unit=boxes.unit) == read
        assert Cell.from_json(json.loads(json.dumps(read.to_json()))) == read
        assert show_value(item, read)


@pytest.mark.slow
@settings(max_examples=300)
@given(st.dates(min_value=date(1900, 1, 1), max_value=TODAY), st.sampled_from(["/", ".", "-", " "]))
def test_every_date_of_the_calendar_is_read_in_every_form(day: date, between: str) -> None:
    born = demo().item("ed_birth")
    boxes = [str(day.day), str(day.month), str(day.year)]

    for raw in (day.isoformat(), between.join(boxes), boxes, day.strftime("%d %b %Y")):
        assert read_value(born, raw, today=TODAY) == Cell(day.isoformat())


@settings(max_examples=300)
@given(st.integers(20, 3000))
def test_every_possible_weight_in_tenths_is_read_exactly(tenths: int) -> None:
    text = f"{tenths // 10}.{tenths % 10}"
    cell = read_value(demo().item("ed_weight"), text, today=TODAY)

    assert isinstance(cell, Cell)
    assert round(float(str(cell.value)) * 10) == tenths
