"""Processes that save one form over and over and are killed at any moment; run as a program.

Two work on each participant, so that saves also race. Each save that was answered goes to a side
log; what the database holds afterwards is compared with that.
"""

from __future__ import annotations

import json
import mmap
import os
import random
import signal
import sys
import time
import traceback
from dataclasses import dataclass
from pathlib import Path

import capture.tables  # noqa: F401  (registers every fold)
from capture import clock
from capture.db import Database
from capture.entry import reads, service
from capture.ledger.concealment import Concealment
from capture.ledger.service import transaction
from capture.problems import Busy, Stale
from capture.study import reads as study_reads
from forms.values import Cell
from tests.fault.allocating import INSIDE, OUTSIDE, note, read_log
from tests.support.entries import VITALS
from tests.support.trial import GIST, NURSE, START

EACH = 2
ENOUGH = -1
"""The place that says, after those of the workers, that enough were killed."""


@dataclass(frozen=True)
class Task:
    """What the program is told, as JSON on its standard input; saves: how many at least."""

    url: str
    key: str
    participants: list[str]
    log: str
    saves: int
    kills: int
    seed: int

    @property
    def is_saved(self) -> bool:
        return len(read_log(Path(self.log))) >= self.saves


def save(
    database: Database, concealment: Concealment, participant: str, digit: int
) -> tuple[int, str]:
    """Save the form on the version that stands; returns the version that this made, and the weight.

    The weight differs from version to version, so that every save is one; digit: who saved.
    """
    with transaction(database, NURSE, concealment) as tx:
        study = study_reads.get_definition_for(tx.connection, GIST)
        before = reads.find_entry_at(tx.connection, participant, VITALS)
        version = before.version if before else 0
        weight = f"{50 + version % 50}.{digit}"
        done = service.save_entry(
            tx,
            study,
            1,
            participant,
            VITALS,
            submission=_posted(weight),
            version=version,
            reason="x",
        )
    return done.version, weight


def _posted(weight: str) -> service.Submission:
    values = {"vitals_date": "2026-03-02", "height_cm": "170", "weight_kg": weight}
    return service.Submission(
        {name: Cell(value) for name, value in values.items()}, confirms=lambda _finding: True
    )


def work(task: Task, number: int, places: mmap.mmap) -> None:
    database = Database(task.url)
    concealment = Concealment(bytes.fromhex(task.key))
    participant = task.participants[number // EACH]
    while not (task.is_saved and places[ENOUGH] == INSIDE[0]):
        try:
            places[number : number + 1] = INSIDE
            version, weight = save(database, concealment, participant, number)
        except (Busy, Stale):
            continue
        finally:
            places[number : number + 1] = OUTSIDE
        note(
            Path(task.log),
            {"participant": participant, "version": version, "weight": weight},
        )


def start(task: Task, number: int, places: mmap.mmap) -> int:
    child = os.fork()
    if child:
        return child
    try:
        with clock.running_at(START):
            work(task, number, places)
    except BaseException:
        traceback.print_exc()
        sys.stderr.flush()
        os._exit(1)
    os._exit(0)


def main() -> None:
    """Keep the workers alive, kill one after the other inside its save, until all is done."""
    task = Task(**json.load(sys.stdin))
    count = EACH * len(task.participants)
    places = mmap.mmap(-1, count + 1)
    chance = random.Random(task.seed)  # noqa: S311  (when to kill)
    living = {start(task, number, places): number for number in range(count)}
    killed = failed = 0
    while living:
        places[count:] = INSIDE if killed >= task.kills else OUTSIDE
        time.sleep(chance.uniform(0.005, 0.15))
        inside = [child for child, number in living.items() if places[number] == INSIDE[0]]
        if inside and killed < task.kills:
            victim = chance.choice(inside)
            os.kill(victim, signal.SIGKILL)
        while living and (ended := os.waitpid(-1, os.WNOHANG))[0]:
            number = living.pop(ended[0])
            places[number : number + 1] = OUTSIDE
            if os.WIFSIGNALED(ended[1]):
                killed += 1
                living[start(task, number, places)] = number
            failed += os.WIFEXITED(ended[1]) and os.WEXITSTATUS(ended[1]) != 0
    json.dump({"killed": killed, "failed": failed}, sys.stdout)


if __name__ == "__main__":
    main()
