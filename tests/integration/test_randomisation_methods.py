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
from capture.randomisation.allocation.service.allocate import randomise
from capture.randomisation.allocation.service.allocation_notes import annotate_allocation
from capture.randomisation.designs.service import designs
from capture.randomisation.designs.service.proof import make_proof_bundle
from capture.synthetic.setup import design_content
from forms.definition import Study
from randomiser import METHODS, verify
from tests.support.randomising import (
    DURATION,
    KEY_COPY,
    MANAGER,
    UNBLINDED,
    V,
    definition,
    delegate,
    ready,
)
from tests.support.trial import GIST, NURSE, Trial, make_trial

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
    adaptive = METHODS[method].is_adaptive
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
    return draw_for(trial, study, ready(trial).id)


def draw_for(trial: Trial, study: Study, person: str) -> str:
    with trial.acting(NURSE) as tx:
        return randomise(tx, study, 1, person, DURATION).arm


@pytest.mark.parametrize("method, content", FILES)
def test_a_study_draws_by_another_method_and_anybody_can_check(
    trial: Trial, method: str, content: dict[str, Any]
) -> None:
    study = naming(trial, method)
    activate(trial, study, content)

    arms = {draw(trial, study) for _ in range(2)}

    with trial.database.reading() as connection:
        assert verify_study(connection, trial.concealment, GIST).findings == []
        bundle = make_proof_bundle(connection, trial.concealment, GIST, DURATION, knows_list=True)
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

    with pytest.raises(Refused, match=r"Not randomised: the list of this stratum is full"):
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


@pytest.mark.parametrize("method", sorted(set(METHODS) - {"uploaded_list"}))
def test_a_rehearsal_has_a_design_for_every_method(trial: Trial, method: str) -> None:
    study = naming(trial, method)

    content = design_content("another-study", study.randomisations[0])

    assert designs.make_design(study, DURATION, 1, content).method.name == method


BALANCING = {"measure": "range", "p": "1/1"}
"""Whoever would leave the arms unequal comes to the other one; only a tie is drawn."""


@pytest.mark.parametrize("rule, moved", [("leave_out", True), ("count", False)])
def test_a_mistake_moves_minimisation_from_its_note_on_if_the_design_says_so(
    trial: Trial, rule: str, moved: bool
) -> None:
    study = naming(trial, "minimisation")
    activate(trial, study, {**BALANCING, "mistakes": rule})
    people = [ready(trial) for _ in range(4)]
    arms = [draw_for(trial, study, person.id) for person in people[:2]]
    assert set(arms) == {"IM36", "IM60"}

    with trial.acting(NURSE) as tx:
        annotate_allocation(
            tx, study, people[0].id, DURATION, mistake="ineligible", reason="Too late"
        )
    third = [draw_for(trial, study, person.id) for person in people[2:]]

    if moved:
        # Of the two only the second counts, so the third is the first's arm, and then it is a tie.
        assert third[0] == arms[0]
    else:
        assert set(third) == {"IM36", "IM60"}
    with trial.database.reading() as connection:
        assert verify_study(connection, trial.concealment, GIST).findings == []
        bundle = make_proof_bundle(connection, trial.concealment, GIST, DURATION, knows_list=True)
    assert verify.check(json.loads(bundle)).problems == []
    notes = json.loads(bundle)["events"][0]["annotations"]
    assert notes == [{"mistake": "ineligible", "levels": None, "after": 2}]


def test_a_second_note_keeps_the_first_with_the_number_it_came_after(trial: Trial) -> None:
    study = naming(trial, "minimisation")
    activate(trial, study, {**BALANCING, "mistakes": "leave_out"})
    people = [ready(trial) for _ in range(2)]
    right = {"country": "GB", "rupture": "ruptured", "tumour_site": "gastric"}
    draw_for(trial, study, people[0].id)
    with trial.acting(NURSE) as tx:
        annotate_allocation(
            tx,
            study,
            people[0].id,
            DURATION,
            mistake="wrong_stratum",
            reason="It had ruptured",
            levels_corrected=right,
        )
    draw_for(trial, study, people[1].id)
    with trial.acting(NURSE) as tx:
        annotate_allocation(
            tx, study, people[0].id, DURATION, mistake="wrong_person", reason="Her sister"
        )

    with trial.database.reading() as connection:
        assert verify_study(connection, trial.concealment, GIST).findings == []
        bundle = make_proof_bundle(connection, trial.concealment, GIST, DURATION, knows_list=True)
    assert verify.check(json.loads(bundle)).problems == []
    assert json.loads(bundle)["events"][0]["annotations"] == [
        {"mistake": "wrong_stratum", "levels": right, "after": 1},
        {"mistake": "wrong_person", "levels": None, "after": 2},
    ]


def test_a_later_version_counts_who_was_drawn_under_a_key_still_concealed(trial: Trial) -> None:
    """Only the second key is unsealed: of the first version's people arm and levels are shown."""
    study = naming(trial, "minimisation")
    activate(trial, study, BALANCING)
    for _ in range(3):
        draw(trial, study)
    activate(trial, study, {"measure": "variance", "p": "1/1"})
    for _ in range(3):
        draw(trial, study)
    with trial.acting(UNBLINDED) as tx:
        designs.ask_unsealing(tx, GIST, f"{DURATION}/2", "The trial has ended")
    with trial.acting(MANAGER) as tx:
        designs.unseal(tx, GIST, f"{DURATION}/2")

    with trial.database.reading() as connection:
        assert verify_study(connection, trial.concealment, GIST).findings == []
        bundle = json.loads(make_proof_bundle(connection, trial.concealment, GIST, DURATION))

    assert [one["kind"] for one in bundle["events"]] == ["counted"] * 3 + ["allocated"] * 3
    assert {one["list_position"] for one in bundle["events"][:3]} == {None}
    assert verify.check(bundle).problems == []
    for one in bundle["events"][:3]:
        one["arm"] = bundle["events"][3]["arm"]  # who then would have come to the other arm
    assert "the key gives" in verify.check(bundle).problems[0]
