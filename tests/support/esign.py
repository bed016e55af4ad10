"""The small test study in which an investigator signs eligibility, beside the bundled one."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from capture.access import SYSTEM_ACTOR, Actor, Role
from capture.accounts import reads as accounts
from capture.accounts.service import NewMembership
from capture.entry.service import Submission, save_entry
from capture.participants import service as participants
from capture.participants.records import Participant
from capture.study import service as study_service
from capture.web.request_context import Services
from forms.evaluation_scope import Place
from forms.values import Cell
from tests.support.builders import make_membership
from tests.support.kept_worlds import checked_folder
from tests.support.randomising import activate, definition
from tests.support.trial import Trial, make_actor

ESIGN = "esign-demo"
SITE = "westbrook"
NURSE = make_actor(Role.NURSE, SITE, study=ESIGN)
MEMBERS = {"nurse@demo.example": Role.NURSE, "investigator@demo.example": Role.INVESTIGATOR}


def trial_of(services: Services) -> Trial:
    """Acts in this installation at the present moment."""
    return Trial(services.database, services.concealment, datetime.now(UTC))


def add_esign_design(services: Services) -> None:
    """Publish it with its sites, and activate its design."""
    trial = trial_of(services)
    folder = Path(__file__).parents[1] / "studies" / ESIGN
    with trial.acting(SYSTEM_ACTOR) as tx:
        study_service.publish(tx, checked_folder(folder), add_sites=True)
    activate(trial, study=ESIGN, key_copy=services.config.concealment_key.hex())


def add_esign_study(services: Services) -> None:
    """The same with the demonstration's nurse and investigator in it."""
    add_esign_design(services)
    trial = trial_of(services)
    for email, role in MEMBERS.items():
        with trial.database.reading() as connection:
            known = accounts.find_account_by_email(connection, email)
        assert known is not None
        make_membership(services, new=NewMembership(known.id, role, None, trial.today), study=ESIGN)


def screened_walker(services: Services, *, actor: Actor = NURSE) -> Participant:
    """Somebody screened who can walk; birth date, sex and consent are still to come."""
    trial = trial_of(services)
    with trial.acting(actor) as tx:
        person = participants.screen(tx, ESIGN, SITE, participants.Screening(trial.today))
    cells = {"ed_seen": Cell(trial.today), "ed_walks": Cell("yes")}
    with trial.acting(actor) as tx:
        save_entry(
            tx,
            definition(trial, ESIGN),
            1,
            person.id,
            Place("start", 1, "kitchen_sink"),
            submission=Submission(cells),
            version=0,
        )
    return person
