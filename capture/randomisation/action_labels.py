"""Labels of the actions of randomisation; concealed values are listed as never shown."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from capture.access import Action
from capture.ledger.action_labels import Audience, BodyLabel, LabelReader, label_actions
from capture.timeline import plain_words, read_arm, read_site
from randomiser import Mistake


def _read_levels(levels: Any, reader: LabelReader) -> str:
    """Return levels in words; a user who may not see arms gets only those that reveal no arm."""
    if reader.sees_arms or not isinstance(levels, Mapping):
        return plain_words(levels)
    known = {
        factor.factor
        for randomisation in reader.study.randomisations
        for factor in randomisation.factors
        if reader.shows_formula(factor.source)
    }
    return plain_words({name: level for name, level in levels.items() if name in known})


CONCEALED = ("list_position", "block", "integers", "odds", "imbalances")
"""Values that reveal the list: encrypted in the ledger row and shown to no one."""

MISTAKE_LABELS = {
    Mistake.INELIGIBLE: "The participant was not eligible",
    Mistake.WRONG_STRATUM: "A stratification factor was wrong",
    Mistake.TWICE: "The participant was already randomised",
    Mistake.WRONG_PERSON: "The wrong participant was randomised",
}

label_actions(
    {
        Action.ELIGIBILITY_CONFIRM: (
            "Investigator's confirmation of eligibility recorded",
            "Record an investigator's confirmation of eligibility",
        ),
        Action.ELIGIBILITY_SIGN: ("Eligibility signed", "Sign eligibility"),
        Action.ELIGIBILITY_VOID: ("Confirmation of eligibility no longer valid", ""),
    },
    {
        "style": BodyLabel(
            "Confirmed by",
            codes={"esign": "Signature", "recorded": "Source document, recorded by site staff"},
        ),
        "investigator": "Investigator",
        "date": "Date",
        "source_document": "Source document",
        "meaning": "Meaning of the signature",
        "void_reason": "Reason",
    },
    not_shown=("id", "randomisation", "content_hash"),
)
label_actions(
    {
        Action.RANDOMISATION_ALLOCATE: ("Randomised", "Randomise"),
        Action.ENVELOPE_OPEN: ("Randomised by an envelope", "Record an envelope that was opened"),
        Action.RANDOMISATION_REENTER: (
            "Allocation re-entered from its receipt",
            "Re-enter an allocation from its receipt",
        ),
    },
    {
        # The order of allocations is not shown to a user who may not see arms.
        "number": BodyLabel("Randomisation number", audience=Audience.WHO_SEES_ARMS),
        "arm": BodyLabel("Arm", audience=Audience.WHO_SEES_ARMS, read=read_arm),
        "levels": BodyLabel("Stratification factors", read=_read_levels),
        "local_date": "Date at the site",
        "envelope": "Envelope",
        "site": BodyLabel("Site", read=read_site),
    },
    not_shown=(
        "id",
        "randomisation",
        "design_version",
        "list_name",
        "gate",
        "confirmation",
        "request",
        "allocated_at",
        "allocated_by",
        *CONCEALED,
    ),
)
label_actions(
    {
        Action.RANDOMISATION_NOTIFY: (
            "Notification of the allocation recorded",
            "Mark an allocation as notified",
        ),
        Action.RANDOMISATION_RECORD_ERROR: (
            "Randomisation in error recorded",
            "Record a randomisation in error",
        ),
    },
    {
        "who": BodyLabel("Notified", is_spaced=True),
        "mistake": BodyLabel(
            "What went wrong", codes={code.value: text for code, text in MISTAKE_LABELS.items()}
        ),
        "levels_corrected": BodyLabel("Stratification factors corrected", read=_read_levels),
    },
    not_shown=("id", "after"),
)
label_actions(
    {
        Action.RANDOMISATION_ENTER_DESIGN: ("Concealed design entered", "Enter a concealed design"),
        Action.RANDOMISATION_ACTIVATE: ("Design activated", "Activate a design"),
        Action.RANDOMISATION_DISCLOSE_KEY: (
            "Unsealing of a key",
            "Unseal a randomisation key (two people)",
        ),
        Action.RANDOMISATION_HALT: ("Randomisation halted", ""),
        Action.RANDOMISATION_RECONCILE: (
            "Reconciliation after a restore",
            "Reconcile randomisation after a restore (two people)",
        ),
        Action.ENVELOPE_PRINT: ("Envelopes printed", "Print envelopes"),
        Action.ENVELOPE_DESTROY: (
            "Destruction of envelopes recorded",
            "Record envelopes as destroyed",
        ),
    },
    {
        "number": "Design no.",
        "r_hash": "SHA-256(R)",
        "v": "v",
        "commitment": "Commitment",
        "reason": "Reason",
        "site": BodyLabel("Site", read=read_site),
        "first": "From",
        "last": "To",
    },
    not_shown=(
        "id",
        "concealed_design",
        "concealed_r",
        "concealed_key",
        "disclosed",
        "ended",
        "proposal",
        "missing",
        "closed_designs",
        "lost_list_positions",
        "design_version",
        "envelopes",
    ),
)
label_actions(
    {
        Action.PROOF_VIEW: ("", "See the status of randomisation, and its certificates"),
        Action.LIST_STATE_VIEW: ("", "See block sizes and list positions"),
    }
)
