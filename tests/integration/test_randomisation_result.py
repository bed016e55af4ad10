"""After the draw: the answer to print, who is told, the receipt, and a draw made in error."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from capture.access import Role
from capture.accounts import service as accounts
from capture.participants import reads as participants
from capture.participants import service
from capture.participants.records import Participant
from capture.randomisation.allocation.service.receipts import is_genuine
from capture.randomisation.reads import get_allocation
from capture.web.request_context import Services
from tests.support.builders import Visitor, make_membership, make_user
from tests.support.randomising import DURATION
from tests.support.randomising_pages import (
    answers,
    hidden,
    randomise,
    running_trial,
    screened,
    settle,
    url,
)
from tests.support.trial import GIST, Trial


@pytest.fixture
def trial(services: Services) -> Trial:
    return running_trial(services)


@pytest.fixture
def nurse(services: Services, trial: Trial, sign_in: Callable[..., Visitor]) -> Visitor:
    make_user(services, sites=("northfield",))
    return sign_in("nurse@site.example")


@pytest.fixture
def person(nurse: Visitor, trial: Trial) -> Participant:
    """Somebody who is randomised."""
    made = screened(trial)
    settle(nurse, made, answers())
    assert randomise(nurse, made).request.path == url(made, "/result")
    return made


def test_visits_that_were_made_are_not_named_as_next(
    nurse: Visitor, trial: Trial, person: Participant
) -> None:
    with trial.database.reading() as connection:
        planned = participants.list_visits(connection, person.id)
    first = next(one for one in planned if one.slug == "imaging" and one.occurrence == 1)
    before = nurse.get(url(person, "/result")).text
    with trial.acting() as tx:
        service.not_do_visit(tx, GIST, person.id, first.id, reason="Scanner broken")

    assert "Imaging month 6" in before
    assert "Imaging month 6" not in nurse.get(url(person, "/result")).text


def test_the_answer_names_everything_the_notes_need(nurse: Visitor, person: Participant) -> None:
    text = nurse.get(url(person, "/result")).text

    for words in (
        "NOR-0001",
        "Northfield Hospital",
        "Randomisation number",
        "Nora Nurse",
        'Primary tumour site</dt>\n    <dd class="nhsuk-summary-list__value">Stomach',
        'Rupture</dt>\n    <dd class="nhsuk-summary-list__value">No',
        "United Kingdom",
        "Imaging month 6",
        "Trial pharmacy",
    ):
        assert words in text


def test_telling_somebody_is_noted_once(nurse: Visitor, person: Participant, trial: Trial) -> None:
    for _ in range(2):
        nurse.post(url(person, "/tell"), {"who": "pharmacy"})

    with trial.database.reading() as connection:
        told = get_allocation(connection, GIST, person.id, DURATION).notified
    assert [one["who"] for one in told] == ["pharmacy"]
    assert nurse.get(url(person, "/result")).text.count("Notified: ") == 1
    assert nurse.post(url(person, "/tell"), {"who": "the press"}).status_code == 422


def test_the_receipt_is_signed_and_holds_no_list_position(
    nurse: Visitor, person: Participant, services: Services
) -> None:
    answer = nurse.get(url(person, "/receipt.json"))
    receipt = json.loads(answer.text)

    assert is_genuine(receipt, services.config.checkpoint_key)
    assert not is_genuine({**receipt, "arm": "IM61"}, services.config.checkpoint_key)
    assert receipt["number"] == 1
    assert not {"list_position", "list_name", "block", "integers"} & receipt.keys()


def test_a_receipt_leaves_the_database_after_the_draw(
    person: Participant, services: Services
) -> None:
    lines = (services.config.data / "receipts" / f"{GIST}.jsonl").read_text().splitlines()
    receipts = [json.loads(line) for line in lines if line]

    assert [one["participant"] for one in receipts] == [person.id]


def test_a_wrong_stratum_is_noted_and_changes_no_arm(
    nurse: Visitor, person: Participant, trial: Trial
) -> None:
    before = nurse.get(url(person, "/result")).text.split("arm IM")[1][:2]
    levels = {
        "level-tumour_site": "other", "level-rupture": "intact", "level-country": "gb",
    }  # fmt: skip
    typed = {"mistake": "wrong_stratum", "reason": "The site was misread"}

    same = nurse.post(url(person, "/in-error"), {**typed, **levels, "level-tumour_site": "gastric"})
    done = nurse.post(url(person, "/in-error"), {**typed, **levels}, follow_redirects=True)

    assert same.status_code == 422
    assert "Randomised in error" in done.text
    assert "Other" in done.text
    assert done.text.split("arm IM")[1][:2] == before
    with trial.database.reading() as connection:
        found = get_allocation(connection, GIST, person.id, DURATION)
    assert (found.levels["tumour_site"], found.number) == ("gastric", 1)
    assert found.levels_corrected == {
        "tumour_site": "other", "rupture": "intact", "country": "gb",
    }  # fmt: skip


@pytest.mark.parametrize("typed", [{}, {"mistake": "twice"}, {"mistake": "bad", "reason": "x"}])
def test_a_note_without_kind_or_reason_is_refused(
    nurse: Visitor, person: Participant, typed: dict[str, str]
) -> None:
    assert nurse.post(url(person, "/in-error"), typed).status_code == 422


def test_a_masked_assessor_sees_no_arm(
    services: Services,
    person: Participant,
    sign_in: Callable[..., Visitor],
) -> None:
    actor = make_user(services, email="masked@site.example", role=None)
    make_membership(
        services,
        new=accounts.NewMembership(
            actor.id, Role.NURSE, ("northfield",), "2020-01-01", None, masked=True
        ),
    )
    masked = sign_in("masked@site.example")

    page = masked.get(url(person, "/result"))

    assert page.status_code == 200
    assert not any(w in page.text for w in ("IM36", "IM60", "stop imatinib", "continue imatinib"))
    assert masked.get(url(person, "/receipt.json")).status_code == 403


def test_a_monitor_sees_the_answer_and_changes_nothing(
    services: Services, person: Participant, sign_in: Callable[..., Visitor]
) -> None:
    make_user(services, email="monitor@site.example", role=Role.MONITOR)
    monitor = sign_in("monitor@site.example")

    page = monitor.get(url(person, "/result"))

    assert "arm IM" in page.text
    assert hidden(page) == {}
    assert monitor.post(url(person, "/tell"), {"who": "gp"}).status_code == 403
