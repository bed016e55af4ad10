"""Pages of oversight: the audit trail and its download, redaction by two, integrity."""

from __future__ import annotations

from capture.oversight.views import audit, integrity, redactions
from capture.oversight.views.blueprint import bp

__all__ = ["audit", "bp", "integrity", "redactions"]
