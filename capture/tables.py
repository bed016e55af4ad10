"""All tables in one place: importing this fills the metadata and the register of folds."""

from __future__ import annotations

import capture.accounts.fold
import capture.accounts.tables
import capture.entry.fold
import capture.entry.tables
import capture.export.fold
import capture.ledger.tables
import capture.oversight.fold
import capture.oversight.tables
import capture.oversight.verification
import capture.participants.fold
import capture.participants.tables
import capture.queries.fold
import capture.queries.tables
import capture.randomisation.fold
import capture.randomisation.tables
import capture.randomisation.verification
import capture.study.fold
import capture.study.tables
import capture.study.verification
from capture.db import metadata

__all__ = ["metadata"]
