"""Tables of study versions and sites; the bytes of a version lie once under their own hash."""

from __future__ import annotations

import sqlalchemy as sa

from capture.db import Document, Words, folded_table, metadata
from capture.ledger.fold import FoldedRow, FoldedTable

study_version = folded_table(
    "study_version",
    sa.Column("number", sa.Integer, nullable=False),
    sa.Column("label", Words, nullable=False),
    sa.Column("state", Words, nullable=False),
    sa.Column("sha256", Words, nullable=False),
    sa.Column("published_at", Words, nullable=False),
    sa.Column("published_by", Words, nullable=False),
    sa.Column("approved_by", Words),
    sa.Column("approved_at", Words),
    sa.Column("title", Words, nullable=False),
    sa.UniqueConstraint("study", "number"),
    sa.CheckConstraint("state IN ('test', 'live', 'superseded')", name="state"),
)


class StudyVersionState(FoldedRow):
    """A row of `study_version`."""

    number: int
    label: str
    state: str
    sha256: str
    published_at: str
    published_by: str
    approved_by: str | None
    approved_at: str | None
    title: str


STUDY_VERSION = FoldedTable("study_version", StudyVersionState)

study_bundle = sa.Table(
    "study_bundle",
    metadata,
    sa.Column("sha256", Words, primary_key=True),
    sa.Column("bytes", sa.LargeBinary, nullable=False),
)

site = folded_table(
    "site",
    sa.Column("slug", Words, nullable=False),
    sa.Column("name", Words, nullable=False),
    sa.Column("country", Words, nullable=False),
    sa.Column("zone", Words, nullable=False),
    sa.Column("open_from", Words),
    sa.Column("closed_from", Words),
    sa.Column("attributes", Document, nullable=False),
    sa.Column("target", sa.Integer),
    sa.Column("target_by", Words),
    sa.UniqueConstraint("study", "slug"),
)


class SiteState(FoldedRow):
    """A row of `site`."""

    slug: str
    name: str
    country: str
    zone: str
    open_from: str | None
    closed_from: str | None
    attributes: list[dict[str, str]]
    target: int | None
    target_by: str | None


SITE = FoldedTable("site", SiteState)

delegation = folded_table(
    "delegation",
    sa.Column("site", Words, nullable=False),
    sa.Column("name", Words, nullable=False),
    sa.Column("role_note", Words, nullable=False),
    sa.Column("from_date", Words, nullable=False),
    sa.Column("to_date", Words),
)


class DelegationState(FoldedRow):
    """A row of `delegation`."""

    site: str
    name: str
    role_note: str
    from_date: str
    to_date: str | None


DELEGATION = FoldedTable("delegation", DelegationState)

consent_approval = folded_table(
    "consent_approval",
    sa.Column("site", Words, nullable=False),
    sa.Column("scope", Words, nullable=False),
    sa.Column("version", Words, nullable=False),
    sa.Column("from_date", Words, nullable=False),
    sa.UniqueConstraint("study", "site", "scope", "version"),
)


class ConsentApprovalState(FoldedRow):
    """A row of `consent_approval`."""

    site: str
    scope: str
    version: str
    from_date: str


CONSENT_APPROVAL = FoldedTable("consent_approval", ConsentApprovalState)
