"""`sarcomere randomisation simulate`: the concealed design for who may see it, and any file."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import sqlalchemy as sa

from capture.access import Role
from capture.config import Config
from capture.ledger.tables import ledger
from capture.web.request_context import Services
from tests.support.builders import PASSWORD, make_user
from tests.support.commands import Prompt
from tests.support.randomising import DURATION, activate
from tests.support.randomising_pages import running_trial
from tests.support.trial import GIST, Trial

PLACE = f"{GIST}/{DURATION}"
PEOPLE = ("--participants", 40, "--trials", 50)


@pytest.fixture
def trial(services: Services) -> Trial:
    made = running_trial(services, is_active=False)
    for role in (Role.UNBLINDED, Role.TRIAL_MANAGER, Role.NURSE):
        make_user(services, email=f"{role.value}@unit.example", name=role.label, role=role)
    return made


@pytest.fixture
def prompt(trial: Trial, config: Config) -> Prompt:
    return Prompt(config)


def simulate(prompt: Prompt, *words: object, role: Role | None = None):
    who = ("--as", f"{role.value}@unit.example") if role else ()
    typed = f"{PASSWORD}\n" if role else ""
    return prompt("randomisation", "simulate", PLACE, *PEOPLE, *who, *words, typed=typed)


def written(config: Config, text: str, name: str = "design.yaml") -> Path:
    file = config.data / name
    file.write_text(text, encoding="utf-8")
    return file


def told(output: str):
    return json.loads(output[output.index("{") :])


def test_concealed_design_is_simulated_for_its_statistician_alone(
    prompt: Prompt, trial: Trial
) -> None:
    activate(trial, design={"sizes": [86, 98]})

    for role in (Role.TRIAL_MANAGER, Role.NURSE):
        refused = simulate(prompt, role=role)
        assert refused.exit_code == 1
        assert "Only the unblinded statistician sees the concealed design." in refused.output
        assert "86" not in refused.output
    seen = simulate(prompt, "--json", role=Role.UNBLINDED)
    [design] = told(seen.output)["designs"]
    assert design["name"] == "Version 1 (active)"
    assert design["parameters"] == {"sizes": [86, 98], "weights": [1, 1]}


def test_simulating_stores_nothing_and_the_same_seed_says_the_same(
    prompt: Prompt, trial: Trial
) -> None:
    activate(trial, design={"sizes": [4, 6]})
    before = ledgered(trial)
    first, again, other = (
        simulate(prompt, "--json", "--seed", seed, role=Role.UNBLINDED).output for seed in (1, 1, 2)
    )

    assert first == again != other
    assert ledgered(trial) == before


def ledgered(trial: Trial) -> int:
    with trial.database.reading() as connection:
        return connection.execute(sa.select(sa.func.count()).select_from(ledger)).scalar_one()


def test_files_are_compared_side_by_side_without_a_password(prompt: Prompt, config: Config) -> None:
    small = written(config, "sizes: [2]", "small.yaml")
    other = written(
        config, "method: minimisation\nmeasure: range\np: 4/5\nstrata: [country]", "other.yaml"
    )
    done = simulate(prompt, "--design", small, "--compare", other)

    assert done.exit_code == 0, done.output
    assert "small.yaml" in done.output.splitlines()[0]
    assert "other.yaml" in done.output.splitlines()[0]
    assert "small.yaml: A block of 2 is the smallest possible" in done.output
    assert "Strata that never complete a block" in done.output


def test_exact_figures_stand_in_the_json(prompt: Prompt, config: Config) -> None:
    # One stratum: 40 people in ten blocks of 4, of whose places 17/24 are guessed and 1/3 certain.
    file = written(config, "sizes: [4]\nstrata: []")
    [design] = told(simulate(prompt, "--design", file, "--json").output)["designs"]

    assert design["exactly"]["converged"] == pytest.approx(17 / 24)
    assert design["exactly"]["certain"] == pytest.approx(1 / 3)
    assert design["exactly"]["overall_sd"] == 0
    assert design["simulated"]["overall"]["chances"] == {"0.0": 1.0}
    assert design["chances"] == [["1/2", "1/2"]] * 12


def test_people_come_from_a_file(prompt: Prompt, config: Config) -> None:
    people = written(
        config, "sites: {northfield: 3, fjordvik: 1}\nlevels: {rupture: {ruptured: 1, intact: 9}}"
    )
    design = written(config, "sizes: [4]", "blocks.yaml")
    done = told(simulate(prompt, "--design", design, "--people", people, "--json").output)

    assert done["sites"] == {"northfield": 3, "fjordvik": 1}
    assert done["levels"]["rupture"] == {"ruptured": 1, "intact": 9}
    assert done["levels"]["tumour_site"] == {"gastric": 1, "other": 1}
    assert set(done["designs"][0]["simulated"]["sites"]) == {"northfield", "fjordvik"}


def test_sites_are_expected_in_the_sizes_of_their_targets(prompt: Prompt, config: Config) -> None:
    design = written(config, "sizes: [4]")
    sites = told(simulate(prompt, "--design", design, "--json").output)["sites"]

    assert sites["northfield"] == 60
    assert sites["harbourside"] == 50


@pytest.mark.parametrize(
    "people, words",
    [
        ("sites: {nowhere: 3}", "The study has no site 'nowhere'"),
        ("sites: {northfield: many}", "sites: 'northfield: many' is not a name, a colon and"),
        ("sites: {northfield: 0}", "sites: No line has a number above 0"),
        ("sites: [northfield]", "sites: give names with whole numbers"),
        ("levels: {country: {gb: 1}}", "levels: country is no factor that levels are given for"),
        ("levels: [rupture]", "levels: ? is no factor"),
        ("levels: {rupture: {broken: 1}}", "rupture: the design has no level 'broken'"),
        ("people: 40", "The file of people has `sites:` and `levels:`"),
        ("- 1", "The file of people has `sites:` and `levels:`"),
    ],
)
def test_wrong_people_are_refused_in_words(
    prompt: Prompt, config: Config, people: str, words: str
) -> None:
    design = written(config, "sizes: [4]", "blocks.yaml")
    done = simulate(prompt, "--design", design, "--people", written(config, people))

    assert done.exit_code == 1
    assert words in done.output.replace("\n", " ")


@pytest.mark.parametrize(
    "text, words",
    [
        ("sizes: [3]", "Block size 3 is not a multiple of 2"),
        ("method: wishes\nsizes: [4]", "The method 'wishes' cannot be simulated"),
        ("method: [a]\nsizes: [4]", "The method \"['a']\" cannot be simulated"),
        ("strata: [weather]\nsizes: [4]", "strata: list factors of the study; it has tumour_site"),
        ("strata: country\nsizes: [4]", "strata: list factors of the study"),
        ("strata: [[1]]\nsizes: [4]", "strata: list factors of the study"),
        ("minimised: [country]\nsizes: [4]", "balances no factors"),
        ("sizes: [4", "This is not YAML"),
    ],
)
def test_a_design_that_cannot_be_compared_says_why(
    prompt: Prompt, config: Config, text: str, words: str
) -> None:
    done = simulate(prompt, "--design", written(config, text))

    assert done.exit_code == 1
    assert words in done.output.replace("\n", " ")


def test_what_is_missing_or_too_much_is_said(prompt: Prompt, config: Config) -> None:
    design = written(config, "sizes: [4]")
    many = ("--participants", 10_000, "--trials", 100_000)
    nothing = simulate(prompt)
    unknown = prompt("randomisation", "simulate", f"{GIST}/else", *PEOPLE, "--design", design)
    too_many = prompt("randomisation", "simulate", PLACE, *many, "--design", design)

    assert "Say with --as who may see the concealed design" in nothing.output
    assert (
        "No design is waiting for activation or active."
        in simulate(prompt, role=Role.UNBLINDED).output
    )
    assert "The study gist-imatinib has no randomisation 'else'." in unknown.output
    assert "With 10,000 people give at most 3,000 trials." in too_many.output
