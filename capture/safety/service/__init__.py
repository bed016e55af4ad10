"""The acts of dose finding: register, judge, decide."""

from __future__ import annotations

from capture.safety.service.deciding import Ruling, decide
from capture.safety.service.judging import Judged, judge
from capture.safety.service.registering import Readiness, readiness, register

__all__ = ["Judged", "Readiness", "Ruling", "decide", "judge", "readiness", "register"]
