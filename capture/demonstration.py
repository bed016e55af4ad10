"""The demonstration: what `make run` shows, built through the same services as everything else."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from capture import clock
from capture.access import SYSTEM_ACTOR, Role
from capture.accounts import demonstration
from capture.config import Config
from capture.db import Database
from capture.entry import service as entry
from capture.ledger.service import transaction
from capture.migrate import migrate
from capture.participants import service as participants
from capture.rehearsal import Plan, rehearse
from capture.rehearsal.stage import Stage, prepare
from capture.wiring import Services
from forms.scopes import Place
from forms.values import Cell

STUDY = demonstration.STUDY
PARTICIPANTS = 40
SEED = 20_261_123
SITE = "northfield"
DATABASE = "sarcomere.sqlite"


def build(config: Config) -> None:
    """Build the demonstration where there is none; running it again changes nothing.

    It is built beside its place and moved there whole, so that an interrupted start leaves nothing.
    """
    if (config.data / DATABASE).exists():
        return
    building = config.data / "building"
    shutil.rmtree(building, ignore_errors=True)
    building.mkdir(parents=True)
    _fill(replace(config, data=building, database_url=f"sqlite:///{building / DATABASE}"))
    for part in sorted(building.iterdir(), key=lambda path: path.name == DATABASE):
        # The database goes last: once it is there, the demonstration is whole.
        _move(part, config.data / part.name)
    shutil.rmtree(building)


def _move(part: Path, place: Path) -> None:
    if place.is_dir():
        shutil.rmtree(place)
    os.replace(part, place)


def _fill(config: Config) -> None:
    services = Services.of(config)
    migrate(services.database)
    hashed = demonstration.password_hash()
    rehearse(services, Plan(STUDY, PARTICIPANTS, SEED))
    with transaction(services.database, SYSTEM_ACTOR, services.concealment) as tx:
        demonstration.add_accounts(tx, hashed)
    _add_newcomers(services)
    _settle(services.database)


def _settle(database: Database) -> None:
    """Fold the write-ahead log into the one file, so that it can be moved."""
    with database.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.rollback()
    database.engine.dispose()


def _add_newcomers(services: Services) -> None:
    """Three people in screening: one ready to randomise, one ineligible, one with a blank."""
    stage = prepare(services, STUDY, None, clock.now().date())
    _newcomer(stage, {})
    _newcomer(stage, {"gist_resection": Cell("r2")})
    _newcomer(stage, {"gist_rupture": Cell("nk")})


def _newcomer(stage: Stage, changes: Mapping[str, Cell]) -> None:
    """Somebody screened today whose history, imaging and laboratory forms are saved."""
    today = clock.today(next(site.zone for site in stage.sites if site.slug == SITE))
    with stage.acting(Role.NURSE, SITE) as tx:
        line = participants.Screening(today.isoformat(), source="clinic")
        pid = participants.screen(tx, STUDY, SITE, line).id
    for name, cells in _answers(today.isoformat(), (today - timedelta(1_110)).isoformat()).items():
        with stage.acting(Role.NURSE, SITE) as tx:
            entry.save_entry(
                tx,
                stage.study,
                stage.version,
                pid,
                Place("baseline", 1, name),
                posted=entry.Posted(
                    {item: changes.get(item, cell) for item, cell in cells.items()}
                ),
                version=0,
            )


def _answers(today: str, first_dose: str) -> dict[str, dict[str, Cell]]:
    """Answers that pass the gate; performance status and pregnancy are left for the last page."""
    return {
        "gist_history": {
            "gist_surgery_date": Cell(first_dose[:7]),
            "gist_site": Cell("small_bowel"),
            "gist_size_mm": Cell(92),
            "gist_mitoses": Cell(14),
            "gist_rupture": Cell("no"),
            "gist_stain": Cell("positive"),
            "gist_mutation": Cell("kit_11"),
            "gist_resection": Cell("r0"),
            "gist_neoadjuvant": Cell("no"),
        },
        "imatinib_history": {
            "imh_date": Cell(today),
            "imatinib_start": Cell(first_dose),
            "imatinib_now": Cell("yes"),
            "imatinib_dose_mg": Cell(400),
        },
        "vitals": {
            "vitals_date": Cell(today),
            "height_cm": Cell("171.0"),
            "weight_kg": Cell("74.5"),
        },
        "haematology": {
            "haem_date": Cell(today),
            "hb": Cell("136.0"),
            "wbc": Cell("6.10"),
            "anc": Cell("3.40"),
            "plt": Cell(231),
        },
        "biochemistry": {
            "bioc_date": Cell(today),
            "creat": Cell("78.0"),
            "creat_uln": Cell("105.0"),
            "alt": Cell(28),
            "alt_uln": Cell(45),
        },
        "imaging": {"img_date": Cell(today), "img_method": Cell("ct"), "img_result": Cell("none")},
    }
