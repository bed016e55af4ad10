"""The small test study for filling in forms: a long grid, limits, a questionnaire, two visits."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from capture.access import SYSTEM_ACTOR, Role
from capture.accounts import reads as accounts
from capture.accounts.service import NewMembership
from capture.participants import reads, service
from capture.participants.records import Participant
from capture.study import service as study_service
from capture.web.request_context import Services
from tests.support.builders import make_membership
from tests.support.kept_worlds import checked_folder
from tests.support.trial import Trial, make_actor

WARD = "ward-demo"
SITE = "westbrook"
NURSE = make_actor(Role.NURSE, SITE, study=WARD)
MEMBERS = {"nurse@demo.example": Role.NURSE, "investigator@demo.example": Role.INVESTIGATOR}


def add_ward_study(services: Services) -> None:
    """Publish it with its sites; the demonstration's nurse and investigator may fill in."""
    trial = _now(services)
    folder = Path(__file__).parents[1] / "studies" / WARD
    with trial.acting(SYSTEM_ACTOR) as tx:
        study_service.publish(tx, checked_folder(folder), add_sites=True)
    for email, role in MEMBERS.items():
        with trial.database.reading() as connection:
            known = accounts.find_account_by_email(connection, email)
        assert known is not None
        make_membership(services, new=NewMembership(known.id, role, None, trial.today), study=WARD)


def walker(services: Services) -> Participant:
    """Somebody seen for the first time today, with nothing filled in."""
    trial = _now(services)
    with trial.acting(NURSE) as tx:
        return service.screen(tx, WARD, SITE, service.Screening(trial.today))


def form_path(
    services: Services, person: Participant, instrument: str, visit: str = "first"
) -> str:
    """The address of a form of one of the two visits."""
    with services.database.reading() as connection:
        planned = reads.list_visits(connection, person.id)
    place = next(one.id for one in planned if one.slug == visit)
    return f"/studies/{WARD}/participants/{person.id}/visits/{place}/{instrument}"


def _now(services: Services) -> Trial:
    return Trial(services.database, services.concealment, datetime.now(UTC))
