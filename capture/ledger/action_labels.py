"""What every action and every item of its body is called: the register that each feature fills.

A feature has its labels beside its fold, in `action_labels.py`; with them `capture.timeline` makes
a row of the ledger into words. A new action is one line there, a new item of a body another one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Any, Protocol, TypeAlias

from capture import problems
from capture.access import Action
from capture.ledger.fold import Change, LedgerRow
from forms.definition import Study

BLANK = "blank"
IDENTIFYING = "(identifies the participant)"
"""What stands for an answer that would identify somebody."""


@dataclass(frozen=True)
class Detail:
    """One thing that an action changed, old and new in words; blank where there is nothing.

    item, entry: the item of a form and the entry that holds it, where the detail is an answer.
    """

    label: str
    old: str
    new: str
    item: str = ""
    entry: str = ""

    @property
    def words(self) -> str:
        """The detail as one line; of a concealed answer only that it changed."""
        if self.old == self.new == IDENTIFYING:
            return f"{self.label}: changed"
        new = self.new or BLANK
        return f"{self.label}: {self.old} → {new}" if self.old else f"{self.label}: {new}"


class LabelReader(Protocol):
    """Who reads a row, and the names that its words need: of the study, its sites and people."""

    @property
    def study(self) -> Study: ...

    @property
    def sees_arms(self) -> bool: ...

    def shows_event(self, kind: str) -> bool: ...

    def shows_visit(self, slug: str) -> bool: ...

    def shows_formula(self, formula: str) -> bool: ...

    def name_site(self, site: str) -> str: ...

    def name_user(self, user: str) -> str: ...


class Audience(Enum):
    """Who is shown an item of a body: everybody, or who may see what it gives away."""

    EVERYBODY = auto()
    WHO_SEES_ARMS = auto()
    WHO_SEES_LEVELS = auto()
    """Who is shown dose levels."""
    WHO_SEES_THE_ITEM = auto()
    """Who is shown that there is the item which the body's `item` names."""
    WHO_SEES_THE_VALUE = auto()
    """Who is shown its answers, too."""


ReadValue: TypeAlias = Callable[[Any, LabelReader], str]
ReadChange: TypeAlias = Callable[[Change, LabelReader], Iterator[Detail]]
ReadBody: TypeAlias = Callable[[LedgerRow, LabelReader], Iterator[Detail]]


@dataclass(frozen=True)
class BodyLabel:
    """How one item of a body reads.

    codes: the words of its codes. is_spaced: a code reads well once its underscores are spaces.
    read: makes a value into words that needs more than that, such as the name of a site.
    read_change: makes the item into several details. is_link: the value is another participant.
    """

    label: str
    codes: Mapping[str, str] = field(default_factory=dict)
    is_spaced: bool = False
    audience: Audience = Audience.EVERYBODY
    read: ReadValue | None = None
    read_change: ReadChange | None = None
    is_link: bool = False


@dataclass(frozen=True)
class ActionLabel:
    """An action in words. done: as the audit trail names it; right: as the table of roles does.

    items: how its body reads. not_shown: items of no use to a reader, or concealed from all.
    read_body: makes a body into details whose items are no names of things, such as a visit plan.
    """

    done: str
    right: str
    items: Mapping[str, BodyLabel]
    not_shown: frozenset[str]
    read_body: ReadBody | None = None


ACTION_LABELS: dict[Action, ActionLabel] = {}
"""Every action's words; filled by each feature's action_labels.py when it is imported."""


def label_actions(
    labels: Mapping[Action, tuple[str, str]],
    items: Mapping[str, str | BodyLabel] | None = None,
    *,
    not_shown: tuple[str, ...] = (),
    read_body: ReadBody | None = None,
) -> None:
    """Register actions, each as (done, right), with how the items of their bodies read.

    A right is blank where no role has it; `done` is blank for what may only be looked at.
    Raises ValueError when an action is labelled twice, or an item both shown and not shown.
    """
    known = {
        name: label if isinstance(label, BodyLabel) else BodyLabel(label)
        for name, label in (items or {}).items()
    }
    if both := known.keys() & set(not_shown):
        raise ValueError(f"{', '.join(sorted(both))}: labelled, and listed as not shown")
    for action, (done, right) in labels.items():
        if action in ACTION_LABELS:
            raise ValueError(f"{action} is labelled twice")
        ACTION_LABELS[action] = ActionLabel(done, right, known, frozenset(not_shown), read_body)


def list_rights() -> list[tuple[Action, str]]:
    """Everything that a role may do, in words: what may be looked at first, as Action lists it."""
    found = [(action, label.right) for action, label in ACTION_LABELS.items() if label.right]
    order = {action: number for number, action in enumerate(Action)}
    return sorted(found, key=lambda right: (not is_view(right[0]), order[right[0]]))


def is_view(action: Action) -> bool:
    """Return whether an action only looks at something, and so never stands in the ledger."""
    return action.value.endswith(".view")


def _problem_title(value: Any, _reader: LabelReader) -> str:
    """Return what stood against an action, by the name of its problem."""
    return str(getattr(getattr(problems, str(value), None), "title", value))


def _address_words(value: Any, _reader: LabelReader) -> str:
    """Return the page that was asked for, by the name of its view."""
    return str(value).replace(".", ": ").replace("_", " ")


label_actions(
    {Action.ACCESS_DENY: ("Access denied", "")},
    {
        "act": BodyLabel("Page", read=_address_words),
        "problem": BodyLabel("Reason", read=_problem_title),
    },
)
