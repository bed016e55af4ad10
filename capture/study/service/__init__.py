"""What may be done to a study: publish, approve, and lead its sites."""

from __future__ import annotations

from capture.study.service.consents import approve_consent_version
from capture.study.service.delegations import delegate, end_delegation
from capture.study.service.publishing import (
    ChangesRefused,
    CheckedDefinition,
    DefinitionRefused,
    approve,
    check_definition,
    publish,
)
from capture.study.service.sites import (
    NewSite,
    add_site,
    close_site,
    open_site,
    set_attribute,
    set_target,
)

__all__ = [
    "ChangesRefused",
    "CheckedDefinition",
    "DefinitionRefused",
    "NewSite",
    "add_site",
    "approve",
    "approve_consent_version",
    "check_definition",
    "close_site",
    "delegate",
    "end_delegation",
    "open_site",
    "publish",
    "set_attribute",
    "set_target",
]
