"""Reads designs, halts, confirmations and allocations.

The key is given out only for an allocation or a proof.
"""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from capture.db import Words
from capture.ledger.concealment import Concealment
from capture.problems import NotFound
from capture.randomisation.tables import (
    allocation,
    confirmation,
    design_version,
    halt,
    list_head,
    lost_list_position,
    number_head,
)
from randomiser import (
    Annotation,
    Design,
    Event,
    Kind,
    Mistake,
    from_canonical,
    is_adaptive,
    site_of_envelopes,
)


@dataclass(frozen=True)
class DesignVersion:
    """What every user of the study may know of a design version: not its sizes, key or R."""

    id: str
    randomisation: str
    number: int
    state: str
    r_hash: str
    entered_by: str
    entered_at: str
    v: str | None
    commitment: str | None
    activated_by: str | None
    activated_at: str | None
    disclosure_requested_by: str | None
    disclosure_reason: str | None
    disclosed_at: str | None


@dataclass(frozen=True)
class ConcealedVersion:
    """An activated design with its decrypted secrets; it never leaves the server."""

    version: DesignVersion
    design: Design = field(repr=False)
    r: bytes = field(repr=False)
    key: bytes = field(repr=False)
    salt: bytes = field(repr=False)


@dataclass(frozen=True)
class AllocationRow:
    """An allocation as its page shows it; the list position is left out on purpose."""

    id: str
    participant: str
    site: str
    randomisation: str
    number: int
    arm: str
    design_version: int
    levels: Mapping[str, str]
    levels_corrected: Mapping[str, str] | None
    gate: Sequence[Mapping[str, Any]]
    at: str
    local_date: str
    by: str
    request_id: str
    notified: Sequence[Mapping[str, str]]
    annotation: Mapping[str, Any] | None


@dataclass(frozen=True)
class Confirmation:
    """An investigator's confirmation of eligibility, valid for the values it was given for."""

    id: str
    randomisation: str
    style: str
    investigator: str
    date: str
    source_document: str | None
    content_hash: str
    meaning: str | None
    by: str
    at: str
    void_reason: str | None


def _select_fields(row: sa.RowMapping, kind: type[Any]) -> dict[str, Any]:
    return {name: row[name] for name in kind.__dataclass_fields__}


# The statements of every allocation, built once: building one costs more than running it.
_STUDY = sa.bindparam("study", type_=Words)
_NAME = sa.bindparam("randomisation", type_=Words)
_PARTICIPANT = sa.bindparam("participant", type_=Words)
_OF_STUDY = sa.select(design_version).where(design_version.c.study == _STUDY)
_VERSION = _OF_STUDY.where(design_version.c.id == sa.bindparam("id", type_=Words))
_OF_ONE = _OF_STUDY.where(design_version.c.randomisation == _NAME)
_VERSIONS = _OF_ONE.order_by(design_version.c.number)
_LOCKED_ACTIVE = _OF_ONE.where(design_version.c.state == "active").with_for_update()
_OPEN_HALT = sa.select(halt).where(
    halt.c.study == _STUDY, halt.c.randomisation == _NAME, halt.c.ended_at.is_(None)
)
_ALLOCATION = sa.select(allocation).where(
    allocation.c.study == _STUDY,
    allocation.c.participant == _PARTICIPANT,
    allocation.c.randomisation == _NAME,
)
_LISTED = sa.select(
    allocation.c.number,
    allocation.c.design_version,
    allocation.c.list_name,
    allocation.c.list_position,
    allocation.c.arm,
    allocation.c.levels,
    allocation.c.participant,
    allocation.c.annotation,
    allocation.c.confirmation,
).where(allocation.c.study == _STUDY, allocation.c.randomisation == _NAME)
_LOST = sa.select(lost_list_position).where(
    lost_list_position.c.study == _STUDY, lost_list_position.c.randomisation == _NAME
)
_LIST = sa.bindparam("list_name", type_=Words)
_LISTED_IN_ONE = _LISTED.where(allocation.c.list_name == _LIST)
_LOST_IN_ONE = _LOST.where(lost_list_position.c.list_name == _LIST)
_CONFIRMATION = (
    sa.select(confirmation)
    .where(
        confirmation.c.study == _STUDY,
        confirmation.c.participant == _PARTICIPANT,
        confirmation.c.randomisation == _NAME,
        confirmation.c.void_reason.is_(None),
    )
    .order_by(confirmation.c.at.desc(), confirmation.c.id.desc())
)


def list_design_versions(
    connection: sa.Connection, study: str, randomisation: str
) -> list[DesignVersion]:
    """List the design versions of a randomisation, oldest first."""
    wanted = {"study": study, "randomisation": randomisation}
    rows = connection.execute(_VERSIONS, wanted).mappings()
    return [DesignVersion(**_select_fields(row, DesignVersion)) for row in rows]


def find_active_version(
    connection: sa.Connection, study: str, randomisation: str
) -> DesignVersion | None:
    versions = list_design_versions(connection, study, randomisation)
    return next((version for version in reversed(versions) if version.state == "active"), None)


def get_opened_design(
    connection: sa.Connection, concealment: Concealment, study: str, version_id: str
) -> ConcealedVersion:
    """Open an activated design. Raises ConfigurationProblem with another concealment key."""
    row = connection.execute(_VERSION, {"study": study, "id": version_id}).mappings().one()
    return _open_version(concealment, study, row)


def find_locked_active_design(
    connection: sa.Connection, concealment: Concealment, study: str, randomisation: str
) -> ConcealedVersion | None:
    """Find the active design, decrypted, with its row locked against being replaced or closed."""
    wanted = {"study": study, "randomisation": randomisation}
    row = connection.execute(_LOCKED_ACTIVE, wanted).mappings().first()
    return _open_version(concealment, study, row) if row else None


def _open_version(concealment: Concealment, study: str, row: sa.RowMapping) -> ConcealedVersion:
    version_id = row["id"]
    purpose = f"{study}/{version_id}"
    secrets = concealment.reveal(row["concealed_key"], f"{purpose}/key")
    if not isinstance(secrets, dict):
        raise TypeError(f"{version_id}: what is concealed is no key")
    return ConcealedVersion(
        version=DesignVersion(**_select_fields(row, DesignVersion)),
        design=read_design_file(concealment, row["concealed_design"], purpose),
        r=bytes.fromhex(str(concealment.reveal(row["concealed_r"], f"{purpose}/r"))),
        key=bytes.fromhex(str(secrets["key"])),
        salt=bytes.fromhex(str(secrets["salt"])),
    )


def read_design_file(concealment: Concealment, concealed: str, purpose: str) -> Design:
    return from_canonical(str(concealment.reveal(concealed, f"{purpose}/design")).encode())


def get_design(
    connection: sa.Connection, concealment: Concealment, study: str, version_id: str
) -> Design:
    """Get a decrypted design: for the unblinded statistician, and to try it out in state test."""
    concealed = connection.execute(
        sa.select(design_version.c.concealed_design).where(
            design_version.c.study == study, design_version.c.id == version_id
        )
    ).scalar_one()
    return read_design_file(concealment, concealed, f"{study}/{version_id}")


def find_open_halt(
    connection: sa.Connection, study: str, randomisation: str
) -> sa.RowMapping | None:
    """Find the halt in force."""
    wanted = {"study": study, "randomisation": randomisation}
    return connection.execute(_OPEN_HALT, wanted).mappings().first()


def has_halted_since(
    connection: sa.Connection, study: str, randomisation: str, instant: str
) -> bool:
    """Return whether a restore has halted a randomisation since then, reconciled or not."""
    found = connection.execute(
        sa.select(halt.c.id).where(
            halt.c.study == study, halt.c.randomisation == randomisation, halt.c.at > instant
        )
    )
    return found.first() is not None


def find_allocation(
    connection: sa.Connection, study: str, participant: str, randomisation: str
) -> AllocationRow | None:
    wanted = {"study": study, "participant": participant, "randomisation": randomisation}
    row = connection.execute(_ALLOCATION, wanted).mappings().first()
    return AllocationRow(**_select_fields(row, AllocationRow)) if row else None


def get_allocation(
    connection: sa.Connection, study: str, participant: str, randomisation: str
) -> AllocationRow:
    """Get the allocation of a participant. Raises NotFound."""
    found = find_allocation(connection, study, participant, randomisation)
    if found is None:
        raise NotFound("This participant is not randomised.")
    return found


def list_allocations(
    connection: sa.Connection, study: str, randomisation: str
) -> list[AllocationRow]:
    """List the allocations of a randomisation in the order of their study-wide numbers."""
    rows = connection.execute(
        sa.select(allocation)
        .where(allocation.c.study == study, allocation.c.randomisation == randomisation)
        .order_by(allocation.c.number)
    ).mappings()
    return [AllocationRow(**_select_fields(row, AllocationRow)) for row in rows]


def find_confirmation_in_force(
    connection: sa.Connection, study: str, participant: str, randomisation: str
) -> Confirmation | None:
    """Find the last confirmation that has not been voided."""
    wanted = {"study": study, "participant": participant, "randomisation": randomisation}
    row = connection.execute(_CONFIRMATION, wanted).mappings().first()
    return Confirmation(**_select_fields(row, Confirmation)) if row else None


def list_confirmed(
    connection: sa.Connection, study: str, people: Sequence[str], randomisation: str
) -> set[str]:
    """List which of these participants have a confirmation in force."""
    rows = connection.execute(
        sa.select(confirmation.c.participant)
        .where(
            confirmation.c.study == study,
            confirmation.c.randomisation == randomisation,
            confirmation.c.participant.in_(people),
            confirmation.c.void_reason.is_(None),
        )
        .distinct()
    )
    return set(rows.scalars())


def list_history(
    connection: sa.Connection,
    study: str,
    randomisation: str,
    list_name: str | None = None,
    *,
    adaptive: Container[int] = (),
) -> list[Event]:
    """List the events of a randomisation by number, or of one list by position; lost ones too.

    adaptive: the design versions under which a re-entered allocation has its arm from the receipt.
    """
    in_list = list_name is not None
    wanted: dict[str, Any] = {"study": study, "randomisation": randomisation}
    if in_list:
        wanted["list_name"] = list_name
    listed, lost = (_LISTED_IN_ONE, _LOST_IN_ONE) if in_list else (_LISTED, _LOST)
    events = [_event(tuple(row), adaptive) for row in connection.execute(listed, wanted)]
    events += [_make_lost_event(row) for row in connection.execute(lost, wanted).mappings()]
    return sorted(events, key=lambda event: (event.list_position if in_list else event.number) or 0)


def _event(row: tuple[Any, ...], adaptive: Container[int]) -> Event:
    """Make an event of the columns of `_LISTED`; most of the time of a minimisation goes here."""
    number, version, list_name, position, arm, levels, participant, note, confirmation = row
    is_drawn = confirmation is not None or version not in adaptive
    kind = Kind.ALLOCATED if is_drawn else Kind.REENTERED
    notes = [*note.get("earlier", []), note] if note else ()
    return Event(
        kind=Kind.ENVELOPE if site_of_envelopes(list_name) else kind,
        number=number,
        design_version=version,
        list_name=list_name,
        list_position=position,
        arm=arm,
        levels=levels,
        participant=participant,
        annotations=tuple(map(_annotation, notes)),
    )


def _annotation(note: Mapping[str, Any]) -> Annotation:
    return Annotation(Mistake(note["mistake"]), note.get("levels"), note.get("after"))


def list_adaptive_versions(
    connection: sa.Connection, concealment: Concealment, study: str, randomisation: str
) -> frozenset[int]:
    """List the activated design versions whose arms depend on earlier participants' levels."""
    return frozenset(
        version.number
        for version in list_design_versions(connection, study, randomisation)
        if version.commitment
        and is_adaptive(get_design(connection, concealment, study, version.id))
    )


def _make_lost_event(row: sa.RowMapping) -> Event:
    return Event(
        kind=Kind.LOST,
        number=row["number"],
        design_version=row["design_version"],
        list_name=row["list_name"],
        list_position=row["list_position"],
    )


def get_locked_last_number(connection: sa.Connection, study: str, randomisation: str) -> int:
    """Get the last study-wide number in use, locked so that no other transaction takes the next."""
    found = connection.execute(
        sa.select(number_head.c.next_number)
        .where(number_head.c.study == study, number_head.c.randomisation == randomisation)
        .with_for_update()
    ).scalar()
    return (found or 1) - 1


def list_use(connection: sa.Connection, study: str, randomisation: str) -> list[tuple[str, int]]:
    """List the number of allocations of each list: for the unblinded statistician alone."""
    rows = connection.execute(
        sa.select(list_head.c.list_name, list_head.c.next_position)
        .where(list_head.c.study == study, list_head.c.randomisation == randomisation)
        .order_by(list_head.c.list_name)
    )
    return [(row.list_name, row.next_position - 1) for row in rows]


def list_allocation_moments(
    connection: sa.Connection, study: str, randomisation: str
) -> list[tuple[str, str]]:
    """List the list and the instant of each allocation: for the unblinded statistician alone."""
    rows = connection.execute(
        sa.select(allocation.c.list_name, allocation.c.at).where(
            allocation.c.study == study, allocation.c.randomisation == randomisation
        )
    )
    return [(row.list_name, row.at) for row in rows]
