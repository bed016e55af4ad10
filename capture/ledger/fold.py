"""State as a fold of the ledger: facts, the state they change, and who folds which action."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, NotRequired, Protocol, TypeAlias, TypedDict, TypeVar, cast

from capture.access import Action

StateRow: TypeAlias = dict[str, Any]
"""One row of any folded table: column name to plain value (text, integer, boolean, JSON)."""


@dataclass(frozen=True)
class Change:
    """One item of a body: what it was and what it became."""

    old: Any
    new: Any


@dataclass(frozen=True)
class LedgerRow:
    """One ledger row with its body opened, as the fold sees it."""

    id: str
    study: str
    at: str
    occurred_at: str
    actor: str
    role: str
    action: Action
    subject: str
    reason: str
    request_id: str
    study_version: int
    body: Mapping[str, Change]

    def new(self, item: str, default: Any = None) -> Any:
        change = self.body.get(item)
        return default if change is None else change.new

    @property
    def subject_id(self) -> str:
        return self.subject.partition("/")[2]


class State(Protocol):
    """The rows of one subject, wherever they lie: in the database or in memory."""

    def get(self, table: str, row_id: str) -> StateRow | None: ...

    def rows(self, table: str) -> list[StateRow]: ...

    def put(self, table: str, row: StateRow) -> None: ...

    def drop(self, table: str, row_id: str) -> None: ...


class FoldedRow(TypedDict):
    """The columns that every folded table has; the state itself gives study and subject."""

    id: str
    study: NotRequired[str]
    subject: NotRequired[str]


Row = TypeVar("Row", bound=Mapping[str, Any])


@dataclass(frozen=True)
class FoldedTable(Generic[Row]):
    """A folded table by its name, with the type of its rows: how a fold gets and puts them."""

    name: str
    row: type[Row]

    def get(self, state: State, row_id: str) -> Row | None:
        return cast(Row | None, state.get(self.name, row_id))

    def rows(self, state: State) -> list[Row]:
        return cast(list[Row], state.rows(self.name))

    def put(self, state: State, row: Row) -> None:
        state.put(self.name, cast(StateRow, row))

    def drop(self, state: State, row_id: str) -> None:
        state.drop(self.name, row_id)


Apply: TypeAlias = Callable[[State, LedgerRow], None]
APPLY: dict[Action, Apply] = {}
"""Which function folds which action; filled by each feature's fold.py when it is imported."""

Counted: TypeAlias = Callable[[Row], Iterable[tuple[str, str]]]
COUNTED: dict[str, Counted[Any]] = {}
"""Per folded table: the (site, counter name) pairs that one row counts in."""


def applies(action: Action) -> Callable[[Apply], Apply]:
    """Register the pure function that folds an action into its subject's state."""

    def register(function: Apply) -> Apply:
        if action in APPLY:
            raise ValueError(f"{action} is folded twice")
        APPLY[action] = function
        return function

    return register


def counts(table: FoldedTable[Row]) -> Callable[[Counted[Row]], Counted[Row]]:
    """Register which counters a row of a folded table counts in."""

    def register(function: Counted[Row]) -> Counted[Row]:
        COUNTED[table.name] = function
        return function

    return register


def changes_nothing(_state: State, _fact: LedgerRow) -> None:
    """For actions that are on record and change no state."""


applies(Action.ACCESS_DENY)(changes_nothing)


class MemoryState:
    """The state of one subject in memory: for verify, for the past, for tests."""

    def __init__(self, study: str, subject: str) -> None:
        self.study = study
        self.subject = subject
        self.tables: dict[str, dict[str, StateRow]] = {}

    def get(self, table: str, row_id: str) -> StateRow | None:
        row = self.tables.get(table, {}).get(row_id)
        return dict(row) if row else None

    def rows(self, table: str) -> list[StateRow]:
        return [dict(row) for row in self.tables.get(table, {}).values()]

    def put(self, table: str, row: StateRow) -> None:
        full = {**row, "study": self.study, "subject": self.subject}
        self.tables.setdefault(table, {})[row["id"]] = full

    def drop(self, table: str, row_id: str) -> None:
        self.tables.get(table, {}).pop(row_id, None)


def fold(facts: Iterable[LedgerRow], study: str, subject: str) -> MemoryState:
    """Return the state of one subject after its facts, oldest first."""
    state = MemoryState(study, subject)
    for fact in facts:
        APPLY[fact.action](state, fact)
    return state
