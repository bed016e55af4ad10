"""Works entries out again when something changed that their formulas or conditions read.

An action of its own: the entry's version, author and time of saving stay, so that nobody is told
that somebody else saved the form meanwhile.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

from capture.access import SYSTEM, SYSTEM_ACTOR, Action
from capture.entry.fold import ITEM
from capture.entry.reads import COMPLETE, NOT_DONE, Casebook, Entry, get_casebook_of
from capture.entry.rules import get_rules
from capture.entry.service.after_save import run_after_save
from capture.entry.service.entry_body import make_location_body
from capture.entry.service.entry_location import (
    EntryLocation,
    find_assessment_date,
    get_scope,
    list_every_visit,
)
from capture.entry.service.evaluate import (
    Evaluation,
    compare_cells,
    evaluate_entry,
    list_questions,
)
from capture.entry.service.events import follow_events
from capture.ledger.fold import Change
from capture.ledger.service import BEFORE_COMMIT, Transaction
from capture.participants import service as participants
from capture.participants.records import Participant
from capture.problems import NotFound, Refused
from capture.queries import service as queries
from capture.queries.reads import list_queries
from capture.study import reads as study_reads
from forms.definition import Study
from forms.edit_checks import Finding
from forms.evaluation_scope import StudyScope

MOST_ROUNDS = 100
"""More than any chain of forms needs; `study check` refuses circles, which would never end."""
LEAVES_ALONE = frozenset(
    {
        Action.ACCESS_DENY.value,
        Action.ENTRY_SAVE.value,
        Action.ENTRY_RECALCULATE.value,
        Action.QUERY_OPEN.value,
        Action.QUERY_ANSWER.value,
        Action.DRAFT_TAKE_OVER.value,
        Action.DRAFT_DISCARD.value,
    }
)
"""What changes nothing that a formula reads, or sees itself to what follows."""


@dataclass(frozen=True)
class _Recalculation:
    """One entry worked out again: where it stands, as it was, and as it comes out now."""

    location: EntryLocation
    before: Entry
    scope: StudyScope
    evaluation: Evaluation

    @property
    def differs(self) -> bool:
        now = self.evaluation
        kept = dict(self.before.kept_cells), tuple(self.before.flags)
        return kept != (dict(now.cells), now.not_asked)

    @property
    def entry(self) -> Entry:
        """The entry as it is now, for what reads it next."""
        now = self.evaluation
        return replace(
            self.before, cells=now.answers, kept_cells=now.cells, flags=tuple(now.not_asked)
        )


def recalculate_entries(
    tx: Transaction,
    study: Study,
    study_version: int,
    participant_id: str,
    instruments: Iterable[str],
) -> bool:
    """Work out again what a person's entries of some instruments ask and derive, and what follows.

    Goes on with whatever reads an entry that came out otherwise. Tells whether any did. The
    participant's row is locked.
    """
    rules, waiting, is_any = get_rules(study), set(instruments), False
    with _acting_as_system(tx):
        for _ in range(MOST_ROUNDS if waiting else 0):
            changed = set(_recalculate_once(tx, study, study_version, participant_id, waiting))
            if not changed:
                break
            is_any = True
            waiting |= rules.reads_facts
            waiting.update(*(rules.worked_out_from[instrument] for instrument in changed))
    return is_any


@contextmanager
def _acting_as_system(tx: Transaction) -> Iterator[None]:
    """What follows from an act is nobody's own, and may lie at a site the actor has left."""
    actor, tx.actor = tx.actor, SYSTEM_ACTOR
    try:
        yield
    finally:
        tx.actor = actor


def _recalculate_once(
    tx: Transaction, study: Study, study_version: int, participant_id: str, waiting: Iterable[str]
) -> Iterator[str]:
    """Go through the entries once; gives the instrument of each that came out otherwise."""
    person = participants.lock(tx, study.slug, participant_id)
    names = set(waiting) & {instrument.name for instrument in study.instruments}
    casebook = _get_casebook(tx, study, person, names)
    visits = list_every_visit(tx.connection, participant_id)
    for key in sorted(place for place in casebook.entries if place.instrument in names):
        before = casebook.entries[key]
        if before.status == NOT_DONE:
            continue
        visit = visits.get(before.visit or "")
        location = EntryLocation(study, person, key, study.instrument(key.instrument), visit)
        found = _judge(location, before, casebook)
        if found.differs:
            casebook = replace(casebook, entries={**casebook.entries, key: found.entry})
            _store(tx, study_version, found)
            yield key.instrument


def _get_casebook(
    tx: Transaction, study: Study, person: Participant, names: Iterable[str]
) -> Casebook:
    looks_at = get_rules(study).looks_at
    read: set[str] = set().union(*(looks_at[name] for name in names))
    site = study_reads.get_site(tx.connection, study.slug, person.site)
    return get_casebook_of(tx.connection, study, person, site, instruments=read)


def _judge(location: EntryLocation, before: Entry, casebook: Casebook) -> _Recalculation:
    scope = get_scope(location, casebook)
    evaluation = evaluate_entry(location.instrument, before.kept_cells, scope)
    return _Recalculation(location, before, scope, evaluation)


def _store(tx: Transaction, study_version: int, found: _Recalculation) -> None:
    location, before, now = found.location, found.before, found.evaluation
    act = tx.about(location.person, study_version=study_version, role=SYSTEM)
    known = list_queries(tx.connection, before.id)
    asked: Mapping[Finding, bool] = dict.fromkeys(now.findings, False)
    status = now.status(is_clean=not list_questions(known, asked))
    act.record(Action.ENTRY_RECALCULATE, _make_body(tx, found, status))
    request = queries.QueryRequest(act, location.visit_id, before.id)
    queries.settle_queries(request, known, asked)
    follow_events(
        tx,
        location,
        get_rules(location.study),
        before.id,
        cells=now.answers,
        changes=compare_cells(before.cells, now.answers),
        scope=found.scope,
        reason="",
    )


def _make_body(tx: Transaction, found: _Recalculation, status: str) -> dict[str, Any]:
    location, before, now = found.location, found.before, found.evaluation
    done_at = before.completed_at or (tx.at if status == COMPLETE else None)
    changes = compare_cells(before.kept_cells, now.cells)
    return {
        **make_location_body(tx, location, before.id, status, site=before.site),
        "version": before.version,
        "status": Change(before.status, status),
        "assessment_date": find_assessment_date(location, now.answers),
        "completed_at": done_at,
        "flags": Change(list(before.flags), list(now.not_asked)),
        **{f"{ITEM}{name}": change for name, change in changes.items()},
    }


def recalculate_touched(tx: Transaction) -> None:
    """At the end of an act: work out again what reads the facts of the people it was about."""
    touched = {
        (row["study"], row["subject"].removeprefix("participant/"))
        for row, _body in tx.waiting
        if row["subject"].startswith("participant/") and row["action"] not in LEAVES_ALONE
    }
    for slug, participant_id in sorted(touched):
        _recalculate_person(tx, slug, participant_id)


def _recalculate_person(tx: Transaction, slug: str, participant_id: str) -> None:
    try:
        published = study_reads.get_version_in_force(tx.connection, slug)
    except NotFound:
        return
    study = study_reads.get_definition(tx.connection, published)
    readers = get_rules(study).reads_facts
    if not readers or not _takes_part(tx, slug, participant_id):
        return
    if recalculate_entries(tx, study, published.number, participant_id, readers):
        run_after_save(tx, study, participant_id)


def _takes_part(tx: Transaction, slug: str, participant_id: str) -> bool:
    """Whether there is such a person, and not entered in error: then nothing is worked out."""
    try:
        with _acting_as_system(tx):
            participants.lock(tx, slug, participant_id)
    except (NotFound, Refused):
        return False
    return True


BEFORE_COMMIT.append(recalculate_touched)
