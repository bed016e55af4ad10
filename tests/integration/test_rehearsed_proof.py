"""The proof of a rehearsed trial, over two design versions, by our verifier and by a stranger's."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest

from capture.ledger.verify import verify_study
from capture.randomisation.designs.service.proof import make_proof_bundle
from capture.synthetic import RehearsalPlan, rehearse
from capture.web.request_context import Services
from randomiser import METHODS, verify
from tests.support.randomising import activate
from tests.support.rehearsed import rehearsed_config
from tests.support.strangers_verifier import differences
from tests.support.trial import GIST, Trial
from tests.support.two_randomisations import TWOFOLD

STUDIES = Path(__file__).parents[1] / "studies"
BEGIN, CHANGE, END = date(2024, 1, 8), date(2024, 9, 2), date(2025, 3, 3)
CT1A = STUDIES / "ct1a-demo"
AMENDED: Mapping[str, Mapping[str, Any]] = {
    "simple": {},
    "random_allocation_rule": {"people": 60},
    "efron_biased_coin": {"p": "3/4"},
    "chen_biased_coin": {"p": "3/5", "tolerance": 2},
    "big_stick": {"tolerance": 2},
    "wei_urn": {"alpha": 2, "beta": 1},
    "block_urn": {"balanced_sets": 2},
    "maximal_procedure": {"people": 60, "tolerance": 2},
    "minimisation": {
        "measure": "standard_deviation",
        "p": "2/3",
        "first": 20,
        "mistakes": "leave_out",
    },
    "hu_hu": {"p": "3/4", "overall_weight": 0, "stratum_weight": 2},
}
"""The second version's parameters, for every random method but blocks, which GIST has."""


def test_every_random_method_is_rehearsed() -> None:
    assert {*AMENDED, "permuted_blocks", "uploaded_list"} == set(METHODS)


@pytest.mark.slow
@pytest.mark.parametrize("method", AMENDED)
def test_two_versions_of_each_method_are_followed_by_both(method: str, tmp_path: Path) -> None:
    folder = with_method(method, tmp_path)

    bundle = rehearsed("ct1a-demo", "question", folder, AMENDED[method], tmp_path / "data")

    assert bundle["designs"][0]["design"]["method"] == method
    agreed(bundle)


@pytest.mark.slow
def test_two_versions_of_blocks_of_several_sizes_are_followed_by_both(tmp_path: Path) -> None:
    amended = {"sizes": [2, 4, 8], "weights": [1, 2, 1]}

    agreed(rehearsed(GIST, "duration", None, amended, tmp_path))


@pytest.mark.slow
def test_a_question_that_looks_back_at_another_is_followed_by_both(tmp_path: Path) -> None:
    plan = RehearsalPlan(TWOFOLD, 30, 6, BEGIN, END, folder=STUDIES / TWOFOLD)
    services = Services.of(rehearsed_config("sqlite", tmp_path, plan=plan))

    first, later = (bundle_of(services, TWOFOLD, name) for name in ("radiotherapy", "maintenance"))

    arms = {event["levels"]["radiotherapy"] for event in later["events"]}
    assert arms == {"before", "after"}
    for bundle in (first, later):
        assert verify.check(bundle).problems == []
        assert differences(bundle) == []


def with_method(method: str, place: Path) -> Path:
    """A copy of the study with minimisation that has another method, and a name of its own."""
    folder = place / "study"
    shutil.copytree(CT1A, folder)
    file = folder / "study.yaml"
    text = file.read_text().replace("name: induction", "name: question")
    text = text.replace("method: minimisation", f"method: {method}")
    if not METHODS[method].is_adaptive:
        text = text.replace("minimisation_factors:", "strata:")
    file.write_text(text)
    return folder


def rehearsed(
    study: str, name: str, folder: Path | None, amended: Mapping[str, Any], data: Path
) -> dict[str, Any]:
    """The proof bundle of a trial whose design was amended half-way, its ledger in order."""
    first = RehearsalPlan(study, 16, 5, BEGIN, CHANGE, folder=folder)
    services = Services.of(rehearsed_config("sqlite", data, plan=first))
    at = datetime.combine(CHANGE, time(12), UTC)
    activate(Trial(services.database, services.concealment, at), design=amended, study=study)
    rehearse(services, RehearsalPlan(study, 16, 6, CHANGE + timedelta(1), END, folder=folder))
    return bundle_of(services, study, name)


def bundle_of(services: Services, study: str, name: str) -> dict[str, Any]:
    with services.database.reading() as connection:
        assert verify_study(connection, services.concealment, study).findings == []
        made = make_proof_bundle(connection, services.concealment, study, name, knows_list=True)
    return dict(json.loads(made))


def agreed(bundle: Mapping[str, Any]) -> None:
    """Both verifiers follow every allocation, over two versions and several strata."""
    assert {event["design_version"] for event in bundle["events"]} == {1, 2}
    assert len({tuple(event["levels"].items()) for event in bundle["events"]}) >= 2
    assert verify.check(bundle).problems == []
    assert differences(bundle) == []
