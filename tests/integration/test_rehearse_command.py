"""`sarcomere rehearse` as it is typed: a study of one's own, and what stands in its way."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from capture.config import Config
from tests.support.commands import Prompt
from tests.support.two_randomisations import TWOFOLD

OWN = Path(__file__).parents[1] / "studies" / TWOFOLD
DATES = ("--start", "2024-01-08", "--end", "2024-03-01")


@pytest.fixture(params=["sqlite"])
def engine_name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def prompt(config: Config) -> Prompt:
    return Prompt(config)


def rehearse(prompt: Prompt, *more: object) -> tuple[int, str]:
    told = prompt("rehearse", TWOFOLD, "--participants", 3, "--seed", 1, *more)
    return told.exit_code, told.output


def test_a_study_of_ones_own_is_rehearsed_from_its_folder(prompt: Prompt) -> None:
    assert rehearse(prompt, *DATES)[0] == 1

    code, words = rehearse(prompt, *DATES, "--definition", OWN)

    assert (code, words[:33]) == (0, "twofold-demo: 3 invented people, ")
    assert prompt("verify", TWOFOLD).exit_code == 0


def test_a_study_that_was_published_just_now_says_why_nothing_can_happen(prompt: Prompt) -> None:
    assert prompt("study", "publish", OWN, "--add-sites").exit_code == 0

    code, words = rehearse(prompt)

    assert code == 1
    assert "leaves no day" in words
    assert "--definition" in words


def test_mistakes_of_a_definition_are_told_and_nothing_is_published(
    prompt: Prompt, tmp_path: Path
) -> None:
    folder = shutil.copytree(OWN, tmp_path / "own")
    (folder / "study.yaml").write_text("slug: twofold-demo\n")

    code, words = rehearse(prompt, *DATES, "--definition", folder)

    assert code == 1
    assert words.startswith("study.yaml:1: ")
    assert prompt("study", "list").output == ""
