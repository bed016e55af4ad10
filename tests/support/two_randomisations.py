"""The test study with two randomisations: people on their way through both."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from capture.access import SYSTEM_ACTOR, Role
from capture.entry.reads import find_entry_at
from capture.entry.service import Submission, save_entry
from capture.participants import service as participants
from capture.participants.records import Participant
from capture.randomisation.allocation.service import eligibility
from capture.randomisation.allocation.service.allocate import randomise
from capture.randomisation.designs.service import designs
from capture.randomisation.reads import AllocationRow
from capture.study import service as study_service
from forms.evaluation_scope import Place
from forms.load import read_folder
from forms.values import Cell
from tests.support.kept_worlds import checked
from tests.support.randomising import KEY_COPY, V, definition
from tests.support.trial import KEY, Trial, make_actor

TWOFOLD, SITE, DOCTOR = "twofold-demo", "lakeside", "Dr Ada Quist"
FIRST, SECOND = "radiotherapy", "maintenance"
FOLDER = Path(__file__).parents[1] / "studies" / TWOFOLD
NURSE = make_actor(Role.NURSE, SITE, study=TWOFOLD)
UNBLINDED = make_actor(Role.UNBLINDED, study=TWOFOLD)
MANAGER = make_actor(Role.TRIAL_MANAGER, study=TWOFOLD)
SIZES = {FIRST: [6, 12], SECOND: [4]}


def publish(
    trial: Trial,
    *,
    names: tuple[str, ...] = (FIRST, SECOND),
    change: tuple[bytes, bytes] = (b"", b""),
    key_copy: str = KEY_COPY,
) -> None:
    """The study with its site and doctor, and the designs of these randomisations in force.

    change: a text of study.yaml and what stands there instead.
    """
    files = read_folder(FOLDER)
    with trial.acting(SYSTEM_ACTOR) as tx:
        changed = {**files, "study.yaml": files["study.yaml"].replace(*change)}
        study_service.publish(tx, checked(changed), add_sites=True)
    with trial.acting(MANAGER) as tx:
        since = trial.moment.date().replace(year=2025, day=1)
        study_service.delegate(tx, TWOFOLD, SITE, DOCTOR, role_note="PI", since=since)
    for name in names:
        activate(trial, name, key_copy)


def activate(trial: Trial, name: str, key_copy: str = KEY_COPY) -> None:
    study = definition(trial, TWOFOLD)
    with trial.acting(UNBLINDED) as tx:
        version = designs.enter_design(tx, study, 1, name, {"sizes": SIZES[name]})
    with trial.acting(MANAGER) as tx:
        designs.activate(tx, study, 1, version, v=V, key_copy=key_copy)


def enrolled(trial: Trial) -> Participant:
    """Somebody who is fit and has consented to take part."""
    with trial.acting(NURSE) as tx:
        person = participants.screen(tx, TWOFOLD, SITE, participants.Screening(trial.today))
    with trial.acting(NURSE) as tx:
        participants.enrol(
            tx,
            TWOFOLD,
            person.id,
            participants.Enrolment(
                consent=participants.ConsentTaken("main", "1", trial.today, "A. Cole"),
                birth_date="1961-05-14",
                sex="female",
                duplicate_confirmed=True,
                duplicate_reason="Somebody else",
            ),
            likeness_key=KEY,
        )
    basics = {"tw_birth": "1961-05-14", "tw_sex": "female", "tw_fit": "yes"}
    save(trial, person, Place("start", 1, "basics"), basics)
    return person


def save(
    trial: Trial, person: Participant, place: Place, values: Mapping[str, Any], reason: str = ""
) -> None:
    with trial.acting(NURSE) as tx:
        before = find_entry_at(tx.connection, person.id, place)
        save_entry(
            tx,
            definition(trial, TWOFOLD),
            1,
            person.id,
            place,
            submission=Submission({name: Cell(value) for name, value in values.items()}),
            version=before.version if before else 0,
            reason=reason,
        )


def consent(trial: Trial, person: Participant, scope: str) -> None:
    with trial.acting(NURSE) as tx:
        taken = participants.ConsentTaken(scope, "1", trial.today, "A. Cole")
        participants.give_consent(tx, TWOFOLD, person.id, taken)


def responded(trial: Trial, person: Participant) -> None:
    save(trial, person, Place("after_radiotherapy", 1, "response"), {"tw_grown": "no"})


def draw(trial: Trial, person: Participant, name: str) -> AllocationRow:
    """Confirm eligibility and randomise."""
    study = definition(trial, TWOFOLD)
    with trial.acting(NURSE) as tx:
        said = eligibility.ConfirmationResult(DOCTOR, trial.today, "letter in the notes")
        eligibility.confirm_eligibility(tx, study, 1, person.id, name, said=said)
    with trial.acting(NURSE) as tx:
        return randomise(tx, study, 1, person.id, name)
