"""Two studies in one installation whose randomisations bear the same name: each keeps its own."""

from __future__ import annotations

import pytest

from capture.access import SYSTEM_ACTOR
from capture.db import Database
from capture.ledger.concealment import Concealment
from capture.ledger.verify import verify_study
from capture.randomisation import reads
from capture.study import service as study_service
from forms.load import BUNDLED_STUDIES, read_folder
from tests.support.randomising import DURATION, activate
from tests.support.trial import GIST, Trial, make_trial

TWIN = "gist-twin"


@pytest.fixture
def trial(database: Database, concealment: Concealment) -> Trial:
    """The GIST study, and the same files under another name."""
    made = make_trial(database, concealment)
    files = dict(read_folder(BUNDLED_STUDIES / GIST))
    files["study.yaml"] = files["study.yaml"].replace(GIST.encode(), TWIN.encode())
    with made.acting(SYSTEM_ACTOR) as tx:
        study_service.publish(tx, files, add_sites=True)
    return made


def test_a_design_of_one_study_leaves_the_other_study_its_own(trial: Trial) -> None:
    activate(trial, design={"sizes": [4], "weights": [1]})
    with trial.database.reading() as connection:
        before = reads.list_design_versions(connection, GIST, DURATION)

    activate(trial, design={"sizes": [6], "weights": [1]}, study=TWIN)

    with trial.database.reading() as connection:
        assert reads.list_design_versions(connection, GIST, DURATION) == before
        assert len(reads.list_design_versions(connection, TWIN, DURATION)) == 1
        for study in (GIST, TWIN):
            assert verify_study(connection, trial.concealment, study).findings == []
