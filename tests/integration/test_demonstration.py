"""What the demonstration shows: two studies, the same eight people, somebody in every state."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
import sqlalchemy as sa

from capture.accounts.demonstration import ACCOUNTS, STUDIES
from capture.accounts.tables import account, membership
from capture.entry.tables import draft
from capture.ledger.verify import verify_study
from capture.participants.tables import participant, participant_event, visit
from capture.queries.tables import query
from capture.study import reads as studies
from capture.synthetic.demonstration.muscle_transfer import PLAN
from capture.web.request_context import Services
from tests.support.demonstration import copied

LEGS = PLAN.study


@pytest.fixture(scope="module")
def services(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Services:
    return Services.of(copied(shared, tmp_path_factory.mktemp("shown") / "data"))


def test_both_studies_have_several_sites_and_agree_with_the_ledger(services: Services) -> None:
    with services.database.reading() as connection:
        for study in STUDIES:
            assert len(studies.list_all_sites(connection, study)) >= 3
            assert verify_study(connection, services.concealment, study).findings == []


def test_everybody_but_the_administrator_belongs_to_both_studies(services: Services) -> None:
    joined = sa.select(account.c.email, membership.c.study).join(
        membership, membership.c.user == account.c.id
    )
    with services.database.reading() as connection:
        found = {(row.email, row.study) for row in connection.execute(joined)}

    for one in ACCOUNTS:
        assert {(one.email, study) for study in one.studies} <= found
    assert Counter(len(one.studies) for one in ACCOUNTS) == {2: 7, 1: 1}


def test_the_muscle_transfer_study_shows_somebody_in_every_state(services: Services) -> None:
    with services.database.reading() as connection:
        people = list(connection.execute(sa.select(participant).where(participant.c.study == LEGS)))
        facts = list(
            connection.execute(
                sa.select(participant_event).where(participant_event.c.study == LEGS)
            )
        )
        drafts = list(connection.execute(sa.select(draft).where(draft.c.study == LEGS)))
        asked = list(connection.execute(sa.select(query).where(query.c.study == LEGS)))
        due = list(connection.execute(sa.select(visit).where(visit.c.study == LEGS)))
    cohorts = {fact.participant: fact.value for fact in facts if fact.kind == "cohort"}
    enrolled = {person.id for person in people if person.status == "enrolled"}
    kinds = {fact.kind for fact in facts}
    planned = [one for one in due if one.status == "planned" and one.latest]

    assert {person.status for person in people} >= {"screened", "not_enrolled", "enrolled"}
    assert set(cohorts.values()) == {"transfer", "no_transfer", "control"}
    assert enrolled - cohorts.keys()
    assert {"followup_withdrawal", "loss", "return", "death"} <= kinds
    assert drafts
    assert [one for one in asked if one.status == "open"]
    assert min(one.latest for one in planned) < max(fact.date for fact in facts)
    done = {one.slug for one in due if one.status == "complete"}
    assert {"preoperative", "serial_6m", "serial_12m", "serial_24m", "assessment"} <= done
