"""What may stand in tracked files: no path of a machine, no registry, nothing left for later."""

from __future__ import annotations

import re

import pytest

from tests.house import tree

LOCK_FILES = (
    "requirements.txt",
    "requirements-dev.txt",
    "requirements-node.txt",
    "package-lock.json",
)
TOP = {".ci", "capture", "docs", "forms", "migrations", "randomiser", "tests"}
# The parts are put together here so that this file does not name what it forbids.
MACHINE_PATHS = re.compile(
    "|".join(rf"(?<![\w.])/{name}/" for name in ("work", "root", "home", "Users"))
)
HOSTS = re.compile(r"https?://|file:/|--(index-url|extra-index-url|find-links|trusted-host)\b")
LATER = re.compile(r"\b(" + "|".join(("TO" + "DO", "FIX" + "ME", "X" + "XX")) + r")\b")


@pytest.mark.parametrize("name", LOCK_FILES)
def test_lock_files_name_no_host(name: str) -> None:
    lines = tree.text(name).splitlines()
    named = [line for line in lines if HOSTS.search(line)]

    assert named == [], f"{name}: lock again with the options of `make lock`"


@pytest.mark.parametrize("name", [name for name in LOCK_FILES if name.endswith(".txt")])
def test_lock_files_carry_a_hash_for_every_package(name: str) -> None:
    text = tree.text(name)
    packages = re.findall(
        r"^([A-Za-z0-9][^\s=]*)==[^\s]+ \\\n    --hash=sha256:", text, re.MULTILINE
    )
    unhashed = re.findall(r"^[A-Za-z0-9][^\s=]*==[^\s]+$", text, re.MULTILINE)

    assert packages
    assert unhashed == []


def test_no_tracked_file_names_a_path_of_somebodys_machine() -> None:
    named = [
        f"{name}:{number}: {line.strip()[:120]}"
        for name in _readable()
        for number, line in enumerate(tree.text(name).splitlines(), start=1)
        if MACHINE_PATHS.search(line)
    ]

    assert named == [], "name paths inside the project, or take them from the environment"


def test_nothing_is_left_for_later_in_the_code() -> None:
    marked = [
        f"{name}:{number}"
        for name in tree.under(*tree.PACKAGES, "tests", "migrations", suffix=".py")
        for number, line in enumerate(tree.text(name).splitlines(), start=1)
        if LATER.search(line)
    ]

    assert marked == [], "do it now, or open an issue"


def test_no_folder_beside_the_agreed_ones() -> None:
    folders = {name.partition("/")[0] for name in tree.files() if "/" in name}

    assert folders - TOP == set(), "a new top-level folder needs a decision record first"


def _readable() -> list[str]:
    pictures = (".png", ".ico", ".woff2", ".svg", ".sas7bdat", ".xpt", ".parquet", ".gz")
    return [name for name in tree.files() if not name.endswith(pictures)]
