"""Attached files in datasets: hash and size for everybody, the files for who may identify."""

from __future__ import annotations

import csv
import hashlib
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from capture import clock
from capture.access import Role
from capture.entry.tables import attached_file
from capture.export.archive import zip_folder
from capture.export.request import ExportRequest
from capture.export.service import ExportKeys, export_to
from capture.problems import Refused
from capture.web.request_context import Services
from tests.support.clinic import SignIn
from tests.support.datasets import SIGNING
from tests.support.kitchen_sink import DEMO, PDF, Sink, chosen, make_sink
from tests.support.tampering import owner_of
from tests.support.trial import make_actor

OTHER_PDF = PDF + b"% another\n"
DIGEST, OTHER_DIGEST = (hashlib.sha256(one).hexdigest() for one in (PDF, OTHER_PDF))


@pytest.fixture
def sink(services: Services, sign_in: SignIn) -> Sink:
    return make_sink(services, sign_in)


def taken(sink: Sink, out: Path, **asked: str) -> Path:
    keys = ExportKeys(sink.services.database, sink.services.concealment, SIGNING)
    actor = make_actor(Role.DATA_MANAGER, study=DEMO)
    export_to(keys, actor, ExportRequest(DEMO, **{"formats": "csv", **asked}), out)
    return out


def line(folder: Path) -> dict[str, str]:
    with (folder / "kitchen_sink.csv").open(encoding="utf-8", newline="") as file:
        (only,) = csv.DictReader(file)
    return only


def manifest(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / "MANIFEST.json").read_text("utf-8"))
    return found


def test_without_identifying_items_there_is_hash_and_size_alone(sink: Sink, tmp_path: Path) -> None:
    sink.attach(chosen("Ada Lovelace.pdf"))

    folder = taken(sink, tmp_path / "out")

    row = line(folder)
    assert (row["ed_letter"], row["ed_letter_size"]) == (DIGEST, str(len(PDF)))
    assert not (folder / "files").exists()
    assert "attached_files" not in manifest(folder)
    assert not any(b"Lovelace" in one.read_bytes() for one in folder.iterdir())


def test_with_identifying_items_the_files_lie_beside_under_names_of_keys(
    sink: Sink, tmp_path: Path
) -> None:
    sink.attach(chosen("Ada Lovelace.pdf"))

    folder = taken(sink, tmp_path / "out", identifying="Central reading")

    number = line(folder)["participant_number"]
    name = f"files/{number}.start.1.kitchen_sink.1.ed_letter.{DIGEST[:12]}.pdf"
    assert [path.name for path in (folder / "files").iterdir()] == [Path(name).name]
    assert (folder / name).read_bytes() == PDF
    assert manifest(folder)["attached_files"] == [
        {
            "name": name,
            "sha256": DIGEST,
            "bytes": len(PDF),
            "attached_as": "Ada Lovelace.pdf",
            "site": "westbrook",
            "participant": number,
            "visit": "start",
            "occurrence": 1,
            "instrument": "kitchen_sink",
            "instance": 1,
            "item": "ed_letter",
        }
    ]
    with zip_folder(folder) as packed, zipfile.ZipFile(packed) as archive:
        assert archive.read(name) == PDF


def test_as_of_an_earlier_instant_the_earlier_file_is_there(sink: Sink, tmp_path: Path) -> None:
    sink.attach(chosen("letter.pdf"))
    before = clock.instant()
    sink.attach(chosen("letter.pdf", OTHER_PDF), reason="New information")

    then = taken(sink, tmp_path / "then", as_of=before, identifying="Central reading")
    again = taken(sink, tmp_path / "again", as_of=before, identifying="Central reading")
    now = taken(sink, tmp_path / "now", identifying="Central reading")

    digests = [manifest(one)["attached_files"][0]["sha256"] for one in (then, again, now)]
    assert digests == [DIGEST, DIGEST, OTHER_DIGEST]
    assert [one.read_bytes() for one in (then / "files").iterdir()] == [PDF]
    assert (then / "MANIFEST.json").read_bytes() == (again / "MANIFEST.json").read_bytes()


def test_no_bundle_is_written_with_a_file_that_was_changed(sink: Sink, tmp_path: Path) -> None:
    sink.attach(chosen("letter.pdf"))
    with owner_of(sink.services.config, keep=True) as connection:
        connection.execute(sa.update(attached_file).values(bytes=b"%PDF-other"))

    with pytest.raises(Refused, match="missing or was changed"):
        taken(sink, tmp_path / "out", identifying="Central reading")

    assert not (tmp_path / "out").exists()
