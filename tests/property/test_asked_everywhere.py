"""Whatever a study asks, answers that are not asked decide nothing and outcomes keep up."""

from __future__ import annotations

import csv
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest

from capture import clock
from capture.access import Role
from capture.db import Database
from capture.entry import reads as entries
from capture.entry import service
from capture.export.request import ExportRequest
from capture.export.service import export_to
from capture.ledger.concealment import Concealment
from capture.participants import service as participants
from capture.participants.records import Participant
from capture.problems import Problem
from forms.evaluation_scope import Place
from forms.values import Cell
from tests.support.asked import HABITS, LATER, SITE, Asked, publish_asked
from tests.support.asked_drawn import draw_answers, draw_study
from tests.support.datasets import make_keys
from tests.support.trial import make_actor

MANY = [pytest.param(seed, marks=pytest.mark.long) for seed in range(4, 40)]
SEEDS = pytest.mark.parametrize("seed", [1, 2, 3, *MANY])
OWN = ("participant_number", "screening_number", "saved_at", "status", "number")
"""Columns that differ from person to person, and how far a form with open queries came."""
CLINIC = Place("clinic", 1, "later")


@SEEDS
def test_an_answer_that_is_not_asked_changes_nothing_that_is_read(
    seed: int, database: Database, concealment: Concealment, tmp_path: Path
) -> None:
    asked, random = publish_asked(database, concealment, draw_study(seed)), Random(seed)
    pairs = []
    for _ in range(4):
        typed, mood = draw_answers(random), {"seen": "2026-03-02", "cough": "yes", "mood": 3}
        plain, laden = asked.enrolled(), asked.enrolled()
        asked.save(laden, typed)
        not_asked = asked.stored(laden).flags
        asked.save(plain, {name: cell for name, cell in typed.items() if name not in not_asked})
        for person in (plain, laden):
            asked.save(person, mood, LATER)
            asked.allocate(person, "PATCH")
        pairs.append((plain, laden))

    assert all(asked.stored(plain).flags == () for plain, _ in pairs)
    for plain, laden in pairs:
        assert read_everywhere(asked, laden) == read_everywhere(asked, plain)
    assert_same_rows(exported(asked, tmp_path / "laden"), pairs)
    for plain, laden in pairs:
        asked.save(laden, dict.fromkeys(asked.stored(laden).flags))
        assert read_everywhere(asked, laden) == read_everywhere(asked, plain)
        assert asked.open_queries(laden) == []
    assert_same_rows(exported(asked, tmp_path / "cleared"), pairs)
    assert asked.disagreements() == []


def read_everywhere(asked: Asked, person: Participant) -> dict[str, Any]:
    """What gate, stratum, events, visits and expressions make of a person."""
    ready = asked.readiness(person)
    with asked.trial.database.reading() as connection:
        casebook = entries.get_casebook(connection, asked.study, person.id)
    return {
        "gate": [criterion.result for criterion in ready.verdict.criteria],
        "stratum": ready.stratum.levels,
        "facts": sorted(asked.facts(person)),
        "visits": sorted(asked.visits(person)),
        "answers": {key: dict(entry.cells) for key, entry in casebook.entries.items()},
        "scope": dict(casebook.scope(clock.now()).entries),
    }


def exported(asked: Asked, folder: Path) -> dict[str, list[dict[str, str]]]:
    """The rows of every dataset but that of queries, by its name."""
    request = ExportRequest(asked.slug, formats="csv")
    unblinded = make_actor(Role.UNBLINDED, study=asked.slug)
    with clock.running_at(datetime(2027, 1, 1, 9, 0, tzinfo=UTC)):
        export_to(make_keys(asked.trial), unblinded, request, folder)
    found = {}
    for path in folder.glob("*.csv"):
        with path.open(encoding="utf-8", newline="") as file:
            found[path.stem] = list(csv.DictReader(file))
    return {name: rows for name, rows in found.items() if name not in ("queries", "codebook")}


def assert_same_rows(
    datasets: dict[str, list[dict[str, str]]], pairs: list[tuple[Participant, Participant]]
) -> None:
    assert {"habits", "later", "participants"} <= set(datasets)
    for name, rows in datasets.items():
        for plain, laden in pairs:
            first, second = (
                [
                    {column: text for column, text in row.items() if column not in OWN}
                    for row in rows
                    if row.get("screening_number") == person.screening_number
                ]
                for person in (plain, laden)
            )
            assert second == first, name


# --- after any sequence of acts -------------------------------------------------------------------


@SEEDS
def test_every_outcome_is_what_saving_its_form_anew_would_give(
    seed: int, database: Database, concealment: Concealment
) -> None:
    asked, random = publish_asked(database, concealment, draw_study(seed)), Random(seed)
    day, done = date(2026, 3, 2), 0
    person = asked.enrolled()
    for _ in range(30):
        day += timedelta(days=random.randint(0, 3))
        done += act(asked.on(day.isoformat()), random, person)
        assert_settled(asked.on(day.isoformat()), person)

    later = asked.on((day + timedelta(days=400)).isoformat())
    assert_settled(later, person)
    for key, before in stored(later, person).items():
        if before.status != "not_done":
            later.save(person, {}, key)
            after = later.stored(person, key)
            assert (after.kept_cells, after.flags) == (before.kept_cells, before.flags)
    assert done > 15
    assert asked.disagreements() == []


def act(asked: Asked, random: Random, person: Participant) -> bool:
    """Do one thing that a site may do; tells whether it could be done."""
    try:
        random.choice((save_first, save_first, save_later, save_later, *RARER))(
            asked, random, person
        )
    except Problem:
        return False
    return True


def save_first(asked: Asked, random: Random, person: Participant) -> None:
    drawn = draw_answers(random)
    chosen = random.sample(sorted(drawn), random.randint(1, len(drawn)))
    asked.save(person, {name: drawn[name] if random.random() < 0.8 else None for name in chosen})


def save_later(asked: Asked, random: Random, person: Participant) -> None:
    values = {
        "seen": Cell(asked.trial.today),
        "cough": Cell("yes"),
        "mood": Cell(random.randint(0, 5)),
        "sleep": Cell(random.randint(0, 5)),
    }
    chosen = random.sample(sorted(values), random.randint(1, 4))
    key = random.choice([LATER, CLINIC])
    asked.save(person, {name: values[name] for name in chosen}, key)


def allocate(asked: Asked, random: Random, person: Participant) -> None:
    asked.allocate(person, random.choice(["PATCH", "NONE"]))


def change_consent(asked: Asked, random: Random, person: Participant) -> None:
    with asked.trial.acting(make_actor(Role.NURSE, SITE, study=asked.slug)) as tx:
        if random.random() < 0.5:
            participants.withdraw_consent(
                tx, asked.slug, person.id, scope="main", date=asked.trial.today, told_to="A. Cole"
            )
        else:
            taken = participants.ConsentTaken("main", "1", asked.trial.today, "A. Cole")
            participants.give_consent(tx, asked.slug, person.id, taken)


def mark_not_done(asked: Asked, random: Random, person: Participant) -> None:
    key = random.choice([HABITS, LATER, CLINIC])
    entry = asked.entry(person, key)
    with asked.trial.acting(make_actor(Role.NURSE, SITE, study=asked.slug)) as tx:
        service.not_do_entry(
            tx,
            asked.study,
            1,
            person.id,
            key,
            missing_reason="not_done",
            version=entry.version if entry else 0,
            reason="Not done",
        )


def strike(asked: Asked, random: Random, person: Participant) -> None:
    found = stored(asked, person)
    if found:
        entry = found[random.choice(sorted(found))]
        with asked.trial.acting(make_actor(Role.NURSE, SITE, study=asked.slug)) as tx:
            service.strike_entry(
                tx, asked.study, 1, person.id, entry.id, version=entry.version, reason="In error"
            )


def reinstate(asked: Asked, random: Random, person: Participant) -> None:
    with asked.trial.database.reading() as connection:
        struck = entries.list_struck(connection, person.id)
    if struck:
        with asked.trial.acting(make_actor(Role.NURSE, SITE, study=asked.slug)) as tx:
            chosen = random.choice(struck)
            service.reinstate_entry(tx, asked.study, 1, person.id, chosen.id, reason="It was right")


RARER = (allocate, change_consent, mark_not_done, strike, reinstate)


def stored(asked: Asked, person: Participant) -> dict[Place, entries.Entry]:
    with asked.trial.database.reading() as connection:
        return entries.list_entries(connection, person.id)


def assert_settled(asked: Asked, person: Participant) -> None:
    """Every entry is as its formulas and conditions give it now."""
    study = asked.study
    with asked.trial.database.reading() as connection, clock.running_at(asked.trial.moment):
        casebook = entries.get_casebook(connection, study, person.id)
        visits = service.list_every_visit(connection, person.id)
        for key, entry in casebook.entries.items():
            if entry.status == "not_done":
                continue
            instrument, visit = study.instrument(key.instrument), visits.get(entry.visit or "")
            place = service.EntryLocation(study, person, key, instrument, visit)
            anew = service.evaluate_entry(
                instrument, entry.kept_cells, service.get_scope(place, casebook)
            )
            assert (dict(entry.kept_cells), entry.flags) == (dict(anew.cells), anew.not_asked), key
