"""All tables in one place: importing this fills the metadata and the register of folds."""

from __future__ import annotations

import capture.accounts.fold
import capture.accounts.tables
import capture.ledger.tables
import capture.study.fold
import capture.study.tables
import capture.study.verification
import capture.participants.fold
import capture.participants.tables
from capture.db import metadata

__all__ = ["metadata"]
