"""Which versions of a consent form a site may use, and from when."""

from __future__ import annotations

from datetime import date

from capture import ids
from capture.access import Action
from capture.ledger.service import Transaction
from capture.problems import InvalidInput, Refused
from capture.study import reads
from capture.study.service.acts import bind_act
from capture.study.service.turns import take_turn
from forms.definition import ConsentVersion, Study


def approve_consent_version(
    tx: Transaction, study: str, slug: str, scope: str, *, version: str, since: date
) -> None:
    """Let a site use a version of a consent form from a date on.

    Raises InvalidInput for a scope, version or date that the study does not know; Refused when the
    site uses it already; NotFound, NotAllowed.
    """
    tx.role(Action.CONSENT_VERSION_APPROVE, study, slug)
    take_turn(tx, study)
    site = reads.get_site(tx.connection, study, slug)
    wording = _get_consent_version(reads.get_definition_for(tx.connection, study), scope, version)
    if since < wording.approved:
        raise InvalidInput(
            "from_date",
            f"Version {version} was approved on {wording.approved.isoformat()}; "
            "it cannot be in use before. Give that date or a later one.",
        )
    for approval in reads.list_consent_approvals(tx.connection, study, slug):
        if (approval.scope, approval.version) == (scope, version):
            raise Refused(
                f"{site.name} may use version {version} already, from {approval.from_date}."
            )
    record_approval(tx, study, slug, scope, wording, since=since)


def record_approval(
    tx: Transaction,
    study: str,
    slug: str,
    scope: str,
    version: ConsentVersion,
    *,
    since: date | None = None,
) -> None:
    """Put an approval on record; from the version's own date when no other is given."""
    bind_act(tx, f"site/{slug}", study=study, site=slug).record(
        Action.CONSENT_VERSION_APPROVE,
        {
            "id": ids.new_id(),
            "site": slug,
            "scope": scope,
            "version": version.version,
            "from_date": (since or version.approved).isoformat(),
        },
    )


def _get_consent_version(definition: Study, scope: str, label: str) -> ConsentVersion:
    for consent in definition.consents:
        for version in consent.versions:
            if (consent.name, version.version) == (scope, label):
                return version
    known = ", ".join(
        f"{consent.name} {v.version}" for consent in definition.consents for v in consent.versions
    )
    raise InvalidInput(
        "version", f"The study has no consent {scope} in version {label}; it has: {known}."
    )
