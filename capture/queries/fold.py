"""Opening and answering a query, as pure functions of the fact."""

from __future__ import annotations

from collections.abc import Iterator

from capture.access import Action
from capture.ledger.fold import LedgerRow, State, applies, counts
from capture.participants.fold import count_open_query
from capture.queries.tables import QUERY, QueryState
from capture.visibility import mentions, usual_mention

REDACTED_WORDS = "removed for privacy"


@applies(Action.QUERY_OPEN)
def apply_open(state: State, fact: LedgerRow) -> None:
    QUERY.put(
        state,
        {
            "id": fact.new("id"),
            "site": fact.new("site"),
            "visit": fact.new("visit"),
            "entry": fact.new("entry"),
            "item": fact.new("item"),
            "kind": fact.new("kind"),
            "message": _words(fact, "message"),
            "key": _words(fact, "key"),
            "participant": fact.subject_id,
            "status": "open",
            "answer": None,
            "opened_at": fact.at,
            "closed_at": None,
        },
    )
    count_open_query(state, fact.subject_id, fact.new("visit"), 1)


def _words(fact: LedgerRow, name: str) -> str:
    """Return a text of the body; one that a redaction took out is no text any more."""
    text = fact.new(name)
    return text if isinstance(text, str) else REDACTED_WORDS


@applies(Action.QUERY_ANSWER)
def apply_answer(state: State, fact: LedgerRow) -> None:
    """An answer closes the query: the value stands (confirmed), or it was changed (corrected)."""
    row = QUERY.get(state, fact.new("id"))
    if row is not None and row["status"] == "open":
        answer = fact.new("answer")
        QUERY.put(state, {**row, "status": "closed", "answer": answer, "closed_at": fact.at})
        count_open_query(state, fact.subject_id, row["visit"], -1)


@counts(QUERY)
def count_query(row: QueryState) -> Iterator[tuple[str, str]]:
    yield row["site"], f"query.{row['status']}"


mentions(Action.QUERY_OPEN, Action.QUERY_ANSWER)(usual_mention)
