"""Adds to the screening log; nothing identifying is asked before consent."""

from __future__ import annotations

from dataclasses import dataclass

from capture import ids
from capture.access import Action
from capture.ledger.fold import Change
from capture.ledger.service import Transaction
from capture.participants import event_kinds, numbers, reads
from capture.participants.reasons import AGE_BANDS, NOT_ENROLLED, OTHER, SOURCES
from capture.participants.records import Participant, Status
from capture.participants.service.dates import refuse_future
from capture.participants.service.facts import as_item, make_fact
from capture.participants.service.locking import lock
from capture.participants.service.planning import plan_visits
from capture.problems import InvalidInput, Refused
from capture.study import reads as study_reads
from capture.study.service.acts import bind_act


@dataclass(frozen=True)
class Screening:
    """A line of the screening log. date: ISO, at the site; source and age band are codes or empty.

    earlier: the id of the same person's earlier episode, when screened again.
    """

    date: str
    source: str = ""
    age_band: str = ""
    earlier: str = ""


def screen(tx: Transaction, study: str, site: str, line: Screening) -> Participant:
    """Add a line to a site's screening log; returns the person with a screening number.

    Raises NotAllowed, NotFound (site), InvalidInput (date, source, age_band), Refused (the site
    is not open, or the earlier episode has not ended).
    """
    tx.role(Action.PARTICIPANT_SCREEN, study, site)
    _check(tx, study, site, line)
    episode = _count_episode(tx, study, site, line.earlier)
    pid = ids.new_id()
    body = {
        "site": site,
        "screening_number": numbers.next_screening_number(tx.connection, study, site),
        "screened_on": line.date,
        "source": line.source or None,
        "age_band": line.age_band or None,
        "episode": episode,
        "earlier_episode": line.earlier or None,
        "events": [as_item(make_fact(event_kinds.SCREENING, line.date))],
    }
    act = bind_act(tx, f"participant/{pid}", study=study, site=site)
    act.record(Action.PARTICIPANT_SCREEN, body, occurred_at=line.date)
    person = lock(tx, study, pid)
    plan_visits(tx, person)
    return person


def _check(tx: Transaction, study: str, site: str, line: Screening) -> None:
    place = study_reads.get_site(tx.connection, study, site)
    refuse_future(tx, study, site, "date", line.date)
    if not place.is_open(line.date):
        raise Refused(
            f"{place.name} was not open in this study on that day. The trial manager opens sites."
        )
    if line.source and line.source not in SOURCES:
        raise InvalidInput("source", "Choose the source of referral from the list.")
    if line.age_band and line.age_band not in AGE_BANDS:
        raise InvalidInput("age_band", "Choose the age group from the list.")


def _count_episode(tx: Transaction, study: str, site: str, earlier: str) -> int:
    if not earlier:
        return 1
    before = lock(tx, study, earlier)
    if before.site != site:
        raise Refused(f"{before.number} was screened at another site. Screen the person there.")
    if before.status != Status.NOT_ENROLLED:
        raise Refused(f"{before.number} is still {before.status.label.lower()}; go on with that.")
    again = reads.find_later_episode(tx.connection, before.id)
    if again is not None:
        raise Refused(_screened_again_words(before, again, site))
    return before.episode + 1


def _screened_again_words(before: Participant, again: Participant, site: str) -> str:
    """Words for a later episode; the site of one that moved is not named."""
    if again.site != site:
        return f"{before.number} was screened again already, and takes part at another site."
    words = f"who is {again.status.label.lower()}"
    return f"{before.number} was screened again already as {again.number}, {words}. Go on there."


def not_enrol(tx: Transaction, study: str, pid: str, reason: str, note: str = "") -> Participant:
    """Close a line of the screening log: the person does not join.

    reason: a code of reasons.NOT_ENROLLED; `other` needs words in the note, without names.
    Raises NotFound, NotAllowed, InvalidInput (reason, note), Refused (enrolled or closed before).
    """
    person = lock(tx, study, pid)
    act = bind_act(tx, person).require(Action.PARTICIPANT_NOT_RECRUIT)
    if reason not in NOT_ENROLLED:
        raise InvalidInput("reason", "Choose the reason not recruited.")
    if reason == OTHER and not note.strip():
        raise InvalidInput("note", "Specify the other reason. Do not enter names.")
    if person.status != Status.SCREENED:
        raise Refused(f"{person.number} is {person.status.label.lower()} already.")
    act.record(
        Action.PARTICIPANT_NOT_RECRUIT,
        {
            "status": Change(person.status.value, Status.NOT_ENROLLED.value),
            "reason_not_recruited": reason,
            "note": note.strip() or None,
        },
    )
    closed = lock(tx, study, pid)
    plan_visits(tx, closed)
    return closed
