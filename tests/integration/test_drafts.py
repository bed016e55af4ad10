"""Drafts: kept while typing, shown again, taken over, discarded, dropped on save; never data."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from werkzeug.test import TestResponse

from capture import clock
from capture.access import Role
from capture.entry import reads
from capture.wiring import Services
from tests.builders import Visitor
from tests.clinic import VALUES, Clinic, SignIn, Tab, make_clinic
from tests.trial import NURSE, make_actor

TYPED = {"weight_kg": ["7"], "height_cm": ["170"], "vitals_date-day": ["2"]}


@pytest.fixture
def clinic(services: Services, sign_in: SignIn) -> Clinic:
    return make_clinic(services, sign_in)


def keep(tab: Tab, content: Any) -> TestResponse:
    """Send what the page's script sends."""
    token = tab.hidden()["csrf_token"]
    return tab.visitor.client.post(f"{tab.url}/draft", json=content, headers={"X-CSRFToken": token})


def ledger_actions(clinic: Clinic) -> list[str]:
    with clinic.trial.database.reading() as connection:
        rows = connection.exec_driver_sql("SELECT action FROM ledger ORDER BY id")
        return [row[0] for row in rows]


def press(visitor: Visitor, url: str) -> TestResponse:
    return visitor.post(url)


def test_what_is_typed_is_kept_and_shown_again(clinic: Clinic) -> None:
    tab = clinic.tab()
    before = ledger_actions(clinic)

    answer = keep(tab, {"version": "0", "typed": TYPED})
    page = clinic.again(tab).page.text

    assert answer.status_code == 200
    assert len(answer.get_json()["stored_at"]) == len("14:32")
    assert 'value="170"' in page
    assert "It is not saved yet" in page
    assert clinic.desk.entry() is None
    assert ledger_actions(clinic) == before


def test_a_box_emptied_in_the_draft_stays_empty(clinic: Clinic) -> None:
    tab = clinic.tab()
    tab.save(**VALUES)
    keep(clinic.again(tab), {"version": "1", "typed": {"weight_kg": ["70"]}})

    assert 'value="170"' not in clinic.again(tab).page.text


def test_a_save_drops_the_draft(clinic: Clinic) -> None:
    tab = clinic.tab()
    keep(tab, {"version": "0", "typed": TYPED})

    tab.save(**VALUES)

    assert clinic.desk.draft() is None


def test_a_draft_on_an_older_version_is_compared_when_saved(clinic: Clinic) -> None:
    mine, theirs = clinic.tab(), clinic.tab("cole@site.example")
    keep(mine, {"version": "0", "typed": TYPED})
    theirs.save(**VALUES)

    answer = clinic.again(mine).save(**VALUES)

    assert answer.status_code == 409


def test_another_persons_draft_is_told_of_but_not_shown(clinic: Clinic) -> None:
    keep(clinic.tab(), {"version": "0", "typed": TYPED})

    page = clinic.tab("cole@site.example").page.text

    assert "Draft by Nora Nurse" in page
    assert 'value="170"' not in page


def test_another_persons_draft_is_not_overwritten(clinic: Clinic) -> None:
    keep(clinic.tab(), {"version": "0", "typed": TYPED})

    answer = keep(clinic.tab("cole@site.example"), {"version": "0", "typed": {"weight_kg": ["9"]}})
    draft = clinic.desk.draft()

    assert answer.status_code == 409
    assert "Nora Nurse" in answer.get_json()["problem"]
    assert draft is not None
    assert draft.typed["weight_kg"] == ["7"]


def test_a_draft_is_taken_over_on_record(clinic: Clinic) -> None:
    keep(clinic.tab(), {"version": "0", "typed": TYPED})
    cole = clinic.tab("cole@site.example")

    press(cole.visitor, f"{cole.url}/draft/take-over")

    assert 'value="170"' in clinic.again(cole).page.text
    assert ledger_actions(clinic)[-1] == "draft.take_over"


def test_a_draft_is_discarded_on_record(clinic: Clinic) -> None:
    tab = clinic.tab()
    keep(tab, {"version": "0", "typed": TYPED})

    press(tab.visitor, f"{tab.url}/draft/discard")

    assert clinic.desk.draft() is None
    assert ledger_actions(clinic)[-1] == "draft.discard"


def test_another_persons_draft_outlives_ones_own_save(clinic: Clinic) -> None:
    keep(clinic.tab(), {"version": "0", "typed": TYPED})

    clinic.tab("cole@site.example").save(**VALUES)

    assert clinic.desk.draft() is not None


def test_a_draft_that_is_gone_cannot_be_discarded(clinic: Clinic) -> None:
    tab = clinic.tab()

    assert press(tab.visitor, f"{tab.url}/draft/discard").status_code == 404


@pytest.mark.parametrize(
    "content",
    [
        None,
        [],
        {},
        {"version": "0"},
        {"version": "x", "typed": {}},
        {"version": True, "typed": {}},
        {"version": "0", "typed": {"weight_kg": "7"}},
        {"version": "0", "typed": {"weight_kg": [7]}},
        {"version": "0", "typed": {"weight_kg": ["7" * 1_000_001]}},
        {"version": "0", "typed": {"weight_kg": [None]}},
    ],
)
def test_what_is_no_draft_is_refused_in_words(clinic: Clinic, content: Any) -> None:
    answer = keep(clinic.tab(), content)

    assert answer.status_code == 422
    assert answer.get_json()["problem"]
    assert clinic.desk.draft() is None


def test_controls_that_the_form_does_not_have_are_not_kept(clinic: Clinic) -> None:
    keep(clinic.tab(), {"version": "0", "typed": {**TYPED, "password": ["x"], "gist_site": ["y"]}})
    draft = clinic.desk.draft()

    assert draft is not None
    assert sorted(draft.typed) == sorted(TYPED)


def test_a_draft_without_the_token_of_the_page_is_refused(clinic: Clinic) -> None:
    tab = clinic.tab()

    answer = tab.visitor.client.post(f"{tab.url}/draft", json={"version": "0", "typed": TYPED})

    assert answer.status_code >= 400
    assert clinic.desk.draft() is None


def test_a_monitor_keeps_no_draft(clinic: Clinic) -> None:
    token = clinic.tab().hidden()["csrf_token"]
    monitor = clinic.sign_in("monitor@site.example")

    answer = monitor.client.post(
        f"{clinic.url()}/draft",
        json={"version": "0", "typed": TYPED},
        headers={"X-CSRFToken": token},
    )

    assert answer.status_code >= 400
    assert clinic.desk.draft() is None


def test_drafts_older_than_a_day_are_listed_for_the_staff_of_the_site(clinic: Clinic) -> None:
    keep(clinic.tab(), {"version": "0", "typed": TYPED})
    far = make_actor(Role.NURSE, "harbourside")
    monitor = make_actor(Role.MONITOR, "northfield")

    def listed(hours: int, *actors: Any) -> list[int]:
        with (
            clock.running_at(clock.now() + timedelta(hours=hours)),
            clinic.trial.database.reading() as connection,
        ):
            return [len(reads.old_drafts(connection, one)) for one in actors]

    assert listed(23, NURSE) == [0]
    assert listed(25, NURSE, far, monitor) == [1, 0, 0]
