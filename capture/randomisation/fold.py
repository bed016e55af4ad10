"""What each act of randomisation does to the state, as pure functions of its fact."""

from __future__ import annotations

from collections.abc import Iterator

from capture.access import Action
from capture.ledger.fold import LedgerRow, State, StateRow, applies, counts
from capture.visibility import mentions_nothing


def _design_row(fact: LedgerRow) -> StateRow:
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
        "unseal_asked_by": None,
        "unseal_reason": None,
        "unsealed_at": None,
    }


@applies(Action.RANDOMISATION_DESIGN)
def apply_design(state: State, fact: LedgerRow) -> None:
    """A concealed design; one entered before and never activated gives way."""
    for row in state.rows("design_version"):
        if row["state"] == "entered":
            state.put("design_version", {**row, "state": "withdrawn"})
    state.put("design_version", _design_row(fact))


@applies(Action.RANDOMISATION_ACTIVATE)
def apply_activation(state: State, fact: LedgerRow) -> None:
    for row in state.rows("design_version"):
        if row["state"] == "active":
            state.put("design_version", {**row, "state": "superseded"})
    entered = state.get("design_version", fact.new("id"))
    if entered is not None:
        changed = {name: fact.new(name) for name in ("v", "concealed_key", "commitment")}
        who = {"activated_by": fact.actor, "activated_at": fact.at}
        state.put("design_version", {**entered, **changed, **who, "state": "active"})


@applies(Action.RANDOMISATION_UNSEAL)
def apply_key_disclosure(state: State, fact: LedgerRow) -> None:
    """The first person asks; the second one's fact says `unsealed` and closes the key's lists."""
    row = state.get("design_version", fact.new("id"))
    if row is None:
        return
    if fact.new("unsealed"):
        state.put("design_version", {**row, "state": "unsealed", "unsealed_at": fact.at})
    else:
        asked = {"unseal_asked_by": fact.actor, "unseal_reason": fact.reason}
        state.put("design_version", {**row, **asked})


@applies(Action.RANDOMISATION_HALT)
def apply_halt(state: State, fact: LedgerRow) -> None:
    state.put(
        "halt",
        {
            "id": fact.new("id"),
            "randomisation": fact.subject_id,
            "why": fact.new("why"),
            "at": fact.at,
            "proposed_by": None,
            "proposal": None,
            "ended_at": None,
            "ended_by": None,
        },
    )


@applies(Action.RANDOMISATION_RECONCILE)
def apply_reconciliation(state: State, fact: LedgerRow) -> None:
    """The first person proposes what is to stand again; the second one's fact carries `ended`."""
    row = state.get("halt", fact.new("id"))
    if row is None:
        return
    if not fact.new("ended"):
        proposal = {"proposed_by": fact.actor, "proposal": fact.new("proposal")}
        state.put("halt", {**row, **proposal})
        return
    state.put("halt", {**row, "ended_at": fact.at, "ended_by": fact.actor})
    for place in fact.new("lost_places", []):
        state.put("lost_place", {**place, "randomisation": fact.subject_id})
    for design in state.rows("design_version"):
        if design["id"] in fact.new("closed_designs", []):
            state.put("design_version", {**design, "state": "closed"})


@applies(Action.ENVELOPE_PRINT)
def apply_envelope_print(state: State, fact: LedgerRow) -> None:
    """Each envelope is a row of its own; what it holds follows from the key and is not stored."""
    for number in range(fact.new("first"), fact.new("last") + 1):
        state.put(
            "envelope",
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
                "destroyed_words": None,
            },
        )


@applies(Action.ENVELOPE_DESTROY)
def apply_envelope_destruction(state: State, fact: LedgerRow) -> None:
    for row_id in fact.new("envelopes"):
        row = state.get("envelope", row_id)
        if row is not None:
            who = {"destroyed_by": fact.actor, "destroyed_at": fact.at}
            state.put("envelope", {**row, **who, "destroyed_words": fact.reason})


@applies(Action.ELIGIBILITY_CONFIRM)
def apply_confirmation(state: State, fact: LedgerRow) -> None:
    state.put(
        "confirmation",
        {
            "id": fact.new("id"),
            "participant": fact.subject_id,
            "randomisation": fact.new("randomisation"),
            "style": fact.new("style"),
            "doctor": fact.new("doctor"),
            "date": fact.new("date"),
            "where_documented": fact.new("where_documented"),
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
    row = state.get("confirmation", fact.new("id"))
    if row is not None:
        state.put("confirmation", {**row, "void_reason": fact.new("void_reason")})


@applies(Action.RANDOMISATION_ALLOCATE)
def apply_allocation(state: State, fact: LedgerRow) -> None:
    taken = ("id", "site", "randomisation", "number", "arm", "design_version", "list_name")
    rest = ("list_position", "levels", "confirmation", "local_date")
    gate = fact.new("gate")
    state.put(
        "allocation",
        {
            **{name: fact.new(name) for name in taken + rest},
            # A redaction takes the whole record of the gate out.
            "gate": gate if isinstance(gate, list) else [],
            "participant": fact.subject_id,
            "levels_corrected": None,
            "at": fact.new("allocated_at") or fact.at,
            "by": fact.new("allocated_by") or fact.actor,
            "request_id": fact.new("request"),
            "told": [],
            "annotation": None,
        },
    )


applies(Action.RANDOMISATION_REENTER)(apply_allocation)
applies(Action.ENVELOPE_OPEN)(apply_allocation)


@applies(Action.RANDOMISATION_TELL)
def apply_notification(state: State, fact: LedgerRow) -> None:
    row = state.get("allocation", fact.new("id"))
    if row is not None:
        told_now = {"who": fact.new("who"), "by": fact.actor, "at": fact.at}
        state.put("allocation", {**row, "told": [*row["told"], told_now]})


@applies(Action.RANDOMISATION_ANNOTATE)
def apply_annotation(state: State, fact: LedgerRow) -> None:
    """Randomised in error: both values stand, the arm and the list position never change.

    A note of the first releases did not say after which number it was made.
    """
    row = state.get("allocation", fact.new("id"))
    if row is None:
        return
    note = {
        "mistake": fact.new("mistake"),
        "reason": fact.reason,
        "by": fact.actor,
        "at": fact.at,
    }
    levels = fact.new("levels_corrected")
    if fact.new("after") is not None:
        note |= {"after": fact.new("after"), "levels": levels, "earlier": _notes(row["annotation"])}
    corrected = levels or row["levels_corrected"]
    state.put("allocation", {**row, "annotation": note, "levels_corrected": corrected})


def _notes(last: StateRow | None) -> list[StateRow]:
    """Every note so far, oldest first, each without the earlier ones."""
    if last is None:
        return []
    own = {name: value for name, value in last.items() if name != "earlier"}
    return [*last.get("earlier", []), own]


@counts("allocation")
def count_allocation(row: StateRow) -> Iterator[tuple[str, str]]:
    """Recruitment per site and month of allocation; never per arm."""
    yield row["site"], f"allocated.{row['randomisation']}"
    yield row["site"], f"allocated.{row['randomisation']}.{row['local_date'][:7]}"


# That somebody was randomised is no secret; the arm, levels and all else that tells it are values.
mentions_nothing(
    Action.RANDOMISATION_DESIGN,
    Action.RANDOMISATION_ACTIVATE,
    Action.RANDOMISATION_UNSEAL,
    Action.RANDOMISATION_HALT,
    Action.RANDOMISATION_RECONCILE,
    Action.RANDOMISATION_REENTER,
    Action.RANDOMISATION_ALLOCATE,
    Action.RANDOMISATION_TELL,
    Action.RANDOMISATION_ANNOTATE,
    Action.ENVELOPE_PRINT,
    Action.ENVELOPE_OPEN,
    Action.ENVELOPE_DESTROY,
    Action.ELIGIBILITY_CONFIRM,
    Action.ELIGIBILITY_SIGN,
    Action.ELIGIBILITY_VOID,
)
