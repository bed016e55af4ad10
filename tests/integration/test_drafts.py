"""Drafts: kept while typing, shown again, taken over, discarded, dropped on save; never data."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from werkzeug.test import TestResponse

from capture import clock
from capture.access import Actor, Role
from capture.accounts import reads as accounts
from capture.entry import reads
from capture.web.request_context import Services
from tests.support.clinic import VALUES, Clinic, SignIn, Tab, make_clinic
from tests.support.entries import VITALS
from tests.support.trial import NURSE, make_actor

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


def drafts(clinic: Clinic) -> dict[str, Any]:
    """What each person typed and left in the vital signs, by name."""
    with clinic.trial.database.reading() as connection:
        here = reads.list_drafts_at(connection, clinic.desk.person.id, VITALS)
    return {one.owner_name: one.typed for one in here}


def draft_id(clinic: Clinic, owner: str) -> dict[str, str]:
    with clinic.trial.database.reading() as connection:
        here = reads.list_drafts_at(connection, clinic.desk.person.id, VITALS)
    return {"draft": next(one.id for one in here if one.owner_name == owner)}


def test_two_people_type_into_one_form_and_neither_loses_a_word(clinic: Clinic) -> None:
    nora, cole = clinic.tab(), clinic.tab("cole@site.example")
    keep(nora, {"version": "0", "typed": TYPED})

    answer = keep(cole, {"version": "0", "typed": {"weight_kg": ["9"]}})

    assert answer.status_code == 200
    assert answer.get_json()["others"][0].startswith("Nora Nurse, ")
    assert drafts(clinic) == {"Nora Nurse": TYPED, "A. Cole": {"weight_kg": ["9"]}}


def test_two_pages_of_one_person_do_not_undo_each_other(clinic: Clinic) -> None:
    one, other = clinic.tab(), clinic.tab()
    keep(one, {"version": "0", "typed": {"height_cm": ["170"]}, "changed": ["height_cm"]})

    keep(other, {"version": "0", "typed": {"weight_kg": ["7"]}, "changed": ["weight_kg"]})
    assert drafts(clinic) == {"Nora Nurse": {"height_cm": ["170"], "weight_kg": ["7"]}}
    keep(one, {"version": "0", "typed": {}, "changed": ["height_cm"]})

    assert drafts(clinic) == {"Nora Nurse": {"weight_kg": ["7"]}}


def test_the_reason_of_a_correction_is_kept_too(clinic: Clinic) -> None:
    clinic.tab().save(**VALUES)
    tab = clinic.tab()
    keep(tab, {"version": "1", "typed": {"reason_words": ["read again"], "weight_kg": ["71"]}})

    page = clinic.again(tab).page.text

    assert 'value="71"' in page
    assert 'value="read again"' in page


def test_a_draft_is_taken_over_on_record(clinic: Clinic) -> None:
    keep(clinic.tab(), {"version": "0", "typed": TYPED})
    cole = clinic.tab("cole@site.example")

    cole.visitor.post(f"{cole.url}/draft/take-over", draft_id(clinic, "Nora Nurse"))

    assert 'value="170"' in clinic.again(cole).page.text
    assert ledger_actions(clinic)[-1] == "draft.take_over"


def test_a_draft_is_not_taken_over_while_one_has_ones_own(clinic: Clinic) -> None:
    keep(clinic.tab(), {"version": "0", "typed": TYPED})
    cole = clinic.tab("cole@site.example")
    keep(cole, {"version": "0", "typed": {"weight_kg": ["9"]}})

    answer = cole.visitor.post(f"{cole.url}/draft/take-over", draft_id(clinic, "Nora Nurse"))

    assert answer.status_code == 422
    assert "Save or discard it first" in answer.text
    assert drafts(clinic) == {"Nora Nurse": TYPED, "A. Cole": {"weight_kg": ["9"]}}


def test_a_draft_is_discarded_on_record(clinic: Clinic) -> None:
    tab = clinic.tab()
    keep(tab, {"version": "0", "typed": TYPED})

    tab.visitor.post(f"{tab.url}/draft/discard", draft_id(clinic, "Nora Nurse"))

    assert clinic.desk.draft() is None
    assert ledger_actions(clinic)[-1] == "draft.discard"


def test_another_persons_draft_outlives_ones_own_save(clinic: Clinic) -> None:
    keep(clinic.tab(), {"version": "0", "typed": TYPED})

    clinic.tab("cole@site.example").save(**VALUES)

    assert clinic.desk.draft() is not None


def test_a_draft_that_is_gone_cannot_be_discarded(clinic: Clinic) -> None:
    tab = clinic.tab()

    answer = tab.visitor.post(f"{tab.url}/draft/discard", {"draft": "no such draft"})

    assert answer.status_code == 404


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
        {"version": "0", "typed": {}, "changed": "weight_kg"},
        {"version": "0", "typed": {}, "changed": [7]},
    ],
)
def test_what_is_no_draft_is_refused_in_words(clinic: Clinic, content: Any) -> None:
    answer = keep(clinic.tab(), content)

    assert answer.status_code == 422
    assert answer.get_json()["message"]
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


def test_ones_own_drafts_and_old_ones_of_the_site_are_listed(clinic: Clinic) -> None:
    keep(clinic.tab(), {"version": "0", "typed": TYPED})
    owner = nora_nurse(clinic)
    far = make_actor(Role.NURSE, "harbourside")
    monitor = make_actor(Role.MONITOR, "northfield")

    def listed(hours: int, *actors: Any) -> list[int]:
        with (
            clock.running_at(clock.now() + timedelta(hours=hours)),
            clinic.trial.database.reading() as connection,
        ):
            return [len(reads.list_unsaved_drafts(connection, one)) for one in actors]

    assert listed(0, owner, NURSE) == [1, 0]
    assert listed(23, NURSE) == [0]
    assert listed(25, NURSE, far, monitor) == [1, 0, 0]


def nora_nurse(clinic: Clinic) -> Actor:
    """Nora Nurse as she is when signed in."""
    with clinic.trial.database.reading() as connection:
        person = accounts.find_account_by_email(connection, "nurse@site.example")
        assert person is not None
        return accounts.get_actor(connection, person)
