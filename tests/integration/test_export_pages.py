"""The page of datasets and the command: who may, what is refused, and the download."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from capture import clock
from capture.access import Role
from capture.cli import main
from capture.config import Config
from capture.export.service import DOWNLOAD_FOR
from capture.ledger.reads import list_ledger_rows
from capture.web.request_context import Services
from tests.support.builders import PASSWORD, Visitor, make_user
from tests.support.trial import GIST, Trial, make_trial

PAGE = f"/studies/{GIST}/datasets"
DOWNLOAD = re.compile(r'href="([^"]+/bundle\.zip)"')
SignIn = Callable[..., Visitor]


@pytest.fixture
def trial(services: Services) -> Trial:
    made = make_trial(services.database, services.concealment)
    made.enrolled()
    return made


@pytest.fixture
def statistician(trial: Trial, services: Services, sign_in: SignIn) -> Visitor:
    make_user(services, email="s@unit.example", name="Sam Stat", role=Role.STATISTICIAN)
    return sign_in("s@unit.example")


@pytest.fixture
def data_manager(trial: Trial, services: Services, sign_in: SignIn) -> Visitor:
    make_user(services, email="d@unit.example", name="Dana Data", role=Role.DATA_MANAGER)
    return sign_in("d@unit.example")


def downloads(visitor: Visitor) -> list[str]:
    return DOWNLOAD.findall(visitor.get(PAGE).text)


def fetched(visitor: Visitor, link: str) -> bytes:
    with visitor.get(link) as answer:
        assert answer.mimetype == "application/zip"
        return answer.data


def test_datasets_are_put_on_record_and_fetched_as_a_zip(
    statistician: Visitor, trial: Trial
) -> None:
    answer = statistician.post(PAGE, {"formats": ["csv", "parquet"]})
    (link,) = downloads(statistician)
    first, again = fetched(statistician, link), fetched(statistician, link)

    assert answer.status_code == 303
    assert first == again
    names = zipfile.ZipFile(io.BytesIO(first)).namelist()
    assert {"MANIFEST.json", "participants.csv", "participants.parquet"} <= set(names)
    with trial.database.reading() as connection:
        known = list(list_ledger_rows(connection, trial.concealment, GIST))
    assert [one.role for one in known if one.action == "dataset.export"] == ["statistician"]


def test_a_repeated_post_is_one_export(statistician: Visitor) -> None:
    form = {"formats": "csv", "request_id": "the-same-request"}
    assert [statistician.post(PAGE, form).status_code for _ in range(2)] == [303, 303]

    assert len(downloads(statistician)) == 1


@pytest.mark.parametrize(
    "typed, words",
    [
        ({"formats": "csv", "as_of": "2999-01-01"}, "in the future"),
        ({"formats": "csv", "as_of": "1e999"}, "is not a date"),
        ({"formats": "csv", "cutoff": "2023-02-29"}, "is not a date"),
        ({"formats": "csv", "cutoff": "x" * 5000}, "at most 40 characters"),
        ({"formats": "xpt"}, "is not a format we write"),
        ({"formats": ""}, "Name a format"),
        ({}, "Name a format"),
        ({"formats": "csv", "identifying": "curious"}, "data manager alone"),
        ({"formats": "csv", "as_of": "2001-01-01"}, "on record by then"),
    ],
)
@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_what_cannot_be_made_is_said_on_the_page_with_what_was_typed(
    statistician: Visitor, typed: dict[str, str], words: str
) -> None:
    answer = statistician.post(PAGE, typed)

    assert answer.status_code == 422
    assert words in answer.text
    assert typed.get("as_of", "") in answer.text
    assert downloads(statistician) == []


def test_identifying_items_go_to_the_data_manager_with_the_reason_on_record(
    data_manager: Visitor, trial: Trial
) -> None:
    data_manager.post(PAGE, {"formats": "csv", "identifying": "Registry linkage 7"})
    (link,) = downloads(data_manager)
    archive = zipfile.ZipFile(io.BytesIO(fetched(data_manager, link)))

    assert b"birth_date" in archive.read("demography.csv")
    assert "Registry linkage 7" in data_manager.get(PAGE).text


def test_another_persons_download_is_not_found(
    statistician: Visitor, data_manager: Visitor
) -> None:
    data_manager.post(PAGE, {"formats": "csv"})
    (link,) = downloads(data_manager)

    assert downloads(statistician) == []
    assert statistician.get(link).status_code == 404
    assert statistician.get(f"{PAGE}/unknown/bundle.zip").status_code == 404


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_a_download_is_over_after_an_hour(
    trial: Trial, services: Services, sign_in: SignIn
) -> None:
    make_user(services, email="s@unit.example", role=Role.STATISTICIAN)
    start = datetime.now(UTC)
    visitor = sign_in("s@unit.example")
    visitor.post(PAGE, {"formats": "csv"})
    (link,) = downloads(visitor)

    with clock.running_at(start + DOWNLOAD_FOR + timedelta(minutes=1)):
        late = sign_in("s@unit.example")
        assert downloads(late) == []
        assert late.get(link).status_code == 404


@pytest.mark.parametrize("role", [Role.NURSE, Role.MONITOR, Role.TRIAL_MANAGER])
@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_other_roles_are_refused(
    trial: Trial, services: Services, sign_in: SignIn, role: Role
) -> None:
    make_user(services, email="x@unit.example", role=role)
    visitor = sign_in("x@unit.example")

    assert visitor.get(PAGE).status_code == 403
    assert visitor.post(PAGE, {"formats": "csv"}).status_code == 403


def run(config: Config, monkeypatch: pytest.MonkeyPatch, *words: str, typed: str = "") -> str:
    """The command's output with its exit code before it."""
    keys = {"CONCEALMENT": config.concealment_key.hex(), "CHECKPOINT": config.checkpoint_key.hex()}
    for name, value in keys.items():
        monkeypatch.setenv(f"SARCOMERE_{name}_KEY", value)
    monkeypatch.setenv("SARCOMERE_SECRET_KEY", config.secret_key)
    monkeypatch.setenv("SARCOMERE_DATA", str(config.data))
    if not config.is_sqlite:
        monkeypatch.setenv("SARCOMERE_DATABASE_URL", config.database_url)
    result = CliRunner().invoke(main, ["export", *words], input=typed)
    return f"{result.exit_code} {result.output}"


def test_command_writes_a_bundle_and_refuses_to_write_over_it(
    trial: Trial, config: Config, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    words = (GIST, "--format", "csv", "--out", str(tmp_path / "out"))
    done = run(config, monkeypatch, *words)
    again = run(config, monkeypatch, *words)

    assert done.startswith("0 "), done
    assert "as the statistician sees it" in done
    assert (tmp_path / "out" / "MANIFEST.json").exists()
    assert again.startswith("1 ")
    assert "not an empty folder" in again


def test_command_asks_for_the_persons_password(
    trial: Trial,
    services: Services,
    config: Config,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    make_user(services, email="d@unit.example", role=Role.DATA_MANAGER)
    words = (GIST, "--format", "csv", "--as", "d@unit.example")
    right = run(config, monkeypatch, *words, "--out", str(tmp_path / "a"), typed=f"{PASSWORD}\n")
    wrong = run(config, monkeypatch, *words, "--out", str(tmp_path / "b"), typed="guess\n")

    assert right.startswith("0 "), right
    assert "as the data manager sees it" in right
    assert wrong.startswith("1 ")
    assert not (tmp_path / "b").exists()
