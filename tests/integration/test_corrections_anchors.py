"""A date of surgery that was wrong: what was entered stays attached, and the save says so."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from capture import clock
from capture.access import SYSTEM_ACTOR, Actor, Grant, Role
from capture.db import Database
from capture.entry.reads import find_entry_at
from capture.entry.service import SaveResult, Submission, save_entry, strike_entry
from capture.ledger.concealment import Concealment
from capture.ledger.service import transaction
from capture.ledger.verify import verify_study
from capture.participants import reads as people
from capture.participants import service as participants
from capture.participants.records import Visit
from capture.study import reads as study_reads
from capture.study import service as study_service
from forms.evaluation_scope import Place
from forms.values import Cell
from tests.support.study_files import STUDY, make_study_files

NURSE = Actor(id="nurse", name="Nurse", grants=(Grant(STUDY, Role.NURSE),))
CHANGES = (
    ("gates:\n", "events:\n  - {name: surgery, title: Surgery, date_item: surgery_date}\ngates:\n"),
    ("title: Month 1, anchor: consent", "title: Month 1, anchor: surgery"),
    ("name: leg\ntitle: Leg\n", "name: leg\ntitle: Leg\nassessment_date: leg_date\n"),
    (
        "      - {name: leg_score,",
        "      - {name: leg_date, type: date, label: Date}\n"
        "      - {name: surgery_date, type: date, label: Date of surgery}\n"
        "      - {name: leg_score,",
    ),
)
BASELINE, MONTH = Place("baseline", 1, "leg"), Place("month_1", 1, "leg")


class Ward:
    """One person of the small study, whose surgery the baseline form dates."""

    def __init__(self, database: Database, concealment: Concealment) -> None:
        self.database, self.concealment = database, concealment
        with clock.running_at(datetime(2026, 5, 4, 9, tzinfo=UTC)):
            with transaction(database, SYSTEM_ACTOR, concealment) as tx:
                checked = study_service.check_definition(make_study_files(*CHANGES))
                study_service.publish(tx, checked, add_sites=True)
            with transaction(database, NURSE, concealment) as tx:
                line = participants.Screening("2026-03-02")
                self.pid = participants.screen(tx, STUDY, "northfield", line).id
                taken = participants.ConsentTaken("main", "1.0", "2026-03-02", "A. Cole")
                participants.give_consent(tx, STUDY, self.pid, taken)

    def save(self, key: Place, *, version: int = 0, **values: str) -> SaveResult:
        cells = {name: Cell(value) for name, value in values.items()}
        with (
            clock.running_at(datetime(2026, 5, 4, 9, tzinfo=UTC)),
            transaction(self.database, NURSE, self.concealment) as tx,
        ):
            study = study_reads.get_definition_for(tx.connection, STUDY)
            return save_entry(
                tx,
                study,
                1,
                self.pid,
                key,
                submission=Submission(cells),
                version=version,
                reason="Checked against the theatre list" if version else "",
            )

    def visit(self) -> Visit:
        with self.database.reading() as connection:
            assert verify_study(connection, self.concealment, STUDY).findings == []
            (found,) = (v for v in people.list_visits(connection, self.pid) if v.slug == "month_1")
        return found


@pytest.fixture
def ward(database: Database, concealment: Concealment) -> Ward:
    made = Ward(database, concealment)
    made.save(BASELINE, leg_date="2026-03-02", surgery_date="2026-03-10")
    made.save(MONTH, leg_date="2026-04-10", leg_side="left")
    return made


def test_a_surgery_moved_past_an_assessment_keeps_it_attached_and_says_so(ward: Ward) -> None:
    before = ward.visit()

    saved = ward.save(BASELINE, version=1, surgery_date="2026-04-20")

    after = ward.visit()
    assert (before.target_date, after.target_date) == ("2026-04-10", "2026-05-20")
    assert (after.id, after.visit_date, after.flag) == (before.id, "2026-04-10", "before_anchor")
    assert "Check the dates: Month 1 stayed as entered" in saved.summary


def test_once_the_dates_agree_nothing_is_said_any_more(ward: Ward) -> None:
    ward.save(BASELINE, version=1, surgery_date="2026-04-20")

    saved = ward.save(BASELINE, version=2, surgery_date="2026-03-11")

    assert (ward.visit().flag, saved.odd_visits) == (None, ())


def test_a_surgery_taken_out_leaves_what_was_entered_with_a_flag(ward: Ward) -> None:
    with ward.database.reading() as connection:
        study = study_reads.get_definition_for(connection, STUDY)
    with (
        clock.running_at(datetime(2026, 5, 4, 9, tzinfo=UTC)),
        transaction(ward.database, NURSE, ward.concealment) as tx,
    ):
        found = find_entry_at(tx.connection, ward.pid, BASELINE)
        assert found is not None
        strike_entry(tx, study, 1, ward.pid, found.id, version=1, reason="Another's form")

    assert (ward.visit().flag, ward.visit().status) == ("unplanned", "complete")
