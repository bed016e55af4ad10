"""A ledger row in words: what it says to whom, from facts written by hand."""

from __future__ import annotations

from typing import Any

import pytest

import capture.tables  # noqa: F401  (every feature registers its labels)
from capture.access import SYSTEM, Action, Actor, Grant, Role
from capture.ledger.action_labels import IDENTIFYING, Detail
from capture.ledger.fold import Change, LedgerRow
from capture.timeline import TimelineNames, TimelineReader, TimelineRow, list_rows, make_row
from capture.visibility import get_viewer
from forms.load import BUNDLED_STUDIES
from tests.support.kept_worlds import checked_folder

GIST = "gist-imatinib"
NAMES = TimelineNames(
    users={"nora": "Nora Nurse"}.__getitem__,
    sites={"northfield": "Northfield Hospital", "redgum": "Redgum Clinic"},
    visits={"v1": ("baseline", 1), "v2": ("drug", 1)},
    find_participant={"seen": ("N-002", "/n2"), "elsewhere": None}.__getitem__,
)


def reader(role: Role = Role.NURSE, *, masked: bool = False, form: bool = False) -> TimelineReader:
    actor = Actor("one", "One", grants=(Grant(GIST, role, None, masked),))
    study = checked_folder(BUNDLED_STUDIES / GIST).study
    viewer = get_viewer(actor, study, "northfield", zone="Europe/London")
    return TimelineReader(viewer, NAMES, is_at_form=form)


def fact(action: Action, actor: str = "nora", **body: Any) -> LedgerRow:
    changes = {
        name.replace("item_", "item:", 1): value
        if isinstance(value, Change)
        else Change(None, value)
        for name, value in body.items()
    }
    at = "2026-07-01T12:30:00.000000Z"
    return LedgerRow(
        "a", GIST, at, at, actor, "nurse", action, "participant/p", "Why", "", 1, changes
    )


def row(action: Action, who: TimelineReader | None = None, **body: Any) -> TimelineRow:
    made = make_row(fact(action, **body), who or reader())
    assert made is not None
    return made


def cell(value: Any) -> dict[str, Any]:
    return {"v": value}


def test_a_row_says_when_at_the_site_who_as_what_and_why() -> None:
    made = row(Action.VISIT_BOOK, id="v1", appointment="2026-07-09")

    assert made.when == "1 July 2026, 13:30"
    assert (made.utc, made.local) == ("2026-07-01 12:30:00", "2026-07-01 13:30:00")
    assert (made.who, made.role, made.reason) == ("Nora Nurse", "nurse", "Why")
    assert made.what == "Appointment changed: Screening"
    assert made.summary == ("Appointment: 9 July 2026",)


def test_the_program_itself_is_the_system() -> None:
    made = make_row(fact(Action.QUERY_OPEN, SYSTEM, item="sex", message="Why?"), reader())

    assert made is not None
    assert made.who == "System"


@pytest.mark.parametrize(
    "role, words",
    [
        (Role.DATA_MANAGER, ("Item: Date of birth", "Query text: 1850 is long ago")),
        (Role.MONITOR, ("Item: Date of birth",)),
    ],
)
def test_the_text_of_a_query_is_told_to_who_is_shown_the_value(
    role: Role, words: tuple[str, ...]
) -> None:
    made = row(Action.QUERY_OPEN, reader(role), item="birth_date", message="1850 is long ago")

    assert made.summary == words


def test_an_answer_that_identifies_is_told_at_its_form_alone() -> None:
    change = Change(cell("1961-05-14"), cell("1962-05-14"))
    body = {"instrument": "demography", "visit_slug": "baseline", "occurrence": 1}

    away = row(Action.ENTRY_SAVE, **body, item_birth_date=change)
    at_form = row(Action.ENTRY_SAVE, reader(form=True), **body, item_birth_date=change)

    assert away.summary == ("Date of birth: changed",)
    assert at_form.summary == ("Date of birth: 14 May 1961 → 14 May 1962",)


def test_who_may_not_see_arms_is_told_of_the_allocation_and_not_of_the_arm() -> None:
    body = {
        "randomisation": "duration",
        "arm": "IM60",
        "number": 7,
        "list_position": 3,
        "block": [1, 4, 3],
        "integers": [2],
        "levels": {"rupture": "intact"},
    }

    told = row(Action.RANDOMISATION_ALLOCATE, reader(masked=True), **body)
    seen = row(Action.RANDOMISATION_ALLOCATE, **body)

    assert told.what == "Randomised: Imatinib for 3 or 5 years"
    assert told.summary == ("Stratification factors: rupture: intact",)
    assert [detail.label for detail in seen.details] == [
        "Arm",
        "Randomisation number",
        "Stratification factors",
    ]


def test_a_visit_of_one_arm_is_neither_planned_nor_booked_for_who_may_not_know() -> None:
    plan = fact(Action.VISIT_SCHEDULE)
    row_of = {
        "id": "v2",
        "slug": "drug",
        "occurrence": 1,
        "target_date": "2026-08-01",
        "status": "planned",
    }
    plan = LedgerRow(**{**vars(plan), "body": {"drug.1": Change(None, row_of)}})
    booked = fact(Action.VISIT_BOOK, id="v2", appointment="2026-08-02")

    assert list_rows([plan, booked], reader(masked=True)) == []
    assert len(list_rows([plan, booked], reader())) == 2


@pytest.mark.parametrize("other, number, url", [("seen", "N-002", "/n2"), ("elsewhere", "", "")])
def test_a_moved_form_names_the_other_participant_where_they_may_be_seen(
    other: str, number: str, url: str
) -> None:
    made = row(Action.ENTRY_MARK_IN_ERROR, instrument="demography", moved_to=other)

    assert made.link is not None
    assert made.link.words == "The answers belong to another participant"
    assert (made.link.number, made.link.url) == (number, url)


def test_a_long_plan_is_shortened_in_a_history_and_whole_in_the_trail() -> None:
    details = tuple(Detail(f"Visit {number}", "", "soon") for number in range(1, 9))
    made = TimelineRow("a", "", "UTC", "", "", Action.VISIT_SCHEDULE, "", "", details, "")

    assert made.summary == ("Visit 1: soon", "and 6 more, the last of them", "Visit 8: soon")


@pytest.mark.parametrize(
    "detail, line",
    [
        (Detail("Weight", "70 kg", "72 kg"), "Weight: 70 kg → 72 kg"),
        (Detail("Weight", "", "72 kg"), "Weight: 72 kg"),
        (Detail("Weight", "70 kg", ""), "Weight: 70 kg → blank"),
        (Detail("Date of birth", IDENTIFYING, IDENTIFYING), "Date of birth: changed"),
    ],
)
def test_a_detail_is_one_line(detail: Detail, line: str) -> None:
    assert detail.words == line
