"""What people type becomes an exact cell or is refused in words; nothing is guessed or cut."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from forms.definition import (
    Choice,
    DateItem,
    DateTimeItem,
    DecimalNumber,
    FileItem,
    Integer,
    Item,
    MissingReason,
    MultipleChoice,
    Notes,
    Range,
    SingleChoice,
    Statement,
    Text,
    TimeItem,
    Unit,
    VisualAnalogue,
    YesNo,
)
from forms.values import Cell, Refusal, read_missing, read_value, show_value, typed_texts

TODAY = date(2026, 4, 3)
WEIGHT = DecimalNumber(
    type="decimal",
    name="weight",
    label="Weight",
    unit="kg",
    decimals=1,
    other_units=(Unit(unit="lb", factor=Decimal("0.45359237")),),
    hard=Range(minimum=Decimal(2), maximum=Decimal(300)),
)
PLATELETS = Integer(type="integer", name="plt", label="Platelets")
PAIN = VisualAnalogue(type="vas", name="pain", label="Pain", low_label="None", high_label="Worst")
BORN = DateItem(type="date", name="born", label="Date of birth")
PARTIAL = DateItem(type="date", name="onset", label="Onset", partial=True)
PLANNED = DateItem(type="date", name="planned", label="Planned", future=True)
SEEN = DateTimeItem(type="datetime", name="seen", label="Seen")
MEAL = TimeItem(type="time", name="meal", label="Meal")
NAME = Text(type="text", name="name", label="Name", max_length=5)
REMARK = Notes(type="notes", name="remark", label="Remark", max_length=12)
LEFT, RIGHT, NONE = (Choice(code=code, label=code.title()) for code in ("left", "right", "none"))
SIDE = SingleChoice(type="single_choice", name="side", label="Which side?", choices=(LEFT, RIGHT))
SIDES = MultipleChoice(
    type="multiple_choice",
    name="sides",
    label="Sides",
    choices=(LEFT, RIGHT, NONE),
    alone=("none",),
)
WALKS = YesNo(type="yes_no_nk", name="walks", label="Walks", not_known=False)
LETTER = FileItem(type="file", name="letter", label="Letter")
INTRO = Statement(type="statement", name="intro", label="Hello")


def _read(item: Item, raw: str | list[str], unit: str | None = None) -> Cell | Refusal | None:
    return read_value(item, raw, today=TODAY, unit=unit)


@pytest.mark.parametrize("text", ["72,5", "1,072", "many"])
def test_advice_on_a_whole_number_never_names_a_decimal(text: str) -> None:
    refusal = _read(PLATELETS, text)

    assert isinstance(refusal, Refusal)
    assert "enter a whole number in figures, for example 72" in refusal.words
    assert "72.5" not in refusal.words


@pytest.mark.parametrize(
    "text, value",
    [
        ("72", "72"),
        ("72.5", "72.5"),
        (" 72.5 ", "72.5"),
        ("072.50", "72.5"),
        ("+72.5", "72.5"),
        ("72.", "72"),
        ("300", "300"),
        ("2.0", "2"),
    ],
)
def test_a_number_becomes_canonical_text(text: str, value: str) -> None:
    cell = _read(WEIGHT, text)

    assert isinstance(cell, Cell)
    assert cell.value == value


@pytest.mark.parametrize(
    "text, words",
    [
        ("72,5", "use a point"),
        ("1,072.5", "use a point"),
        ("7.25e1", "exponent"),
        ("1e999", "exponent"),
        ("NaN", "in figures"),
        ("Infinity", "in figures"),
        ("+-5", "in figures"),
        ("--5", "in figures"),
        ("7 2", "in figures"),
        ("7\u20092", "in figures"),
        ("７２", "in figures"),
        ("٧٢", "in figures"),
        ("0x10", "in figures"),
        ("72 kg", "in figures"),
        (".", "in figures"),
        ("1_000", "in figures"),
        ("72.55", "at most 1 decimal"),
        ("1234567890123456", "more than 15 digits"),
        ("300.1", "300.1 kg is not possible; it must be 2 to 300 kg"),
        ("-5", "-5 kg is not possible"),
        ("7\x002", "U+0000"),
        ("7\ud800", "U+D800"),
    ],
)
def test_what_is_no_possible_number_is_refused_in_words(text: str, words: str) -> None:
    refusal = _read(WEIGHT, text)

    assert isinstance(refusal, Refusal)
    assert words in refusal.words
    assert refusal.words.startswith("Weight: ")


def test_another_unit_is_converted_exactly_and_kept_as_entered() -> None:
    # 160 lb x 0.45359237 kg/lb = 72.5747792 kg, to one decimal 72.6
    cell = _read(WEIGHT, "160", unit="lb")

    assert cell == Cell("72.6", unit="lb", raw="160")
    assert show_value(WEIGHT, cell) == "72.6 kg (entered as 160 lb)"


def test_a_converted_half_is_rounded_up() -> None:
    dose = WEIGHT.model_copy(update={"other_units": (Unit(unit="st", factor=Decimal("0.5")),)})

    # 144.5 x 0.5 = 72.25: up to 72.3; down to the even digit it would be 72.2
    assert _read(dose, "144.5", unit="st") == Cell("72.3", unit="st", raw="144.5")


def test_the_hard_limit_holds_in_the_canonical_unit() -> None:
    refusal = _read(WEIGHT, "700", unit="lb")  # 317.5 kg

    assert isinstance(refusal, Refusal)
    assert "317.5 kg is not possible" in refusal.words


def test_a_unit_the_item_does_not_know_is_refused() -> None:
    refusal = _read(WEIGHT, "11", unit="stone")

    assert isinstance(refusal, Refusal)
    assert "use kg or lb" in refusal.words


@pytest.mark.parametrize("text, value", [("12", 12), ("007", 7), ("-0", 0), ("12.0", 12)])
def test_a_whole_number_is_an_int(text: str, value: int) -> None:
    cell = _read(PLATELETS, text)

    assert isinstance(cell, Cell)
    assert cell.value == value
    assert type(cell.value) is int


def test_decimals_of_a_whole_number_are_refused() -> None:
    refusal = _read(PLATELETS, "12.5")

    assert isinstance(refusal, Refusal)
    assert "whole number" in refusal.words


@pytest.mark.parametrize("text, is_read", [("0", True), ("100", True), ("101", False)])
def test_a_mark_on_a_line_lies_on_the_line(text: str, is_read: bool) -> None:
    assert isinstance(_read(PAIN, text), Cell) is is_read


@pytest.mark.parametrize(
    "raw",
    [
        "1984-03-15",
        "15/03/1984",
        "15.3.1984",
        "15-03-1984",
        "15 3 1984",
        "15 Mar 1984",
        "15 march 1984",
        ["15", "3", "1984"],
        ["15", "mar", "1984"],
        ["15/03/1984", "", ""],
    ],
)
def test_a_date_is_read_however_it_is_typed(raw: str | list[str]) -> None:
    assert _read(BORN, raw) == Cell("1984-03-15")


def test_today_means_the_date_of_the_site() -> None:
    assert _read(BORN, "today") == Cell("2026-04-03")


@pytest.mark.parametrize(
    "raw, words, part",
    [
        ("29/02/2023", "29 February 2023 does not exist; 2023 is not a leap year", "day"),
        ("31/04/2024", "April 2024 has 30 days", "day"),
        ("0/04/2024", "0 April 2024 does not exist", "day"),
        ("12/31/2024", "no month 31; give the day first", "day"),
        ("3/4/26", "1926 or 2026", "year"),
        ("3/4/026", "four figures", "year"),
        ("04/04/2026", "4 April 2026 is in the future", "day"),
        ("31/12/1899", "before 1 January 1900", "year"),
        ("1/1/0000", "no year 0", "day"),
        (["15", "", "1984"], "the month as a number or a name", "month"),
        (["", "3", "1984"], "the day as a number", "day"),
        (["15", "3", ""], "four figures", "year"),
        (["15", "Octember", "1984"], "the month as a number or a name", "month"),
        ("UK/3/1984", "the day cannot be left out", "day"),
        ("1984", "cannot be left out", "month"),
        ("soon", "four figures", "year"),
        ("1984-03-15T10:00", "four figures", None),
        ("15/3/1984/2", "enter day, month and year", "day"),
        ("１５/３/１９８４", "four figures", "year"),
    ],
)
def test_what_is_no_date_is_refused_with_the_part_named(
    raw: str | list[str], words: str, part: str | None
) -> None:
    refusal = _read(BORN, raw)

    assert isinstance(refusal, Refusal)
    assert words in refusal.words
    assert part is None or refusal.part == part


@pytest.mark.parametrize(
    "raw, iso",
    [
        ("2024", "2024"),
        ("2024-03", "2024-03"),
        ("03/2024", "2024-03"),
        ("Mar 2024", "2024-03"),
        ("UK/3/2024", "2024-03"),
        (["UK", "UK", "2024"], "2024"),
        (["nk", "3", "2024"], "2024-03"),
        ("9/3/2024", "2024-03-09"),
        (["UK", "4", "2026"], "2026-04"),
    ],
)
def test_a_partial_date_keeps_what_is_known(raw: str | list[str], iso: str) -> None:
    assert _read(PARTIAL, raw) == Cell(iso)


@pytest.mark.parametrize("raw", [["9", "UK", "2024"], ["", "3", "2024"], "05/2026", "2027"])
def test_a_partial_date_that_says_nothing_sure_is_refused(raw: str | list[str]) -> None:
    assert isinstance(_read(PARTIAL, raw), Refusal)


def test_a_date_after_today_is_read_where_the_item_allows_it() -> None:
    assert _read(PLANNED, "4/4/2026") == Cell("2026-04-04")


@pytest.mark.parametrize(
    "raw, value",
    [
        ("2026-04-03 14:30", "2026-04-03T14:30"),
        ("2026-04-03T14:30", "2026-04-03T14:30"),
        (["3", "4", "2026", "9:05"], "2026-04-03T09:05"),
        ("today 0930", "2026-04-03T09:30"),
    ],
)
def test_a_date_with_a_time_is_read(raw: str | list[str], value: str) -> None:
    assert _read(SEEN, raw) == Cell(value)


@pytest.mark.parametrize(
    "raw, part", [("2026-04-03", "day"), (["3", "4", "2026", ""], "time"), ("x 14:30", "year")]
)
def test_a_date_without_its_time_is_refused(raw: str | list[str], part: str) -> None:
    refusal = _read(SEEN, raw)

    assert isinstance(refusal, Refusal)
    assert refusal.part == part


@pytest.mark.parametrize(
    "text, value",
    [("0:00", "00:00"), ("23:59", "23:59"), ("24:00", None), ("12:60", None), ("noon", None)],
)
def test_a_time_lies_within_a_day(text: str, value: str | None) -> None:
    cell = _read(MEAL, text)

    assert (cell.value if isinstance(cell, Cell) else None) == value


def test_text_is_never_cut() -> None:
    refusal = _read(NAME, "abcdef")

    assert isinstance(refusal, Refusal)
    assert "too long by 1" in refusal.words


def test_text_counts_code_points() -> None:
    assert _read(NAME, "🙂🙂🙂🙂🙂") == Cell("🙂🙂🙂🙂🙂")


def test_notes_keep_their_lines_as_one_kind_of_line_end() -> None:
    assert _read(REMARK, "one\r\ntwo\r\n") == Cell("one\ntwo")


@pytest.mark.parametrize("text", ["a\nb", "a\x07", "\x00", "a\udfff"])
def test_a_character_that_cannot_be_kept_is_refused(text: str) -> None:
    assert isinstance(_read(NAME, text), Refusal)


def test_a_megabyte_is_refused_unread() -> None:
    refusal = _read(REMARK, "x" * 1_000_000)

    assert isinstance(refusal, Refusal)
    assert len(refusal.words) < 200


def test_codes_are_those_of_the_item() -> None:
    assert _read(SIDE, "left") == Cell("left")
    assert isinstance(_read(SIDE, "top"), Refusal)
    assert isinstance(_read(SIDE, ["left", "right"]), Refusal)


def test_not_known_is_an_answer_only_where_offered() -> None:
    assert _read(WALKS, "yes") == Cell("yes")
    assert isinstance(_read(WALKS, "nk"), Refusal)


def test_several_codes_stand_in_the_order_of_the_item() -> None:
    assert _read(SIDES, ["right", "left", "right"]) == Cell(("left", "right"))


def test_an_answer_that_stands_alone_is_refused_beside_another() -> None:
    refusal = _read(SIDES, ["none", "left"])

    assert isinstance(refusal, Refusal)
    assert "“None” cannot stand beside" in refusal.words


def test_a_file_is_its_hash_its_size_and_its_name() -> None:
    cell = _read(LETTER, "a" * 64 + " 2048 letter.pdf")

    assert isinstance(cell, Cell)
    assert show_value(LETTER, cell) == "letter.pdf (2 kB)"
    assert isinstance(_read(LETTER, "a" * 64 + " 2048 letter.exe"), Refusal)
    assert isinstance(_read(LETTER, "a" * 64 + " 2048 ../letter.pdf"), Refusal)
    assert isinstance(_read(LETTER, "a" * 64 + " letter.pdf"), Refusal)


@pytest.mark.parametrize("item", [WEIGHT, PLATELETS, BORN, SEEN, MEAL, NAME, SIDE, SIDES, INTRO])
@pytest.mark.parametrize("raw", ["", "   ", [], ["", "", ""]])
def test_nothing_typed_is_blank(item: Item, raw: str | list[str]) -> None:
    assert _read(item, raw) is None


def test_a_statement_takes_no_answer() -> None:
    assert isinstance(_read(INTRO, "hello"), Refusal)


def test_a_missing_reason_is_one_of_the_study() -> None:
    reasons = (MissingReason(code="not_done", label="Not done"),)

    cell = read_missing(WEIGHT, "not_done", reasons)
    assert cell == Cell(missing="not_done")
    assert isinstance(read_missing(WEIGHT, "lazy", reasons), Refusal)
    assert read_missing(WEIGHT, "", reasons) is None
    assert show_value(WEIGHT, cell, reasons) == "Not done"


def test_a_cell_is_stored_without_floats_and_read_back() -> None:
    cell = Cell("72.6", unit="lb", raw="160")

    assert cell.to_json() == {"v": "72.6", "u": "lb", "raw": "160"}
    assert Cell.from_json(cell.to_json()) == cell
    assert Cell.from_json({"v": ["left"]}) == Cell(("left",))
    assert Cell(missing="not_done").to_json() == {"m": "not_done"}


@pytest.mark.parametrize("stored", [{"v": 1.5}, {"v": True}, {"x": 1}, {"m": 1}, {"v": {}}])
def test_what_is_no_cell_is_refused_when_read_back(stored: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="stored value"):
        Cell.from_json(stored)


@pytest.mark.parametrize(
    "item, cell, shown",
    [
        (BORN, Cell("1984-03-15"), "15 March 1984"),
        (PARTIAL, Cell("1984-03"), "March 1984"),
        (SEEN, Cell("2026-04-03T14:30"), "3 April 2026, 14:30"),
        (WEIGHT, Cell("72.5"), "72.5 kg"),
        (SIDE, Cell("left"), "Left"),
        (SIDES, Cell(("left", "right")), "Left, Right"),
        (PLATELETS, Cell(7), "7"),
        (NAME, None, ""),
    ],
)
def test_a_cell_is_shown_in_words(item: Item, cell: Cell | None, shown: str) -> None:
    assert show_value(item, cell) == shown


def test_a_partial_date_stands_in_its_boxes_with_what_is_unknown() -> None:
    assert typed_texts(PARTIAL, Cell("2024-03")).texts == ("UK", "3", "2024")
