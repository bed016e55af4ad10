"""Allocates a participant, in one transaction from the lock to the stored arm."""

from __future__ import annotations

from functools import cache

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql.dml import ReturningInsert

from capture import clock, ids
from capture.access import Action
from capture.db import Words
from capture.ledger.service import Transaction
from capture.participants import service as participants
from capture.problems import Refused
from capture.randomisation import reads
from capture.randomisation.allocation.service.allocation_effects import follow_allocation
from capture.randomisation.allocation.service.gate import Readiness, get_readiness
from capture.randomisation.allocation.service.receipts import make_place_tag, queue_receipt
from capture.randomisation.designs.service.designs import (
    refuse_unless_fitting,
    refuse_unless_in_force,
)
from capture.randomisation.tables import list_head, number_head
from forms.definition import Study
from randomiser import (
    Allocation,
    ListFull,
    ReplayDiffers,
    allocate,
    is_adaptive,
    list_of,
    make_draw,
)


def randomise(
    tx: Transaction,
    study: Study,
    study_version: int,
    participant: str,
    name: str,
    *,
    seen: str = "",
) -> reads.AllocationRow:
    """Allocate a participant; the caller has checked the password.

    seen: `seen_by` of the answers that the user checked; empty where no page showed them.
    Study version, site, consent, gate, strata, confirmation and an earlier allocation are checked
    again under the lock. A participant who is allocated already keeps that allocation.
    Raises Refused with every reason, Stale, NotAllowed, NotFound, Busy.
    """
    person = participants.lock(tx, study.slug, participant)
    act = tx.about(person, study_version=study_version).require(Action.RANDOMISATION_ALLOCATE)
    if before := reads.find_allocation(tx.connection, study.slug, participant, name):
        return before
    refuse_unless_in_force(tx, study, study_version)
    ready = get_readiness(tx.connection, study, participant, name, locked=person)
    ready.refuse_unless_ready()
    if seen:
        ready.refuse_unless_seen(tx.concealment, seen)
    confirmation = _get_confirmation(tx, ready)
    number = take_next_number(tx.connection, study.slug, name)
    today = clock.today(ready.casebook.zone)
    drawn, version = _draw(tx, ready)
    body = {
        "id": ids.new_id(),
        "site": person.site,
        "randomisation": name,
        "number": number,
        "arm": drawn.arm,
        "design_version": version,
        "list_name": drawn.list_name,
        "levels": dict(ready.stratum.levels),
        "gate": ready.gate_record,
        "confirmation": confirmation,
        "local_date": today.isoformat(),
        "request": tx.request_id or ids.new_id(),
    }
    concealed = {"list_position": drawn.list_position, **drawn.trace.as_plain()}
    act.record(Action.RANDOMISATION_ALLOCATE, body, concealed=concealed)
    follow_allocation(tx, study, person, name, day=today.isoformat(), arm=drawn.arm)
    done = reads.get_allocation(tx.connection, study.slug, participant, name)
    tag = make_place_tag(tx.concealment, study.slug, drawn.list_name, drawn.list_position)
    queue_receipt(tx, person, done, tag)
    return done


def _get_confirmation(tx: Transaction, ready: Readiness) -> str:
    found = reads.find_confirmation_in_force(
        tx.connection, ready.study.slug, ready.casebook.participant, ready.randomisation.name
    )
    signs = ready.randomisation.eligibility_confirmed_by == "esign"
    if found is None:
        raise Refused(
            "Not randomised. An investigator has to sign eligibility first."
            if signs
            else "Not randomised. Record the investigator's confirmation of eligibility first."
        )
    if found.content_hash != ready.content_hash:
        raise Refused(
            "Not randomised. A value has changed since eligibility was confirmed. Confirm "
            "eligibility again."
        )
    return found.id


def take_next_number(connection: sa.Connection, study: str, name: str) -> int:
    """Take the next study-wide number; the randomisation stays locked until the commit."""
    row = {"study": study, "randomisation": name, "next_number": 2}
    return (
        int(connection.execute(_make_number_statement(connection.dialect.name), row).scalar_one())
        - 1
    )


@cache
def _make_number_statement(dialect: str) -> ReturningInsert[int]:
    """Make the statement that takes the next number; built once, since building it is slow."""
    insert = (postgresql.insert if dialect == "postgresql" else sqlite.insert)(number_head)
    return insert.on_conflict_do_update(
        index_elements=[number_head.c.study, number_head.c.randomisation],
        set_={"next_number": number_head.c.next_number + 1},
    ).returning(number_head.c.next_number)


def _draw(tx: Transaction, ready: Readiness) -> tuple[Allocation, int]:
    study, name = ready.study.slug, ready.randomisation.name
    opened = reads.find_locked_active_design(tx.connection, tx.concealment, study, name)
    if opened is None or reads.find_open_halt(tx.connection, study, name):
        # The key was unsealed, the design closed or randomisation halted meanwhile.
        raise Refused("Not randomised. Randomisation is not active. Tell the trial manager.")
    refuse_unless_fitting(ready.randomisation, opened.design)
    levels = dict(ready.stratum.levels)
    # A list that follows from the key needs its own history alone, another method the whole.
    alone = None if is_adaptive(opened.design) else list_of(opened.design, levels)
    history = reads.list_history(tx.connection, study, name, alone)
    try:
        drawn = allocate(opened.design, history, levels, make_draw(opened.key))
    except (ListFull, ReplayDiffers) as problem:
        raise Refused(str(problem)) from problem
    advance_list(tx.connection, study, name, drawn.list_name, drawn.list_position)
    return drawn, opened.version.number


def advance_list(
    connection: sa.Connection, study: str, name: str, list_name: str, position: int
) -> None:
    """Move a list's head past a position. Raises Refused when the head is at another position."""
    row = {"study": study, "randomisation": name, "list_name": list_name}
    if position == 1:
        connection.execute(_BEGIN_LIST, {**row, "next_position": 2})
        return
    here = {f"wanted_{column}": value for column, value in row.items()}
    moved = connection.execute(
        _MOVE_HEAD, {**here, "wanted_position": position, "next_position": position + 1}
    )
    if moved.rowcount != 1:
        raise Refused(
            "Not randomised. The list is not at the position that follows from its history. Tell "
            "the unblinded statistician. No participant can be randomised until this is explained."
        )


_BEGIN_LIST = list_head.insert()
_MOVE_HEAD = list_head.update().where(
    list_head.c.study == sa.bindparam("wanted_study", type_=Words),
    list_head.c.randomisation == sa.bindparam("wanted_randomisation", type_=Words),
    list_head.c.list_name == sa.bindparam("wanted_list_name", type_=Words),
    list_head.c.next_position == sa.bindparam("wanted_position"),
)
