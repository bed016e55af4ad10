"""Opens and answers queries about values; each is asked once while its values stay the same."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from capture import ids
from capture.access import Action
from capture.ledger.service import BoundAct
from capture.queries.reads import CONFIRMED, CORRECTED, Query
from forms.edit_checks import Finding, FindingKind


@dataclass(frozen=True)
class QueryRequest:
    """The entry whose values are in question, and the action that opens or answers queries."""

    act: BoundAct
    visit: str | None
    entry: str


def open_query(asked: QueryRequest, finding: Finding) -> str:
    """Ask about a value; returns the query's id. The participant's row is locked."""
    query_id = ids.new_id()
    asked.act.record(
        Action.QUERY_OPEN,
        {
            "id": query_id,
            "site": asked.act.site,
            "visit": asked.visit,
            "entry": asked.entry,
            "item": finding.item,
            "kind": finding.kind.value,
            "message": finding.message,
            "key": finding.key,
        },
    )
    return query_id


def answer_query(asked: QueryRequest, query_id: str, item: str, answer: str) -> None:
    """Answer an open query, which closes it. The participant's row is locked.

    item: what the query asks about; with the visit it says who may be told of the answer.
    """
    body = {"id": query_id, "visit": asked.visit, "item": item, "answer": answer}
    asked.act.record(Action.QUERY_ANSWER, body)


def close_queries(asked: QueryRequest, known: Sequence[Query], answer: str) -> None:
    """Close every open query of an entry, because nothing is asked about it any more."""
    for query in known:
        if query.is_open:
            answer_query(asked, query.id, query.item, answer)


def settle_queries(
    asked: QueryRequest,
    known: Sequence[Query],
    findings: Mapping[Finding, bool],
    closing: str = CORRECTED,
) -> None:
    """Open, close and confirm an entry's queries according to its findings now.

    queries: all queries ever opened about the entry. findings: each one, and whether the person
    confirmed it. A query whose values have changed is closed with the answer `closing`.
    """
    # A question about the cohort is settled where the cohort is judged.
    own = [query for query in known if query.kind != FindingKind.COHORT]
    open_by_key = {query.key: query for query in own if query.is_open}
    answered = {query.key for query in known if query.is_confirmed}
    standing = {finding.key for finding in findings}
    for key, query in open_by_key.items():
        if key not in standing:
            answer_query(asked, query.id, query.item, closing)
    for finding, is_confirmed in findings.items():
        if finding.is_confirmable and finding.key in answered:
            continue
        before = open_by_key.get(finding.key)
        query_id = before.id if before else open_query(asked, finding)
        if is_confirmed:
            answer_query(asked, query_id, finding.item, CONFIRMED)
