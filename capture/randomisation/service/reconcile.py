"""After a restore: randomisation halts until two people have made every lost allocation stand again."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from capture import entropy
from capture.access import SYSTEM, SYSTEM_ACTOR, Action
from capture.db import Database
from capture.ledger.concealment import Concealment
from capture.ledger.service import Transaction, record, transaction
from capture.ledger.tables import seal
from capture.participants import service as participants
from capture.problems import InvalidInput, Refused
from capture.randomisation import reads
from capture.randomisation.service.receipts import is_genuine, tag_of
from capture.randomisation.tables import design_version, list_head, number_head
from forms.definition import Study
from randomiser import keyed, list_of
from randomiser.blocks import list_places

FURTHEST_AHEAD = 1_000
"""How many list positions past the last known one are searched for a lost allocation's place."""


def halt_all(tx: Transaction, why: str) -> None:
    """Halt every activated randomisation of every study, as the system."""
    rows = tx.connection.execute(
        sa.select(design_version.c.study, design_version.c.randomisation)
        .where(design_version.c.state == "active")
        .distinct()
    ).all()
    for row in rows:
        halt_one(tx, row.study, row.randomisation, why)


def halt_one(tx: Transaction, study: str, name: str, why: str) -> None:
    """Halt one randomisation; a halt in force stays as it is."""
    if reads.open_halt(tx.connection, study, name) is None:
        record(
            tx,
            Action.RANDOMISATION_HALT,
            study=study,
            subject=f"randomisation/{name}",
            role=SYSTEM,
            body={"id": entropy.new_id(), "why": why},
        )


def halt_if_outside_is_newer(database: Database, concealment: Concealment, data: Path) -> None:
    """Halt where a receipt or checkpoint in the data folder is newer than the database.

    Looked at when the program starts and before each draw: an old database under newer files has
    been restored, and its next list position may have been given out already.
    """
    with database.reading() as connection:
        behind = [*_behind_receipts(connection, data), *_behind_checkpoints(connection, data)]
    if behind:
        with transaction(database, SYSTEM_ACTOR, concealment) as tx:
            for study, name, why in behind:
                halt_one(tx, study, name, why)


def _behind_receipts(connection: sa.Connection, data: Path) -> list[tuple[str, str, str]]:
    found = []
    for path in sorted((data / "receipts").glob("*.jsonl")):
        newest: dict[str, int] = {}
        for line in path.read_text(encoding="utf-8").splitlines():
            receipt = json.loads(line)
            name = receipt["randomisation"]
            newest[name] = max(newest.get(name, 0), receipt["number"])
        found += [
            (path.stem, name, "a receipt is newer than the database")
            for name, number in sorted(newest.items())
            if number > _last_number(connection, path.stem, name)
        ]
    return [one for one in found if reads.open_halt(connection, one[0], one[1]) is None]


def _behind_checkpoints(connection: sa.Connection, data: Path) -> list[tuple[str, str, str]]:
    found = []
    for path in sorted((data / "checkpoints").glob("*.jsonl")):
        lines = path.read_text(encoding="utf-8").splitlines()
        newest = max((json.loads(line)["size"] for line in lines), default=0)
        sealed = connection.execute(
            sa.select(sa.func.max(seal.c.position)).where(seal.c.study == path.stem)
        ).scalar()
        if newest > (sealed or 0):
            names = connection.execute(
                sa.select(design_version.c.randomisation)
                .where(design_version.c.study == path.stem, design_version.c.state == "active")
                .distinct()
            ).scalars()
            found += [
                (path.stem, name, "a checkpoint is newer than the database") for name in names
            ]
    return [one for one in found if reads.open_halt(connection, one[0], one[1]) is None]


def _last_number(connection: sa.Connection, study: str, name: str) -> int:
    following = connection.execute(
        sa.select(number_head.c.next_number).where(
            number_head.c.study == study, number_head.c.randomisation == name
        )
    ).scalar()
    return (following or 1) - 1


@dataclass(frozen=True)
class Proposal:
    """What the first person proposes: receipts to stand again, and numbers known to be lost."""

    receipts: Sequence[Mapping[str, Any]]
    missing: Sequence[int]
    highest: int


def propose(
    tx: Transaction,
    study: Study,
    name: str,
    *,
    receipts: Sequence[Mapping[str, Any]],
    highest: int,
    signing_key: bytes,
) -> Proposal:
    """The first of two people says what was allocated since the restored state.

    receipts: those found outside the database. highest: the highest study-wide number that any
    site, e-mail or receipt knows of. Raises Refused when nothing is halted; InvalidInput.
    """
    role = tx.role(Action.RANDOMISATION_RECONCILE, study.slug)
    halted = _halted(tx, study.slug, name)
    known = _last_number(tx.connection, study.slug, name)
    wanted = {
        one["number"]: dict(one) for one in receipts if _belongs(one, study.slug, name, known)
    }
    if any(not is_genuine(one, signing_key) for one in wanted.values()):
        raise InvalidInput(
            "receipts", "A receipt's signature does not hold. Leave that receipt out."
        )
    if highest < max([known, *wanted]):
        raise InvalidInput("highest", "The database or a receipt already has a higher number.")
    missing = [number for number in range(known + 1, highest + 1) if number not in wanted]
    proposal = Proposal([wanted[number] for number in sorted(wanted)], missing, highest)
    record(
        tx,
        Action.RANDOMISATION_RECONCILE,
        study=study.slug,
        subject=f"randomisation/{name}",
        role=role,
        body={"id": halted["id"], "ended": False, "proposal": _as_json(proposal)},
    )
    return proposal


def _as_json(proposal: Proposal) -> dict[str, Any]:
    return {
        "receipts": list(proposal.receipts),
        "missing": list(proposal.missing),
        "highest": proposal.highest,
    }


def _belongs(receipt: Mapping[str, Any], study: str, name: str, known: int) -> bool:
    same = receipt.get("study") == study and receipt.get("randomisation") == name
    return same and int(receipt["number"]) > known


def _halted(tx: Transaction, study: str, name: str) -> Mapping[str, Any]:
    halted = reads.open_halt(tx.connection, study, name)
    if halted is None:
        raise Refused("Randomisation is not halted; there is nothing to reconcile.")
    return halted


def reconcile(tx: Transaction, study: Study, study_version: int, name: str) -> Proposal:
    """The second person confirms: every receipt's allocation stands again under its old number.

    The arm replayed from the key must equal the receipt's. Where a number has no receipt the
    design version is closed for good, so that a position already given out is never drawn again.
    Raises Refused.
    """
    role = tx.role(Action.RANDOMISATION_RECONCILE, study.slug)
    halted = _halted(tx, study.slug, name)
    if not halted["proposal"]:
        raise Refused("Nobody has proposed yet what is to stand again.")
    if halted["proposed_by"] == tx.actor.id:
        raise Refused("You proposed this. A second person must confirm it.")
    proposal = Proposal(**halted["proposal"])
    lost: list[dict[str, Any]] = []
    for receipt in proposal.receipts:
        lost += _stand_again(tx, study, study_version, role, receipt)
    numbers = list(proposal.missing)
    for place, number in zip(lost, [*numbers, *[None] * len(lost)], strict=False):
        place["number"] = number
    lost += [_unknown_place(number, study, tx, name) for number in numbers[len(lost) :]]
    _raise_number(tx, study.slug, name, proposal.highest)
    active = reads.active_version(tx.connection, study.slug, name)
    record(
        tx,
        Action.RANDOMISATION_RECONCILE,
        study=study.slug,
        subject=f"randomisation/{name}",
        role=role,
        body={
            "id": halted["id"],
            "ended": True,
            "missing": numbers,
            "lost_places": lost,
            "closed_designs": [active.id] if active and numbers else [],
        },
    )
    return proposal


def _unknown_place(number: int, study: Study, tx: Transaction, name: str) -> dict[str, Any]:
    active = reads.active_version(tx.connection, study.slug, name)
    return {
        "id": entropy.new_id(),
        "number": number,
        "design_version": active.number if active else 0,
        "list_name": None,
        "list_position": None,
    }


def _stand_again(
    tx: Transaction, study: Study, study_version: int, role: str, receipt: Mapping[str, Any]
) -> list[dict[str, Any]]:
    """Re-enter one allocation; returns the list positions before it that nothing accounts for."""
    name = receipt["randomisation"]
    opened = reads.opened_design(
        tx.connection, tx.concealment, study.slug, f"{name}/{receipt['design_version']}"
    )
    list_name = list_of(opened.design, receipt["levels"])
    position = _position(tx, study.slug, list_name, receipt["place"])
    places = list_places(opened.design, list_name, keyed(opened.key))
    arm = next(place.arm for place in places if place.list_position == position)
    if arm != receipt["arm"]:
        raise Refused(
            f"Number {receipt['number']}: the arm on the receipt is not the one the key gives. Nothing was changed."
        )
    participants.stand_again(tx, study, receipt)
    body = {
        "id": entropy.new_id(),
        "site": receipt["site"],
        "randomisation": name,
        "number": receipt["number"],
        "arm": arm,
        "design_version": receipt["design_version"],
        "list_name": list_name,
        "levels": receipt["levels"],
        "gate": [],
        "confirmation": None,
        "local_date": receipt["local_date"],
        "request": receipt["request_id"],
        "allocated_at": receipt["at"],
        "allocated_by": receipt["by"],
    }
    record(
        tx,
        Action.RANDOMISATION_REENTER,
        study=study.slug,
        subject=f"participant/{receipt['participant']}",
        role=role,
        study_version=study_version,
        body=body,
        concealed={"list_position": position},
        occurred_at=receipt["at"],
    )
    participants.note_fact(
        tx, study, receipt["participant"], f"allocation.{name}", receipt["local_date"], value=arm
    )
    participants.plan_visits(tx, study, receipt["participant"])
    skipped = range(_move_head(tx, study.slug, name, list_name, position), position)
    return [
        {
            "id": entropy.new_id(),
            "number": None,
            "design_version": receipt["design_version"],
            "list_name": list_name,
            "list_position": one,
        }
        for one in skipped
    ]


def _position(tx: Transaction, study: str, list_name: str, tag: str) -> int:
    first = _next_position(tx, study, list_name)
    for position in range(first, first + FURTHEST_AHEAD):
        if tag_of(tx.concealment, study, list_name, position) == tag:
            return position
    raise Refused(
        "A receipt names no place that can follow what the database has. Nothing was changed."
    )


def _next_position(tx: Transaction, study: str, list_name: str) -> int:
    found = tx.connection.execute(
        sa.select(list_head.c.next_position).where(
            list_head.c.study == study, list_head.c.list_name == list_name
        )
    ).scalar()
    return found or 1


def _move_head(tx: Transaction, study: str, name: str, list_name: str, position: int) -> int:
    """Move the list's head past a position; returns where it stood."""
    before = _next_position(tx, study, list_name)
    here = (list_head.c.study == study) & (list_head.c.list_name == list_name)
    moved = tx.connection.execute(list_head.update().where(here).values(next_position=position + 1))
    if not moved.rowcount:
        tx.connection.execute(
            list_head.insert().values(
                study=study, randomisation=name, list_name=list_name, next_position=position + 1
            )
        )
    return before


def _raise_number(tx: Transaction, study: str, name: str, highest: int) -> None:
    here = (number_head.c.study == study) & (number_head.c.randomisation == name)
    moved = tx.connection.execute(number_head.update().where(here).values(next_number=highest + 1))
    if not moved.rowcount:
        tx.connection.execute(
            number_head.insert().values(study=study, randomisation=name, next_number=highest + 1)
        )
