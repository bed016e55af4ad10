"""A watch over a whole trial: after each act everything agrees, and the past is what it was."""

from __future__ import annotations

import csv
from dataclasses import dataclass, field
from pathlib import Path

from capture import clock
from capture.access import Role
from capture.export.request import ExportRequest
from capture.export.service import ExportPlan, build_bundle, plan_export
from capture.ledger.verify import verify_study
from tests.support.datasets import make_keys
from tests.support.trial import GIST, Trial, make_actor

TAKER = make_actor(Role.DATA_MANAGER)


@dataclass
class Watch:
    """Takes the datasets at each look, and every earlier look's again: nothing may differ."""

    out: Path
    taken: list[tuple[ExportPlan, dict[str, bytes]]] = field(default_factory=list)

    def look(self, trial: Trial) -> dict[str, list[dict[str, str]]]:
        """The datasets of now by name, once verify, counters and all earlier looks agree."""
        with trial.database.reading() as connection:
            assert verify_study(connection, trial.concealment, GIST).findings == []
        with clock.running_at(trial.moment):
            made = plan_export(make_keys(trial), TAKER, ExportRequest(GIST, formats="csv"))
        for earlier, files in self.taken:
            assert self._files(trial, earlier) == files
        now = self._files(trial, made)
        self.taken.append((made, now))
        tables = [name for name in now if name.endswith(".csv")]
        return {name.removesuffix(".csv"): _rows(self.out / "last", name) for name in tables}

    def _files(self, trial: Trial, made: ExportPlan) -> dict[str, bytes]:
        folder = self.out / "last"
        folder.mkdir(parents=True, exist_ok=True)
        for old in folder.iterdir():
            old.unlink()
        build_bundle(make_keys(trial), TAKER, made, folder)
        return {one.name: one.read_bytes() for one in sorted(folder.iterdir())}


def _rows(folder: Path, name: str) -> list[dict[str, str]]:
    with (folder / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
