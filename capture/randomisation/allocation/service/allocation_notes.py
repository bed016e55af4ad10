"""Records notifications of an allocation, and randomisations in error."""

from __future__ import annotations

from collections.abc import Mapping

from capture.access import Action
from capture.ledger.service import Transaction
from capture.participants import service as participants
from capture.problems import InvalidInput, Refused
from capture.randomisation import reads
from forms.definition import Study
from randomiser import Mistake

TO_BE_TOLD = {
    "participant": "Participant",
    "pharmacy": "Trial pharmacy",
    "treating_team": "Treating team",
    "gp": "Participant's GP",
}
"""Who is to be notified of the arm in an open-label trial: our default [D]."""


MOST_LETTERS = 2_000


def record_notification(
    tx: Transaction, study: Study, participant: str, name: str, who: str
) -> None:
    """Record that a party has been notified of the arm; a second record changes nothing.

    Raises InvalidInput for a party that is not on the list, Refused before the allocation.
    """
    person = participants.lock(tx, study.slug, participant)
    act = tx.about(person).require(Action.RANDOMISATION_NOTIFY)
    done = _get_allocation(tx, study, participant, name)
    if who not in TO_BE_TOLD:
        raise InvalidInput("who", "Choose who has been notified.")
    if any(told["who"] == who for told in done.notified):
        return
    act.record(Action.RANDOMISATION_NOTIFY, {"id": done.id, "who": who})


def annotate_allocation(
    tx: Transaction,
    study: Study,
    participant: str,
    name: str,
    *,
    mistake: str,
    reason: str,
    levels_corrected: Mapping[str, str] | None = None,
) -> None:
    """Record that a participant was randomised in error; arm, number and list position stay.

    Minimisation may count the participant differently from now on, so the note records after which
    number it was made. levels_corrected: for a wrong stratum every factor with its correct level.
    Raises InvalidInput, Refused.
    """
    person = participants.lock(tx, study.slug, participant)
    act = tx.about(person).require(Action.RANDOMISATION_RECORD_ERROR)
    done = _get_allocation(tx, study, participant, name)
    if mistake not in set(Mistake):
        raise InvalidInput("mistake", "Choose what went wrong.")
    if not 1 <= len(reason.strip()) <= MOST_LETTERS:
        raise InvalidInput("reason", f"Say what happened, in at most {MOST_LETTERS} letters.")
    if mistake == Mistake.WRONG_STRATUM:
        _check_levels(tx, study.slug, done, levels_corrected or {})
    after = reads.get_locked_last_number(tx.connection, study.slug, name)
    act.record(
        Action.RANDOMISATION_RECORD_ERROR,
        {
            "id": done.id,
            "mistake": mistake,
            "after": after,
            "levels_corrected": dict(levels_corrected)
            if mistake == Mistake.WRONG_STRATUM and levels_corrected
            else None,
        },
        reason=reason.strip(),
    )


def _get_allocation(
    tx: Transaction, study: Study, participant: str, name: str
) -> reads.AllocationRow:
    done = reads.find_allocation(tx.connection, study.slug, participant, name)
    if done is None:
        raise Refused("The participant is not randomised.")
    return done


def _check_levels(
    tx: Transaction, study: str, done: reads.AllocationRow, corrected: Mapping[str, str]
) -> None:
    """Raise InvalidInput unless the levels are of the allocation's design and one is changed."""
    version = f"{done.randomisation}/{done.design_version}"
    design = reads.get_design(tx.connection, tx.concealment, study, version)
    for factor in (*design.factors, *design.minimised):
        level = corrected.get(factor.name, "")
        if not level or (factor.levels is not None and level not in factor.levels):
            raise InvalidInput(
                f"level-{factor.name}", f"Choose the correct level of {factor.name}."
            )
    if dict(corrected) == dict(done.levels):
        raise InvalidInput("mistake", "These are the levels used. Change the one that was wrong.")
