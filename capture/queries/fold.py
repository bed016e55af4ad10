"""Opening and answering a query, as pure functions of the fact."""

from __future__ import annotations

from collections.abc import Iterator

from capture.access import Action
from capture.ledger.fold import Fact, Row, State, applies, counts


@applies(Action.QUERY_OPEN)
def opened(state: State, fact: Fact) -> None:
    taken = ("id", "site", "entry", "item", "kind", "message", "key")
    state.put(
        "query",
        {
            **{name: fact.new(name) for name in taken},
            "participant": fact.subject_id,
            "status": "open",
            "answer": None,
            "opened_at": fact.at,
            "closed_at": None,
        },
    )


@applies(Action.QUERY_ANSWER)
def answered(state: State, fact: Fact) -> None:
    """An answer closes the query: the value stands (confirmed), or it was changed (corrected)."""
    row = state.get("query", fact.new("id"))
    if row is not None:
        answer = {"status": "closed", "answer": fact.new("answer"), "closed_at": fact.at}
        state.put("query", {**row, **answer})


@counts("query")
def count_query(row: Row) -> Iterator[tuple[str, str]]:
    yield row["site"], f"query.{row['status']}"
