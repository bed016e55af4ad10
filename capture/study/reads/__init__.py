"""Reading studies: versions, definitions and sites; every function takes the connection first."""

from __future__ import annotations

from capture.study.reads.definitions import (
    bundle_bytes,
    definition,
    definition_for,
    published_forms,
)
from capture.study.reads.sites import (
    AttributeValue,
    ConsentApproval,
    Delegate,
    Site,
    all_sites,
    approved_versions,
    consent_approvals,
    delegates,
    site,
    site_names,
    sites,
    visible_site,
)
from capture.study.reads.versions import (
    LIVE,
    SUPERSEDED,
    TEST,
    StudyLine,
    StudyVersion,
    has_test_data,
    state_of,
    studies,
    version,
    version_in_force,
    version_number,
    versions,
)

__all__ = [
    "LIVE",
    "SUPERSEDED",
    "TEST",
    "AttributeValue",
    "ConsentApproval",
    "Delegate",
    "Site",
    "StudyLine",
    "StudyVersion",
    "all_sites",
    "approved_versions",
    "bundle_bytes",
    "consent_approvals",
    "definition",
    "definition_for",
    "delegates",
    "has_test_data",
    "published_forms",
    "site",
    "site_names",
    "sites",
    "state_of",
    "studies",
    "version",
    "version_in_force",
    "version_number",
    "versions",
    "visible_site",
]
