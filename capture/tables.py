"""All tables in one place: importing this brings in the folds and the checks of verify too."""

from __future__ import annotations

from importlib import import_module

from capture.db import metadata

MODULES = (
    "capture.accounts.action_labels",
    "capture.accounts.fold",
    "capture.accounts.tables",
    "capture.corrections.action_labels",
    "capture.corrections.fold",
    "capture.cohorts.service",
    "capture.entry.action_labels",
    "capture.entry.fold",
    "capture.entry.tables",
    "capture.entry.verification",
    "capture.export.action_labels",
    "capture.export.fold",
    "capture.home.action_labels",
    "capture.ledger.action_labels",
    "capture.ledger.fold",
    "capture.ledger.tables",
    "capture.oversight.action_labels",
    "capture.oversight.fold",
    "capture.oversight.tables",
    "capture.oversight.verification",
    "capture.participants.action_labels",
    "capture.participants.fold",
    "capture.participants.tables",
    "capture.queries.action_labels",
    "capture.queries.fold",
    "capture.queries.tables",
    "capture.randomisation.action_labels",
    "capture.randomisation.fold",
    "capture.randomisation.allocation.service.eligibility",
    "capture.randomisation.tables",
    "capture.randomisation.verification",
    "capture.dose_finding.action_labels",
    "capture.dose_finding.fold",
    "capture.dose_finding.tables",
    "capture.dose_finding.verification",
    "capture.study.action_labels",
    "capture.visibility.action_labels",
    "capture.study.fold",
    "capture.study.tables",
    "capture.study.verification",
)
"""Each feature's tables, folds and labels, what verify asks of it, what follows a save."""

for _module in MODULES:
    import_module(_module)

__all__ = ["metadata"]
