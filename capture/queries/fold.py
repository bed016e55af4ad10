"""Folds opened and answered queries into the state."""

from __future__ import annotations

from collections.abc import Iterator

from capture.access import Action
from capture.ledger.fold import LedgerRow, State, StateRow, applies, counts
from capture.participants.fold import count_open_query
from capture.visibility import mentions, usual_mention

TAKEN = ("id", "site", "visit", "entry", "item", "kind")
REDACTED_WORDS = "removed for privacy"


@applies(Action.QUERY_OPEN)
def apply_open(state: State, fact: LedgerRow) -> None:
    state.put(
        "query",
        {
            **{name: fact.new(name) for name in TAKEN},
            "message": _read_words(fact, "message"),
            "key": _read_words(fact, "key"),
            "participant": fact.subject_id,
            "status": "open",
            "answer": None,
            "opened_at": fact.at,
            "closed_at": None,
        },
    )
    count_open_query(state, fact.subject_id, fact.new("visit"), 1)


def _read_words(fact: LedgerRow, name: str) -> str:
    """A text of the body; a redacted one is replaced by words that say so."""
    text = fact.new(name)
    return text if isinstance(text, str) else REDACTED_WORDS


@applies(Action.QUERY_ANSWER)
def apply_answer(state: State, fact: LedgerRow) -> None:
    """An answer closes the query: the value stands (confirmed), or it was changed (corrected)."""
    row = state.get("query", fact.new("id"))
    if row is not None and row["status"] == "open":
        answer = {"status": "closed", "answer": fact.new("answer"), "closed_at": fact.at}
        state.put("query", {**row, **answer})
        count_open_query(state, fact.subject_id, row["visit"], -1)


@counts("query")
def count_query(row: StateRow) -> Iterator[tuple[str, str]]:
    yield row["site"], f"query.{row['status']}"


mentions(Action.QUERY_OPEN, Action.QUERY_ANSWER)(usual_mention)
