"""Re-enters a lost allocation from its receipt: same participant, number, arm and position."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from capture import ids
from capture.access import Action
from capture.ledger.service import Transaction
from capture.participants import service as participants
from capture.problems import Refused
from capture.randomisation import reads
from capture.randomisation.allocation.service.allocation_effects import follow_allocation
from capture.randomisation.allocation.service.receipts import KIND, Receipt, make_place_tag
from capture.randomisation.recovery.service.envelopes import MOST_OF_A_SITE
from capture.randomisation.tables import allocation, list_head, outbox
from forms.definition import Study
from randomiser import (
    envelope_list,
    envelope_places,
    is_adaptive,
    list_of,
    list_places,
    make_draw,
    site_of_envelopes,
)
from randomiser.allocation import Places

FURTHEST_AHEAD = 1_000
"""The number of list positions after the last known one that are searched for a lost one."""
NOTHING_CHANGED = "Nothing was changed."


@dataclass(frozen=True)
class SkippedNumber:
    """A list position without allocation or receipt: its receipt is lost.

    after, before: the study-wide numbers between which its number must lie.
    """

    design_version: int
    list_name: str
    list_position: int
    after: int
    before: int


@dataclass(frozen=True)
class _ReceiptPlace:
    """The list position of a receipt, found by its keyed hash and checked against the key."""

    list_name: str
    position: int
    arm: str


def reenter_allocation(
    tx: Transaction, study: Study, study_version: int, role: str, receipt: Receipt
) -> list[SkippedNumber]:
    """Re-enter an allocation; return the skipped list positions before it.

    receipt: of a design version whose key is here (`has_key`). Raises Refused when the arm is not
    the one that follows from the key, or the position does not follow the database's last one.
    """
    place = _find_place(tx, study.slug, receipt)
    last = _get_last_number_in(tx.connection, study.slug, place.list_name)
    participants.reenter_participant(tx, study, receipt, role=role)
    if reads.find_allocation(
        tx.connection, study.slug, receipt["participant"], receipt["randomisation"]
    ):
        raise Refused(
            f"{_name_receipt(receipt)}: this participant is randomised. {NOTHING_CHANGED}"
        )
    tx.about(
        f"participant/{receipt['participant']}",
        study=study.slug,
        study_version=study_version,
        role=role,
    ).record(
        Action.RANDOMISATION_REENTER,
        _make_body(receipt, place),
        concealed={"list_position": place.position},
        occurred_at=receipt["at"],
    )
    _keep_receipt(tx, receipt)
    follow_allocation(
        tx,
        study,
        participants.lock(tx, study.slug, receipt["participant"]),
        receipt["randomisation"],
        day=receipt["local_date"],
        arm=place.arm,
    )
    if site_of_envelopes(place.list_name) is not None:
        return []  # envelopes are opened in any order
    first = _move_head(tx, study.slug, receipt["randomisation"], place)
    return [
        SkippedNumber(receipt["design_version"], place.list_name, position, last, receipt["number"])
        for position in range(first, place.position)
    ]


def _name_receipt(receipt: Receipt) -> str:
    return f"Number {receipt['number']}"


def has_key(connection: sa.Connection, study: str, receipt: Receipt) -> bool:
    """Return whether this database has the key that a receipt's allocation was made with.

    It lacks the key when the restore lost the activation of the design version, or the version.
    """
    known = reads.list_design_versions(connection, study, receipt["randomisation"])
    return any(
        version.number == receipt["design_version"] and version.commitment for version in known
    )


def _find_place(tx: Transaction, study: str, receipt: Receipt) -> _ReceiptPlace:
    version_id = f"{receipt['randomisation']}/{receipt['design_version']}"
    opened = reads.get_opened_design(tx.connection, tx.concealment, study, version_id)
    envelope = _find_envelope_place(tx, study, opened, receipt)
    if envelope is not None:
        return envelope
    list_name = list_of(opened.design, receipt["levels"])
    position = _find_position(tx, study, list_name, receipt)
    if is_adaptive(opened.design):
        # Not all of the history that gave the arm is there, so the signed receipt is relied on.
        if receipt["arm"] not in {arm.name for arm in opened.design.arms}:
            raise Refused(
                f"{_name_receipt(receipt)}: the design has no such arm. {NOTHING_CHANGED}"
            )
        return _ReceiptPlace(list_name, position, receipt["arm"])
    places = list_places(opened.design, list_name, make_draw(opened.key))
    return _derive_place(places, list_name, position, receipt)


def _derive_place(places: Places, list_name: str, position: int, receipt: Receipt) -> _ReceiptPlace:
    arm = next((place.arm for place in places if place.list_position == position), None)
    if arm is None or arm != receipt["arm"]:
        raise Refused(
            f"{_name_receipt(receipt)}: the arm on the receipt is not the one the key gives. "
            f"{NOTHING_CHANGED}"
        )
    return _ReceiptPlace(list_name, position, arm)


def _find_envelope_place(
    tx: Transaction, study: str, opened: reads.ConcealedVersion, receipt: Receipt
) -> _ReceiptPlace | None:
    """Find the position of a receipt in the site's envelope list; None for another list."""
    site = receipt["site"]
    listed = envelope_list(opened.design.randomisation, opened.design.version, site)
    for number in range(1, MOST_OF_A_SITE + 1):
        if make_place_tag(tx.concealment, study, listed, number) == receipt["place"]:
            places = envelope_places(opened.design, site, make_draw(opened.key))
            return _derive_place(places, listed, number, receipt)
    return None


def _find_position(tx: Transaction, study: str, list_name: str, receipt: Receipt) -> int:
    first, tag = get_next_position(tx.connection, study, list_name), receipt["place"]
    for position in range(first, first + FURTHEST_AHEAD):
        if make_place_tag(tx.concealment, study, list_name, position) == tag:
            return position
    raise Refused(
        f"{_name_receipt(receipt)}: its place does not follow what the database has. "
        f"{NOTHING_CHANGED}"
    )


def _make_body(receipt: Receipt, place: _ReceiptPlace) -> Mapping[str, Any]:
    copied = ("site", "randomisation", "number", "design_version", "levels", "local_date")
    return {
        **{name: receipt[name] for name in copied},
        "id": ids.new_id(),
        "arm": place.arm,
        "list_name": place.list_name,
        "gate": [],
        "confirmation": None,
        "request": receipt["request_id"],
        "allocated_at": receipt["at"],
        "allocated_by": receipt["by"],
    }


def _keep_receipt(tx: Transaction, receipt: Receipt) -> None:
    """Store the receipt in the outbox as delivered, since it exists outside the database."""
    content = {name: value for name, value in receipt.items() if name != "signature"}
    tx.connection.execute(
        outbox.insert().values(
            id=ids.new_id(),
            kind=KIND,
            study=receipt["study"],
            content=content,
            created_at=tx.at,
            delivered_at=tx.at,
        )
    )


def _get_last_number_in(connection: sa.Connection, study: str, list_name: str) -> int:
    """Return the highest study-wide number allocated from a list so far."""
    found = connection.execute(
        sa.select(sa.func.max(allocation.c.number)).where(
            allocation.c.study == study, allocation.c.list_name == list_name
        )
    ).scalar()
    return found or 0


def get_next_position(connection: sa.Connection, study: str, list_name: str) -> int:
    """Get the next position of a list, from 1."""
    found = connection.execute(
        sa.select(list_head.c.next_position).where(
            list_head.c.study == study, list_head.c.list_name == list_name
        )
    ).scalar()
    return found or 1


def _move_head(tx: Transaction, study: str, name: str, place: _ReceiptPlace) -> int:
    """Move the list's head past a position; return its position before."""
    before = get_next_position(tx.connection, study, place.list_name)
    here = (list_head.c.study == study) & (list_head.c.list_name == place.list_name)
    following = place.position + 1
    moved = tx.connection.execute(list_head.update().where(here).values(next_position=following))
    if not moved.rowcount:
        tx.connection.execute(
            list_head.insert().values(
                study=study,
                randomisation=name,
                list_name=place.list_name,
                next_position=following,
            )
        )
    return before


def list_lost_places(
    missing: Sequence[int], skipped: Sequence[SkippedNumber], design_version: int
) -> list[Mapping[str, Any]]:
    """List the lost position of each missing number: a skipped list position, or an unknown one.

    A skipped position lies between two allocations of its list, and so does its number. Where more
    than one number fits, the position with the lowest upper bound takes the lowest number. Raises
    Refused when a skipped position has no number left: the receipts cannot be of one history.
    """
    open_places = sorted(
        skipped, key=lambda skip: (skip.before, skip.list_name, skip.list_position)
    )
    found = []
    for number in sorted(missing):
        fits = [skip for skip in open_places if skip.after < number < skip.before]
        place = fits[0] if fits else None
        if place is not None:
            open_places.remove(place)
        found.append(_make_lost_place(number, place, design_version))
    if open_places:
        raise Refused(
            "The receipts leave more places unexplained than there are numbers missing. Check the "
            f"highest number and the receipts. {NOTHING_CHANGED}"
        )
    return found


def _make_lost_place(
    number: int, place: SkippedNumber | None, design_version: int
) -> Mapping[str, Any]:
    return {
        "id": ids.new_id(),
        "number": number,
        "design_version": place.design_version if place else design_version,
        "list_name": place.list_name if place else None,
        "list_position": place.list_position if place else None,
    }
