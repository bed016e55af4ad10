"""What a study hides from nurses and data managers, and a course that does every act about it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TypeVar

from capture import clock
from capture.access import Action, Actor, Role
from capture.corrections.service import reinstate, strike_visit
from capture.entry import reads
from capture.entry.service import (
    Submission,
    discard_draft,
    keep_draft,
    not_do_entry,
    reinstate_entry,
    save_entry,
    strike_entry,
    take_over_draft,
)
from capture.ledger.service import Transaction, transaction
from capture.oversight.service import ask_redaction, redact
from capture.participants import service as participants
from capture.participants.reads import list_visits
from capture.participants.records import Participant
from capture.study import reads as study_reads
from capture.study import service as study_service
from capture.web.request_context import Services
from forms.evaluation_scope import Place
from forms.load import read_folder
from forms.values import Cell
from tests.support.kitchen_sink import DEMO, FOLDER
from tests.support.trial import make_actor

HIDDEN_ROLES = (Role.NURSE, Role.DATA_MANAGER)
HIDDEN = "hidden_from: [nurse, data_manager]"
GRADING = f"""\
name: grading
title: Panel grading
sections:
  - title: Grading
    items:
      - {{name: grade, type: integer, label: Panel grade, {HIDDEN}, soft: {{min: 0, max: 3}}}}
      - {{name: graded_on, type: date, label: Graded on, {HIDDEN}}}
      - name: grade_weight
        type: derived
        label: Panel grade by weight
        {HIDDEN}
        result: number
        decimals: 1
        formula: "[start][ed_weight] * 2"
"""
PANEL = """\
  - slug: panel
    title: Panel meeting
    anchor: screening
    window: {after: 400}
    repeats: {every: {days: 7}, times: 3}
    instruments: [grading]
"""
SITE = "westbrook"
T = TypeVar("T")
DOCTOR, COLLEAGUE = (make_actor(Role.INVESTIGATOR, *at, study=DEMO) for at in ((SITE,), ()))
MANAGERS = tuple(make_actor(Role.TRIAL_MANAGER, *at, study=DEMO) for at in ((SITE,), ()))
GRADED = Place("panel", 1, "grading")
ELSEWHERE = {
    **dict.fromkeys(
        (
            Action.COHORT_RECORD,
            Action.COHORT_CORRECT,
            Action.ELIGIBILITY_CONFIRM,
            Action.ELIGIBILITY_SIGN,
            Action.ELIGIBILITY_VOID,
            Action.RANDOMISATION_ENTER_DESIGN,
            Action.RANDOMISATION_ACTIVATE,
            Action.RANDOMISATION_ALLOCATE,
            Action.RANDOMISATION_NOTIFY,
            Action.RANDOMISATION_RECORD_ERROR,
            Action.RANDOMISATION_DISCLOSE_KEY,
            Action.RANDOMISATION_HALT,
            Action.RANDOMISATION_REENTER,
            Action.RANDOMISATION_RECONCILE,
            Action.ENVELOPE_PRINT,
            Action.ENVELOPE_OPEN,
            Action.ENVELOPE_DESTROY,
            Action.DOSE_REGISTER,
            Action.DOSE_RECORD_OUTCOME,
            Action.DOSE_DECIDE,
            Action.DOSE_REOPEN,
        ),
        "the study draws by no hidden item: `study check` refuses what would carry one to a role",
    ),
    **dict.fromkeys(
        (
            Action.PARTICIPANT_NOT_RECRUIT,
            Action.PARTICIPANT_MARK_IN_ERROR,
            Action.PARTICIPANT_REINSTATE,
            Action.PARTICIPANT_WITHDRAW,
            Action.PARTICIPANT_RECORD_DEATH,
            Action.PARTICIPANT_RECORD_LOST_TO_FOLLOW_UP,
            Action.PARTICIPANT_RETURN,
            Action.PARTICIPANT_RENUMBER,
            Action.PARTICIPANT_TRANSFER,
            Action.CONSENT_WITHDRAW,
            Action.VISIT_ADD,
        ),
        "about the participant as a whole, and about no form that can be hidden",
    ),
    **dict.fromkeys(
        (Action.DATASET_EXPORT, Action.AUDIT_EXPORT), "done by the tests, as their readers"
    ),
    **dict.fromkeys(
        (
            Action.ACCESS_DENY,
            Action.ACCOUNT_CLOSE,
            Action.ACCOUNT_REOPEN,
            Action.USER_SET_PASSWORD,
            Action.USER_RESET_PASSWORD,
            Action.USER_FAIL_SIGN_IN,
            Action.USER_SIGN_OUT,
            Action.SESSION_REVOKE,
            Action.SESSION_LOCK,
            Action.SESSION_UNLOCK,
            Action.ROLE_REMOVE,
            Action.STUDY_APPROVE,
            Action.SITE_CLOSE,
            Action.SITE_SET_ATTRIBUTE,
            Action.SITE_SET_TARGET,
            Action.DELEGATION_ADD,
            Action.DELEGATION_END,
        ),
        "about accounts, sites or the study, and about no participant",
    ),
}
"""What the course does not do, and why nothing hidden can come of it."""


def check_hiding_study(*, with_panel: bool = False) -> study_service.CheckedDefinition:
    """The demo study with a hidden item in its form, a form of hidden items, and a hidden event.

    with_panel: also with three visits that have the hidden form alone.
    """
    files = read_folder(FOLDER)
    sink_file, plan = "instruments/kitchen_sink.yaml", "plan.yaml"
    event = "  - {name: fall,"
    changes = [
        (sink_file, "label: Steps a day,", f"label: Steps a day, {HIDDEN},"),
        (plan, "instruments: [kitchen_sink]", "instruments: [kitchen_sink, grading]"),
        (plan, event, f"  - {{name: graded, title: Graded, date_item: graded_on}}\n{event}"),
    ]
    if with_panel:
        changes.append((plan, "  - slug: month\n", f"{PANEL}  - slug: month\n"))
    for file, old, new in changes:
        assert old in files[file].decode()
        files[file] = files[file].replace(old.encode(), new.encode())
    files["instruments/grading.yaml"] = GRADING.encode()
    return study_service.check_definition(files)


@dataclass
class HiddenCourse:
    """Every act there is at a hidden visit, in a hidden form or on a hidden item of one person."""

    services: Services
    person: Participant

    def run(self) -> None:
        planned = self._list_panels()
        self._act(lambda tx: participants.appoint(tx, DEMO, self._pid, planned[0], _day(9)))
        self._act(
            lambda tx: participants.not_do_visit(
                tx, DEMO, self._pid, planned[1], reason="The panel did not meet"
            )
        )
        self._save({"grade": "9", "graded_on": _day(-3)})
        self._save({"grade": "8"}, reason="Read again", confirms=True)
        self._keep_drafts()
        self._mark_in_error_and_reinstate(planned[0])
        self._mark_not_done()
        self._redact()

    @property
    def _pid(self) -> str:
        return self.person.id

    def _act(self, act: Callable[[Transaction], T], actor: Actor = DOCTOR) -> T:
        with transaction(self.services.database, actor, self.services.concealment) as tx:
            return act(tx)

    def _list_panels(self) -> list[str]:
        with self.services.database.reading() as connection:
            visits = list_visits(connection, self._pid)
        return [visit.id for visit in visits if visit.slug == "panel"]

    def _find_entry(self) -> reads.Entry | None:
        with self.services.database.reading() as connection:
            return reads.find_entry_at(connection, self._pid, GRADED)

    def _save(self, values: Mapping[str, str], *, reason: str = "", confirms: bool = False) -> None:
        before = self._find_entry()
        cells = {name: Cell(value) for name, value in values.items()}

        def save(tx: Transaction) -> object:
            return save_entry(
                tx,
                study_reads.get_definition_for(tx.connection, DEMO),
                1,
                self._pid,
                GRADED,
                submission=Submission(cells, confirms=lambda _finding: confirms),
                version=before.version if before else 0,
                reason=reason,
            )

        self._act(save)

    def _keep_drafts(self) -> None:
        """One draft is taken over, one discarded, one left."""
        for occurrence in (1, 2, 3):
            place = replace(GRADED, occurrence=occurrence)
            with self.services.database.writing() as connection:
                keep_draft(
                    connection, COLLEAGUE, self.person, place, {"grade": ["2"]}, entry_version=0
                )
        for occurrence, act in ((1, take_over_draft), (2, discard_draft)):
            place = replace(GRADED, occurrence=occurrence)
            with self.services.database.reading() as connection:
                (draft,) = reads.list_drafts_at(connection, self._pid, place)
            self._act(lambda tx, a=act, p=place, d=draft.id: a(tx, self.person, p, d))

    def _mark_in_error_and_reinstate(self, visit: str) -> None:
        def strike(tx: Transaction) -> None:
            study = study_reads.get_definition_for(tx.connection, DEMO)
            entry = reads.find_entry_at(tx.connection, self._pid, GRADED)
            assert entry is not None
            strike_entry(
                tx, study, 1, self._pid, entry.id, version=entry.version, reason="Another's grade"
            )
            (struck,) = reads.list_struck(tx.connection, self._pid)
            reinstate_entry(tx, study, 1, self._pid, struck.id, reason="It was hers")
            strike_visit(tx, study, self._pid, visit, reason="Another one's meeting")
            for row in reads.list_struck(tx.connection, self._pid):
                if row.kind == "visit":
                    reinstate(tx, study, self._pid, row.id, reason="It was hers after all")

        self._act(strike)

    def _mark_not_done(self) -> None:
        """The form of another visit is marked as not done, and that is left in error."""
        place = Place("start", 1, "grading")

        def mark(tx: Transaction) -> None:
            study = study_reads.get_definition_for(tx.connection, DEMO)
            reason = study.missing_reasons[0].code
            not_do_entry(tx, study, 1, self._pid, place, missing_reason=reason, version=0)
            entry = reads.find_entry_at(tx.connection, self._pid, place)
            assert entry is not None
            strike_entry(
                tx, study, 1, self._pid, entry.id, version=entry.version, reason="Not at screening"
            )

        self._act(mark)

    def _redact(self) -> None:
        """The grade is redacted by two people."""
        entry = self._find_entry()
        assert entry is not None
        why = "Not needed"
        request = self._act(
            lambda tx: ask_redaction(tx, DEMO, self._pid, entry=entry.id, item="grade", reason=why),
            MANAGERS[0],
        )
        self._act(lambda tx: redact(tx, DEMO, request), MANAGERS[1])


def _day(days: int) -> str:
    """The date so many days from today, ISO."""
    return (clock.today("Europe/London") + timedelta(days=days)).isoformat()
