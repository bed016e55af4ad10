"""The command `sarcomere dose simulate`."""

from __future__ import annotations

import json

import pytest

from capture.config import Config
from capture.web.request_context import Services
from tests.support.commands import Prompt
from tests.support.dosing import publish_dose_study

PLACE = "dose-demo/irinotecan"


@pytest.fixture
def prompt(services: Services, config: Config) -> Prompt:
    publish_dose_study(services.database, services.concealment)
    return Prompt(config)


def test_without_any_toxicity_the_top_level_is_always_selected(prompt: Prompt) -> None:
    """From level 1 up: three at 1 and 2 each, six at the top; nobody at -1."""
    result = prompt("dose", "simulate", PLACE, "--scenario", "0,0,0,0", "--trials", 50, "--json")

    [told] = json.loads(result.output)
    assert result.exit_code == 0
    assert told["levels"] == ["-1", "1", "2", "3"]
    assert told["selected"] == [0, 0, 0, 1]
    assert told["people"] == [0, 3, 3, 6]
    assert (told["people_in_all"], told["dlts_in_all"], told["stopped"]) == (12, 0, 0)


def test_scenarios_are_told_one_after_another_as_a_table(prompt: Prompt) -> None:
    scenarios = ("--scenario", "0,0,0,0", "--scenario", "1,1,1,1")

    lines = prompt("dose", "simulate", PLACE, *scenarios, "--trials", 10).output.splitlines()

    assert lines[0] == "10 trials of three plus three"
    assert lines[5].split() == ["3", "0.000", "100.0%", "6.00", "0.00"]
    assert lines[6].split() == ["none", "0.0%"]
    assert lines[15].split() == ["none", "100.0%"]
    assert lines[16].split() == ["in", "all", "6.00", "6.00"]


def test_the_same_seed_gives_the_same_figures(prompt: Prompt) -> None:
    words = ("dose", "simulate", PLACE, "--scenario", "0.1,0.2,0.3,0.4", "--json", "--seed")

    assert prompt(*words, 7).output == prompt(*words, 7).output != prompt(*words, 8).output


@pytest.mark.parametrize(
    "words, told",
    [
        (("dose-demo/cisplatin", "--scenario", "0,0,0,0"), "no dose finding 'cisplatin'"),
        (("leg-demo/x", "--scenario", "0,0,0,0"), "leg-demo"),
        ((PLACE, "--scenario", "0,0"), "2 chances of a DLT, the design 4 levels"),
        ((PLACE, "--scenario", "0,0,0,2"), "not from 0 to 1"),
        ((PLACE, "--scenario", "a,b"), "no list of chances such as"),
        ((PLACE, "--scenario", "0,0,0,0", "--met", "1,1,1,1"), "no second condition"),
        ((PLACE, "--scenario", "0,0,0,0", "--every", "0"), "above 0"),
        ((PLACE, "--scenario", "0,0,0,0", "--every", "nan"), "above 0"),
        ((PLACE, "--scenario", "0,0,0,0", "--every", "inf"), "above 0"),
        ((PLACE, "--scenario", "0,0,0,0", "--trials", "0"), "0 is not in the range"),
        ((PLACE,), "Missing option '--scenario'"),
    ],
)
def test_what_cannot_be_simulated_is_refused_in_words(
    prompt: Prompt, words: tuple[str, ...], told: str
) -> None:
    result = prompt("dose", "simulate", *words)

    assert result.exit_code != 0
    assert told in result.output
    assert "Traceback" not in result.output
