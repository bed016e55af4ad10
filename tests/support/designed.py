"""Two small studies for the design screen: minimisation, and blocks at 2:1, with their designs."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from capture.access import SYSTEM_ACTOR, Role
from capture.accounts import reads as accounts
from capture.accounts.service import NewMembership
from capture.study import service as study_service
from capture.synthetic.setup import design_content
from capture.web.request_context import Services
from tests.support.builders import make_membership
from tests.support.kept_worlds import checked_folder
from tests.support.randomising import activate, definition
from tests.support.trial import Trial

CT1A, INDUCTION = "ct1a-demo", "induction"
JV02, CHEMOTHERAPY = "jv02-demo", "chemotherapy"


def add_designed_studies(services: Services, unblinded: str) -> None:
    """Publish both with their sites and activate their designs; this account sees them."""
    trial = Trial(services.database, services.concealment, datetime.now(UTC))
    with trial.database.reading() as connection:
        known = accounts.find_account_by_email(connection, unblinded)
    assert known is not None
    for study in (CT1A, JV02):
        folder = Path(__file__).parents[1] / "studies" / study
        with trial.acting(SYSTEM_ACTOR) as tx:
            study_service.publish(tx, checked_folder(folder), add_sites=True)
        design = design_content(study, definition(trial, study).randomisations[0])
        assert isinstance(design, dict)
        key_copy = services.config.concealment_key.hex()
        activate(trial, study=study, design=design, key_copy=key_copy)
        new = NewMembership(known.id, Role.UNBLINDED, None, trial.today)
        make_membership(services, new=new, study=study)
