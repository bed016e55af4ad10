"""What a Viewer answers, by role, mask and study, and which acts on record it shows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

import capture.tables  # noqa: F401  (every feature registers what its acts mention)
from capture.access import SYSTEM_ACTOR, Action, Actor, Grant, Role
from capture.ledger.fold import Change, LedgerRow
from capture.visibility import Viewer, get_viewer
from forms.definition import Study
from forms.load import BUNDLED_STUDIES
from tests.support.kept_worlds import checked_folder

GIST, LEGS = "gist-imatinib", "functional-muscle-transfer"


def study(slug: str = GIST) -> Study:
    return checked_folder(BUNDLED_STUDIES / slug).study


def viewer(*roles: Role, masked: bool = False, slug: str = GIST, sites: str = "") -> Viewer:
    """Somebody who holds these roles; the last of them masked or not, at some sites or all."""
    *others, last = roles
    where = frozenset(sites.split()) or None
    grants = (*(Grant(slug, one) for one in others), Grant(slug, last, where, masked))
    return get_viewer(Actor("one", "One", grants=grants), study(slug), "northfield")


def fact(action: Action, **body: Any) -> LedgerRow:
    changes: Mapping[str, Change] = {name: Change(None, value) for name, value in body.items()}
    return LedgerRow("a", GIST, "", "", "one", "nurse", action, "participant/p", "", "", 1, changes)


def test_arms_are_seen_by_role_unless_masked_in_any() -> None:
    seen = {
        "nurse": viewer(Role.NURSE).sees_arms,
        "nurse elsewhere": viewer(Role.NURSE, sites="westbrook").sees_arms,
        "masked": viewer(Role.NURSE, masked=True).sees_arms,
        "monitor, masked as a nurse": viewer(Role.MONITOR, Role.NURSE, masked=True).sees_arms,
        "statistician": viewer(Role.STATISTICIAN).sees_arms,
        "committee": viewer(Role.COMMITTEE).sees_arms,
        "installation": get_viewer(SYSTEM_ACTOR, study()).sees_arms,
    }

    assert [who for who, sees in seen.items() if sees] == ["nurse", "installation"]


def test_of_the_study_as_a_whole_a_role_at_some_sites_is_not_enough() -> None:
    limited = Actor("one", "One", grants=(Grant(GIST, Role.NURSE, frozenset({"northfield"})),))
    both = get_viewer(limited, study(), "northfield", "westbrook")

    assert not get_viewer(limited, study()).sees_arms
    assert not both.sees_arms
    assert both.at("northfield").sees_arms


def test_what_tells_an_arm_is_withheld_from_who_sees_none() -> None:
    masked, open_eyed = viewer(Role.NURSE, masked=True), viewer(Role.NURSE)

    for asked in (
        lambda one: one.shows_visit("drug_m1"),
        lambda one: one.shows_form("imatinib_periods"),
        lambda one: one.shows_form_at("drug_m1", "haematology"),
        lambda one: one.shows_item("ae_related"),
        lambda one: one.shows_event("treatment_withdrawal"),
        lambda one: one.shows_event("cohort"),
        lambda one: one.shows_formula("allocation.arm = 'IM60'"),
    ):
        assert (asked(masked), asked(open_eyed)) == (False, True)
    assert masked.shows_form_at("baseline", "demography")


def test_identifying_values_are_told_to_who_may_see_them() -> None:
    name = study().birth_date
    assert name

    assert viewer(Role.DATA_MANAGER).shows_value(name)
    assert viewer(Role.NURSE).shows_item(name)
    assert not viewer(Role.NURSE).shows_value(name)


ARM_ACTS = [
    fact(Action.VISIT_BOOK, id="v1", appointment="2026-12-24"),
    fact(Action.VISIT_MARK_MISSED, id="v1", reason="Forgot it"),
    fact(Action.VISIT_SCHEDULE, **{"drug_m1.1": {"id": "v1", "status": "void"}}),
    fact(Action.VISIT_MARK_IN_ERROR, visit_slug="drug_m1"),
    fact(Action.ENTRY_SAVE, visit_slug="drug_m1", instrument="haematology"),
    fact(Action.ENTRY_SAVE, visit_slug="log", instrument="imatinib_periods"),
    fact(
        Action.ENTRY_SAVE, visit_slug="log", instrument="adverse_events", **{"item:ae_related": 1}
    ),
    fact(Action.DRAFT_DISCARD, visit_slug="log", instrument="imatinib_periods"),
    fact(Action.QUERY_OPEN, visit="v1", item="plt"),
    fact(Action.QUERY_ANSWER, visit=None, item="ae_related"),
    fact(Action.EVENT_RECORD, events=[{"kind": "treatment_withdrawal"}]),
    fact(Action.PARTICIPANT_WITHDRAW, events=[{"kind": "treatment_withdrawal"}]),
    fact(Action.COHORT_RECORD, events=[{"kind": "cohort"}]),
    fact(Action.REDACTION_REQUEST, item="ae_related"),
    fact(Action.REDACTION_CARRY_OUT, places=[["a", ["item:ae_related"]]]),
    fact(Action.DOSE_DECIDE, choice="escalate"),
]


@pytest.mark.parametrize("act", ARM_ACTS, ids=[one.action.value for one in ARM_ACTS])
def test_an_act_that_tells_an_arm_is_shown_to_who_sees_arms(act: LedgerRow) -> None:
    visits = {"v1": "drug_m1"}

    assert viewer(Role.NURSE).shows_act(act, visits)
    assert not viewer(Role.NURSE, masked=True).shows_act(act, visits)


def test_an_act_of_which_a_part_may_be_known_is_shown() -> None:
    masked = viewer(Role.NURSE, masked=True)
    answers = {"item:ae_related": 1, "item:ae_term": "Oedema"}

    assert masked.shows_act(fact(Action.ENTRY_SAVE, instrument="adverse_events", **answers))
    assert masked.shows_act(fact(Action.VISIT_SCHEDULE, **{"drug_m1.1": {}, "imaging_m6.1": {}}))
    assert masked.shows_act(fact(Action.RANDOMISATION_ALLOCATE, arm="IM60"))
