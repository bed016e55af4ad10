"""Opening and answering a query, as pure functions of the fact."""

from __future__ import annotations

from collections.abc import Iterator

from capture.access import Action
from capture.ledger.fold import Fact, Row, State, applies, counts
from capture.participants.fold import query_counted

TAKEN = ("id", "site", "visit", "entry", "item", "kind", "message", "key")


@applies(Action.QUERY_OPEN)
def opened(state: State, fact: Fact) -> None:
    state.put(
        "query",
        {
            **{name: fact.new(name) for name in TAKEN},
            "participant": fact.subject_id,
            "status": "open",
            "answer": None,
            "opened_at": fact.at,
            "closed_at": None,
        },
    )
    query_counted(state, fact.subject_id, fact.new("visit"), 1)


@applies(Action.QUERY_ANSWER)
def answered(state: State, fact: Fact) -> None:
    """An answer closes the query: the value stands (confirmed), or it was changed (corrected)."""
    row = state.get("query", fact.new("id"))
    if row is not None and row["status"] == "open":
        answer = {"status": "closed", "answer": fact.new("answer"), "closed_at": fact.at}
        state.put("query", {**row, **answer})
        query_counted(state, fact.subject_id, row["visit"], -1)


@counts("query")
def count_query(row: Row) -> Iterator[tuple[str, str]]:
    yield row["site"], f"query.{row['status']}"
