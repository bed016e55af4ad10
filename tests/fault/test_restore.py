"""Yesterday's backup comes back: randomisation halts until two people reconcile every number."""

from __future__ import annotations

import json
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest
import sqlalchemy as sa

import randomiser.verify
from capture.access import SYSTEM_ACTOR, Role
from capture.config import Config
from capture.db import Database
from capture.ledger.service import transaction
from capture.ledger.verify import verify_study
from capture.problems import InvalidInput, Refused
from capture.randomisation import reads
from capture.randomisation.allocation.service.receipts import (
    Receipt,
    deliver,
    read_receipts,
    sign_receipt,
)
from capture.randomisation.designs.service import designs
from capture.randomisation.designs.service.proof import make_proof_bundle
from capture.randomisation.recovery.service.halt import (
    RECEIPTS,
    get_last_number,
    halt_all,
    halt_if_outside_is_newer,
    halt_randomisation,
)
from capture.randomisation.recovery.service.reconcile import (
    Proposal,
    propose_reconciliation,
    reconcile,
)
from capture.randomisation.tables import allocation
from capture.web.request_context import Services
from forms.definition import Study
from tests.fault.allocating import NAME, STUDY, draw
from tests.fault.leg_trial import (
    activate,
    bring_into_force,
    definition,
    enter,
    make_ready,
    member,
    publish,
)
from tests.support import postgres

BEFORE, AFTER = 5, 9
Answers = dict[str, tuple[int, str]]


def back_up(services: Services, folder: Path) -> Callable[[], None]:
    """Keep a copy of the database as it is now; gives what puts it back."""
    services.database.engine.dispose()
    config = services.config
    if config.is_sqlite:
        return _back_up_file(Path(str(sa.make_url(config.database_url).database)), folder)
    return _back_up_server(config)


def _back_up_file(path: Path, folder: Path) -> Callable[[], None]:
    copy = folder / "backup.sqlite"
    with sqlite3.connect(path) as source, sqlite3.connect(copy) as target:
        source.backup(target)
    source.close()
    target.close()

    def restore() -> None:
        for ending in ("-wal", "-shm"):
            Path(f"{path}{ending}").unlink(missing_ok=True)
        shutil.copy(copy, path)

    return restore


def _back_up_server(config: Config) -> Callable[[], None]:
    name = str(sa.make_url(config.database_url).database)
    kept = f"{name}_kept"
    run_as_superuser(
        f"SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = '{name}'",  # noqa: S608  (our own name)
        f'CREATE DATABASE "{kept}" TEMPLATE "{name}"',
    )

    def restore() -> None:
        run_as_superuser(
            f'DROP DATABASE "{name}" WITH (FORCE)',
            f'CREATE DATABASE "{name}" OWNER {postgres.OWNER} TEMPLATE "{kept}"',
            f'DROP DATABASE "{kept}"',
        )

    return restore


def run_as_superuser(*statements: str) -> None:
    url = sa.make_url(postgres.server()).set(drivername="postgresql")
    with psycopg.connect(url.render_as_string(hide_password=False), autocommit=True) as link:
        for statement in statements:
            link.execute(statement.encode())


@dataclass
class Restored:
    """A trial whose last allocations are lost: what they were, and the receipts of all."""

    services: Services
    study: Study
    lost: Answers
    receipts: list[Receipt]
    waiting: list[str]

    @property
    def database(self) -> Database:
        return self.services.database

    def receipts_but(self, *numbers: int) -> list[Receipt]:
        return [one for one in self.receipts if one["number"] not in numbers]

    def propose(self, receipts: list[Receipt], highest: int = AFTER) -> Proposal:
        with transaction(
            self.database, member(Role.TRIAL_MANAGER), self.services.concealment
        ) as tx:
            return propose_reconciliation(
                tx,
                self.study,
                NAME,
                receipts=receipts,
                highest=highest,
                signing_key=self.services.config.checkpoint_key,
            )

    def confirm(self, proposal: Proposal, role: Role = Role.UNBLINDED) -> Proposal:
        with transaction(self.database, member(role), self.services.concealment) as tx:
            return reconcile(tx, self.study, 1, NAME, seen=proposal.digest)

    def standing(self) -> Answers:
        with self.database.reading() as connection:
            found = reads.list_allocations(connection, STUDY, NAME)
        return {one.participant: (one.number, one.arm) for one in found}

    def findings(self) -> list[str]:
        with self.database.reading() as connection:
            return verify_study(connection, self.services.concealment, STUDY).findings

    def look_outside(self) -> None:
        halt_if_outside_is_newer(
            self.database, self.services.concealment, self.services.config.data
        )


def draw_for(services: Services, people: list[str]) -> Answers:
    found = {}
    for person in people:
        answer = draw(services.database, services.concealment, person)
        found[person] = (int(str(answer["number"])), str(answer["arm"]))
    deliver(services.database, services.config.checkpoint_key, services.config.data / RECEIPTS)
    return found


@pytest.fixture
def restored(services: Services, tmp_path: Path) -> Restored:
    """A backup after five draws, four more draws (one of a new person), then the backup returns."""
    return lose(services, tmp_path, "permuted_blocks")


@pytest.fixture
def minimised(services: Services, tmp_path: Path) -> Restored:
    """The same under minimisation, where every arm follows from those before."""
    return lose(services, tmp_path, "minimisation")


def lose(services: Services, tmp_path: Path, method: str) -> Restored:
    study = publish(services.database, services.concealment, method)
    people = make_ready(services.database, services.concealment, study, AFTER + 1)
    draw_for(services, people[:BEFORE])
    restore = back_up(services, tmp_path)
    newcomer = make_ready(services.database, services.concealment, study, 1)
    lost = draw_for(services, [*people[BEFORE : AFTER - 1], *newcomer])
    return put_back(services, study, restore, lost, people[AFTER - 1 :])


def put_back(
    services: Services,
    study: Study,
    restore: Callable[[], None],
    lost: Answers,
    waiting: list[str],
) -> Restored:
    services.database.engine.dispose()
    restore()
    text = (services.config.data / RECEIPTS / f"{STUDY}.jsonl").read_text()
    receipts, problems = read_receipts(text, services.config.checkpoint_key)
    assert problems == []
    return Restored(services, study, lost, receipts, waiting)


def test_an_older_database_halts_randomisation(restored: Restored) -> None:
    restored.look_outside()

    with pytest.raises(Refused, match="halted after a restore"):
        draw(restored.database, restored.services.concealment, restored.waiting[0])
    assert len(restored.standing()) == BEFORE


def test_with_all_receipts_every_allocation_stands_again(restored: Restored) -> None:
    restored.look_outside()
    proposal = restored.propose(restored.receipts)
    done = restored.confirm(proposal)

    assert done.missing == []
    assert restored.lost.items() <= restored.standing().items()
    assert restored.findings() == []
    restored.look_outside()
    answer = draw(restored.database, restored.services.concealment, restored.waiting[0])
    assert answer["number"] == AFTER + 1
    assert restored.findings() == []


def test_a_lost_participant_stands_again_under_the_old_number(restored: Restored) -> None:
    restored.look_outside()
    restored.confirm(restored.propose(restored.receipts))

    newest = max(restored.receipts, key=lambda one: int(one["number"]))
    with restored.database.reading() as connection:
        row = connection.execute(
            sa.text("SELECT participant_number, status FROM participant WHERE id = :id"),
            {"id": newest["participant"]},
        ).one()
    assert tuple(row) == (newest["participant_number"], "enrolled")
    more = make_ready(restored.database, restored.services.concealment, restored.study, 1)
    assert len(more) == 1


@pytest.mark.parametrize("missing", [6, 7, 8, 9])
def test_with_one_missing_it_is_listed_and_never_drawn_again(
    restored: Restored, missing: int
) -> None:
    restored.look_outside()
    proposal = restored.propose(restored.receipts_but(missing))
    assert proposal.missing == [missing]
    restored.confirm(proposal)

    gone = {person: answer for person, answer in restored.lost.items() if answer[0] != missing}
    assert gone.items() <= restored.standing().items()
    assert missing not in {number for number, _arm in restored.standing().values()}
    assert restored.findings() == []
    with pytest.raises(Refused, match="no design is in force"):
        draw(restored.database, restored.services.concealment, restored.waiting[0])


def test_after_a_missing_one_a_new_design_starts_its_own_lists(
    restored: Restored, tmp_path: Path
) -> None:
    restored.look_outside()
    restored.confirm(restored.propose(restored.receipts_but(7)))
    services = restored.services
    activate(services.database, services.concealment, restored.study)

    answer = draw(services.database, services.concealment, restored.waiting[0])

    assert answer["number"] == AFTER + 1
    with services.database.reading() as connection:
        newest = connection.execute(
            sa.select(allocation).where(allocation.c.number == AFTER + 1)
        ).one()
    assert (newest.design_version, newest.list_position) == (2, 1)
    assert restored.findings() == []
    assert proof_holds(services, tmp_path)


@pytest.mark.parametrize("missing", [(), (7,)])
def test_under_minimisation_what_was_lost_rests_on_its_receipts_and_counts(
    minimised: Restored, missing: tuple[int, ...], tmp_path: Path
) -> None:
    minimised.look_outside()
    minimised.confirm(minimised.propose(minimised.receipts_but(*missing)))
    services = minimised.services
    if missing:
        activate(services.database, services.concealment, minimised.study)

    answer = draw(services.database, services.concealment, minimised.waiting[0])

    kept = {who: answer for who, answer in minimised.lost.items() if answer[0] not in missing}
    assert kept.items() <= minimised.standing().items()
    assert answer["number"] == AFTER + 1
    assert minimised.findings() == []
    assert proof_holds(services, tmp_path)
    kinds = [one["kind"] for one in json.loads((tmp_path / "proof.json").read_text())["events"]]
    again = ["reentered"] * (AFTER - BEFORE)
    for number in missing:
        again[number - BEFORE - 1] = "lost"
    assert kinds == ["allocated"] * BEFORE + again + ["allocated"]


def proof_holds(services: Services, folder: Path) -> bool:
    with services.database.reading() as connection:
        bundle = make_proof_bundle(connection, services.concealment, STUDY, NAME, knows_list=True)
    (folder / "proof.json").write_bytes(bundle)
    done = subprocess.run(
        [sys.executable, str(Path(randomiser.verify.__file__)), str(folder / "proof.json")],
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return True


def test_the_proof_holds_with_all_receipts(restored: Restored, tmp_path: Path) -> None:
    restored.look_outside()
    restored.confirm(restored.propose(restored.receipts))

    assert proof_holds(restored.services, tmp_path)


def test_one_person_cannot_reconcile_alone(restored: Restored) -> None:
    restored.look_outside()
    proposal = restored.propose(restored.receipts)

    with pytest.raises(Refused, match="second person"):
        restored.confirm(proposal, Role.TRIAL_MANAGER)
    assert len(restored.standing()) == BEFORE


def test_a_changed_receipt_is_refused(restored: Restored) -> None:
    restored.look_outside()
    first, *others = restored.receipts_but(1, 2, 3, 4, 5)
    arm = "NONE" if first["arm"] == "BRACE" else "BRACE"

    with pytest.raises(InvalidInput, match="signature"):
        restored.propose([{**first, "arm": arm}, *others])


def test_a_receipt_signed_with_another_arm_is_refused(restored: Restored) -> None:
    """Whoever has the signing key alone still cannot make another arm stand."""
    restored.look_outside()
    first, *others = restored.receipts_but(1, 2, 3, 4, 5)
    arm = "NONE" if first["arm"] == "BRACE" else "BRACE"
    forged = sign_receipt({**first, "arm": arm}, restored.services.config.checkpoint_key)
    proposal = restored.propose([forged, *others])

    with pytest.raises(Refused, match="not the one the key gives"):
        restored.confirm(proposal)
    assert len(restored.standing()) == BEFORE


def test_a_number_below_what_is_known_is_refused(restored: Restored) -> None:
    restored.look_outside()

    with pytest.raises(InvalidInput, match="up to number 9"):
        restored.propose(restored.receipts, highest=8)


def test_a_halt_with_nothing_lost_ends_without_a_new_design(restored: Restored) -> None:
    services = restored.services
    (services.config.data / RECEIPTS / f"{STUDY}.jsonl").unlink()
    with transaction(services.database, member(Role.TRIAL_MANAGER), services.concealment) as tx:
        halt_randomisation(tx, STUDY, NAME, "restored by hand")
    restored.confirm(restored.propose([], highest=BEFORE))

    answer = draw(services.database, services.concealment, restored.waiting[0])

    assert answer["number"] == BEFORE + 1
    with services.database.reading() as connection:
        assert get_last_number(connection, STUDY, NAME) == BEFORE + 1


def test_a_line_cut_short_by_a_crash_stops_nothing(restored: Restored) -> None:
    path = restored.services.config.data / RECEIPTS / f"{STUDY}.jsonl"
    with path.open("a") as lines:
        lines.write('\n{"study": "leg-de')
    restored.look_outside()

    found, problems = read_receipts(path.read_text(), restored.services.config.checkpoint_key)
    assert [one["number"] for one in found] == list(range(1, AFTER + 1))
    assert len(problems) == 1


def test_an_unsealed_key_gives_no_more_arms(restored: Restored) -> None:
    restored.look_outside()
    restored.confirm(restored.propose(restored.receipts))
    services = restored.services
    version = f"{NAME}/1"
    with transaction(services.database, member(Role.TRIAL_MANAGER), services.concealment) as tx:
        designs.ask_unsealing(tx, STUDY, version, "End of recruitment")
    with transaction(services.database, member(Role.UNBLINDED), services.concealment) as tx:
        designs.unseal(tx, STUDY, version)

    with pytest.raises(Refused, match="no design is in force"):
        draw(services.database, services.concealment, restored.waiting[0])
    with services.database.reading() as connection:
        bundle = json.loads(make_proof_bundle(connection, services.concealment, STUDY, NAME))
    assert len(bundle["designs"]) == 1
    assert definition(services.database).slug == STUDY


@pytest.mark.parametrize("is_first", [True, False], ids=["the first design", "an amendment"])
def test_a_design_whose_activation_was_lost_is_not_activated_again(
    services: Services, tmp_path: Path, is_first: bool
) -> None:
    """With the same value of the second person it would draw the same list positions again."""
    study = publish(services.database, services.concealment, is_active=not is_first)
    people = make_ready(services.database, services.concealment, study, 2)
    version = enter(services.database, services.concealment, study)
    restore = back_up(services, tmp_path)
    bring_into_force(services.database, services.concealment, study, version)
    restored = put_back(services, study, restore, draw_for(services, people[:1]), people[1:])
    restored.look_outside()

    with pytest.raises(Refused, match="restored after this design was entered"):
        bring_into_force(services.database, services.concealment, study, version)

    again = enter(services.database, services.concealment, study)
    with pytest.raises(Refused, match="have to reconcile it"):
        bring_into_force(services.database, services.concealment, study, again)
    done = restored.confirm(restored.propose(restored.receipts, highest=1))
    assert (done.receipts, done.missing) == ([], [1])
    assert [one["participant"] for one in done.keyless] == people[:1]
    bring_into_force(services.database, services.concealment, study, again)
    assert draw(services.database, services.concealment, people[1])["number"] == 2
    assert restored.findings() == []


def test_receipts_of_a_design_that_is_lost_do_not_keep_others_from_standing_again(
    services: Services, tmp_path: Path
) -> None:
    study = publish(services.database, services.concealment)
    people = make_ready(services.database, services.concealment, study, 3)
    restore = back_up(services, tmp_path)
    first = draw_for(services, people[:1])
    activate(services.database, services.concealment, study)
    second = draw_for(services, people[1:2])
    restored = put_back(services, study, restore, first | second, people[2:])
    restored.look_outside()

    done = restored.confirm(restored.propose(restored.receipts, highest=2))

    assert (len(done.receipts), done.missing, len(done.keyless)) == (1, [2], 1)
    assert restored.standing() == first
    assert restored.findings() == []


def test_a_restore_halts_what_has_no_active_design_too(services: Services) -> None:
    study = publish(services.database, services.concealment, is_active=False)
    enter(services.database, services.concealment, study)
    with transaction(services.database, SYSTEM_ACTOR, services.concealment) as tx:
        halt_all(tx, "restored from a backup")

    with services.database.reading() as connection:
        assert reads.find_open_halt(connection, STUDY, NAME) is not None
