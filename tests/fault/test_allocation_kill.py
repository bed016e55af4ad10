"""Sixteen processes randomise at once while they are killed: nothing lost, doubled or skipped."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa

import randomiser.verify
from capture.config import Config
from capture.ledger.verify import verify_study
from capture.randomisation.designs.service.proof import make_proof_bundle
from capture.randomisation.tables import allocation
from capture.web.request_context import Services
from tests.fault.allocating import NAME, STUDY, draw, read_log
from tests.fault.leg_trial import KEY, METHODS, make_ready, publish
from tests.support.kept_worlds import done_once

DRILLS = pytest.mark.parametrize(
    "draws, kills", [(40, 6), pytest.param(510, 60, marks=pytest.mark.long)]
)
"""For how many people is drawn, and how many processes are to be killed meanwhile."""
ROOT = Path(__file__).parents[2]
Rows = list[sa.RowMapping]


def attack(config: Config, participants: list[str], log: Path, kills: int) -> dict[str, int]:
    task = {
        "url": config.database_url,
        "key": KEY.hex(),
        "participants": participants,
        "log": str(log),
        "kills": kills,
        "seed": 2026,
    }
    done = subprocess.run(
        [sys.executable, "-m", "tests.fault.allocating"],
        check=True,
        cwd=ROOT,
        env={**os.environ, "PYTHONWARNINGS": "ignore"},
        input=json.dumps(task),
        stdout=subprocess.PIPE,
        text=True,
    )
    return dict(json.loads(done.stdout))


def stored(services: Services) -> Rows:
    with services.database.reading() as connection:
        return list(
            connection.execute(sa.select(allocation).order_by(allocation.c.number)).mappings()
        )


def inversions(rows: Rows) -> list[str]:
    """Where a list's positions do not follow the study-wide numbers one by one."""
    last: defaultdict[str, int] = defaultdict(int)
    wrong = []
    for row in rows:
        last[row["list_name"]] += 1
        if row["list_position"] != last[row["list_name"]]:
            wrong.append(f"number {row['number']}")
    return wrong


@pytest.mark.slow
@pytest.mark.both_engines("locks and races")
@DRILLS
@pytest.mark.parametrize("method", METHODS)
def test_killed_draws_lose_double_and_skip_nothing(
    services: Services,
    config: Config,
    tmp_path: Path,
    *,
    method: str,
    draws: int,
    kills: int,
    record_property: Callable[[str, object], None],
) -> None:

    def begin() -> list[str]:
        study = publish(services.database, services.concealment, method)
        return make_ready(services.database, services.concealment, study, draws)

    people = done_once(services.database, ("killed draws", method, draws), begin)
    services.database.engine.dispose()

    outcome = attack(config, people, tmp_path / "answers.jsonl", kills)
    answers = read_log(tmp_path / "answers.jsonl")
    rows = stored(services)
    by_person = {row["participant"]: (row["number"], row["arm"]) for row in rows}

    assert outcome["failed"] == 0
    assert outcome["killed"] >= kills * 5 // 6
    assert [row["number"] for row in rows] == list(range(1, draws + 1))
    assert inversions(rows) == []
    assert {one["participant"] for one in answers} == set(people)
    assert all(by_person[str(a["participant"])] == (a["number"], a["arm"]) for a in answers)
    longest = max(float(str(answer["waited"])) for answer in answers)
    engine = services.database.engine.dialect.name
    record_property(f"longest wait of {draws} killed draws, {method}, {engine}", f"{longest:.2f} s")
    _same_answers_again(services, people, by_person)
    _everything_derives_again(services, tmp_path)


def _same_answers_again(
    services: Services, people: list[str], by_person: dict[str, tuple[int, str]]
) -> None:
    """A request id that is sent again gets its first answer, and draws nothing."""
    for person in people[::10]:
        answer = draw(services.database, services.concealment, person)
        assert (answer["number"], answer["arm"]) == by_person[person]
    assert len(stored(services)) == len(by_person)


def _everything_derives_again(services: Services, folder: Path) -> None:
    with services.database.reading() as connection:
        found = verify_study(connection, services.concealment, STUDY)
        bundle = make_proof_bundle(connection, services.concealment, STUDY, NAME, knows_list=True)
    assert found.findings == []
    (folder / "proof.json").write_bytes(bundle)
    program = Path(randomiser.verify.__file__)
    done = subprocess.run(
        [sys.executable, str(program), str(folder / "proof.json")],
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
