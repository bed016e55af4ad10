"""What the documentation promises is there: commands, environment, recipes, decisions."""

from __future__ import annotations

import re
import subprocess

from tests.browser.screenshots import PICTURES
from tests.house import tree

SETTING = re.compile(r"\bSARCOMERE_[A-Z]+(?:_[A-Z]+)*\b")
LINK = re.compile(r"\[[^\]]*\]\((?!https?:|#|mailto:)([^)#\s]+)")
SHOWN = re.compile(r"\bimages/([^)\s]+)")
SMALL = 150_000
"""Bytes of a picture."""
FOR_TESTS = {"SARCOMERE_TEST_PG"}


def test_readme_lists_every_setting_that_the_code_reads() -> None:
    read = {
        name
        for module in tree.modules()
        for name in SETTING.findall(tree.text(module.path))
        if not name.endswith("_FILE")
    }
    listed = set(SETTING.findall(tree.text("README.md")))

    assert read - listed == set(), "add these to README, “Environment”"
    assert listed - read - FOR_TESTS - {f"{name}_FILE" for name in read} == set(), (
        "nothing reads these"
    )


def test_readme_gives_exactly_two_commands_to_begin_with() -> None:
    begin = tree.text("README.md").partition("## Begin")[2].partition("\n## ")[0]

    assert re.findall(r"^    (make .*)$", begin, re.MULTILINE) == ["make run", "make test"]


def test_documents_link_to_files_that_exist() -> None:
    broken = [
        f"{name}: {target}"
        for name in tree.files()
        if name.endswith(".md")
        for target in LINK.findall(tree.text(name))
        if not (tree.ROOT / name).parent.joinpath(target).exists()
    ]

    assert broken == []


def test_documents_show_the_pictures_that_make_screenshots_takes() -> None:
    shown = {
        picture
        for name in tree.files()
        if name.endswith(".md")
        for picture in SHOWN.findall(tree.text(name))
    }
    kept = {name.removeprefix("docs/images/") for name in tree.under("docs/images", suffix=".png")}

    assert shown == PICTURES, "name a picture in the document and in tests/browser/screenshots.py"
    assert kept == PICTURES, "`make screenshots` takes what is missing; remove what nobody shows"
    assert [one for one in kept if (tree.ROOT / "docs/images" / one).stat().st_size > SMALL] == []


def test_make_alone_lists_every_target_a_person_may_call() -> None:
    listed = subprocess.run(
        ["make"], cwd=tree.ROOT, check=True, capture_output=True, text=True
    ).stdout
    targets = re.findall(r"^\.PHONY: ([a-z-]+)$", tree.text("Makefile"), re.MULTILINE)
    inner = {"help", "program", "browser"}

    assert {line.split()[0] for line in listed.splitlines()} >= set(targets) - inner


def test_decisions_are_numbered_in_order_and_fit_on_a_page() -> None:
    records = tree.under("docs/decisions", suffix=".md")
    numbers = [int(name.rpartition("/")[2][:4]) for name in records]

    assert numbers == list(range(1, len(records) + 1))
    assert [name for name in records if len(tree.text(name).splitlines()) > 60] == []
