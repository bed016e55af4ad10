"""Moves answers that were saved for the wrong participant to the right one, in one action."""

from __future__ import annotations

from dataclasses import dataclass

from capture.access import Action
from capture.corrections.reads import MoveSide, list_move_sides
from capture.entry import reads as entries
from capture.entry.reads import Entry, PastSave
from capture.entry.service import (
    Submission,
    get_location,
    not_do_entry,
    refuse_if_over,
    refuse_stale,
    require_reason,
    save_entry,
    strike_entry,
)
from capture.ledger.service import Transaction
from capture.participants import service as participants
from capture.participants.records import Participant
from capture.problems import InvalidInput, NotFound, Refused
from forms.definition import Study
from forms.evaluation_scope import Place
from forms.values import Cell

MOVED_TO, MOVED_FROM = "moved_to", "moved_from"
"""How the two ledger rows name the other participant, by id."""


@dataclass(frozen=True)
class EntryOwner:
    """The right owner of a form's answers.

    entry, version: the wrong form as the person looked at it. since: its first wrong version; it
    goes back to what it was before. to, place, to_version: the participant, place and version of
    the right form. overwrite: whether other answers there are replaced; None until it is chosen.
    """

    entry: str
    version: int
    since: int
    to: str
    place: Place
    to_version: int
    reason: str
    overwrite: bool | None = None


def move_answers(
    tx: Transaction, study: Study, study_version: int, participant_id: str, said: EntryOwner
) -> Participant:
    """Undo the wrong saves and store their answers on the right form; returns its participant.

    Both forms are evaluated again in their own participant's scope. All or nothing.
    Raises NotFound, NotAllowed, InvalidInput (reason, since, place, overwrite), Stale, Refused.
    """
    people = {
        person_id: participants.lock(tx, study.slug, person_id)
        for person_id in sorted({participant_id, said.to})
    }
    wrong, right = people[participant_id], people[said.to]
    for person in (wrong, right):
        tx.role(Action.ENTRY_SAVE, study.slug, person.site)
    why = require_reason(said.reason)
    entry = _get_wrong_entry(tx, wrong, said)
    there = entries.find_entry_at(tx.connection, right.id, said.place)
    refuse_stale(there, said.to_version)
    past = _list_past_saves(tx, wrong, entry)
    sides = list_move_sides(study.instrument(entry.key.instrument), entry, past, said.since, there)
    moved = _find_moved_answers(sides, said.overwrite)
    _undo_saves(tx, study, study_version, wrong, entry, sides=sides, past=past, said=said)
    save_entry(
        tx,
        study,
        study_version,
        right.id,
        said.place,
        submission=Submission(moved),
        version=_find_version(tx, right, said.place),
        reason=why,
        beside={MOVED_FROM: wrong.id},
    )
    return right


def _get_wrong_entry(tx: Transaction, wrong: Participant, said: EntryOwner) -> Entry:
    entry = entries.find_entry(tx.connection, said.entry)
    if entry is None or entry.participant != wrong.id:
        raise NotFound("There is no such form any more. Go back to the participant's page.")
    refuse_stale(entry, said.version)
    if said.place.instrument != entry.key.instrument:
        raise InvalidInput("place", "The data can only be moved to the same form.")
    if (said.to, said.place) == (wrong.id, entry.key):
        raise InvalidInput(
            "place", "The data are already on that form. Choose the correct participant or visit."
        )
    if not 1 <= said.since <= entry.version:
        raise InvalidInput("since", "Choose the first version with the wrong data.")
    return entry


def _list_past_saves(tx: Transaction, person: Participant, entry: Entry) -> list[PastSave]:
    return entries.list_entry_history(
        tx.connection, tx.concealment, person.study, person.id, entry.id
    )


def _find_moved_answers(sides: list[MoveSide], overwrite: bool | None) -> dict[str, Cell | None]:
    """The answers to move. Raises InvalidInput until it is chosen whether others are replaced."""
    if overwrite is None and any(side.is_conflict for side in sides):
        raise InvalidInput(
            "overwrite",
            "The other form already has different values. Compare both, then choose which values "
            "to keep.",
        )
    moved: dict[str, Cell | None] = {
        side.item: side.moved
        for side in sides
        if side.moved is not None and (overwrite or not side.is_conflict)
    }
    if not moved:
        raise InvalidInput(
            "since",
            "There are no values to move to the other form. If this form is wrong, mark it as "
            "entered in error instead.",
        )
    return moved


def _undo_saves(
    tx: Transaction,
    study: Study,
    study_version: int,
    wrong: Participant,
    entry: Entry,
    *,
    sides: list[MoveSide],
    past: list[PastSave],
    said: EntryOwner,
) -> None:
    """Let the wrong form be what it was before: its answers, not done, or blank."""
    beside, reason = {MOVED_TO: said.to}, said.reason.strip()
    if said.since == 1:
        _refuse_after_end(tx, study, wrong, entry)
        strike_entry(
            tx,
            study,
            study_version,
            wrong.id,
            entry.id,
            version=entry.version,
            reason=reason,
            beside=beside,
        )
        return
    save_entry(
        tx,
        study,
        study_version,
        wrong.id,
        entry.key,
        submission=Submission({side.item: side.here_after for side in sides}),
        version=entry.version,
        reason=reason,
        beside=beside,
    )
    was = next(save for save in past if save.version < said.since)
    if was.missing_reason is not None:
        not_do_entry(
            tx,
            study,
            study_version,
            wrong.id,
            entry.key,
            missing_reason=was.missing_reason,
            version=_find_version(tx, wrong, entry.key),
            reason=reason,
        )


def _refuse_after_end(tx: Transaction, study: Study, wrong: Participant, entry: Entry) -> None:
    location = get_location(tx.connection, study, wrong, entry.key)
    try:
        refuse_if_over(tx, location, entry.assessment_date)
    except Refused as problem:
        raise Refused(
            f"{problem.message} Mark this form as entered in error, then enter the data on the "
            "correct form."
        ) from problem


def _find_version(tx: Transaction, person: Participant, place: Place) -> int:
    entry = entries.find_entry_at(tx.connection, person.id, place)
    return entry.version if entry else 0
