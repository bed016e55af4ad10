"""The one way to change trial state: append a fact and fold it, in one transaction."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

import sqlalchemy as sa

from capture import clock, ids
from capture.access import MAY, SYSTEM, WITHOUT_ROLE, Action, Actor
from capture.db import Database, Words, forget_remembered
from capture.ledger import canonical
from capture.ledger.concealment import Concealment
from capture.ledger.fold import APPLY, Change, LedgerRow
from capture.ledger.payloads import fact_of, row_digest
from capture.ledger.sealing import seal, seal_committed
from capture.ledger.state import DatabaseState, add_to_counters
from capture.ledger.tables import ledger, ledger_body, request, unsealed
from capture.problems import Busy, InvalidInput, NotAllowed, Problem, RequestReused

SOFTWARE = "0.2.0"


class SitedSubject(Protocol):
    """What an act can be about as it is: it knows its study, site and name in the ledger."""

    @property
    def study(self) -> str: ...

    @property
    def site(self) -> str: ...

    @property
    def subject(self) -> str: ...


@dataclass
class Transaction:
    """One act: the open write transaction, who acts, and what has been appended so far."""

    connection: sa.Connection
    actor: Actor
    concealment: Concealment
    request_id: str = ""
    at: str = field(default_factory=clock.instant)
    deltas: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    waiting: list[tuple[dict[str, Any], str]] = field(default_factory=list)

    def state(self, study: str, subject: str) -> DatabaseState:
        return DatabaseState(self.connection, study, subject, self.deltas)

    def append(self) -> None:
        """Write the facts so far: the rows, their bodies, the notes that they wait to be sealed."""
        if not self.waiting:
            return
        execute = self.connection.execute
        execute(_INSERT_ROW, [row for row, _body in self.waiting])
        execute(
            _INSERT_BODY, [{"ledger_id": row["id"], "body": body} for row, body in self.waiting]
        )
        execute(
            _INSERT_UNSEALED,
            [{"ledger_id": row["id"], "study": row["study"]} for row, _body in self.waiting],
        )
        self.waiting.clear()

    def role(self, action: Action, study: str, site: str | None = None) -> str:
        """Return the role the actor acts under. Raises NotAllowed when no grant covers it."""
        if self.actor.kind == SYSTEM:
            return SYSTEM
        role = self.actor.role_for(action, study, site)
        if role is None:
            raise NotAllowed("Your role does not include this here.")
        return role.value

    def about(
        self,
        subject: SitedSubject | str,
        *,
        study: str = "",
        site: str | None = None,
        study_version: int = 0,
        role: str | None = None,
    ) -> BoundAct:
        """Bind an act to what it is about; `.record(action, body)` then writes its ledger row.

        subject: a participant, or the name of something in the ledger (`site/leeds`) with its study
        and, where the right is one at a site, the site.
        role: of the act from which this one follows; without it the role follows from the action.
        """
        if isinstance(subject, str):
            return BoundAct(self, subject, study, site, study_version, role)
        return BoundAct(self, subject.subject, subject.study, subject.site, study_version, role)


@dataclass(frozen=True)
class BoundAct:
    """An act that knows what it is about and under which study version; see Transaction.about."""

    tx: Transaction
    subject: str
    study: str
    site: str | None
    study_version: int
    given_role: str | None

    @property
    def role(self) -> str:
        """The role in which this is done and what follows from it; the system's where none is."""
        return SYSTEM if self.given_role is None else self.given_role

    def require(self, action: Action) -> BoundAct:
        """The same act in the role that the actor has for it, which what follows from it bears too.

        Raises NotAllowed when no grant covers it.
        """
        return replace(self, given_role=self.tx.role(action, self.study, self.site))

    def record(
        self,
        action: Action,
        body: Mapping[str, Change | Any],
        *,
        concealed: Mapping[str, Any] | None = None,
        reason: str = "",
        occurred_at: str = "",
    ) -> LedgerRow:
        """Fold one fact into the subject's state; its ledger row is written before the commit.

        The rows of one act are written together, just before the counters.
        body: item name to Change(old, new); a plain value means it was nothing before.
        concealed: further items, encrypted under the concealment key (list position, draws).
        occurred_at: when it happened, as the person says it (an ISO date or instant); now when
        empty. Raises InvalidInput when a text cannot be written down (a NUL, half of a letter),
        NotAllowed when the actor has no role for the action.
        """
        tx = self.tx
        _refuse_unwritable(reason)
        ledger_id = ids.new_id()
        changes = {name: _as_change(value) for name, value in body.items()}
        content = _content(tx.concealment, ledger_id, changes, concealed or {})
        row = {
            "id": ledger_id,
            "study": self.study,
            "at": tx.at,
            "occurred_at": occurred_at or tx.at,
            "actor_kind": tx.actor.kind,
            "actor": tx.actor.id,
            "role": self._role_for(action),
            "action": action.value,
            "subject": self.subject,
            "reason": reason,
            "request_id": tx.request_id,
            "study_version": self.study_version,
            "software": SOFTWARE,
            "body_hash": canonical.body_digest(content),
        }
        text = canonical.canonical(content).decode()
        tx.waiting.append(({**row, "row_hash": row_digest(row)}, text))
        hidden = {name: Change(None, value) for name, value in (concealed or {}).items()}
        fact = fact_of(row, {**changes, **hidden})
        _fold(tx, action, fact)
        return fact

    def _role_for(self, action: Action) -> str:
        """Return what nobody may do by hand follows from something else: the system does it."""
        if action in WITHOUT_ROLE:
            return ""
        if not MAY[action]:
            return SYSTEM
        if self.given_role is None:
            return self.tx.role(action, self.study, self.site)
        return self.given_role


def _fold(tx: Transaction, action: Action, fact: LedgerRow) -> None:
    state = tx.state(fact.study, fact.subject)
    APPLY[action](state, fact)
    state.write()
    if not fact.subject.startswith("participant/"):
        forget_remembered(tx.connection)


def _as_change(value: Change | Any) -> Change:
    return value if isinstance(value, Change) else Change(None, value)


# What every save executes is made once: building a statement costs more than running it.
_INSERT_ROW = ledger.insert()
_INSERT_BODY = ledger_body.insert()
_INSERT_UNSEALED = unsealed.insert().inline()
_INSERT_ANSWER = request.insert()
_ANSWER = sa.select(request).where(request.c.id == sa.bindparam("wanted", type_=Words))
_WAIT_FOR_EQUAL = sa.text("SELECT pg_advisory_xact_lock(hashtextextended(:id, 0))")


def _content(
    concealment: Concealment,
    ledger_id: str,
    changes: Mapping[str, Change],
    concealed: Mapping[str, Any],
) -> dict[str, Any]:
    salts = ids.salts(len(changes))
    content: dict[str, Any] = {
        name: [salt, changes[name].old, changes[name].new]
        for name, salt in zip(sorted(changes), salts, strict=True)
    }
    for name, value in sorted(concealed.items()):
        content[name] = [ids.salt(), None, concealment.conceal(value, f"{ledger_id}/{name}")]
    return content


def _refuse_unwritable(text: str) -> None:
    if not canonical.is_writable(text):
        raise InvalidInput(
            "reason", "The text holds a character that cannot be stored. Type it again."
        )


BEFORE_COMMIT: list[Callable[[Transaction], None]] = []
"""Called at the end of every act: what follows from its rows, whichever feature recorded them."""


@contextmanager
def transaction(
    database: Database, actor: Actor, concealment: Concealment, *, request_id: str = ""
) -> Iterator[Transaction]:
    """One act, one transaction: commit on leaving, then seal; nothing is kept when it raises."""
    with database.writing() as connection:
        tx = Transaction(connection, actor, concealment, request_id)
        yield tx
        for settle in BEFORE_COMMIT:
            settle(tx)
        has_appended = bool(tx.waiting)
        tx.append()
        add_to_counters(connection, tx.deltas)
    with suppress(Busy):
        # The act is committed; whoever seals next takes its rows along.
        (seal_committed if has_appended else seal)(database)


def stored_answer(tx: Transaction, content: str) -> dict[str, Any] | None:
    """The first answer to this request id, when the same person sends the same content again.

    content: hash of what was posted, passwords apart. Raises RequestReused for another one.
    """
    if not tx.request_id:
        return None
    if tx.connection.dialect.name == "postgresql":
        # The second of two equal requests waits here for the first one's answer.
        tx.connection.execute(_WAIT_FOR_EQUAL, {"id": tx.request_id})
    found = tx.connection.execute(_ANSWER, {"wanted": tx.request_id}).one_or_none()
    if found is None:
        return None
    if found.actor != tx.actor.id or found.content != content:
        raise RequestReused(
            "This form was already sent with other content. Nothing new was stored. "
            "Look at what is saved, then send again."
        )
    answer: dict[str, Any] = found.answer
    return answer


def store_answer(tx: Transaction, content: str, answer: Mapping[str, Any]) -> None:
    """Keep the answer to this request id, in the same transaction as what it answers."""
    if tx.request_id:
        row = {"id": tx.request_id, "actor": tx.actor.id, "content": content, "at": tx.at}
        tx.connection.execute(_INSERT_ANSWER, {**row, "answer": dict(answer)})


def refuse(
    database: Database,
    actor: Actor,
    concealment: Concealment,
    *,
    study: str,
    subject: str,
    what: str,
    problem: Problem,
) -> None:
    """Put a refusal on record, in its own small transaction."""
    with transaction(database, actor, concealment) as tx:
        body = {"act": what, "problem": type(problem).__name__}
        tx.about(subject, study=study).record(Action.ACCESS_DENY, body)
