"""The actions of dose finding: register, record an outcome, decide."""

from __future__ import annotations

from capture.dose_finding.service.decision import CommitteeRuling, decide
from capture.dose_finding.service.outcome import OutcomeResult, record_outcome
from capture.dose_finding.service.registration import (
    RegistrationReadiness,
    get_registration_readiness,
    register,
)

__all__ = [
    "CommitteeRuling",
    "OutcomeResult",
    "RegistrationReadiness",
    "decide",
    "get_registration_readiness",
    "record_outcome",
    "register",
]
