"""The proof of a rehearsed trial, over two design versions, by our verifier and by a stranger's."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest

from capture.ledger.verify import verify_study
from capture.randomisation.service.proof import proof_bundle
from capture.rehearsal import Plan, rehearse
from capture.wiring import Services
from randomiser import verify
from tests.randomising import activate
from tests.rehearsed import rehearsed_config
from tests.strangers_verifier import differences
from tests.trial import GIST, Trial

STUDIES = Path(__file__).parents[1] / "studies"
BEGIN, CHANGE, END = date(2024, 1, 8), date(2024, 9, 2), date(2025, 3, 3)
TRIALS: list[tuple[str, str, Path | None, Mapping[str, Any]]] = [
    (GIST, "duration", None, {"sizes": [2, 4, 8], "weights": [1, 2, 1]}),
    (
        "ct1a-demo",
        "induction",
        STUDIES / "ct1a-demo",
        {"measure": "standard_deviation", "p": "2/3", "first": 20, "mistakes": "leave_out"},
    ),
]


@pytest.mark.slow
@pytest.mark.parametrize("study, name, folder, amended", TRIALS)
def test_two_design_versions_of_a_rehearsed_trial_are_followed_by_both(
    study: str, name: str, folder: Path | None, amended: Mapping[str, Any], tmp_path: Path
) -> None:
    first = Plan(study, 16, 5, BEGIN, CHANGE, folder=folder)
    services = Services.of(rehearsed_config("sqlite", tmp_path, plan=first))
    at = datetime.combine(CHANGE, time(12), UTC)
    activate(Trial(services.database, services.concealment, at), design=amended, study=study)
    rehearse(services, Plan(study, 16, 6, CHANGE + timedelta(1), END, folder=folder))

    with services.database.reading() as connection:
        assert verify_study(connection, services.concealment, study).findings == []
        data = proof_bundle(connection, services.concealment, study, name, knows_list=True)
    bundle = json.loads(data)
    versions = [event["design_version"] for event in bundle["events"]]

    assert set(versions) == {1, 2}
    assert len({event["list_name"] for event in bundle["events"]}) >= 2
    assert verify.check(bundle).problems == []
    assert differences(bundle) == []
