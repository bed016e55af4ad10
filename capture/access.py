"""Who may do what: roles, actions, the one role x action table, the actor, and the mark @allow."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, TypeVar

from forms.roles import Role

__all__ = [
    "CONFLICTING",
    "MAY",
    "PUBLIC",
    "SIGNED_IN",
    "SYSTEM",
    "SYSTEM_ACTOR",
    "WHOLE_STUDY",
    "Action",
    "Actor",
    "Grant",
    "Role",
    "allow",
]

SYSTEM = "system"
"""The tree of acts that belong to no study, and the study name of installation-wide grants."""


class Action(StrEnum):
    """Everything a person may do: ledgered acts first, then what may only be looked at."""

    ACCESS_DENY = "access.deny"
    USER_CREATE = "user.create"
    ACCOUNT_CLOSE = "account.close"
    ACCOUNT_REOPEN = "account.reopen"
    USER_SET_PASSWORD = "user.set_password"  # noqa: S105  (the act's name, not a password)
    USER_RESET_PASSWORD = "user.reset_password"  # noqa: S105  (the same)
    USER_SIGN_IN = "user.sign_in"
    USER_FAIL_SIGN_IN = "user.fail_sign_in"
    USER_SIGN_OUT = "user.sign_out"
    SESSION_REVOKE = "session.revoke"
    SESSION_LOCK = "session.lock"
    SESSION_UNLOCK = "session.unlock"
    ROLE_ASSIGN = "role.assign"
    ROLE_REMOVE = "role.remove"
    STUDY_PUBLISH = "study.publish"
    STUDY_APPROVE = "study.approve"
    SITE_ADD = "site.add"
    SITE_OPEN = "site.open"
    SITE_CLOSE = "site.close"
    SITE_SET_ATTRIBUTE = "site.set_attribute"
    SITE_SET_TARGET = "site.set_target"
    DELEGATION_ADD = "delegation.add"
    DELEGATION_END = "delegation.end"
    CONSENT_VERSION_APPROVE = "consent_version.approve"
    PARTICIPANT_SCREEN = "participant.screen"
    PARTICIPANT_NOT_RECRUIT = "participant.not_recruit"
    PARTICIPANT_ENROL = "participant.enrol"
    CONSENT_RECORD = "consent.record"
    CONSENT_WITHDRAW = "consent.withdraw"
    PARTICIPANT_WITHDRAW = "participant.withdraw"
    PARTICIPANT_RECORD_DEATH = "participant.record_death"
    PARTICIPANT_RECORD_LOST_TO_FOLLOW_UP = "participant.record_lost_to_follow_up"
    PARTICIPANT_RETURN = "participant.return"
    PARTICIPANT_RENUMBER = "participant.renumber"
    PARTICIPANT_TRANSFER = "participant.transfer"
    PARTICIPANT_MARK_IN_ERROR = "participant.mark_in_error"
    PARTICIPANT_REINSTATE = "participant.reinstate"
    COHORT_RECORD = "cohort.record"
    COHORT_CORRECT = "cohort.correct"
    EVENT_RECORD = "event.record"
    VISIT_SCHEDULE = "visit.schedule"
    VISIT_ADD = "visit.add"
    VISIT_BOOK = "visit.book"
    VISIT_MARK_MISSED = "visit.mark_missed"
    VISIT_MARK_IN_ERROR = "visit.mark_in_error"
    VISIT_REINSTATE = "visit.reinstate"
    ENTRY_SAVE = "entry.save"
    ENTRY_MARK_NOT_DONE = "entry.mark_not_done"
    ENTRY_RECALCULATE = "entry.recalculate"
    ENTRY_MARK_IN_ERROR = "entry.mark_in_error"
    ENTRY_REINSTATE = "entry.reinstate"
    DRAFT_TAKE_OVER = "draft.take_over"
    DRAFT_DISCARD = "draft.discard"
    QUERY_OPEN = "query.open"
    QUERY_ANSWER = "query.answer"
    ELIGIBILITY_CONFIRM = "eligibility.confirm"
    ELIGIBILITY_SIGN = "eligibility.sign"
    ELIGIBILITY_VOID = "eligibility.void"
    RANDOMISATION_ENTER_DESIGN = "randomisation.enter_design"
    RANDOMISATION_ACTIVATE = "randomisation.activate"
    RANDOMISATION_ALLOCATE = "randomisation.allocate"
    RANDOMISATION_NOTIFY = "randomisation.notify"
    ENVELOPE_PRINT = "envelope.print"
    ENVELOPE_OPEN = "envelope.open"
    ENVELOPE_DESTROY = "envelope.destroy"
    RANDOMISATION_RECORD_ERROR = "randomisation.record_error"
    RANDOMISATION_DISCLOSE_KEY = "randomisation.disclose_key"
    RANDOMISATION_HALT = "randomisation.halt"
    RANDOMISATION_REENTER = "randomisation.reenter"
    RANDOMISATION_RECONCILE = "randomisation.reconcile"
    DOSE_REGISTER = "dose.register"
    DOSE_RECORD_OUTCOME = "dose.record_outcome"
    DOSE_DECIDE = "dose.decide"
    DOSE_REOPEN = "dose.reopen"
    REDACTION_REQUEST = "redaction.request"
    REDACTION_CARRY_OUT = "redaction.carry_out"
    DATASET_EXPORT = "dataset.export"
    AUDIT_EXPORT = "audit.export"

    PAGE_VIEW = "page.view"
    PARTICIPANT_VIEW = "participant.view"
    ENTRY_VIEW = "entry.view"
    ARM_VIEW = "arm.view"
    IDENTIFIERS_VIEW = "identifiers.view"
    LIST_STATE_VIEW = "list_state.view"
    DOSE_VIEW = "dose.view"
    DASHBOARD_VIEW = "dashboard.view"
    SCORES_VIEW = "scores.view"
    AUDIT_VIEW = "audit.view"
    PEOPLE_VIEW = "people.view"
    SITE_VIEW = "site.view"
    STUDY_VIEW = "study.view"
    PROOF_VIEW = "proof.view"


_N, _I, _D, _M = Role.NURSE, Role.INVESTIGATOR, Role.DATA_MANAGER, Role.MONITOR
_S, _U, _T, _A = Role.STATISTICIAN, Role.UNBLINDED, Role.TRIAL_MANAGER, Role.ADMINISTRATOR
_C = Role.COMMITTEE
_SITE_STAFF = frozenset({_N, _I})
_ALL = frozenset(Role)
_STUDY = _ALL - {_A}
_NOBODY: frozenset[Role] = frozenset()

MAY: dict[Action, frozenset[Role]] = {
    Action.ACCESS_DENY: _NOBODY,
    Action.USER_CREATE: frozenset({_A}),
    Action.ACCOUNT_CLOSE: frozenset({_A}),
    Action.ACCOUNT_REOPEN: frozenset({_A}),
    Action.USER_SET_PASSWORD: _ALL,
    Action.USER_RESET_PASSWORD: frozenset({_A}),
    Action.USER_SIGN_IN: _NOBODY,
    Action.USER_FAIL_SIGN_IN: _NOBODY,
    Action.USER_SIGN_OUT: _ALL,
    Action.SESSION_REVOKE: _ALL,
    Action.SESSION_LOCK: _ALL,
    Action.SESSION_UNLOCK: _ALL,
    Action.ROLE_ASSIGN: frozenset({_A, _T}),
    Action.ROLE_REMOVE: frozenset({_A, _T}),
    Action.STUDY_PUBLISH: frozenset({_T}),
    Action.STUDY_APPROVE: frozenset({_T}),
    Action.SITE_ADD: frozenset({_T}),
    Action.SITE_OPEN: frozenset({_T}),
    Action.SITE_CLOSE: frozenset({_T}),
    Action.SITE_SET_ATTRIBUTE: frozenset({_T}),
    Action.SITE_SET_TARGET: frozenset({_T}),
    Action.DELEGATION_ADD: frozenset({_T}),
    Action.DELEGATION_END: frozenset({_T}),
    Action.CONSENT_VERSION_APPROVE: frozenset({_T}),
    Action.PARTICIPANT_SCREEN: _SITE_STAFF,
    Action.PARTICIPANT_NOT_RECRUIT: _SITE_STAFF,
    Action.PARTICIPANT_ENROL: _SITE_STAFF,
    Action.CONSENT_RECORD: _SITE_STAFF,
    Action.CONSENT_WITHDRAW: _SITE_STAFF,
    Action.PARTICIPANT_WITHDRAW: _SITE_STAFF,
    Action.PARTICIPANT_RECORD_DEATH: _SITE_STAFF,
    Action.PARTICIPANT_RECORD_LOST_TO_FOLLOW_UP: _SITE_STAFF,
    Action.PARTICIPANT_RETURN: _SITE_STAFF,
    Action.PARTICIPANT_RENUMBER: frozenset({_N, _I, _D}),
    Action.PARTICIPANT_TRANSFER: frozenset({_D}),
    Action.PARTICIPANT_MARK_IN_ERROR: _SITE_STAFF,
    Action.PARTICIPANT_REINSTATE: _SITE_STAFF,
    Action.COHORT_RECORD: _SITE_STAFF,
    Action.COHORT_CORRECT: _SITE_STAFF,
    Action.EVENT_RECORD: _NOBODY,
    Action.VISIT_SCHEDULE: _NOBODY,
    Action.VISIT_ADD: _SITE_STAFF,
    Action.VISIT_BOOK: _SITE_STAFF,
    Action.VISIT_MARK_MISSED: _SITE_STAFF,
    Action.VISIT_MARK_IN_ERROR: _SITE_STAFF,
    Action.VISIT_REINSTATE: _SITE_STAFF,
    Action.ENTRY_SAVE: _SITE_STAFF,
    Action.ENTRY_MARK_NOT_DONE: _SITE_STAFF,
    Action.ENTRY_RECALCULATE: _NOBODY,
    Action.ENTRY_MARK_IN_ERROR: _SITE_STAFF,
    Action.ENTRY_REINSTATE: _SITE_STAFF,
    Action.DRAFT_TAKE_OVER: _SITE_STAFF,
    Action.DRAFT_DISCARD: _SITE_STAFF,
    Action.QUERY_OPEN: _NOBODY,
    Action.QUERY_ANSWER: _SITE_STAFF,
    Action.ELIGIBILITY_CONFIRM: _SITE_STAFF,
    Action.ELIGIBILITY_SIGN: frozenset({_I}),
    Action.ELIGIBILITY_VOID: _NOBODY,
    Action.RANDOMISATION_ENTER_DESIGN: frozenset({_U}),
    Action.RANDOMISATION_ACTIVATE: frozenset({_T}),
    Action.RANDOMISATION_ALLOCATE: _SITE_STAFF,
    Action.RANDOMISATION_NOTIFY: _SITE_STAFF,
    Action.ENVELOPE_PRINT: frozenset({_U}),
    Action.ENVELOPE_OPEN: _SITE_STAFF,
    Action.ENVELOPE_DESTROY: frozenset({_U}),
    Action.RANDOMISATION_RECORD_ERROR: frozenset({_N, _I, _D}),
    Action.RANDOMISATION_DISCLOSE_KEY: frozenset({_U, _T}),
    Action.RANDOMISATION_HALT: _NOBODY,
    Action.RANDOMISATION_REENTER: frozenset({_U, _T}),
    Action.RANDOMISATION_RECONCILE: frozenset({_U, _T}),
    Action.DOSE_REGISTER: _SITE_STAFF,
    Action.DOSE_RECORD_OUTCOME: frozenset({_I}),
    Action.DOSE_DECIDE: frozenset({_C}),
    Action.DOSE_REOPEN: _NOBODY,
    Action.REDACTION_REQUEST: frozenset({_D, _T}),
    Action.REDACTION_CARRY_OUT: frozenset({_D, _T}),
    Action.DATASET_EXPORT: frozenset({_S, _U, _D}),
    Action.AUDIT_EXPORT: frozenset({_D, _M, _T}),
    Action.PAGE_VIEW: _ALL,
    Action.PARTICIPANT_VIEW: frozenset({_N, _I, _D, _M}),
    Action.ENTRY_VIEW: frozenset({_N, _I, _D, _M}),
    Action.IDENTIFIERS_VIEW: frozenset({_D}),
    Action.ARM_VIEW: frozenset({_N, _I, _D, _M, _U, _T}),
    Action.LIST_STATE_VIEW: frozenset({_U}),
    Action.DOSE_VIEW: frozenset({_N, _I, _D, _M, _T, _C}),
    Action.DASHBOARD_VIEW: _STUDY,
    Action.SCORES_VIEW: frozenset({_N, _I, _D, _M, _S, _U}),
    Action.AUDIT_VIEW: frozenset({_D, _M, _T}),
    Action.PEOPLE_VIEW: frozenset({_A, _T}),
    Action.SITE_VIEW: frozenset({_T, _D, _M}),
    Action.STUDY_VIEW: _STUDY,
    Action.PROOF_VIEW: frozenset({_U, _T}),
}

WHOLE_STUDY = frozenset(
    {
        Action.STUDY_PUBLISH,
        Action.STUDY_APPROVE,
        Action.SITE_ADD,
        Action.RANDOMISATION_ENTER_DESIGN,
        Action.RANDOMISATION_ACTIVATE,
        Action.RANDOMISATION_DISCLOSE_KEY,
        Action.ENVELOPE_PRINT,
        Action.ENVELOPE_DESTROY,
        Action.RANDOMISATION_REENTER,
        Action.RANDOMISATION_RECONCILE,
        Action.DOSE_DECIDE,
    }
)
"""Acts that concern every site at once: no role that is limited to some sites includes them."""

WITHOUT_ROLE = frozenset(
    {
        Action.ACCESS_DENY,
        Action.USER_SET_PASSWORD,
        Action.USER_SIGN_IN,
        Action.USER_FAIL_SIGN_IN,
        Action.USER_SIGN_OUT,
        Action.SESSION_REVOKE,
        Action.SESSION_LOCK,
        Action.SESSION_UNLOCK,
    }
)
"""Acts of a person as such, before or beside every role: their ledger rows name none."""

CONFLICTING = (
    # Who is blinded may not hold a role that is shown individual arms.
    *((Role.STATISTICIAN, role) for role in Role if role in MAY[Action.ARM_VIEW]),
    # Who knows the list may not see or enter participants.
    (Role.UNBLINDED, Role.NURSE),
    (Role.UNBLINDED, Role.INVESTIGATOR),
    (Role.UNBLINDED, Role.TRIAL_MANAGER),
    (Role.UNBLINDED, Role.DATA_MANAGER),
    (Role.UNBLINDED, Role.MONITOR),
    # The administrator has no interest in the data.
    *((Role.ADMINISTRATOR, role) for role in Role if role is not Role.ADMINISTRATOR),
)


@dataclass(frozen=True)
class Grant:
    """One membership in force: a role in a study, at all its sites (None) or some."""

    study: str
    role: Role
    sites: frozenset[str] | None = None
    masked: bool = False

    def covers(self, study: str | None, site: str | None) -> bool:
        in_study = study is None or study == self.study
        return in_study and (site is None or self.sites is None or site in self.sites)


@dataclass(frozen=True)
class Actor:
    """Whoever acts: a signed-in person with the grants in force today, or the system itself."""

    id: str
    name: str
    kind: str = "user"
    email: str = ""
    grants: tuple[Grant, ...] = field(default=())

    def role_for(
        self, action: Action, study: str | None = None, site: str | None = None
    ) -> Role | None:
        """Return the role under which the actor may do this there; None when it may not."""
        for grant in self.grants:
            is_wide_enough = grant.sites is None or action not in WHOLE_STUDY
            if grant.role in MAY[action] and is_wide_enough and grant.covers(study, site):
                return grant.role
        return None

    def may(self, action: Action, study: str | None = None, site: str | None = None) -> bool:
        return self.kind == SYSTEM or self.role_for(action, study, site) is not None

    def sites_for(self, action: Action, study: str) -> frozenset[str] | None:
        """Return the sites where the actor may do this; None for all of the study's."""
        granted = [g for g in self.grants if g.role in MAY[action] and g.study == study]
        if any(grant.sites is None for grant in granted):
            return None
        return frozenset().union(*(grant.sites or frozenset() for grant in granted))

    def studies_for(self, action: Action) -> frozenset[str]:
        return frozenset(g.study for g in self.grants if g.role in MAY[action])


SYSTEM_ACTOR = Actor(id=SYSTEM, name="Sarcomere", kind=SYSTEM)

View = TypeVar("View", bound=Callable[..., Any])


def allow(action: Action | str) -> Callable[[View], View]:
    """Mark a view with the action it needs; a view without a mark is refused.

    Use PUBLIC for the few pages that need no session, SIGNED_IN for those that need no role.
    """

    def mark(view: View) -> View:
        view.allowed_action = action  # type: ignore[attr-defined]
        return view

    return mark


PUBLIC = "public"

SIGNED_IN = "signed in"
"""The mark of what every signed-in person may do, even before a first membership."""
