"""The eight accounts of the demonstration; their password is public, so they exist nowhere else."""

from __future__ import annotations

from dataclasses import dataclass

from capture.access import SYSTEM, Role
from capture.accounts import passwords, reads, service
from capture.ledger.service import Transaction

PASSWORD = "sarcomere-demo-2026"  # noqa: S105  (public on purpose: invented people only)
STUDIES = ("gist-imatinib", "functional-muscle-transfer")


@dataclass(frozen=True)
class DemonstrationAccount:
    """One account that the sign-in page of a demonstration lists."""

    email: str
    name: str
    role: Role
    studies: tuple[str, ...] = STUDIES


ACCOUNTS = (
    DemonstrationAccount("nurse@demo.example", "Nora Nurse", Role.NURSE),
    DemonstrationAccount("investigator@demo.example", "Ivo Investigator", Role.INVESTIGATOR),
    DemonstrationAccount("data-manager@demo.example", "Dana Data", Role.DATA_MANAGER),
    DemonstrationAccount("monitor@demo.example", "Mona Monitor", Role.MONITOR),
    DemonstrationAccount("statistician@demo.example", "Stella Statistician", Role.STATISTICIAN),
    DemonstrationAccount("unblinded@demo.example", "Uma Unblinded", Role.UNBLINDED),
    DemonstrationAccount("trial-manager@demo.example", "Tariq Manager", Role.TRIAL_MANAGER),
    DemonstrationAccount("admin@demo.example", "Ada Admin", Role.ADMINISTRATOR, (SYSTEM,)),
)


def hash_demonstration_password() -> str:
    """Return the hash that all eight share; made before the transaction."""
    return passwords.hash_password(PASSWORD)


def add_accounts(tx: Transaction, hashed: str, *, from_date: str | None = None) -> None:
    """Open the eight accounts with their roles, as the system; those that exist are left alone."""
    for new in ACCOUNTS:
        if reads.find_account_by_email(tx.connection, new.email):
            continue
        user = service.create_user(tx, new.email, new.name, hashed, must_change=False)
        first_day = from_date or reads.get_today()
        for study in new.studies:
            service.grant(tx, study, service.NewMembership(user, new.role, None, first_day))
