"""Methods other than permuted blocks, from the design file to the proof."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest
import sqlalchemy as sa

from capture.db import Database
from capture.ledger.concealment import Concealment
from capture.ledger.tables import ledger, ledger_body
from capture.ledger.verify import verify_study
from capture.problems import InvalidInput, Refused
from capture.randomisation.service import designs
from capture.randomisation.service.allocate import randomise
from capture.randomisation.service.proof import proof_bundle
from capture.rehearsal.stage import design_content
from forms.definition import Study
from forms.proofs.randomisations import ADAPTIVE, METHODS
from randomiser import verify
from tests.randomising import (
    DURATION,
    KEY_COPY,
    MANAGER,
    UNBLINDED,
    V,
    definition,
    delegate,
    ready,
)
from tests.trial import GIST, NURSE, Trial, make_trial

FILES: list[tuple[str, dict[str, Any]]] = [
    ("simple", {}),
    ("random_allocation_rule", {"people": 2}),
    ("efron_biased_coin", {"p": "2/3"}),
    ("chen_biased_coin", {"p": "3/4", "tolerance": 2}),
    ("big_stick", {"tolerance": 2}),
    ("wei_urn", {"alpha": 0, "beta": 1}),
    ("block_urn", {"balanced_sets": 3}),
    ("maximal_procedure", {"people": 400, "tolerance": 3}),
    ("minimisation", {"measure": "range", "p": "4/5"}),
    ("minimisation", {"measure": "standard_deviation", "p": "1/1", "mistakes": "leave_out"}),
    ("hu_hu", {"p": "2/3", "overall_weight": 1, "stratum_weight": 1}),
]


@pytest.fixture
def trial(database: Database, concealment: Concealment) -> Trial:
    made = make_trial(database, concealment)
    delegate(made)
    return made


def naming(trial: Trial, method: str) -> Study:
    """The study as published, but for the method that it names."""
    known = definition(trial)
    one = known.randomisations[0]
    adaptive = method in ADAPTIVE
    changed = one.model_copy(
        update={
            "method": method,
            "strata": one.strata[2:] if adaptive else one.strata,
            "minimisation_factors": one.strata[:2] if adaptive else (),
        }
    )
    return known.model_copy(update={"randomisations": (changed,)})


def activate(trial: Trial, study: Study, content: Mapping[str, Any]) -> None:
    with trial.acting(UNBLINDED) as tx:
        version = designs.enter_design(tx, study, 1, DURATION, dict(content))
    with trial.acting(MANAGER) as tx:
        designs.activate(tx, study, 1, version, v=V, key_copy=KEY_COPY)


def draw(trial: Trial, study: Study) -> str:
    person = ready(trial)
    with trial.acting(NURSE) as tx:
        return randomise(tx, study, 1, person.id, DURATION).arm


@pytest.mark.parametrize("method, content", FILES)
def test_a_study_draws_by_another_method_and_anybody_can_check(
    trial: Trial, method: str, content: dict[str, Any]
) -> None:
    study = naming(trial, method)
    activate(trial, study, content)

    arms = {draw(trial, study) for _ in range(2)}

    with trial.database.reading() as connection:
        assert verify_study(connection, trial.concealment, GIST).findings == []
        bundle = proof_bundle(connection, trial.concealment, GIST, DURATION, knows_list=True)
    assert verify.check(json.loads(bundle)).problems == []
    assert arms <= {"IM36", "IM60"}


def test_odds_and_integer_lie_encrypted_in_the_ledger(trial: Trial) -> None:
    study = naming(trial, "chen_biased_coin")
    activate(trial, study, {"p": "83/97", "tolerance": 43})
    draw(trial, study)
    with trial.database.reading() as connection:
        bodies = list(
            connection.execute(
                sa.select(ledger_body.c.body, ledger.c.action).join_from(
                    ledger_body, ledger, ledger.c.id == ledger_body.c.ledger_id
                )
            )
        )
    drawn = [json.loads(one.body) for one in bodies if one.action == "randomisation.allocate"]

    for item in ("list_position", "odds", "integers"):
        assert drawn[0][item][2].startswith("concealed:")
    assert not any("83/97" in one.body or '"tolerance"' in one.body for one in bodies)


def test_a_full_list_refuses_and_changes_nothing(trial: Trial) -> None:
    study = naming(trial, "random_allocation_rule")
    activate(trial, study, {"people": 2})
    first = [draw(trial, study) for _ in range(2)]

    with pytest.raises(Refused, match=r"Not randomised: the list of this stratum .* is full"):
        draw(trial, study)

    assert sorted(first) == ["IM36", "IM60"]
    with trial.database.reading() as connection:
        assert verify_study(connection, trial.concealment, GIST).findings == []


@pytest.mark.parametrize(
    "content, words",
    [({"sizes": [4]}, "sizes is not a parameter of big stick"), ({}, "tolerance is missing")],
)
def test_a_design_file_of_another_method_is_refused(
    trial: Trial, content: dict[str, Any], words: str
) -> None:
    with pytest.raises(InvalidInput, match=words), trial.acting(UNBLINDED) as tx:
        designs.enter_design(tx, naming(trial, "big_stick"), 1, DURATION, content)


@pytest.mark.parametrize("method", METHODS)
def test_a_rehearsal_has_a_design_for_every_method(trial: Trial, method: str) -> None:
    study = naming(trial, method)

    content = design_content("another-study", study.randomisations[0])

    assert designs.design_from(study, DURATION, 1, content).method == method
