"""The page on how far a study's ledger is sealed and signed, and what was redacted."""

from __future__ import annotations

from capture.access import Action, allow
from capture.oversight import reads
from capture.oversight.views.blueprint import bp, get_trail_reading, render
from capture.web.page_data import SummaryRow


@bp.get("/integrity")
@allow(Action.AUDIT_VIEW)
def integrity(study: str) -> str:
    """Seals, the last signed checkpoint, redactions."""
    where = get_trail_reading(study)
    found = reads.get_integrity(where.connection, study)
    may_redact = where.actor.may(Action.REDACTION_REQUEST, study)
    redactions = reads.list_redactions(where.connection, where.actor, study) if may_redact else None
    return render(
        "integrity.html",
        study=study,
        rows=_list_rows(found),
        redactions=redactions,
        waiting=sum(redaction.is_waiting for redaction in redactions or ()),
    )


def _list_rows(found: reads.Integrity) -> list[SummaryRow]:
    sealed = (
        f"{found.sealed}, the last at {_when_words(found.sealed_at)}"
        if found.sealed
        else "none yet"
    )
    rows = [
        SummaryRow("Rows sealed", sealed),
        SummaryRow("Rows waiting to be sealed", str(found.unsealed)),
    ]
    if found.size is None:
        return [*rows, SummaryRow("Last checkpoint", "none is signed yet")]
    return [
        *rows,
        SummaryRow("Last checkpoint", f"covers {found.size} rows, up to {_when_words(found.at)}"),
        SummaryRow("Tree head of the checkpoint", found.root or ""),
        SummaryRow("Key that signed it", found.key or ""),
    ]


def _when_words(at: str | None) -> str:
    return f"{at[:10]} {at[11:19]} UTC" if at else ""
