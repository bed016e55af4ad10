"""What is done about people: accounts made and closed, passwords set, roles granted and ended."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa

from capture import clock, ids
from capture.access import CONFLICTING, SYSTEM, Action, Role
from capture.accounts import reads, sessions
from capture.accounts.tables import password as password_table
from capture.accounts.tables import preference as preference_table
from capture.ledger.fold import Change
from capture.ledger.service import BoundAct, Transaction
from capture.problems import InvalidInput, NotAllowed, Refused

EMAIL = re.compile(r"[^@\s\x00-\x1f]+@[^@\s\x00-\x1f]+\.[^@\s\x00-\x1f]+")
MOST_LETTERS = 254
StateChange = Callable[[Transaction, str, str], None]

GRANTED_BY: dict[Role, frozenset[Role]] = {
    Role.ADMINISTRATOR: frozenset({Role.ADMINISTRATOR, Role.TRIAL_MANAGER}),
    Role.TRIAL_MANAGER: frozenset(Role) - {Role.ADMINISTRATOR},
}
"""Which roles a role may grant and end: a trial manager in one study, an administrator in all."""


@dataclass(frozen=True)
class NewMembership:
    """A role to be granted; dates are ISO text, both days included; sites None for all."""

    user: str
    role: Role
    sites: tuple[str, ...] | None
    from_date: str
    to_date: str | None = None
    masked: bool = False


def create_user(
    tx: Transaction, email: str, name: str, password_hash: str, *, must_change: bool = True
) -> str:
    """Open an account and return its id. password_hash: from passwords.hash_password, made before.

    must_change: whether the first thing after signing in is to choose another password.
    Raises InvalidInput for an e-mail address that is none, or taken.
    """
    tx.role(Action.USER_CREATE, SYSTEM)
    address = _check_email(tx, email)
    full_name = " ".join(name.split())
    if not full_name or len(full_name) > MOST_LETTERS:
        raise InvalidInput("name", f"Enter the person's name, at most {MOST_LETTERS} letters.")
    user = ids.new_id()
    tx.about(f"user/{user}", study=SYSTEM).record(
        Action.USER_CREATE, {"email": address, "name": full_name}
    )
    _store_password(tx, user, password_hash, must_change=must_change)
    return user


def disable_user(tx: Transaction, user: str, reason: str) -> None:
    """Close an account; all its sessions end at once. Raises Refused for one's own."""
    tx.role(Action.ACCOUNT_CLOSE, SYSTEM)
    person = reads.get_account(tx.connection, user)
    if user == tx.actor.id:
        raise Refused("Nobody closes their own account. Ask another administrator.")
    if not person.is_active:
        raise Refused(f"{person.name}'s account is closed already.")
    _set_state(tx, Action.ACCOUNT_CLOSE, person, "disabled", reason)
    sessions.revoke_all(tx.connection, user)


def enable_user(tx: Transaction, user: str, reason: str) -> None:
    """Open a closed account again."""
    tx.role(Action.ACCOUNT_REOPEN, SYSTEM)
    person = reads.get_account(tx.connection, user)
    if person.is_active:
        raise Refused(f"{person.name}'s account is open already.")
    _set_state(tx, Action.ACCOUNT_REOPEN, person, "active", reason)


def set_own_password(tx: Transaction, password_hash: str) -> None:
    """Store the actor's new password; every session of theirs ends."""
    _bind_own_act(tx).record(Action.USER_SET_PASSWORD, {"changed_at": tx.at})
    _store_password(tx, tx.actor.id, password_hash, must_change=False)
    sessions.revoke_all(tx.connection, tx.actor.id)


def reset_password(tx: Transaction, user: str, password_hash: str) -> None:
    """Give another person a first password anew; every session of theirs ends."""
    act = tx.about(f"user/{user}", study=SYSTEM).require(Action.USER_RESET_PASSWORD)
    reads.get_account(tx.connection, user)
    if user == tx.actor.id:
        raise Refused("Change your own password on your account page.")
    act.record(Action.USER_RESET_PASSWORD, {"changed_at": tx.at})
    _store_password(tx, user, password_hash, must_change=True)
    sessions.revoke_all(tx.connection, user)


def revoke_session(tx: Transaction, token_hash: str) -> None:
    """End one of the actor's own sessions. Raises Refused where there is none to end."""
    if not sessions.revoke(tx.connection, tx.actor.id, token_hash):
        raise Refused("This session has ended already. Nothing was changed.")
    _bind_own_act(tx).record(Action.SESSION_REVOKE, {"sessions": 1})


def revoke_other_sessions(tx: Transaction, this_token_hash: str) -> None:
    """End all of the actor's sessions but this one."""
    ended = sessions.revoke_all(tx.connection, tx.actor.id, but=this_token_hash)
    _bind_own_act(tx).record(Action.SESSION_REVOKE, {"sessions": ended})


def sign_out(tx: Transaction, token_hash: str) -> None:
    """End the session that the actor leaves."""
    sessions.revoke(tx.connection, tx.actor.id, token_hash)
    _bind_own_act(tx).record(Action.USER_SIGN_OUT, {})


def lock(tx: Transaction, token_hash: str) -> None:
    """Lock the actor's screen: the session shows nothing until the password is given."""
    sessions.lock(tx.connection, token_hash)
    _bind_own_act(tx).record(Action.SESSION_LOCK, {})


def unlock(tx: Transaction, token_hash: str) -> None:
    """Go on after the password, which the caller has checked."""
    sessions.unlock(tx.connection, token_hash)
    _bind_own_act(tx).record(Action.SESSION_UNLOCK, {})


def set_fast_entry(tx: Transaction, *, is_on: bool) -> None:
    """Keep whether digits answer the rows of a grid for the actor; a setting, no trial state."""
    table, values = preference_table, {"user": tx.actor.id, "fast_entry": is_on}
    updated = tx.connection.execute(
        table.update().where(table.c.user == tx.actor.id).values(fast_entry=is_on)
    )
    if not updated.rowcount:
        tx.connection.execute(table.insert().values(**values))


def grant(tx: Transaction, study: str, new: NewMembership) -> str:
    """Return a person a role in a study and return the membership's id.

    Raises NotAllowed when the actor may not grant it, Refused for oneself or when it conflicts
    with what the person holds, InvalidInput for dates or sites that do not fit.
    """
    acting_as = _get_granting_role(tx, study, new.role)
    person = reads.get_locked_account(tx.connection, new.user)
    if new.user == tx.actor.id:
        raise Refused("Nobody grants themselves a role. Ask a colleague who may.")
    if (new.role is Role.ADMINISTRATOR) != (study == SYSTEM):
        raise Refused(
            "An administrator serves the whole installation; every other role needs a study."
        )
    if not person.is_active:
        raise Refused(f"{person.name}'s account is closed. It has to be opened first.")
    _refuse_dates(tx, new.from_date, new.to_date)
    _refuse_sites(tx, study, new)
    _refuse_conflict(tx, study, new, person.name)
    membership = ids.new_id()
    body = {
        "membership": membership,
        "role": new.role.value,
        "sites": None if new.sites is None else sorted(new.sites),
        "masked": new.masked,
        "from_date": new.from_date,
        "to_date": new.to_date,
    }
    tx.about(f"user/{new.user}", study=study, role=acting_as).record(Action.ROLE_ASSIGN, body)
    return membership


def end_membership(tx: Transaction, study: str, membership_id: str, reason: str) -> None:
    """End a role at this moment; the membership stays on record with its dates."""
    membership = reads.get_membership(tx.connection, tx.actor, study, membership_id)
    acting_as = _get_granting_role(tx, study, membership.role)
    if membership.user == tx.actor.id:
        raise Refused("Nobody changes their own roles. Ask a colleague who may.")
    if membership.ended_at is not None:
        raise Refused("This membership has ended already.")
    tx.about(f"user/{membership.user}", study=study, role=acting_as).record(
        Action.ROLE_REMOVE,
        {
            "membership": membership.id,
            "ended_at": Change(None, tx.at),
            "to_date": Change(membership.to_date, _get_last_day(membership)),
        },
        reason=_check_reason(reason),
    )


def _get_last_day(membership: reads.Membership) -> str | None:
    """Today, or an earlier last day; a role that never began keeps the dates it was given."""
    if membership.from_date > reads.get_today():
        return membership.to_date
    return min(membership.to_date or reads.get_today(), reads.get_today())


def list_grantable_roles(tx_actor_roles: frozenset[Role]) -> frozenset[Role]:
    """Return the roles that somebody holding these may grant."""
    none: frozenset[Role] = frozenset()
    return none.union(*(GRANTED_BY.get(role, none) for role in tx_actor_roles))


def _get_granting_role(tx: Transaction, study: str, role: Role) -> str:
    if tx.actor.kind == SYSTEM:
        return SYSTEM
    for held in tx.actor.grants:
        reaches = held.role is Role.ADMINISTRATOR or held.study == study
        if reaches and role in GRANTED_BY.get(held.role, ()):
            return held.role.value
    raise NotAllowed(f"Your role does not include giving or ending the role of {role.label}.")


def _refuse_dates(tx: Transaction, from_date: str, to_date: str | None) -> None:
    for field, text in (("from_date", from_date), ("to_date", to_date)):
        if text is not None and not _is_date(text):
            raise InvalidInput(field, "Enter a day, month and year that exist.")
    if to_date is not None and to_date < from_date:
        raise InvalidInput("to_date", "The last day is before the first.")
    if tx.actor.kind != SYSTEM and from_date < reads.get_today():
        raise InvalidInput(
            "from_date",
            "Nobody has a role before it is given. Enter today "
            f"({clock.day_words(reads.get_today())}) or a later day.",
        )


def _is_date(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def _refuse_sites(tx: Transaction, study: str, new: NewMembership) -> None:
    led = reads.list_led_sites(tx.actor, study)
    if not reads.is_within(new.sites, led):
        raise InvalidInput(
            "sites",
            "Your own role is limited to some sites, so you give roles at those alone. "
            f"Choose among {_name_sites(tx, study, led)}.",
        )
    if new.sites is None:
        return
    if not new.sites:
        raise InvalidInput("sites", "Choose at least one site, or all sites.")
    slugs = {site.slug for site in reads.list_sites_of_study(tx.connection, study)}
    if unknown := sorted(set(new.sites) - slugs):
        raise InvalidInput("sites", f"This study has no site {unknown[0]}.")


def _name_sites(tx: Transaction, study: str, slugs: frozenset[str] | None) -> str:
    sites = reads.list_sites_of_study(tx.connection, study)
    return ", ".join(site.name for site in sites if slugs is None or site.slug in slugs)


def _refuse_conflict(tx: Transaction, study: str, new: NewMembership, name: str) -> None:
    for held in reads.list_memberships(tx.connection, new.user):
        if held.ended_at is not None and held.role is not Role.UNBLINDED:
            continue
        everywhere = Role.ADMINISTRATOR in (held.role, new.role)
        same_place = everywhere or held.study == study
        if same_place and _is_conflict(held.role, new.role) and _is_at_same_time(held, new):
            raise Refused(
                f"{name} {_describe_membership(tx, held)}, which does not go together with "
                f"{new.role.label}, at whatever sites."
            )
        same_sites = _has_shared_site(held.sites, new.sites)
        if (
            held.role is new.role
            and held.study == study
            and same_sites
            and _is_overlapping(held, new)
        ):
            raise Refused(
                f"{name} has this role there already (from {clock.day_words(held.from_date)}). "
                "End that membership first."
            )


def _describe_membership(tx: Transaction, held: reads.Membership) -> str:
    if not reads.is_within(held.sites, reads.list_led_sites(tx.actor, held.study)):
        return "has or had a role outside the sites that you lead"
    place = "the installation" if held.study == SYSTEM else held.study
    return f"is or was {held.role.label} in {place} (from {clock.day_words(held.from_date)})"


def _is_conflict(role: Role, other: Role) -> bool:
    return (role, other) in CONFLICTING or (other, role) in CONFLICTING


def _is_at_same_time(held: reads.Membership, new: NewMembership) -> bool:
    """Return whether two roles conflict in time: who once knew the list knows it for good."""
    return held.role is Role.UNBLINDED or _is_overlapping(held, new)


def _has_shared_site(sites: tuple[str, ...] | None, other: tuple[str, ...] | None) -> bool:
    return sites is None or other is None or not set(sites).isdisjoint(other)


def _is_overlapping(held: reads.Membership, new: NewMembership) -> bool:
    if held.ended_at is not None:
        return False
    starts_before_end = new.to_date is None or held.from_date <= new.to_date
    return starts_before_end and (held.to_date is None or new.from_date <= held.to_date)


def _check_email(tx: Transaction, email: str) -> str:
    address = reads.make_plain_email(email)
    if len(address) > MOST_LETTERS or not EMAIL.fullmatch(address):
        raise InvalidInput("email", "Enter an e-mail address like a.cole@hospital.example.")
    if reads.find_account_by_email(tx.connection, address):
        raise InvalidInput("email", "There is an account with this e-mail address already.")
    return address


def _check_reason(reason: str) -> str:
    text = reason.strip()
    if not text or len(text) > 1_000:
        raise InvalidInput("reason", "Say why, in at most 1000 letters.")
    return text


def _set_state(
    tx: Transaction, action: Action, person: reads.Account, state: str, reason: str
) -> None:
    body = {"state": Change(person.state, state)}
    tx.about(f"user/{person.id}", study=SYSTEM).record(action, body, reason=_check_reason(reason))


def _bind_own_act(tx: Transaction) -> BoundAct:
    return tx.about(f"user/{tx.actor.id}", study=SYSTEM)


def _store_password(tx: Transaction, user: str, password_hash: str, *, must_change: bool) -> None:
    table = password_table
    values = {"hash": password_hash, "changed_at": tx.at, "must_change": must_change}
    stored = tx.connection.execute(sa.select(table.c.user).where(table.c.user == user)).first()
    if stored:
        tx.connection.execute(table.update().where(table.c.user == user).values(**values))
    else:
        tx.connection.execute(table.insert().values(user=user, **values))
