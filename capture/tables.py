"""All tables in one place: importing this brings in the folds and the checks of verify too."""

from __future__ import annotations

from importlib import import_module

from capture.db import metadata

MODULES = (
    "capture.accounts.fold",
    "capture.accounts.tables",
    "capture.corrections.fold",
    "capture.cohorts.service",
    "capture.entry.fold",
    "capture.entry.tables",
    "capture.entry.verification",
    "capture.export.fold",
    "capture.ledger.fold",
    "capture.ledger.tables",
    "capture.oversight.fold",
    "capture.oversight.tables",
    "capture.oversight.verification",
    "capture.participants.fold",
    "capture.participants.tables",
    "capture.queries.fold",
    "capture.queries.tables",
    "capture.randomisation.fold",
    "capture.randomisation.service.eligibility",
    "capture.randomisation.tables",
    "capture.randomisation.verification",
    "capture.safety.fold",
    "capture.safety.tables",
    "capture.safety.verification",
    "capture.study.fold",
    "capture.study.tables",
    "capture.study.verification",
)
"""Each feature's tables and folds, what verify asks of it, and what follows a save of an entry."""

for _module in MODULES:
    import_module(_module)

__all__ = ["metadata"]
