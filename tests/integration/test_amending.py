"""A design is amended: a new version with a key and lists of its own, the old answers kept."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from capture.access import Role
from capture.db import Database
from capture.ledger.concealment import Concealment
from capture.ledger.verify import verify_study
from capture.participants.records import Participant
from capture.problems import Refused
from capture.randomisation import reads
from capture.randomisation.allocation.service.allocate import randomise
from capture.randomisation.designs.service import designs
from capture.randomisation.designs.service.list_state import list_list_states, list_low_lists
from capture.randomisation.designs.service.proof import make_proof_bundle
from capture.randomisation.reads import AllocationRow
from capture.randomisation.tables import design_version
from capture.study.changes import list_breaking_changes
from capture.web.request_context import Services
from randomiser import BlockTrace, list_places, make_draw, verify
from tests.support.builders import Visitor, make_user
from tests.support.randomising import (
    ADDED,
    CLOSED,
    DURATION,
    FIRST_ARM,
    KEY_COPY,
    MANAGER,
    UNBLINDED,
    V,
    activate,
    blocks_of_four,
    definition,
    delegate,
    draw,
    ready,
    republish,
)
from tests.support.randomising_pages import running_trial
from tests.support.trial import GIST, NURSE, Trial, make_trial
from tests.support.uploading import activate_list, list_of, take_lists

OLD_LEVELS = "levels: {gastric: [stomach], other: [small_bowel, rectum, elsewhere]}"
LEVELS = (OLD_LEVELS, "levels: {upper: [stomach, small_bowel], lower: [rectum, elsewhere]}")
URL = f"/studies/{GIST}/randomisations/{DURATION}"


@pytest.fixture
def trial(database: Database, concealment: Concealment) -> Trial:
    return blocks_of_four(database, concealment)


def drawn(trial: Trial, people: int) -> list[AllocationRow]:
    return [draw(trial, ready(trial)) for _ in range(people)]


def checked(trial: Trial) -> Any:
    """The proof of every version, which the stand-alone verifier agrees with; verify does too."""
    with trial.database.reading() as connection:
        assert verify_study(connection, trial.concealment, GIST).findings == []
        bundle = make_proof_bundle(connection, trial.concealment, GIST, DURATION, knows_list=True)
    found = json.loads(bundle)
    assert verify.check(found).problems == []
    return found


def test_an_added_and_a_closed_arm_make_a_version_with_lists_from_one(trial: Trial) -> None:
    before = drawn(trial, 5)
    republish(trial, ADDED, CLOSED)
    activate(trial, design={"sizes": [3]})
    after = drawn(trial, 6)

    bundle = checked(trial)
    assert {one.arm for one in before} == {"IM36", "IM60"}
    assert sorted(one.arm for one in after) == 4 * ["IM120"] + 2 * ["IM60"]
    assert [one.number for one in before + after] == list(range(1, 12))
    assert [one["design"]["version"] for one in bundle["designs"]] == [1, 2]
    assert len({one["key"] for one in bundle["designs"]}) == 2
    first, second = (one["design"]["arms"] for one in bundle["designs"])
    assert [arm["name"] for arm in first] == ["IM36", "IM60"]
    assert second == [{"name": "IM60", "ratio": 1}, {"name": "IM120", "ratio": 2}]
    positions = [one["list_position"] for one in bundle["events"]]
    assert positions == [1, 2, 3, 4, 5, 1, 2, 3, 4, 5, 6]


def test_a_live_study_may_close_an_arm_and_never_remove_one(trial: Trial) -> None:
    before = definition(trial)
    republish(trial, ADDED, CLOSED)
    amended = definition(trial)
    first = before.randomisations[0]
    removed = first.model_copy(update={"listed_arms": first.listed_arms[1:]})

    assert list_breaking_changes(before, amended) == []
    assert list_breaking_changes(
        before, before.model_copy(update={"randomisations": (removed,)})
    ) == ["randomisation duration, arm IM36 is gone (removed or renamed)"]


def test_versions_stand_in_their_order_wherever_their_rows_lie(trial: Trial) -> None:
    """PostgreSQL writes a changed row anew: so often in one go, it lies behind all others."""
    activate(trial, design={"sizes": [6]})
    first = design_version.c.number == 1
    with trial.database.writing() as connection:
        for _ in range(40):
            connection.execute(design_version.update().where(first).values(number=1))

    with trial.database.reading() as connection:
        versions = reads.list_design_versions(connection, GIST, DURATION)

    assert [(version.number, version.state) for version in versions] == [
        (1, "superseded"),
        (2, "active"),
    ]


@pytest.mark.parametrize("change", [ADDED, CLOSED, LEVELS], ids=["added", "closed", "levels"])
def test_nobody_is_drawn_by_a_design_that_the_study_has_left_behind(
    database: Database, concealment: Concealment, change: tuple[str, str]
) -> None:
    trial = make_trial(database, concealment)
    delegate(trial)
    activate(trial, design={"sizes": [4]})
    changes = [ADDED, CLOSED] if change is CLOSED else [change]
    person = ready(trial)
    republish(trial, *changes)

    with pytest.raises(Refused, match=r"Not randomised.*changed since|Confirm eligibility again"):
        draw(trial, person)

    with trial.database.reading() as connection:
        assert reads.find_allocation(connection, GIST, person.id, DURATION) is None


def test_an_arm_closed_between_the_check_and_the_draw_is_not_drawn(trial: Trial) -> None:
    person = ready(trial)
    republish(trial, ADDED, CLOSED)

    with pytest.raises(Refused, match="a new design version is needed"), trial.acting(NURSE) as tx:
        randomise(tx, definition(trial), 2, person.id, DURATION)


def test_redefined_levels_open_lists_of_their_own_and_old_ones_are_read_as_they_were(
    trial: Trial,
) -> None:
    (old,) = drawn(trial, 1)
    republish(trial, LEVELS)
    activate(trial, design={"sizes": [6]})
    (new,) = drawn(trial, 1)

    bundle = checked(trial)
    assert (old.levels["tumour_site"], new.levels["tumour_site"]) == ("gastric", "upper")
    assert [one["levels"]["tumour_site"] for one in bundle["events"]] == ["gastric", "upper"]


def test_one_more_country_opens_lists_under_the_same_key(trial: Trial) -> None:
    drawn(trial, 2)
    finland = "      - {code: fi, label: Finland}\n"
    republish(trial, (finland, f"{finland}      - {{code: dk, label: Denmark}}\n"))

    (more,) = drawn(trial, 1)

    assert more.design_version == 1
    assert [one["list_position"] for one in checked(trial)["events"]] == [1, 2, 3]


def test_adaptive_history_runs_on_across_versions(
    database: Database, concealment: Concealment
) -> None:
    trial = make_trial(database, concealment)
    delegate(trial)
    balanced = ("    method: permuted_blocks", "    method: minimisation")
    factors = ("    strata:\n", "    minimisation_factors:\n")
    republish(trial, balanced, factors)
    certain = {"measure": "range", "p": "1/1"}
    activate(trial, design=certain)
    first = drawn(trial, 1)
    activate(trial, design=certain)
    second = drawn(trial, 1)

    assert first[0].arm != second[0].arm
    assert [one["design_version"] for one in checked(trial)["events"]] == [1, 2]


def the_block(trial: Trial, used: int) -> BlockTrace:
    """Where the last place taken stands in its block, derived from the key."""
    with trial.database.reading() as connection:
        opened = reads.get_opened_design(connection, trial.concealment, GIST, f"{DURATION}/1")
        ((name, _),) = reads.list_use(connection, GIST, DURATION)
    places = list_places(opened.design, name, make_draw(opened.key))
    return [next(places) for _ in range(used)][-1].trace


@pytest.mark.parametrize("people, in_block", [(3, 3), (4, 0), (5, 1)])
def test_the_unfinished_block_of_each_list_is_counted(
    trial: Trial, people: int, in_block: int
) -> None:
    drawn(trial, people)

    with trial.database.reading() as connection:
        (state,) = list_list_states(connection, trial.concealment, definition(trial), DURATION)

    assert (state.used, state.in_block) == (people, in_block)
    assert (state.places, state.runs_out) == (None, None)
    assert the_block(trial, people).place % 4 == in_block


def test_uploaded_lists_tell_rows_left_forecast_and_the_last_fifth(
    database: Database, concealment: Concealment
) -> None:
    trial = make_trial(database, concealment)
    delegate(trial)
    take_lists(trial)
    activate_list(trial, list_of("3636363636"))
    study = definition(trial)
    moment = trial.moment
    for _ in range(8):
        draw(trial, ready(trial))
    later = Trial(trial.database, trial.concealment, moment + timedelta(days=16))

    with later.acting(UNBLINDED) as tx:
        states = {
            one.levels: one for one in list_list_states(tx.connection, concealment, study, DURATION)
        }
        ends = list_low_lists(tx.connection, concealment, study, DURATION)

    usual = states["gastric", "intact", "gb"]
    assert (usual.used, usual.left, usual.places) == (8, 2, 10)
    # Eight in sixteen days are one every two days: two more take four days.
    assert usual.runs_out == (moment + timedelta(days=20)).date()
    assert [one.levels for one in ends] == [("gastric", "intact", "gb")]
    assert states["other", "intact", "gb"].left == 2
    assert not states["other", "intact", "gb"].is_low


EMAILS = {Role.UNBLINDED: "unblinded@unit.example", Role.TRIAL_MANAGER: "manager@unit.example"}


@pytest.fixture
def open_trial(services: Services) -> Trial:
    made = running_trial(services, is_active=False)
    for role, email in EMAILS.items():
        make_user(services, email=email, name=role.label.title(), role=role)
    return made


def text_of(visitor: Visitor, path: str = URL) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", visitor.get(path).text))


def test_what_is_left_unfinished_is_shown_before_activation_and_to_one_role(
    open_trial: Trial, sign_in: Callable[..., Visitor]
) -> None:
    unblinded, manager = (sign_in(email) for email in EMAILS.values())
    activate(open_trial, design={"sizes": [4]})
    past = open_trial.on("2026-03-02")
    drawn(past, 5)

    assert "What a new design version would leave unfinished" in text_of(unblinded)
    unblinded.post(f"{URL}/design", {"design-text": "sizes: [6]"})
    shown, hidden = text_of(unblinded), text_of(manager)

    assert "What design version 2 will leave unfinished" in shown
    assert (
        "gastric, intact, gb: places used: 5; of its last block, which is not finished, 1 is"
        in shown
    )
    for words in ("unfinished", "places used", "Places used", "block"):
        assert words not in hidden
    assert "Activate design version 2" in hidden


def test_the_end_of_a_list_is_told_on_home_and_page_to_one_role(
    open_trial: Trial, sign_in: Callable[..., Visitor]
) -> None:
    unblinded, manager = (sign_in(email) for email in EMAILS.values())
    take_lists(open_trial)
    activate_list(open_trial, list_of("3636363636"))
    past = open_trial.on("2026-03-02")
    drawn(past, 8)

    shown = text_of(unblinded)
    assert "gastric, intact, gb: 2 of 10 rows left" in shown
    assert "Runs out about" in shown
    assert "A list runs out" in text_of(unblinded, "/")
    for path in (URL, "/"):
        assert re.search(r"rows left|Rows left|runs out|Runs out", text_of(manager, path)) is None


def test_pages_of_somebody_whose_arm_and_levels_are_gone_still_open(
    open_trial: Trial, services: Services, sign_in: Callable[..., Visitor]
) -> None:
    activate(open_trial, design={"sizes": [2]})
    past = open_trial.on("2026-03-02")
    people: list[Participant] = [ready(past) for _ in range(2)]
    for person in people:
        draw(past, person)
    republish(open_trial, (FIRST_ARM, FIRST_ARM.replace("IM36", "IM24")), LEVELS)
    make_user(services, email="nurse@unit.example", role=Role.NURSE)
    nurse = sign_in("nurse@unit.example")

    for person in people:
        base = f"/studies/{GIST}/participants/{person.id}"
        for page in ("", "/history", f"/randomise/{DURATION}/result"):
            assert nurse.get(f"{base}{page}").status_code == 200, page
        wrong = nurse.get(f"{base}/randomise/{DURATION}/in-error").text
        assert 'value="gastric"' in wrong
        assert 'value="upper"' not in wrong


def test_a_design_that_the_study_has_left_behind_is_not_activated(trial: Trial) -> None:
    """The version in force stays as it is; entered again, the design fits and is activated."""
    with trial.acting(UNBLINDED) as tx:
        waiting = designs.enter_design(tx, definition(trial), 1, DURATION, {"sizes": [6]})
    republish(trial, ADDED)

    with pytest.raises(Refused, match="enter it again"), trial.acting(MANAGER) as tx:
        designs.activate(tx, definition(trial), 2, waiting, v=V, key_copy=KEY_COPY)

    with trial.database.reading() as connection:
        assert [one.state for one in reads.list_design_versions(connection, GIST, DURATION)] == [
            "active",
            "entered",
        ]
    activate(trial, design={"sizes": [4]})
