"""A course in which one of two people has everything that only one arm brings about, act by act."""

from __future__ import annotations

from dataclasses import replace

from capture.access import Action, Role
from capture.corrections.service import reinstate, strike_visit
from capture.entry.reads import list_struck
from capture.entry.service import (
    discard_draft,
    keep_draft,
    reinstate_entry,
    strike_entry,
    take_over_draft,
)
from capture.oversight.service import ask_redaction, redact
from capture.participants import service as participants
from capture.participants.reads import list_visits
from capture.participants.records import Participant
from capture.randomisation.allocation.service.allocation_notes import (
    annotate_allocation,
    record_notification,
)
from forms.evaluation_scope import Place
from tests.support.entries import Desk
from tests.support.randomising import DURATION, definition
from tests.support.trial import GIST, Trial, make_actor

BLOOD = Place("drug_m1", 1, "haematology")
CHEMISTRY = Place("drug_m1", 1, "biochemistry")
PERIOD = Place("log", 1, "imatinib_periods", 1)
LAST_PERIOD = Place("log", 1, "imatinib_periods", 3)
EVENT = Place("log", 1, "adverse_events", 1)
ELSEWHERE = {
    **dict.fromkeys(
        (Action.COHORT_RECORD, Action.COHORT_CORRECT),
        "the study has no cohorts; done in the course of test_masked_assessor.py",
    ),
    **dict.fromkeys(
        (Action.DOSE_REGISTER, Action.DOSE_RECORD_OUTCOME, Action.DOSE_DECIDE, Action.DOSE_REOPEN),
        "the study has no dose levels; whom they are kept from: test_dose_pages.py",
    ),
    **dict.fromkeys(
        (
            Action.ENVELOPE_PRINT,
            Action.ENVELOPE_OPEN,
            Action.ENVELOPE_DESTROY,
            Action.RANDOMISATION_HALT,
            Action.RANDOMISATION_REENTER,
            Action.RANDOMISATION_RECONCILE,
            Action.RANDOMISATION_DISCLOSE_KEY,
        ),
        "another way to an allocation, or an end of the list: done the same for every arm; what "
        "the act holds of an arm is a value of it, as that of the draw",
    ),
    **dict.fromkeys(
        (Action.ELIGIBILITY_SIGN, Action.ELIGIBILITY_VOID),
        "before the draw, so the same whatever arm follows",
    ),
    **dict.fromkeys(
        (
            Action.PARTICIPANT_NOT_RECRUIT,
            Action.PARTICIPANT_MARK_IN_ERROR,
            Action.PARTICIPANT_REINSTATE,
        ),
        "refused for somebody who is randomised",
    ),
    Action.PARTICIPANT_RENUMBER: "about the number alone, which stands on every page",
    **dict.fromkeys(
        (Action.PARTICIPANT_TRANSFER, Action.DATASET_EXPORT, Action.AUDIT_EXPORT),
        "done by the tests below, as their readers",
    ),
    **dict.fromkeys(
        (
            Action.ACCESS_DENY,
            Action.ACCOUNT_CLOSE,
            Action.ACCOUNT_REOPEN,
            Action.USER_SET_PASSWORD,
            Action.USER_RESET_PASSWORD,
            Action.USER_SIGN_IN,
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
            Action.DELEGATION_END,
        ),
        "about accounts, sites or the study, and about no participant",
    ),
}
"""What the course does not do, and why nothing of an arm can come of it here."""


def common_course(trial: Trial, person: Participant) -> None:
    """What either arm may bring, done the same for both."""
    with trial.acting() as tx:
        record_notification(tx, definition(trial), person.id, DURATION, "pharmacy")
        annotate_allocation(
            tx, definition(trial), person.id, DURATION, mistake="ineligible", reason="Read again"
        )
        added = participants.add_visit(tx, GIST, person.id, slug="unscheduled", date="2026-11-16")
        participants.lose(tx, GIST, person.id, date="2026-11-01", reason="No answer")
        participants.come_back(tx, GIST, person.id, date="2026-11-15")
        participants.die(tx, GIST, person.id, date="2026-11-15")
        participants.undo_ending(tx, GIST, person.id, kind="death", reason="Another one died")
        participants.withdraw_consent(
            tx, GIST, person.id, scope="main", date="2026-11-15", told_to="A. Cole"
        )
        assert added.slug == "unscheduled"


def course_of_the_long_arm(trial: Trial, person: Participant) -> None:
    """Every act there is at a visit, in a form, on an item or of an event of one arm alone."""
    desk = Desk(trial, person)
    _visits(trial, person)
    desk.save({"imp_dose_mg": "400", "imp_from": "2026-03-08", "imp_to": "2026-03-01"}, PERIOD)
    assert desk.queries(PERIOD), "the period ends before it begins: there is a query"
    desk.save({"haem_date": "2026-04-07", "plt": "2"}, BLOOD)
    assert desk.queries(BLOOD), "platelets are odd: there is a query at a visit of one arm"
    desk.save({"plt": "200"}, BLOOD)  # and its answer
    desk.not_do(CHEMISTRY)
    _drafts(trial, person)
    _strike(trial, person)
    with trial.acting() as tx:
        for reason in ("Tired of it", "Tired of it at last"):
            said = participants.Withdrawal(
                "treatment_withdrawal", "2026-09-15", "participant", reason
            )
            participants.withdraw(tx, GIST, person.id, said)
            if reason == "Tired of it":
                kind = "treatment_withdrawal"
                participants.undo_ending(tx, GIST, person.id, kind=kind, reason="Not yet")
    _redact(trial, desk)


def _visits(trial: Trial, person: Participant) -> None:
    with trial.acting() as tx:
        planned = {one.slug: one.id for one in list_visits(tx.connection, person.id)}
        participants.appoint(tx, GIST, person.id, planned["drug_m1"], "2026-12-24T11:35")
        participants.not_do_visit(tx, GIST, person.id, planned["drug_m3"], reason="Forgot the dose")


def _drafts(trial: Trial, person: Participant) -> None:
    """Of drafts of three periods one is left, one taken over and one thrown away."""
    colleague = make_actor(Role.INVESTIGATOR, person.site)
    for instance in (2, 3, 4):
        with trial.database.writing() as connection:
            place = replace(PERIOD, instance=instance)
            typed = {"imp_dose_mg": ["7"]}
            keep_draft(connection, colleague, person, place, typed, entry_version=0)
    for instance, act in ((3, take_over_draft), (4, discard_draft)):
        place = replace(PERIOD, instance=instance)
        draft = Desk(trial, person).draft(place)
        assert draft is not None
        with trial.acting() as tx:
            act(tx, person, place, draft.id)


def _strike(trial: Trial, person: Participant) -> None:
    """A form and a visit of the arm, in error and not; at last a form in error."""
    study, desk = definition(trial), Desk(trial, person)
    desk.save({"imp_dose_mg": "300", "imp_from": "2026-05-01"}, LAST_PERIOD)
    with trial.acting() as tx:
        drug = next(one for one in list_visits(tx.connection, person.id) if one.slug == "drug_m1")
        entry, version = desk.stored(LAST_PERIOD).id, desk.version(LAST_PERIOD)
        strike_entry(tx, study, 1, person.id, entry, version=version, reason="Another one's pills")
        strike_visit(tx, study, person.id, drug.id, reason="Another one's blood")
        for struck in list_struck(tx.connection, person.id):
            if struck.kind == "visit":
                reinstate(tx, study, person.id, struck.id, reason="It was hers")
            else:
                reinstate_entry(tx, study, 1, person.id, struck.id, reason="It was hers")
        strike_visit(tx, study, person.id, drug.id, reason="Another one's blood after all")


def _redact(trial: Trial, desk: Desk) -> None:
    """A value of the arm's form taken out of the record by two people, another asked for."""
    first, second = make_actor(Role.DATA_MANAGER), make_actor(Role.TRIAL_MANAGER)
    entry, why = desk.stored(PERIOD).id, "Not needed"
    with trial.acting(first) as tx:
        request = ask_redaction(
            tx, GIST, desk.person.id, entry=entry, item="imp_dose_mg", reason=why
        )
    with trial.acting(second) as tx:
        redact(tx, GIST, request)
    entry = desk.stored(EVENT).id
    with trial.acting(first) as tx:
        ask_redaction(tx, GIST, desk.person.id, entry=entry, item="ae_related", reason=why)
