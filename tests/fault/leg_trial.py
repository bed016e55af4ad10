"""A small trial with many people ready to be randomised, prepared through the services."""

from __future__ import annotations

from datetime import date

from capture import clock
from capture.access import SYSTEM_ACTOR, Actor, Grant, Role
from capture.db import Database
from capture.entry.service import Submission, save_entry
from capture.ledger.concealment import Concealment
from capture.ledger.service import Transaction, transaction
from capture.participants import service as participants
from capture.participants.duplicates import derive_key
from capture.randomisation.allocation.service import eligibility
from capture.randomisation.designs.service import designs
from capture.study import reads as study_reads
from capture.study import service as study_service
from forms.definition import Study
from forms.evaluation_scope import Place
from forms.values import Cell
from tests.fault.allocating import NAME, STUDY, nurse
from tests.support.study_files import make_study_files

KEY = b"\x01" * 32
DOCTOR = "Dr Ada Quist"
SITE = "northfield"
CHANGES = (
    ("[baseline][leg_side] = 'left'", "[baseline][leg_score] >= 0"),
    (
        '- {factor: country, from: "site.country"}',
        '- {factor: country, from: "site.country"}\n'
        '      - {factor: side, from: "[baseline][leg_side]", '
        "levels: {left: [left], right: [right], both: [both]}}",
    ),
)
BALANCED = (
    *CHANGES,
    ("method: permuted_blocks", "method: minimisation"),
    ("    strata:", "    minimisation_factors:"),
)
METHODS = {
    "permuted_blocks": (CHANGES, {"sizes": [4, 6]}),
    "minimisation": (BALANCED, {"measure": "range", "p": "4/5", "mistakes": "leave_out"}),
}
"""What a method changes in the study, and its design."""
SIDES = ("left", "right", "both")


def member(role: Role) -> Actor:
    return Actor(id=role.value, name=role.label, grants=(Grant(STUDY, role),))


def publish(
    database: Database,
    concealment: Concealment,
    method: str = "permuted_blocks",
    *,
    is_active: bool = True,
) -> Study:
    """The study with its sites, a doctor on the list, and an active design of the method."""
    with transaction(database, SYSTEM_ACTOR, concealment) as tx:
        checked = study_service.check_definition(make_study_files(*METHODS[method][0]))
        study_service.publish(tx, checked, add_sites=True)
    study = definition(database)
    with transaction(database, member(Role.TRIAL_MANAGER), concealment) as tx:
        since = date(2024, 1, 1)
        study_service.delegate(tx, STUDY, SITE, DOCTOR, role_note="PI", since=since)
    if is_active:
        activate(database, concealment, study)
    return study


def activate(database: Database, concealment: Concealment, study: Study) -> str:
    """Enter and activate a design version by two people."""
    version_id = enter(database, concealment, study)
    bring_into_force(database, concealment, study, version_id)
    return version_id


def enter(database: Database, concealment: Concealment, study: Study) -> str:
    """Enter a design version as the unblinded statistician."""
    with transaction(database, member(Role.UNBLINDED), concealment) as tx:
        content = METHODS[study.randomisation(NAME).method][1]
        return designs.enter_design(tx, study, 1, NAME, content)


def bring_into_force(
    database: Database, concealment: Concealment, study: Study, version_id: str
) -> None:
    """Activate a design version as the trial manager, with the same value every time."""
    with transaction(database, member(Role.TRIAL_MANAGER), concealment) as tx:
        designs.activate(tx, study, 1, version_id, v="thrown dice 5 3 2", key_copy=KEY.hex())


def definition(database: Database) -> Study:
    with database.reading() as connection:
        return study_reads.get_definition_for(connection, STUDY)


def make_ready(database: Database, concealment: Concealment, study: Study, count: int) -> list[str]:
    """People who only wait for the draw; all in one transaction, since nothing is tested here."""
    with transaction(database, nurse(), concealment) as tx:
        return [_one(tx, study, number) for number in range(count)]


def _one(tx: Transaction, study: Study, number: int) -> str:
    today = clock.today("Europe/London").isoformat()
    pid = participants.screen(tx, STUDY, SITE, participants.Screening(today)).id
    facts = participants.Enrolment(
        birth_date=f"{1930 + number % 60}-{number // 60 % 12 + 1:02d}-{number % 28 + 1:02d}",
        sex="female",
        consent=participants.ConsentTaken("main", "1.0", today, "A. Cole"),
        duplicate_confirmed=True,
        duplicate_reason="A made-up person",
    )
    participants.enrol(tx, STUDY, pid, facts, likeness_key=derive_key(KEY))
    cells = {"leg_side": Cell(SIDES[number % 3]), "leg_score": Cell(number % 50)}
    key = Place("baseline", 1, "leg")
    save_entry(tx, study, 1, pid, key, submission=Submission(cells), version=0)
    said = eligibility.ConfirmationResult(DOCTOR, today, "clinic letter")
    eligibility.confirm_eligibility(tx, study, 1, pid, NAME, said=said)
    return pid
