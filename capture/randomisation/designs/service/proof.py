"""The proof bundle of a randomisation, from what is stored."""

from __future__ import annotations

from dataclasses import replace

import sqlalchemy as sa

from capture.ledger.concealment import Concealment
from capture.problems import Refused
from capture.randomisation import reads
from capture.randomisation.tables import number_head
from capture.study import reads as study_reads
from randomiser import Event, Kind, Unsealed, build

ACTIVATED = ("active", "superseded", "closed", "disclosed")


def make_proof_bundle(
    connection: sa.Connection,
    concealment: Concealment,
    study: str,
    name: str,
    *,
    knows_list: bool = False,
) -> bytes:
    """Make the bundle that `randomiser/verify.py` checks.

    It holds design versions with an unsealed key whole, and only the numbers of the others.
    knows_list: whether the user may know the lists; in state test the bundle then has every key.
    Raises Refused while no key is unsealed.
    """
    in_test = knows_list and study_reads.get_state(connection, study) == study_reads.TEST
    shown = [
        read_unsealed(connection, concealment, study, version)
        for version in reads.list_design_versions(connection, study, name)
        if version.state == "disclosed" or (in_test and version.state in ACTIVATED)
    ]
    if not shown:
        raise Refused("There is no proof yet: its key has to be unsealed by two people first.")
    adaptive = reads.list_adaptive_versions(connection, concealment, study, name)
    versions = {unsealed.design.version for unsealed in shown}
    events = [
        event
        if event.design_version in versions
        else _of_another_key(event, is_counted=bool(versions & adaptive))
        for event in reads.list_history(connection, study, name, adaptive=adaptive)
    ]
    last = connection.execute(
        sa.select(number_head.c.next_number).where(
            number_head.c.study == study, number_head.c.randomisation == name
        )
    ).scalar()
    return build(
        study,
        shown,
        events,
        id_salt=bytes.fromhex(concealment.tag(f"proof ids of {study}/{name}")),
        last_number=(last or 1) - 1,
    )


def _of_another_key(event: Event, *, is_counted: bool) -> Event:
    """Return an event under a concealed key as the bundle shows it: nothing of its list.

    is_counted: whether a shown version counts all participants, and so needs arm and levels.
    """
    if not is_counted or event.arm is None:
        return Event(kind=Kind.ELSEWHERE, number=event.number)
    return replace(
        event, kind=Kind.COUNTED, design_version=None, list_name=None, list_position=None
    )


def read_unsealed(
    connection: sa.Connection, concealment: Concealment, study: str, version: reads.DesignVersion
) -> Unsealed:
    """Return a design version with the secrets that a proof needs."""
    opened = reads.get_opened_design(connection, concealment, study, version.id)
    return Unsealed(
        design=opened.design,
        r=opened.r,
        v=(version.v or "").encode(),
        key=opened.key,
        salt=opened.salt,
        r_commitment=bytes.fromhex(version.r_hash),
        commitment=bytes.fromhex(version.commitment or ""),
    )
