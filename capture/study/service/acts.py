"""Acts under the study version that is in force, which their ledger rows name."""

from __future__ import annotations

from capture.ledger.service import BoundAct, SitedSubject, Transaction
from capture.study import reads


def bind_act(
    tx: Transaction,
    subject: SitedSubject | str,
    *,
    study: str = "",
    site: str | None = None,
    role: str | None = None,
) -> BoundAct:
    """Bind an act as `tx.about` does, under the study's version in force. Raises NotFound."""
    slug = study if isinstance(subject, str) else subject.study
    number = reads.get_version_number(tx.connection, slug)
    return tx.about(subject, study=study, site=site, study_version=number, role=role)
