"""Asking about values and keeping the answers: each question once, as long as its values stand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from capture import entropy
from capture.access import SYSTEM, Action
from capture.ledger.service import Transaction, record
from capture.queries.reads import CONFIRMED, CORRECTED, Query
from forms.checks import Finding, FindingKind


@dataclass(frozen=True)
class Asked:
    """The entry whose values are asked about, and who answers in which role."""

    study: str
    study_version: int
    participant: str
    site: str
    visit: str | None
    entry: str
    role: str

    @property
    def subject(self) -> str:
        return f"participant/{self.participant}"


def open_query(tx: Transaction, asked: Asked, finding: Finding) -> str:
    """Ask about a value; returns the query's id. The participant's row is locked."""
    query_id = entropy.new_id()
    record(
        tx,
        Action.QUERY_OPEN,
        study=asked.study,
        subject=asked.subject,
        role=SYSTEM,
        study_version=asked.study_version,
        body={
            "id": query_id,
            "site": asked.site,
            "visit": asked.visit,
            "entry": asked.entry,
            "item": finding.item,
            "kind": finding.kind.value,
            "message": finding.message,
            "key": finding.key,
        },
    )
    return query_id


def answer_query(tx: Transaction, asked: Asked, query_id: str, item: str, answer: str) -> None:
    """Answer an open query, which closes it. The participant's row is locked.

    item: what the query asks about; with the visit it says who may be told of the answer.
    """
    record(
        tx,
        Action.QUERY_ANSWER,
        study=asked.study,
        subject=asked.subject,
        role=asked.role,
        study_version=asked.study_version,
        body={"id": query_id, "visit": asked.visit, "item": item, "answer": answer},
    )


def close_queries(tx: Transaction, asked: Asked, known: Sequence[Query], answer: str) -> None:
    """Close every open query of an entry, because nothing is asked about it any more."""
    for one in known:
        if one.is_open:
            answer_query(tx, asked, one.id, one.item, answer)


def settle(
    tx: Transaction,
    asked: Asked,
    known: Sequence[Query],
    findings: Mapping[Finding, bool],
    closing: str = CORRECTED,
) -> None:
    """Bring an entry's queries in line with what is odd about its values now.

    known: all queries ever opened about the entry. findings: each one, and whether the person said
    that it is right. A question whose values have changed is closed with the answer `closing`.
    """
    # A question about the cohort is settled where the cohort is judged.
    own = [one for one in known if one.kind != FindingKind.COHORT]
    open_by_key = {one.key: one for one in own if one.is_open}
    answered = {one.key for one in known if one.is_confirmed}
    standing = {finding.key for finding in findings}
    for key, one in open_by_key.items():
        if key not in standing:
            answer_query(tx, asked, one.id, one.item, closing)
    for finding, is_confirmed in findings.items():
        if finding.key in answered:
            continue
        before = open_by_key.get(finding.key)
        query_id = before.id if before else open_query(tx, asked, finding)
        if is_confirmed:
            answer_query(tx, asked, query_id, finding.item, CONFIRMED)
