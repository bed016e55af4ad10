"""Checking an expression against a study: everything wrong is told before it is published."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from forms.expressions import ItemType, Kind, check, parse, result_kind

ITEMS = {
    "weight": ItemType(Kind.NUMBER),
    "note": ItemType(Kind.TEXT),
    "birth": ItemType(Kind.DATE),
    "seen": ItemType(Kind.DATETIME),
    "woken": ItemType(Kind.TIME),
    "sex": ItemType(Kind.CHOICE, frozenset({"female", "male"})),
    "grade": ItemType(Kind.CHOICE, frozenset({"1", "2", "3"})),
    "rating": ItemType(Kind.CHOICE, frozenset({"1", "2", "na"})),
    "signs": ItemType(Kind.CHOICES, frozenset({"1", "2", "nk"})),
    "late": ItemType(Kind.NUMBER),
}


@dataclass(frozen=True, slots=True)
class SmallStudy:
    """A study with two visits, one randomisation, one consent scope and no cohorts."""

    def item(self, name: str) -> ItemType | None:
        return ITEMS.get(name)

    def has_visit(self, name: str) -> bool:
        return name in {"baseline", "month_3"}

    def is_asked_at(self, item: str, visit: str) -> bool:
        return (item == "late") == (visit == "month_3")

    def site_attribute(self, name: str) -> ItemType | None:
        return ItemType(Kind.CHOICE, frozenset({"GB", "DE"})) if name == "country" else None

    def arms(self, randomisation: str | None) -> frozenset[str] | None:
        known = randomisation in {None, "duration"}
        return frozenset({"IM36", "IM60"}) if known else None

    def cohorts(self) -> frozenset[str]:
        return frozenset()

    def has_consent_scope(self, name: str) -> bool:
        return name == "main"


def problems(text: str, *, calendar_only: bool = False) -> list[str]:
    return check(parse(text), SmallStudy(), calendar_only=calendar_only)


@pytest.mark.parametrize(
    "text",
    [
        "round([weight] / 2, 1) > 10 and [sex] = 'female'",
        "[baseline][weight] + [grade] > '3'",
        "[signs(nk)] = '1' or [signs(1)] + [signs(2)] > 1",
        "[note] <> '' and contains([note], 'x')",
        "[birth] <> 'NaN' and ismissingcode([signs])",
        "age_years([birth], today) >= 18",
        "datediff([birth], 'today', 'y', 'ymd', true) > 1",
        "[birth] < '2024-01' and [seen] > [birth] and [birth] <= today",
        "if([grade] > 2, [birth], '') = '2024-01-01'",
        "site.country = 'GB' and allocation.arm = 'IM36'",
        "days_from(allocation('duration').date, today) > 0",
        "consent.in_force('main', [birth])",
        "[previous-event-name][late] = 1",
        "[event-name] = 'baseline' and participant.status = 'enrolled'",
        "left([note], 2) + 1 > 3",
        "[grade] = '02' and [weight:value] = 70",
        "not ([sex] = 'male') and ([weight] > 1) + 1 = 2",
        "if([grade], 1, 0)",
    ],
)
def test_sound_expressions_have_no_problems(text: str) -> None:
    assert problems(text) == []


@pytest.mark.parametrize(
    "text, words",
    [
        ("[wieght] > 1", "no item “wieght”"),
        ("[month_9][weight] > 1", "no visit “month_9”"),
        ("[baseline][late] > 1", "“late” is not asked at the visit “baseline”"),
        ("[sex] = 'f'", "“[sex]” has no code “f”; its codes are female, male"),
        ("[grade] = 4", "“[grade]” has no code “4”"),
        ("'f' = [sex]", "has no code “f”"),
        ("site.country = 'UK'", "“site.country” has no code “UK”"),
        ("allocation.arm = 'A'", "no code “A”; its codes are IM36, IM60"),
        ("[signs(3)] = 1", "“signs” has no code “3”"),
        ("[signs(1)] = '2'", "has no code “2”; its codes are 0, 1"),
        ("[signs] = '1'", "several answers"),
        ("sum([signs])", "several answers"),
        ("[signs]", "several answers"),
        ("[sex(female)] = 1", "not a multiple choice"),
        ("[sex] > 'female'", "“>” has no meaning"),
        ("[note] + 1", "“[note]” is text, and “+” works with numbers"),
        ("-[birth]", "“[birth]” is a date, and “-” works with numbers"),
        ("[birth] + 30", "works with numbers"),
        ("round([sex])", "a choice whose codes are not numbers"),
        ("age_years([note], today)", "“[note]” is text, and “age_years” works with dates"),
        ("days_from([weight], today)", "“[weight]” is a number"),
        ("datediff([woken], today, 'd')", "“[woken]” is a time"),
        ("age_years('soon', today)", "“soon” is text"),
        ("[birth] = '1.1.2024'", "“1.1.2024” is not one (YYYY-MM-DD)"),
        ("[birth] > 'today'", "write today without quotes"),
        ("[weight] > 'heavy'", "“heavy”, which is not a number"),
        ("[weight] = [birth]", "“=” cannot compare them"),
        ("[note] > [weight]", "“>” cannot compare them"),
        ("[weight] > ''", "with a blank is never true"),
        ("[note] and true", "compare it with a value"),
        ("not [sex]", "compare it with a value"),
        ("if([birth], 1, 2)", "compare it with a value"),
        ("datediff([birth], today, 'months')", "“months” is no unit"),
        ("datediff([birth], today, 'd', 'md')", "neither a date format nor true or false"),
        ("site.region = 1", "sites have no attribute “region”"),
        ("cohort = 'A'", "no cohorts"),
        ("allocation('dose').arm = 'A'", "no randomisation “dose”"),
        ("allocation([note]).arm = 'A'", "takes the name of a randomisation in quotes"),
        ("consent.in_force('blood', today)", "no consent scope “blood”"),
        ("consent.in_force('main', [note])", "works with dates"),
        ("[survey-date-completed:x] = 1", "REDCap surveys"),
        ("[aggregate-mean:weight] > 1", "other participants"),
        ("[mycap-code] = 1", "MyCap"),
        ("[calendar-url] = 1", "calendar"),
        ("[no-such-thing] = 1", "not a smart variable"),
        ("[sex:label] = 'Female'", "“:label” cannot be used"),
    ],
)
def test_what_is_wrong_is_told_in_words(text: str, words: str) -> None:
    found = problems(text)

    assert len(found) == 1
    assert words in found[0]


def test_all_problems_are_told_at_once_and_each_once() -> None:
    found = problems("[aa] = 1 or [bb] = 1 or [aa] = 2")

    assert found == [
        "“[aa]”: the study has no item “aa”",
        "“[bb]”: the study has no item “bb”",
    ]


def test_datediff_is_refused_where_time_must_be_calendar_exact() -> None:
    text = "datediff([birth], today, 'y') >= 18"

    assert problems(text) == []
    assert "months of 30.44 days; here use age_years" in problems(text, calendar_only=True)[0]
    assert problems("age_years([birth], today) >= 18", calendar_only=True) == []


@pytest.mark.parametrize(
    "text, kind",
    [
        ("[weight] > 1", Kind.TRUTH),
        ("[weight] * 2", Kind.NUMBER),
        ("if([weight] > 1, [birth], '')", Kind.DATE),
        ("if([weight] > 1, 'high', 'low')", Kind.TEXT),
        ("if([weight] > 1, 'high', 0)", Kind.ANY),
        ("[sex]", Kind.CHOICE),
        ("today", Kind.DATE),
    ],
)
def test_kind_of_a_result_is_known_beforehand(text: str, kind: Kind) -> None:
    assert result_kind(parse(text), SmallStudy()) is kind


def test_statistics_take_a_choice_of_which_some_codes_are_numbers() -> None:
    assert problems("sum([rating], [grade]) + count_numbers([rating])") == []
    assert problems("[rating] + 1") == [
        "“[rating]” is a choice whose codes are not numbers, and “+” works with numbers"
    ]
    assert problems("count_numbers([sex])") == [
        "“[sex]” is a choice whose codes are not numbers, and “count_numbers” works with numbers"
    ]
