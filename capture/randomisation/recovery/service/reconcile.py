"""Reconciles after a restore: two people re-enter lost allocations, or list them as missing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field

from sqlalchemy import RowMapping

from capture.access import Action
from capture.ledger.canonical import digest
from capture.ledger.service import Transaction
from capture.problems import InvalidInput, Refused, Stale
from capture.randomisation import reads
from capture.randomisation.allocation.service.receipts import Receipt, is_genuine
from capture.randomisation.recovery.service.halt import (
    get_last_number,
    halt_all,
    halt_if_outside_is_newer,
    halt_randomisation,
)
from capture.randomisation.recovery.service.reentry import (
    SkippedNumber,
    has_key,
    list_lost_places,
    reenter_allocation,
)
from capture.randomisation.tables import number_head
from capture.study.service.turns import take_turn
from forms.definition import Study

__all__ = [
    "Proposal",
    "get_last_number",
    "halt_all",
    "halt_if_outside_is_newer",
    "halt_randomisation",
    "propose_reconciliation",
    "reconcile",
]
MOST_MISSING = 10_000


@dataclass(frozen=True)
class Proposal:
    """The first person's proposal: receipts to re-enter, and numbers known to be lost.

    keyless: receipts that cannot be re-entered since the key of their design is lost; their numbers
    are among the missing.
    """

    receipts: Sequence[Receipt]
    missing: Sequence[int]
    highest: int
    keyless: Sequence[Receipt] = field(default_factory=list)

    @property
    def digest(self) -> str:
        """The hash by which this proposal is identified."""
        return digest(asdict(self))


def propose_reconciliation(
    tx: Transaction,
    study: Study,
    name: str,
    *,
    receipts: Sequence[Receipt],
    highest: int,
    signing_key: bytes,
) -> Proposal:
    """Propose, as the first of two people, what was allocated since the restored state.

    receipts: those found outside the database. highest: the highest study-wide number on any
    printout, e-mail or receipt. Raises Refused when nothing is halted; InvalidInput.
    """
    act = tx.about(f"randomisation/{name}", study=study.slug).require(
        Action.RANDOMISATION_RECONCILE
    )
    halted = _get_halt(tx, study.slug, name)
    known = get_last_number(tx.connection, study.slug, name)
    if any(not is_genuine(receipt, signing_key) for receipt in receipts):
        raise InvalidInput(
            "receipts", "A receipt's signature does not hold. Leave that receipt out."
        )
    wanted = {
        receipt["number"]: receipt
        for receipt in receipts
        if _belongs(receipt, study.slug, name, known)
    }
    least = max([known, *wanted])
    if not least <= highest <= least + MOST_MISSING:
        raise InvalidInput(
            "highest",
            f"The database and the receipts go up to number {least}. Give that number or, if "
            "a site knows of a later allocation, its number.",
        )
    with_key = {number for number in wanted if has_key(tx.connection, study.slug, wanted[number])}
    proposal = Proposal(
        receipts=[wanted[number] for number in sorted(with_key)],
        missing=[number for number in range(known + 1, highest + 1) if number not in with_key],
        highest=highest,
        keyless=[wanted[number] for number in sorted(wanted.keys() - with_key)],
    )
    act.record(
        Action.RANDOMISATION_RECONCILE,
        {"id": halted["id"], "ended": False, "proposal": asdict(proposal)},
    )
    return proposal


def _belongs(receipt: Receipt, study: str, name: str, known: int) -> bool:
    same = receipt["study"] == study and receipt["randomisation"] == name
    return same and int(receipt["number"]) > known


def _get_halt(tx: Transaction, study: str, name: str) -> RowMapping:
    halted = reads.find_open_halt(tx.connection, study, name)
    if halted is None:
        raise Refused("Randomisation is not halted; there is nothing to reconcile.")
    return halted


def reconcile(
    tx: Transaction, study: Study, study_version: int, name: str, *, seen: str
) -> Proposal:
    """Confirm as the second person: each receipt's allocation is re-entered under its old number.

    seen: digest of the proposal that this person checked.
    The arm derived from the key must equal the receipt's. Where a number is missing the design
    version is closed for good, so that a position already allocated is never used again.
    Raises Refused, Stale.
    """
    act = tx.about(f"randomisation/{name}", study=study.slug).require(
        Action.RANDOMISATION_RECONCILE
    )
    take_turn(tx, study.slug)
    halted = _get_halt(tx, study.slug, name)
    proposal = _get_proposal(halted, tx.actor.id)
    if proposal.digest != seen:
        raise Stale("The proposal has changed since you opened this page. Check it again.")
    skipped: list[SkippedNumber] = []
    for receipt in proposal.receipts:
        skipped += reenter_allocation(tx, study, study_version, act.role, receipt)
    _raise_number(tx, study.slug, name, proposal.highest)
    active = reads.find_active_version(tx.connection, study.slug, name)
    lost = list_lost_places(proposal.missing, skipped, active.number if active else 0)
    act.record(
        Action.RANDOMISATION_RECONCILE,
        {
            "id": halted["id"],
            "ended": True,
            "missing": list(proposal.missing),
            "closed_designs": [active.id] if active and proposal.missing else [],
        },
        concealed={"lost_list_positions": lost},
    )
    return proposal


def _get_proposal(halted: RowMapping, actor: str) -> Proposal:
    if not halted["proposal"]:
        raise Refused("No proposal has been made yet.")
    if halted["proposed_by"] == actor:
        raise Refused("You proposed this. A second person must confirm it.")
    return Proposal(**halted["proposal"])


def _raise_number(tx: Transaction, study: str, name: str, highest: int) -> None:
    here = (number_head.c.study == study) & (number_head.c.randomisation == name)
    moved = tx.connection.execute(number_head.update().where(here).values(next_number=highest + 1))
    if not moved.rowcount:
        tx.connection.execute(
            number_head.insert().values(study=study, randomisation=name, next_number=highest + 1)
        )
