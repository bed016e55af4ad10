"""Sixteen processes that randomise at once and are killed at any moment; run as a program.

It prepares nothing and judges nothing: it draws for the participants it is given until every one
has a confirmed answer in the side log and enough processes have been killed inside a draw.
Forked from one process that has everything loaded, so that a fresh worker costs nothing.
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
from capture.access import Actor, Grant, Role
from capture.db import Database
from capture.ledger.concealment import Concealment
from capture.ledger.service import store_answer, stored_answer, transaction
from capture.problems import Busy
from capture.randomisation.allocation.service.allocate import randomise
from capture.study import reads as study_reads

WORKERS = 16
STUDY, NAME = "leg-demo", "brace"
INSIDE = b"\x01"
OUTSIDE = b"\x00"
CONTENT = "the same content every time"


@dataclass(frozen=True)
class Task:
    """What the program is told, as JSON on its standard input."""

    url: str
    key: str
    participants: list[str]
    log: str
    kills: int
    seed: int


def nurse() -> Actor:
    grant = Grant(STUDY, Role.NURSE)
    return Actor(id="nurse-of-the-test", name="Nora Nurse", grants=(grant,))


def request_of(participant: str) -> str:
    return f"request-{participant}"


def draw(database: Database, concealment: Concealment, participant: str) -> dict[str, object]:
    """Randomise once under the participant's request id, as a POST of the page does."""
    request_id = request_of(participant)
    with transaction(database, nurse(), concealment, request_id=request_id) as tx:
        first = stored_answer(tx, CONTENT)
        if first is not None:
            return first
        study = study_reads.get_definition_for(tx.connection, STUDY)
        done = randomise(tx, study, 1, participant, NAME)
        answer = {"participant": participant, "number": done.number, "arm": done.arm}
        store_answer(tx, CONTENT, answer)
        return answer


def work(task: Task, number: int, places: mmap.mmap) -> None:
    """Draw for this worker's share; note each answer outside the database once it is given."""
    database = Database(task.url)
    concealment = Concealment(bytes.fromhex(task.key))
    confirmed = {line["participant"] for line in read_log(Path(task.log))}
    for participant in share(task, number):
        while participant not in confirmed:
            began = time.monotonic()
            try:
                places[number : number + 1] = INSIDE
                answer = draw(database, concealment, participant)
            except Busy:
                continue
            finally:
                places[number : number + 1] = OUTSIDE
            note(Path(task.log), {**answer, "waited": time.monotonic() - began})
            break


def share(task: Task, number: int) -> list[str]:
    """Every participant belongs to two workers, so that two tabs race for each."""
    mine = [
        one
        for place, one in enumerate(task.participants)
        if number in (place % WORKERS, (place * 7 + 3) % WORKERS)
    ]
    random.Random(f"{task.seed}/{number}/{os.getpid()}").shuffle(mine)  # noqa: S311
    return mine


def note(log: Path, answer: dict[str, object]) -> None:
    handle = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    os.write(handle, json.dumps(answer).encode() + b"\n")
    os.fsync(handle)
    os.close(handle)


def read_log(log: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in log.read_text().splitlines()] if log.exists() else []


def start(task: Task, number: int, places: mmap.mmap) -> int:
    child = os.fork()
    if child:
        return child
    try:
        work(task, number, places)
    except BaseException:
        traceback.print_exc()
        sys.stderr.flush()
        os._exit(1)
    os._exit(0)


def main() -> None:
    """Keep sixteen workers alive, kill one after the other inside its draw, until all is drawn."""
    task = Task(**json.load(sys.stdin))
    places = mmap.mmap(-1, WORKERS)
    chance = random.Random(task.seed)  # noqa: S311  (when to kill, not whom to give which arm)
    living = {start(task, number, places): number for number in range(WORKERS)}
    killed = failed = 0
    while living:
        time.sleep(chance.uniform(0.005, 0.08))
        if killed < task.kills:
            inside = [child for child, number in living.items() if places[number] == INSIDE[0]]
            if inside:
                os.kill(chance.choice(inside), signal.SIGKILL)
        killed, failed = _bury(task, places, living, killed, failed)
    json.dump({"killed": killed, "failed": failed}, sys.stdout)


def _bury(
    task: Task, places: mmap.mmap, living: dict[int, int], killed: int, failed: int
) -> tuple[int, int]:
    """Replace who was killed; count who failed by himself."""
    while living:
        child, status = os.waitpid(-1, os.WNOHANG)
        if child == 0:
            break
        number = living.pop(child)
        places[number : number + 1] = OUTSIDE
        if os.WIFSIGNALED(status):
            killed += 1
            living[start(task, number, places)] = number
        elif os.WEXITSTATUS(status):
            failed += 1
    return killed, failed


if __name__ == "__main__":
    main()
