"""The databases of landed releases, kept for all later ones; makes this release's anew.

python -m tests.support.release_database writes tests/releases/<number>: a few rehearsed people of
each kind of study, on SQLite, compressed, and the digests of the datasets as this release exports
them. A release that has landed is never written again.
"""

from __future__ import annotations

import gzip
import json
import tempfile
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from capture.access import SYSTEM_ACTOR
from capture.config import Config
from capture.db import Database
from capture.export.request import ExportRequest
from capture.export.service import ExportKeys, export_to
from capture.ledger.concealment import Concealment
from capture.migrate import migrate
from capture.synthetic import RehearsalPlan, rehearse
from capture.web.request_context import Services
from tests.support.builders import make_config

RELEASES = Path(__file__).parents[1] / "releases"
RELEASE = "0.2"
STUDIES = Path(__file__).parents[1] / "studies"
BEGIN, END = date(2024, 1, 8), date(2025, 7, 1)
PLANS = (
    RehearsalPlan("gist-imatinib", 22, 5, BEGIN, END),
    RehearsalPlan("functional-muscle-transfer", 6, 7, BEGIN, END),
    *(
        RehearsalPlan(name, people, seed, BEGIN, END, folder=STUDIES / name)
        for name, people, seed in (("esign-demo", 6, 3), ("dose-demo", 6, 8))
    ),
)
PACKED, DIGESTS = "sarcomere.sqlite.gz", "digests.json"
AS_OF = "2025-07-31"


@dataclass(frozen=True)
class ReleaseDatabase:
    """A landed release's database, as it lies in its folder."""

    folder: Path

    @property
    def expected(self) -> dict[str, dict[str, str]]:
        """The digest of the values of each dataset, by study and name."""
        found: dict[str, dict[str, str]] = json.loads((self.folder / DIGESTS).read_text())
        return found

    def unpack(self, data: Path) -> Config:
        """An installation with a copy of the database, under the keys of the tests."""
        packed = (self.folder / PACKED).read_bytes()
        (data / "sarcomere.sqlite").write_bytes(gzip.decompress(packed))
        return make_config(data=data)


def list_release_databases() -> list[ReleaseDatabase]:
    return [ReleaseDatabase(folder) for folder in sorted(RELEASES.iterdir()) if folder.is_dir()]


def digest_datasets(database: Database, config: Config, folder: Path, study: str) -> dict[str, str]:
    """Export a study as the system sees it at the fixed day; the digest of each dataset."""
    keys = ExportKeys(database, Concealment(config.concealment_key), config.checkpoint_key)
    export_to(keys, SYSTEM_ACTOR, ExportRequest(study, formats="csv", as_of=AS_OF), folder)
    manifest = json.loads((folder / "MANIFEST.json").read_text())
    return {dataset["name"]: dataset["values_sha256"] for dataset in manifest["datasets"]}


def write_release_database() -> None:
    folder = RELEASES / RELEASE
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as made:
        data = Path(made)
        services = Services.of(make_config(data=data))
        migrate(services.database)
        for plan in PLANS:
            rehearse(services, plan)
        with services.database.engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
            connection.rollback()
        packed = gzip.compress((data / "sarcomere.sqlite").read_bytes(), mtime=0)
        (folder / PACKED).write_bytes(packed)
        digests = {
            plan.study: digest_datasets(
                services.database, services.config, data / plan.study, plan.study
            )
            for plan in PLANS
        }
        services.database.engine.dispose()
    (folder / DIGESTS).write_text(json.dumps(digests, indent=2) + "\n")


if __name__ == "__main__":
    write_release_database()
