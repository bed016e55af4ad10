"""The demonstration: what `make run` shows, built through the same services as everything else."""

from __future__ import annotations

from capture.access import SYSTEM_ACTOR
from capture.accounts import demonstration
from capture.ledger.service import transaction
from capture.wiring import Services


def build(services: Services) -> None:
    """Make what is missing of the demonstration; running it again changes nothing."""
    hashed = demonstration.password_hash()
    with transaction(services.database, SYSTEM_ACTOR, services.concealment) as tx:
        demonstration.add_accounts(tx, hashed)
