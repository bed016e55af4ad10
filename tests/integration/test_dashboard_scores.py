"""Scores over the visits: exact, pooled, and by cohort only to who may see cohorts."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask

from capture.access import Role
from capture.accounts.service import NewMembership
from capture.corrections import service as corrections
from capture.entry import reads as entries
from capture.entry import service as entry
from capture.participants import service as participants
from capture.participants.records import Participant
from capture.web.request_context import Services
from forms.evaluation_scope import Place
from tests.support.builders import Visitor, make_membership, make_user
from tests.support.dashboards import csv_rows
from tests.support.datasets import make_entry
from tests.support.muscle import MUSCLE, NURSE, SCORE, SITE, Muscle, make_muscle
from tests.support.trial import GIST, make_actor, make_trial

PAGE = f"/studies/{MUSCLE}/dashboard/scores"
POINTS = f"{PAGE}/csv/score-leg_points"
SignIn = Callable[..., Visitor]


@pytest.fixture
def muscle(app: Flask) -> Muscle:
    services: Services = app.extensions["sarcomere"]
    return make_muscle(services.database, services.concealment)


@pytest.fixture
def services(app: Flask) -> Services:
    found: Services = app.extensions["sarcomere"]
    return found


def scored(muscle: Muscle, cohort: str, points: int) -> Participant:
    person = muscle.member(cohort)
    day = muscle.trial.today
    muscle.save(person, {"leg_seen": day, "leg_points": points}, SCORE)
    return person


def rows(browser: Visitor, of: str = "Everybody") -> list[list[str]]:
    """Visit, n, lower quartile, median, upper quartile of one group."""
    return [row[1:] for row in csv_rows(browser, POINTS)[1:] if row[0] == of]


def reader(
    services: Services, sign_in: SignIn, role: Role, *sites: str, masked: bool = False
) -> Visitor:
    email = f"{role.value}@unit.example"
    user = make_user(services, email=email, role=None).id
    new = NewMembership(user, role, sites or None, "2020-01-01", None, masked=masked)
    make_membership(services, new=new, study=MUSCLE)
    return sign_in(email)


@pytest.fixture
def monitor(services: Services, muscle: Muscle, sign_in: SignIn) -> Visitor:
    assert muscle.study.scores
    return reader(services, sign_in, Role.MONITOR)


def test_medians_and_quartiles_are_exact_pooled_and_by_cohort(
    muscle: Muscle, monitor: Visitor
) -> None:
    for points in (90, 40, 71, 60):
        scored(muscle, "transfer", points)
    scored(muscle, "control", 99)

    page = monitor.get(PAGE).text

    # In order 40 60 71 90 99. Of four: 40 + 3/4 of 20, the middle of 60 and 71, 71 + 1/4 of 19.
    assert rows(monitor) == [["Assessment", "5", "60", "71", "90"]]
    assert rows(monitor, "Muscle transfer") == [["Assessment", "4", "55", "65.5", "75.75"]]
    assert rows(monitor, "Never operated") == [["Assessment", "1", "99", "99", "99"]]
    assert rows(monitor, "No muscle transfer") == [["Assessment", "0", "", "", ""]]
    assert "Assessment: median 71, quartiles 60 and 90, n 5." in page
    assert "0 is worst, 100 is best." in page


def test_what_is_missing_not_done_or_struck_out_does_not_count(
    muscle: Muscle, monitor: Visitor
) -> None:
    scored(muscle, "transfer", 50)
    wrong, undone, blank = (scored(muscle, "transfer", 10) for _ in range(3))
    with muscle.trial.acting(NURSE) as tx:
        found = entries.find_entry_at(tx.connection, wrong.id, SCORE)
        assert found is not None
        entry.strike_entry(
            tx, muscle.study, 1, wrong.id, found.id, version=found.version, reason="Another's"
        )
    with muscle.trial.acting(NURSE) as tx:
        entry.not_do_entry(
            tx,
            muscle.study,
            1,
            undone.id,
            SCORE,
            missing_reason="not_done",
            version=1,
            reason="Never seen",
        )
    muscle.save(blank, {"leg_points": None}, SCORE, reason="Of another visit")

    assert rows(monitor) == [["Assessment", "1", "50", "50", "50"]]


def test_a_score_that_a_later_answer_hid_with_others_does_not_count(
    muscle: Muscle, monitor: Visitor
) -> None:
    scored(muscle, "transfer", 50)
    person = muscle.member("transfer")
    points = {"leg_seen": {"v": muscle.trial.today}, "leg_points": {"v": 10}}
    hidden = ("leg_donor", "leg_points")
    make_entry(muscle.trial, person, SCORE.instrument, points, visit=SCORE.visit, hidden=hidden)

    assert rows(monitor) == [["Assessment", "1", "50", "50", "50"]]


def test_somebody_entered_in_error_does_not_count(muscle: Muscle, monitor: Visitor) -> None:
    scored(muscle, "transfer", 50)
    person = scored(muscle, "control", 10)
    with muscle.trial.acting(NURSE) as tx:
        corrections.strike_participant(tx, muscle.study, person.id, reason="Invented")

    assert rows(monitor) == [["Assessment", "1", "50", "50", "50"]]
    assert rows(monitor, "Never operated") == [["Assessment", "0", "", "", ""]]


def test_who_withdrew_their_data_is_not_counted(muscle: Muscle, monitor: Visitor) -> None:
    scored(muscle, "transfer", 50)
    person = scored(muscle, "transfer", 10)
    said = participants.Withdrawal("data_withdrawal", muscle.trial.today, "participant", "Said so")
    with muscle.trial.acting(NURSE) as tx:
        participants.withdraw(tx, MUSCLE, person.id, said)

    assert rows(monitor) == [["Assessment", "1", "50", "50", "50"]]


def test_a_corrected_cohort_takes_its_scores_along(muscle: Muscle, monitor: Visitor) -> None:
    person = scored(muscle, "transfer", 50)
    muscle.save(person, {"transfer": "no"}, reason="The note says so")

    muscle.correct(person, "no_transfer")

    assert rows(monitor, "Muscle transfer") == [["Assessment", "0", "", "", ""]]
    assert rows(monitor, "No muscle transfer") == [["Assessment", "1", "50", "50", "50"]]


def test_a_person_of_one_site_is_told_of_who_is_there_now(
    muscle: Muscle, services: Services, sign_in: SignIn
) -> None:
    scored(muscle, "transfer", 50)
    gone = scored(muscle, "transfer", 10)
    here = reader(services, sign_in, Role.NURSE, SITE)
    there = reader(services, sign_in, Role.INVESTIGATOR, "leven")

    before = rows(here), rows(there)
    with muscle.trial.acting(make_actor(Role.DATA_MANAGER, study=MUSCLE)) as tx:
        said = participants.SiteTransfer("leven", SITE, muscle.trial.today, "Moved house")
        participants.move(tx, MUSCLE, gone.id, said)

    assert before == ([["Assessment", "2", "20", "30", "40"]], [])
    assert rows(here) == [["Assessment", "1", "50", "50", "50"]]
    assert rows(there) == [["Assessment", "1", "10", "10", "10"]]


@pytest.mark.parametrize("role", [Role.NURSE, Role.DATA_MANAGER])
def test_somebody_masked_is_told_of_everybody_together_and_of_no_cohort(
    muscle: Muscle, services: Services, sign_in: SignIn, role: Role
) -> None:
    person = scored(muscle, "transfer", 50)
    scored(muscle, "control", 70)
    muscle.save(person, {"muscle_grade": 4}, Place("muscle", 1, "muscle_power"))
    sites = (SITE,) if role is Role.NURSE else ()
    masked = reader(services, sign_in, role, *sites, masked=True)

    page = masked.get(PAGE).text
    table = csv_rows(masked, POINTS)

    assert table[1:] == [["Everybody", "Assessment", "2", "55", "60", "65"]]
    # Only who had a transfer has a grade: that there are any would tell who had one.
    assert masked.get(f"{PAGE}/csv/score-muscle_grade").status_code == 404
    content = page[page.index("<main") :]
    for word in ("ransfer", "ohort</", "Never operated", "Grade", "Muscle at one year"):
        assert word not in content, word


def test_cohorts_tell_a_masked_role_the_same_whoever_is_in_them(
    muscle: Muscle, services: Services, sign_in: SignIn
) -> None:
    person = scored(muscle, "transfer", 50)
    masked = reader(services, sign_in, Role.NURSE, SITE, masked=True)
    pages = (f"/studies/{MUSCLE}/dashboard", f"/studies/{MUSCLE}/dashboard/forms", PAGE)

    def seen() -> list[str]:
        texts = [masked.get(path).text for path in pages]
        return [text[text.index("<main") :] for text in texts]

    before = seen()
    muscle.save(person, {"transfer": "no"}, reason="The note says so")
    muscle.correct(person, "no_transfer")

    assert seen() == before


def test_the_trial_manager_sees_no_scores_and_is_offered_none(
    muscle: Muscle, services: Services, sign_in: SignIn
) -> None:
    scored(muscle, "transfer", 50)
    manager = reader(services, sign_in, Role.TRIAL_MANAGER)

    assert manager.get(PAGE).status_code == 403
    assert manager.get(POINTS).status_code == 403
    assert "dashboard/scores" not in manager.get(f"/studies/{MUSCLE}/dashboard").text


def test_a_study_without_scores_says_so(app: Flask, sign_in: SignIn) -> None:
    services: Services = app.extensions["sarcomere"]
    make_trial(services.database, services.concealment)
    make_user(services, email="m@unit.example", role=Role.MONITOR, study=GIST)
    browser = sign_in("m@unit.example")

    page = browser.get(f"/studies/{GIST}/dashboard/scores")

    assert "The study names no scores." in page.text
    assert "dashboard/scores" not in browser.get(f"/studies/{GIST}/dashboard").text
    assert browser.get(f"/studies/{GIST}/dashboard/scores/csv/score-hb").status_code == 404
