"""The acts of dose finding: register, judge, decide."""

from __future__ import annotations

from capture.dose_finding.service.decision import CommitteeRuling, decide
from capture.dose_finding.service.outcome import OutcomeResult, judge
from capture.dose_finding.service.registration import RegistrationReadiness, readiness, register

__all__ = [
    "CommitteeRuling",
    "OutcomeResult",
    "RegistrationReadiness",
    "decide",
    "judge",
    "readiness",
    "register",
]
