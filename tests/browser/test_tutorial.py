"""docs/tutorial.md, followed to the letter in a fresh clone, works."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.browser.following import START, Reader, Terminal, following
from tests.support.demonstration import built
from tests.support.tutorial import PAGE, Command, File, Picture, Step, parts

pytestmark = pytest.mark.browser


def test_whoever_follows_the_tutorial_gets_what_it_shows(
    shared: Path, tmp_path: Path, page: Page
) -> None:
    told = list(parts(PAGE.read_text(encoding="utf-8")))
    pictures: list[str] = []

    with following(built(shared), tmp_path / "clone", page, pictures.append) as reader:
        for part in told:
            reader.follow(part)

    assert [type(part) for part in told].count(File) >= 5
    assert {Command, Step, Picture} < {type(part) for part in told}
    assert Command(START, told[0].answer) == told[0]


@pytest.mark.parametrize(
    "answer, said, is_right",
    [
        ("position …, sealed …, as x.", "position 16, sealed 2026-11-26T03:39Z, as x.", True),
        ("…\nSarcomere serves", "building\nand more\nSarcomere serves", True),
        ("…\nSarcomere serves", "Sarcomere serves", True),
        ("", "", True),
        ("", "a warning", False),
        ("no mistakes, 1 form.", "no mistakes, 2 forms.", False),
        ("no mistakes", "no mistakes\nand more", False),
        ("DAILY …", "", False),
    ],
)
def test_an_answer_is_compared_to_the_letter(answer: str, said: str, is_right: bool) -> None:
    assert Command("x", answer).is_answered_by(said) is is_right


def test_a_block_for_no_file_is_refused() -> None:
    with pytest.raises(AssertionError, match="which file it is for"):
        list(parts("Some words.\n\n```yaml\nslug: x\n```\n"))


def test_a_step_that_nobody_could_do_is_refused(tmp_path: Path, page: Page) -> None:
    reader = Reader(tmp_path, page, print, "", Terminal(tmp_path))
    with pytest.raises(AssertionError, match="nobody could do this"):
        reader.follow(Step("Drag `this` onto that."))
