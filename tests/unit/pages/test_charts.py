"""Charts draw their numbers at the right places and say them in words."""

from __future__ import annotations

import re
from datetime import date
from fractions import Fraction

import pytest

from capture.charts import (
    Bar,
    ChartColumn,
    Mark,
    Point,
    Share,
    draw_bar_chart,
    draw_column_chart,
    draw_course_chart,
    draw_recruitment_chart,
    find_ends,
)
from capture.charts.drawing import LINE, format_number, round_up

START, END = date(2026, 1, 1), date(2026, 12, 31)
TARGET = [Point(START, 0), Point(END, 100)]
WORDS = re.compile(r'<text class="[^"]*" x="([\d.]+)" y="([\d.]+)" text-anchor="(\w+)">([^<]*)')


def placed(drawing: str) -> dict[str, tuple[float, float, str]]:
    """Where each line of words stands: x, y and which end of it that is."""
    return {text: (float(x), float(y), end) for x, y, end, text in WORDS.findall(drawing)}


def test_the_first_and_last_points_lie_at_the_corners() -> None:
    drawing = draw_recruitment_chart([Point(START, 0)], TARGET)

    # left 40, right 348, top 22, bottom 204; the axis ends at 100
    assert 'points="40.0,204.0 348.0,22.0"' in drawing


def test_steps_rise_on_the_day_of_the_count() -> None:
    drawing = draw_recruitment_chart([Point(START, 0), Point(date(2026, 4, 2), 50)], TARGET)

    # 2026 has 364 days from 1 January to 31 December; 91 of them are a quarter.
    # A quarter of 308 wide is 77; half of 182 high is 91.
    assert "M40.0 204.0H117.0V113.0" in drawing


def test_drawings_beside_one_another_have_the_same_axes() -> None:
    alone = draw_recruitment_chart([Point(START, 1), Point(date(2026, 4, 2), 2)], [])
    beside = draw_recruitment_chart(
        [Point(START, 1), Point(date(2026, 4, 2), 2)], [], beside=TARGET
    )

    assert "Apr 2026" in placed(alone)
    assert "5" in placed(alone)
    assert "Dec 2026" in placed(beside)
    assert "100" in placed(beside)


def test_the_summary_says_both_lines_in_words() -> None:
    drawing = draw_recruitment_chart([Point(date(2026, 4, 2), 30)], TARGET)

    assert "30 randomised by 2 April 2026; the target is 100 by 31 December 2026." in drawing
    level = draw_recruitment_chart([], [Point(START, 9), Point(END, 9)])
    assert "the target is 9." in level


@pytest.mark.parametrize("number", [100, 99, 90, 1, 0])
def test_words_at_near_ends_do_not_lie_on_one_another(number: int) -> None:
    drawing = draw_recruitment_chart([Point(START, 0), Point(END, number)], TARGET)
    found = placed(drawing)

    own, aim = found[f"Randomised {number}"], found["Target 100"]
    assert abs(own[1] - aim[1]) >= 16
    assert min(own[1], aim[1]) >= 12
    assert (own[2], aim[2]) == ("end", "end")


def test_words_stand_to_the_right_of_a_line_that_ends_early() -> None:
    drawing = draw_recruitment_chart([Point(START, 0), Point(date(2026, 4, 2), 50)], TARGET)

    assert placed(drawing)["Randomised 50"] == (117, 107, "start")


def test_a_chart_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one point"):
        draw_recruitment_chart([], [])


def test_bars_are_drawn_against_the_longest() -> None:
    bars = [Bar("Declined", (Share("first", "", 3),)), Bar("Other", (Share("first", "", 12),))]

    drawing = draw_bar_chart(bars, identity="reasons", title="Reasons")

    # 360 wide: 3 of 12 is a quarter. Rows: 24 of name, 14 of bar, 18 of words, 12 between: 68.
    assert 'x="0.0" y="24" width="90.0" height="14"' in drawing
    assert 'x="0.0" y="92" width="360.0" height="14"' in drawing
    assert 'viewBox="0 0 360 136"' in drawing
    assert '<desc id="reasons-desc">Declined: 3; Other: 12.</desc>' in drawing


def test_shares_fill_the_width_and_stand_in_words() -> None:
    shares = (
        Share("first", "Complete", 6),
        Share("second", "begun", 0),
        Share("fourth", "late", 2),
    )

    drawing = draw_bar_chart([Bar("A & B", shares)], identity="forms", title="Forms", is_share=True)

    assert 'share--first" x="0.0" y="24" width="270.0"' in drawing
    assert 'share--fourth" x="270.0" y="24" width="90.0"' in drawing
    assert "share--second" not in drawing
    assert "Complete 6, late 2" in placed(drawing)
    assert "A &amp; B" in drawing


def test_long_words_below_a_bar_go_over_several_lines() -> None:
    shares = tuple(
        Share(kind, name, 1000)
        for kind, name in (
            ("first", "In the window"),
            ("second", "1 to 7 days late"),
            ("third", "8 to 30 days late"),
            ("fourth", "more than 30 days late"),
        )
    )

    bar = Bar("Vital signs", shares)

    assert bar.said == [
        "In the window 1000,",
        "1 to 7 days late 1000,",
        "8 to 30 days late 1000,",
        "more than 30 days late 1000",
    ]
    assert bar.height == 24 + 14 + 4 * 18 + 12


def test_a_bar_of_nothing_says_so() -> None:
    drawing = draw_bar_chart([Bar("None", (Share("first", "", 0),))], identity="a", title="A")

    assert "0" in placed(drawing)
    assert "<rect" not in drawing


def mark(place: int, number: int, *quartiles: str) -> Mark:
    lower, median, upper = (Fraction(one) for one in quartiles)
    return Mark(place, f"Visit {place}", number, lower, median, upper)


def test_medians_are_joined_and_quartiles_are_strokes() -> None:
    marks = [mark(1, 4, "20", "50", "60"), Mark(2, "Visit 2"), mark(3, 1, "75.5", "75.5", "75.5")]

    drawing = draw_course_chart(
        marks, identity="s", title="Score", low=Fraction(0), high=Fraction(100)
    )

    # Three places of 308/3 wide from 40 on: the middles of the first and third at 91.33 and 296.67.
    # From 184 up to 28 are 156: 50 at 106, 20 at 152.8, 60 at 90.4, 75.5 at 66.2 (66.22).
    assert 'points="91.3333,106.0 296.667,66.2"' in drawing
    assert "M91.3333 90.4V152.8" in drawing
    assert drawing.count("<circle") == 2
    # The words stand 8 above the upper quartile.
    assert placed(drawing)["50"] == (91.3333, 82.4, "middle")
    assert {"50", "75.5", "n 4", "n 0", "n 1"} <= placed(drawing).keys()
    assert "Visit 1: median 50, quartiles 20 and 60, n 4; Visit 3: median 75.5" in drawing


def test_a_median_at_the_top_of_the_scale_has_a_line_of_room_for_its_words() -> None:
    drawing = draw_course_chart(
        [mark(1, 1, "97", "97", "97.5")],
        identity="s",
        title="Score",
        low=Fraction(0),
        high=Fraction("97.5"),
    )

    assert placed(drawing)["97"][1] >= LINE


def test_visits_without_room_for_their_words_are_left_to_the_table() -> None:
    marks = [mark(place, 2, "1", "2.5", "3") for place in range(1, 15)]

    drawing = draw_course_chart(marks, identity="s", title="S", low=Fraction(0), high=Fraction(5))

    assert drawing.count("n 2</text>") == 5
    assert drawing.count(">2.5</text>") == 5
    assert drawing.count("<circle") == 14


@pytest.mark.parametrize(
    "values, ends, expected",
    [
        (("20", "50", "60"), ("0", "100"), (0, 100)),
        (("7.1", "7.6", "8.2"), ("0",), (0, 10)),
        (("7.1", "7.6", "11"), (), (0, 20)),
        (("-3", "0", "2"), (), (-5, 5)),
        (("20", "50", "104"), ("0", "100"), (0, 200)),
    ],
)
def test_an_axis_ends_at_the_scale_or_at_a_round_number(
    values: tuple[str, ...], ends: tuple[str, ...], expected: tuple[int, int]
) -> None:
    assert find_ends([mark(1, 1, *values)], [Fraction(end) for end in ends]) == expected


def test_numbers_are_written_exactly_and_without_needless_zeros() -> None:
    assert [format_number(Fraction(one)) for one in ("7.50", "81.375", "0", "-2.5", "100")] == [
        "7.5",
        "81.375",
        "0",
        "-2.5",
        "100",
    ]
    assert [round_up(one) for one in (0, 5, 6, 21, 51, 101)] == [5, 5, 10, 30, 100, 200]


def columns_of(*columns: ChartColumn, title: str = "Chances", under: str = "Difference") -> str:
    return draw_column_chart(
        columns, identity="k", title=title, under=under, highest=Fraction(1, 2)
    )


def test_columns_stand_at_their_chance_and_are_said() -> None:
    drawing = columns_of(ChartColumn("-2", Fraction(1, 4)), ChartColumn("0", Fraction(1, 2)))

    # Left 40, right 348, so 154 for each; the axis ends at 50 %: 162 high from 178 up to 16.
    assert 'x="55.4" y="97.0" width="123.2" height="81.0"' in drawing
    assert 'x="209.4" y="16.0" width="123.2" height="162.0"' in drawing
    assert "-2: 25.0 %; 0: 50.0 %." in drawing
    assert placed(drawing)["0"][0] == 271


def test_where_there_are_many_columns_some_are_named_and_the_middle_one_is() -> None:
    drawing = columns_of(*(ChartColumn(str(n), Fraction(1, 25)) for n in range(-12, 13)))
    named = [name for name in placed(drawing) if name.lstrip("-").isdigit()]

    assert {"0", "-12", "12", "3"} <= set(named)
    assert "1" not in named


def test_no_drawing_has_inline_style_or_script_and_all_text_is_escaped() -> None:
    bad = "<script>&"
    drawings = [
        draw_recruitment_chart([Point(START, 3)], TARGET, title=bad),
        draw_bar_chart([Bar(bad, (Share("first", bad, 1),))], identity="b", title=bad),
        draw_course_chart(
            [Mark(1, bad)], identity="c", title=bad, low=Fraction(0), high=Fraction(1)
        ),
        columns_of(ChartColumn(bad, Fraction(1)), title=bad, under=bad),
    ]

    for drawing in drawings:
        assert "style=" not in drawing
        assert "<script" not in drawing
        assert 'role="img"' in drawing
