"""The recruitment chart draws its numbers at the right places and says them in words."""

from __future__ import annotations

from datetime import date

import pytest

from capture.charts import Point, expected_on, recruitment_chart

START, END = date(2026, 1, 1), date(2026, 12, 31)
TARGET = [Point(START, 0), Point(END, 100)]


def test_target_of_a_day_lies_on_the_straight_line() -> None:
    # 2026 has 364 days from 1 January to 31 December; 91 of them are a quarter.
    assert expected_on(TARGET, date(2026, 4, 2)) == 25
    assert expected_on(TARGET, START) == 0
    assert expected_on(TARGET, date(2027, 6, 1)) == 100
    assert expected_on(TARGET, date(2025, 12, 31)) is None


def test_the_first_and_last_points_lie_at_the_corners() -> None:
    chart = recruitment_chart([Point(START, 0)], TARGET)

    # left 52, right 720 - 128, bottom 340 - 44, top 18; the axis ends at 100
    assert 'points="52.0,296.0 592.0,18.0"' in chart.drawing


def test_steps_rise_on_the_day_of_the_count() -> None:
    chart = recruitment_chart([Point(START, 0), Point(date(2026, 4, 2), 50)], TARGET)

    # a quarter of 540 wide is 135; half of 278 high is 139
    assert "M52.0 296.0H187.0V157.0" in chart.drawing


def test_the_numbers_stand_in_a_table_and_in_words() -> None:
    chart = recruitment_chart([Point(date(2026, 4, 2), 30)], TARGET)

    assert chart.rows == (("2 April 2026", "30", "25"),)
    assert "30 randomised by 2 April 2026; the target is 100 by 31 December 2026." in chart.drawing


def test_words_at_equal_ends_do_not_lie_on_one_another() -> None:
    chart = recruitment_chart([Point(START, 0), Point(END, 100)], TARGET)

    places = [part.split('"')[0] for part in chart.drawing.split('y="')[-2:]]
    assert abs(float(places[0]) - float(places[1])) >= 16


def test_a_chart_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one point"):
        recruitment_chart([], [])


def test_the_drawing_has_no_inline_style_or_script() -> None:
    drawing = recruitment_chart([Point(START, 3)], TARGET).drawing

    assert "style=" not in drawing
    assert "<script" not in drawing
    assert 'role="img"' in drawing
