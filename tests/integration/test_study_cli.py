"""The commands `sarcomere study …` and `sarcomere site …`."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from capture.access import Role
from capture.cli import main
from capture.config import Config
from capture.study import reads
from capture.web.request_context import Services
from tests.support.builders import PASSWORD, make_user
from tests.support.study_files import STUDY, make_study_files

MANAGER = "manager@unit.example"


@pytest.fixture(autouse=True)
def environment(config: Config, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the commands read: the installation of the test."""
    monkeypatch.setenv("SARCOMERE_DATA", str(config.data))
    if not config.is_sqlite:
        monkeypatch.setenv("SARCOMERE_DATABASE_URL", config.database_url)
    monkeypatch.setenv("SARCOMERE_SECRET_KEY", config.secret_key)
    monkeypatch.setenv("SARCOMERE_CONCEALMENT_KEY", config.concealment_key.hex())
    monkeypatch.setenv("SARCOMERE_CHECKPOINT_KEY", config.checkpoint_key.hex())


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write(tmp_path / "leg-demo")


def write(folder: Path, *changes: tuple[str, str]) -> Path:
    for path, content in make_study_files(*changes).items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content)
    return folder


def run(*words: object, typed: str = "") -> Result:
    return CliRunner().invoke(main, [str(word) for word in words], input=typed)


def test_check_passes_a_sound_study(folder: Path) -> None:
    result = run("study", "check", folder)

    assert (result.exit_code, result.output) == (0, "leg-demo 1.0: no mistakes, 1 form.\n")


def test_check_tells_every_mistake_and_exits_1(tmp_path: Path) -> None:
    folder = write(tmp_path / "wrong", ("type: integer", "type: integr"), ("arm: NONE", "arm: 1"))

    result = run("study", "check", folder)

    lines = result.output.splitlines()
    assert result.exit_code == 1
    assert any(line.startswith("instruments/leg.yaml:13: ") for line in lines)
    assert any(line.startswith("study.yaml:") for line in lines)


def test_check_of_a_missing_folder_says_so(tmp_path: Path) -> None:
    result = run("study", "check", tmp_path / "nowhere")

    assert result.exit_code == 1
    assert "there is no folder" in result.output


def test_publish_list_and_sites_in_test(folder: Path) -> None:
    published = run("study", "publish", folder, "--add-sites")
    assert published.exit_code == 0, published.output
    assert published.output.startswith("leg-demo version 1 (1.0), test, SHA-256 ")

    assert run("study", "list").output == "leg-demo\t1 (1.0)\ttest\tLeg function after surgery\n"
    assert run("site", "list", STUDY).output.splitlines() == [
        "fjordby\tFjordby Hospital\tNorway\tEurope/Oslo\tnot open\t",
        "northfield\tNorthfield Hospital\tUnited Kingdom\tEurope/London\t2024-02-01\t",
    ]


def test_publishing_twice_is_refused_in_words(folder: Path) -> None:
    run("study", "publish", folder)

    result = run("study", "publish", folder)
    assert result.exit_code == 1
    assert "already version 1 (test), byte for byte" in result.output


def test_live_by_a_named_person_with_password(folder: Path, services: Services) -> None:
    manager = make_user(services, email=MANAGER, role=Role.TRIAL_MANAGER, study=STUDY)
    words = ("study", "publish", folder, "--state", "live", "--approved-by", MANAGER)

    wrong = run(*words, typed="not this one\n")
    right = run(*words, typed=f"{PASSWORD}\n")

    assert (wrong.exit_code, "not your password" in wrong.output) == (1, True)
    assert right.exit_code == 0, right.output
    assert PASSWORD not in right.output
    with services.database.reading() as connection:
        (version,) = reads.list_versions(connection, STUDY)
    assert (version.state, version.approved_by) == ("live", manager.id)


def test_live_approves_the_files_that_are_in_test(folder: Path, services: Services) -> None:
    make_user(services, email=MANAGER, role=Role.TRIAL_MANAGER, study=STUDY)
    run("study", "publish", folder)
    words = ("study", "publish", folder, "--state", "live", "--approved-by", MANAGER)

    result = run(*words, typed=f"{PASSWORD}\n")

    assert (result.exit_code, "version 1 (1.0), live" in result.output) == (0, True)


def test_live_needs_a_password_that_its_owner_chose(folder: Path, services: Services) -> None:
    make_user(services, email=MANAGER, role=Role.TRIAL_MANAGER, study=STUDY, must_change=True)
    words = ("study", "publish", folder, "--state", "live", "--approved-by", MANAGER)

    result = run(*words, typed=f"{PASSWORD}\n")

    assert (result.exit_code, "a password that only you know" in result.output) == (1, True)
    with services.database.reading() as connection:
        assert reads.list_versions(connection, STUDY) == []


def test_live_needs_an_account_whose_role_may_approve(folder: Path, services: Services) -> None:
    make_user(services, email="nurse@unit.example", role=Role.NURSE, study=STUDY)
    words = ("study", "publish", folder, "--state", "live", "--approved-by")

    assert "no open account" in run(*words, "who@unit.example").output
    result = run(*words, "nurse@unit.example", typed=f"{PASSWORD}\n")
    assert (result.exit_code, "Your role does not include this" in result.output) == (1, True)


@pytest.mark.parametrize("options", [["--state", "live"], ["--approved-by", MANAGER]])
def test_live_and_its_approver_go_together(folder: Path, options: list[str]) -> None:
    result = run("study", "publish", folder, *options)

    assert (result.exit_code, "go together" in result.output) == (2, True)


def test_site_is_added_opened_and_closed(folder: Path) -> None:
    run("study", "publish", folder)
    zone = ("--zone", "Europe/London", "--attribute", "country=gb", "--target", 12)
    zone = (*zone, "--target-by", "2027-12-31")
    acts = [
        run("site", "add", STUDY, "southby", "--name", "Southby Hospital", *zone),
        run("site", "open", STUDY, "southby", "--from", "2024-03-01"),
        run("site", "close", STUDY, "southby", "--from", "2024-09-01", "--reason", "Full"),
    ]

    assert [act.exit_code for act in acts] == [0, 0, 0], [act.output for act in acts]
    assert run("site", "list", STUDY).output.endswith("\t2024-03-01\t2024-09-01\n")


@pytest.mark.parametrize(
    "words, code, said",
    [
        (["add", STUDY, "x y", "--name", "X", "--zone", "Europe/London"], 1, "site code"),
        (["add", STUDY, "x", "--name", "X", "--zone", "UK", "--attribute", "a"], 2, "NAME=CODE"),
        (["open", STUDY, "nowhere", "--from", "2024-03-01"], 1, "no site 'nowhere'"),
        (["open", STUDY, "nowhere", "--from", "1 March"], 2, "Invalid value"),
        (["list", "nowhere"], 1, "No study 'nowhere'"),
    ],
)
def test_wrong_site_command_says_what_is_wrong(
    folder: Path, words: list[str], code: int, said: str
) -> None:
    run("study", "publish", folder)

    result = run("site", *words)

    assert result.exit_code == code
    assert said in result.output
