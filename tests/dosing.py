"""The test study of dose finding in a test database."""

from __future__ import annotations

from pathlib import Path

from capture.access import SYSTEM_ACTOR
from capture.db import Database
from capture.ledger.concealment import Concealment
from capture.study import service as studies
from forms.load import read_folder
from tests.trial import Trial

DOSE = "dose-demo"
PART = "irinotecan"
SITE = "harbourside"
FOLDER = Path(__file__).parent / "studies" / DOSE


def publish_dose_study(database: Database, concealment: Concealment) -> Trial:
    """Publish it with its sites in an empty database."""
    trial = Trial(database, concealment)
    with trial.acting(SYSTEM_ACTOR) as tx:
        studies.publish(tx, studies.checked(read_folder(FOLDER)), add_sites=True)
    return trial
