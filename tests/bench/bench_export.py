"""Export of many entries of 40 items, beside floors of the same run: csv and pyarrow alone.

SARCOMERE_BENCH_ENTRIES says how many entries (100,000 without it). Reported, never asserted.
"""

from __future__ import annotations

import csv
import os
import resource
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pyarrow.csv
import pyarrow.parquet
import pytest

from capture import clock
from capture.access import SYSTEM_ACTOR, Action
from capture.db import Database, metadata
from capture.export.request import ExportRequest
from capture.export.service import ExportKeys, export_to
from capture.ledger.concealment import Concealment
from capture.ledger.service import transaction
from capture.study import service as studies
from tests.support.study_files import STUDY_YAML

ENTRIES = int(os.environ.get("SARCOMERE_BENCH_ENTRIES", "100000"))
FOLDED = max(ENTRIES // 20, 20)
"""Entries that are put on the ledger one by one, for the path that folds."""

VISITS = 20
SLUG = "leg-demo"
KEY = b"\x03" * 32
ON_SQLITE = pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)


def forty_items() -> str:
    kinds = (
        "type: integer",
        "type: decimal, decimals: 2",
        "type: text",
        "type: date",
    )
    items = "\n".join(
        f"      - {{name: item_{n:02d}, label: Item {n}, {kinds[n % 4]}}}" for n in range(40)
    )
    return f"name: leg\ntitle: Leg\nsections:\n  - title: Leg\n    items:\n{items}\n"


def study_files() -> dict[str, bytes]:
    """The demonstration study with one form of 40 items at twenty visits and nothing else."""
    head, _, _ = STUDY_YAML.partition("visits:")
    visits = (
        "visits:\n  - {slug: month, title: Month, anchor: consent, instruments: [leg], "
        f"repeats: {{every: {{months: 1}}, times: {VISITS}}}}}\n"
    )
    return {
        "study.yaml": f"{head}{visits}".encode(),
        "instruments/leg.yaml": forty_items().encode(),
        "sites.yaml": (
            b"sites:\n  - {slug: north, name: North, zone: Europe/London, "
            b"attributes: {country: gb}, approved_consents: {main: ['1.0']}, opened: 2024-02-01}\n"
        ),
    }


def cells(number: int) -> dict[str, Any]:
    values = (number % 97, f"{number % 50}.25", f"answer {number % 8}", "2024-02-29")
    return {f"item_{n:02d}": {"v": values[n % 4]} for n in range(40) if (number + n) % 10}


def person_row(number: int) -> dict[str, Any]:
    return {
        "id": f"p{number:07d}",
        "study": SLUG,
        "subject": f"participant/p{number:07d}",
        "site": "north",
        "site_recruited": "north",
        "screening_number": f"NOR-S-{number:07d}",
        "participant_number": f"NOR-{number:07d}",
        "status": "enrolled",
        "participation": "on_study",
        "screened_on": "2024-03-01",
        "enrolled_on": "2024-03-01",
        "duplicate_keys": [],
        "episode": 1,
        "logs": {},
        "open_queries": 0,
    }


def entry_row(number: int) -> dict[str, Any]:
    person = f"p{number // VISITS:07d}"
    return {
        "id": f"e{number:09d}",
        "study": SLUG,
        "subject": f"participant/{person}",
        "participant": person,
        "site": "north",
        "visit": None,
        "visit_slug": "month",
        "occurrence": number % VISITS + 1,
        "instrument": "leg",
        "instance": 1,
        "version": 1,
        "status": "complete",
        "doc": cells(number),
        "assessment_date": None,
        "study_version": 1,
        "completed_at": None,
        "saved_at": "2024-04-01T09:00:00.000000Z",
        "saved_by": "nurse",
        "reason": None,
        "flags": [],
    }


def published(database: Database, concealment: Concealment) -> ExportKeys:
    with transaction(database, SYSTEM_ACTOR, concealment) as tx:
        studies.publish(tx, study_files(), add_sites=True)
    return ExportKeys(database, concealment, KEY)


def fill_tables(database: Database) -> None:
    person, entry = metadata.tables["participant"], metadata.tables["entry"]
    for start in range(0, ENTRIES, 2_000):
        numbers = range(start, min(start + 2_000, ENTRIES))
        people = sorted({number // VISITS for number in numbers})
        with database.writing() as connection:
            connection.execute(person.insert(), [person_row(number) for number in people])
            connection.execute(entry.insert(), [entry_row(number) for number in numbers])


def fill_ledger(keys: ExportKeys) -> None:
    for start in range(0, FOLDED, VISITS):
        with transaction(keys.database, SYSTEM_ACTOR, keys.concealment) as tx:
            row = person_row(start // VISITS)
            screened = ("site", "screening_number", "screened_on", "episode")
            act = tx.about(row["subject"], study=SLUG, role="nurse", study_version=1)
            body = {**{name: row[name] for name in screened}, "source": None, "age_band": None}
            act.record(Action.PARTICIPANT_SCREEN, {**body, "earlier_episode": None})
            for number in range(start, min(start + VISITS, FOLDED)):
                entry = entry_row(number)
                plain = {name: entry[name] for name in entry if name not in ("doc", "subject")}
                items = {f"item:{name}": cell for name, cell in entry["doc"].items()}
                act.record(Action.ENTRY_SAVE, {**plain, **items})


def seconds(work: Callable[[], object]) -> tuple[float, float]:
    """Elapsed and CPU seconds."""
    wall, busy = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - wall, time.process_time() - busy


def report(what: str, spent: tuple[float, float], floor: float | None = None) -> None:
    beside = f", {spent[0] / floor:.1f} times the floor" if floor else ""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{what}: {spent[0]:.2f} s ({spent[1]:.2f} s CPU){beside}; peak {peak:.0f} MB so far")


def write_rows(rows: list[tuple[Any, ...]], path: Path) -> None:
    with path.open("w", newline="") as file:
        csv.writer(file).writerows(rows)


def export(keys: ExportKeys, formats: str, out: Path, as_of: str = "") -> None:
    export_to(keys, SYSTEM_ACTOR, ExportRequest(SLUG, formats=formats, as_of=as_of), out)


@ON_SQLITE
def test_export_of_the_tables(database: Database, concealment: Concealment, tmp_path: Path) -> None:
    keys = published(database, concealment)
    fill_tables(database)
    print(f"\n{ENTRIES} entries x 40 items, SQLite")
    spent = {}
    for formats in ("csv", "parquet"):
        spent[formats] = seconds(partial(export, keys, formats, tmp_path / formats))
        report(f"export to {formats}", spent[formats])
    table = pyarrow.parquet.read_table(tmp_path / "parquet" / "leg.parquet")
    floors = {
        "csv": lambda: pyarrow.csv.write_csv(table, tmp_path / "floor.csv"),
        "parquet": lambda: pyarrow.parquet.write_table(table, tmp_path / "floor.parquet"),
    }
    for formats, write in floors.items():
        floor = seconds(write)
        report(f"pyarrow alone, {formats}", floor)
        report(f"export to {formats}, again", spent[formats], floor[0])
    rows = list(zip(*(column.to_pylist() for column in table.columns), strict=True))
    floor = seconds(lambda: write_rows(rows, tmp_path / "plain.csv"))
    report("csv module alone", floor)
    report("export to csv, again", spent["csv"], floor[0])


@ON_SQLITE
def test_export_folded_from_the_ledger(
    database: Database, concealment: Concealment, tmp_path: Path
) -> None:
    keys = published(database, concealment)
    fill_ledger(keys)
    now = clock.instant()
    print(f"\n{FOLDED} entries x 40 items, SQLite")
    with_tables = seconds(partial(export, keys, "csv", tmp_path / "tables"))
    report("export to csv from the tables", with_tables)
    folded = seconds(partial(export, keys, "csv", tmp_path / "ledger", now))
    report("export to csv folded from the ledger", folded, with_tables[0])
