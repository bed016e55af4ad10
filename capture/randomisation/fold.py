"""How each action of randomisation changes the state, as pure functions of its ledger row."""

from __future__ import annotations

from collections.abc import Iterator

from capture.access import Action
from capture.ledger.fold import LedgerRow, State, applies, counts
from capture.randomisation.tables import (
    ALLOCATION,
    CONFIRMATION,
    DESIGN_VERSION,
    ENVELOPE,
    HALT,
    LOST_LIST_POSITION,
    AllocationNote,
    AllocationState,
    DesignVersionState,
    Notification,
)
from capture.visibility import mentions_nothing


def _design_row(fact: LedgerRow) -> DesignVersionState:
    return {
        "id": fact.new("id"),
        "randomisation": fact.subject_id,
        "number": fact.new("number"),
        "state": "entered",
        "concealed_design": fact.new("concealed_design"),
        "concealed_r": fact.new("concealed_r"),
        "r_hash": fact.new("r_hash"),
        "entered_by": fact.actor,
        "entered_at": fact.at,
        "v": None,
        "concealed_key": None,
        "commitment": None,
        "activated_by": None,
        "activated_at": None,
        "disclosure_requested_by": None,
        "disclosure_reason": None,
        "disclosed_at": None,
    }


@applies(Action.RANDOMISATION_ENTER_DESIGN)
def apply_design(state: State, fact: LedgerRow) -> None:
    """Add a concealed design; it replaces an earlier one that was never activated."""
    for row in DESIGN_VERSION.rows(state):
        if row["state"] == "entered":
            DESIGN_VERSION.put(state, {**row, "state": "withdrawn"})
    DESIGN_VERSION.put(state, _design_row(fact))


@applies(Action.RANDOMISATION_ACTIVATE)
def apply_activation(state: State, fact: LedgerRow) -> None:
    for row in DESIGN_VERSION.rows(state):
        if row["state"] == "active":
            DESIGN_VERSION.put(state, {**row, "state": "superseded"})
    entered = DESIGN_VERSION.get(state, fact.new("id"))
    if entered is not None:
        DESIGN_VERSION.put(
            state,
            {
                **entered,
                "state": "active",
                "v": fact.new("v"),
                "concealed_key": fact.new("concealed_key"),
                "commitment": fact.new("commitment"),
                "activated_by": fact.actor,
                "activated_at": fact.at,
            },
        )


@applies(Action.RANDOMISATION_DISCLOSE_KEY)
def apply_key_disclosure(state: State, fact: LedgerRow) -> None:
    """Record the first person's request; the second's row unseals and closes the key's lists."""
    row = DESIGN_VERSION.get(state, fact.new("id"))
    if row is None:
        return
    if fact.new("disclosed"):
        DESIGN_VERSION.put(state, {**row, "state": "disclosed", "disclosed_at": fact.at})
    else:
        DESIGN_VERSION.put(
            state, {**row, "disclosure_requested_by": fact.actor, "disclosure_reason": fact.reason}
        )


@applies(Action.RANDOMISATION_HALT)
def apply_halt(state: State, fact: LedgerRow) -> None:
    HALT.put(
        state,
        {
            "id": fact.new("id"),
            "randomisation": fact.subject_id,
            "reason": fact.new("reason"),
            "at": fact.at,
            "proposed_by": None,
            "proposal": None,
            "ended_at": None,
            "ended_by": None,
        },
    )


@applies(Action.RANDOMISATION_RECONCILE)
def apply_reconciliation(state: State, fact: LedgerRow) -> None:
    """Record the first person's proposal; the second's row has `ended` and ends the halt."""
    row = HALT.get(state, fact.new("id"))
    if row is None:
        return
    if not fact.new("ended"):
        HALT.put(state, {**row, "proposed_by": fact.actor, "proposal": fact.new("proposal")})
        return
    HALT.put(state, {**row, "ended_at": fact.at, "ended_by": fact.actor})
    for place in fact.new("lost_list_positions", []):
        LOST_LIST_POSITION.put(
            state,
            {
                "id": place["id"],
                "randomisation": fact.subject_id,
                "design_version": place["design_version"],
                "number": place["number"],
                "list_name": place["list_name"],
                "list_position": place["list_position"],
            },
        )
    for design in DESIGN_VERSION.rows(state):
        if design["id"] in fact.new("closed_designs", []):
            DESIGN_VERSION.put(state, {**design, "state": "closed"})


@applies(Action.ENVELOPE_PRINT)
def apply_envelope_print(state: State, fact: LedgerRow) -> None:
    """Add a row for each envelope; its arm follows from the key and is not stored."""
    for number in range(fact.new("first"), fact.new("last") + 1):
        ENVELOPE.put(
            state,
            {
                "id": f"{fact.new('id')}/{number}",
                "randomisation": fact.subject_id,
                "design_version": fact.new("design_version"),
                "site": fact.new("site"),
                "number": number,
                "batch": fact.new("id"),
                "printed_by": fact.actor,
                "printed_at": fact.at,
                "destroyed_by": None,
                "destroyed_at": None,
                "destroyed_reason": None,
            },
        )


@applies(Action.ENVELOPE_DESTROY)
def apply_envelope_destruction(state: State, fact: LedgerRow) -> None:
    for row_id in fact.new("envelopes"):
        row = ENVELOPE.get(state, row_id)
        if row is not None:
            ENVELOPE.put(
                state,
                {
                    **row,
                    "destroyed_by": fact.actor,
                    "destroyed_at": fact.at,
                    "destroyed_reason": fact.reason,
                },
            )


@applies(Action.ELIGIBILITY_CONFIRM)
def apply_confirmation(state: State, fact: LedgerRow) -> None:
    CONFIRMATION.put(
        state,
        {
            "id": fact.new("id"),
            "participant": fact.subject_id,
            "randomisation": fact.new("randomisation"),
            "style": fact.new("style"),
            "investigator": fact.new("investigator"),
            "date": fact.new("date"),
            "source_document": fact.new("source_document"),
            "content_hash": fact.new("content_hash"),
            "meaning": fact.new("meaning"),
            "by": fact.actor,
            "at": fact.at,
            "void_reason": None,
        },
    )


applies(Action.ELIGIBILITY_SIGN)(apply_confirmation)


@applies(Action.ELIGIBILITY_VOID)
def apply_confirmation_void(state: State, fact: LedgerRow) -> None:
    row = CONFIRMATION.get(state, fact.new("id"))
    if row is not None:
        CONFIRMATION.put(state, {**row, "void_reason": fact.new("void_reason")})


@applies(Action.RANDOMISATION_ALLOCATE)
def apply_allocation(state: State, fact: LedgerRow) -> None:
    gate = fact.new("gate")
    ALLOCATION.put(
        state,
        {
            "id": fact.new("id"),
            "site": fact.new("site"),
            "randomisation": fact.new("randomisation"),
            "number": fact.new("number"),
            "arm": fact.new("arm"),
            "design_version": fact.new("design_version"),
            "list_name": fact.new("list_name"),
            "list_position": fact.new("list_position"),
            "levels": fact.new("levels"),
            "confirmation": fact.new("confirmation"),
            "local_date": fact.new("local_date"),
            # A redaction removes the whole record of the gate.
            "gate": gate if isinstance(gate, list) else [],
            "participant": fact.subject_id,
            "levels_corrected": None,
            "at": fact.new("allocated_at") or fact.at,
            "by": fact.new("allocated_by") or fact.actor,
            "request_id": fact.new("request"),
            "notified": [],
            "annotation": None,
        },
    )


applies(Action.RANDOMISATION_REENTER)(apply_allocation)
applies(Action.ENVELOPE_OPEN)(apply_allocation)


@applies(Action.RANDOMISATION_NOTIFY)
def apply_notification(state: State, fact: LedgerRow) -> None:
    row = ALLOCATION.get(state, fact.new("id"))
    if row is not None:
        told_now: Notification = {"who": fact.new("who"), "by": fact.actor, "at": fact.at}
        ALLOCATION.put(state, {**row, "notified": [*row["notified"], told_now]})


@applies(Action.RANDOMISATION_RECORD_ERROR)
def apply_annotation(state: State, fact: LedgerRow) -> None:
    """Note a randomisation in error: both values are kept, arm and list position never change.

    Notes of the first releases do not record after which number they were made.
    """
    row = ALLOCATION.get(state, fact.new("id"))
    if row is None:
        return
    note: AllocationNote = {
        "mistake": fact.new("mistake"),
        "reason": fact.reason,
        "by": fact.actor,
        "at": fact.at,
    }
    levels = fact.new("levels_corrected")
    if fact.new("after") is not None:
        note["after"], note["levels"] = fact.new("after"), levels
        note["earlier"] = _notes(row["annotation"])
    corrected = levels or row["levels_corrected"]
    ALLOCATION.put(state, {**row, "annotation": note, "levels_corrected": corrected})


def _notes(last: AllocationNote | None) -> list[AllocationNote]:
    """Return all notes so far, oldest first, each without the earlier ones."""
    if last is None:
        return []
    own = last.copy()
    return [*own.pop("earlier", []), own]


@counts(ALLOCATION)
def count_allocation(row: AllocationState) -> Iterator[tuple[str, str]]:
    """Count recruitment by site and month of allocation; never by arm."""
    yield row["site"], f"allocated.{row['randomisation']}"
    yield row["site"], f"allocated.{row['randomisation']}.{row['local_date'][:7]}"


# That a participant was randomised is not concealed; arm, levels and related values are.
mentions_nothing(
    Action.RANDOMISATION_ENTER_DESIGN,
    Action.RANDOMISATION_ACTIVATE,
    Action.RANDOMISATION_DISCLOSE_KEY,
    Action.RANDOMISATION_HALT,
    Action.RANDOMISATION_RECONCILE,
    Action.RANDOMISATION_REENTER,
    Action.RANDOMISATION_ALLOCATE,
    Action.RANDOMISATION_NOTIFY,
    Action.RANDOMISATION_RECORD_ERROR,
    Action.ENVELOPE_PRINT,
    Action.ENVELOPE_OPEN,
    Action.ENVELOPE_DESTROY,
    Action.ELIGIBILITY_CONFIRM,
    Action.ELIGIBILITY_SIGN,
    Action.ELIGIBILITY_VOID,
)
