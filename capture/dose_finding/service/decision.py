"""Signs a committee's decision: the recommendation or a more cautious one.

A bolder one is refused, except where the design's table leaves the choice to the committee.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from capture import clock, ids
from capture.access import Action
from capture.dose_finding import reads
from capture.dose_finding.reads import DoseStanding, list_state_counts
from capture.ledger.service import Transaction
from capture.problems import InvalidInput, Refused, Stale
from capture.study.service.turns import take_turn
from forms.definition import Study
from randomiser.dose_finding import Act, Choice, Recommendation, why_bolder
from randomiser.dose_finding.cohorts import cohort_end

MOST_LETTERS = 500
_FOLLOWS = {Act.MTD: Choice.MTD, Act.STOP: Choice.STOP, Act.WAIT: Choice.WAIT}


@dataclass(frozen=True)
class CommitteeRuling:
    """The decision of a committee. level: its name, empty for wait and stop. why: the reason."""

    choice: str
    level: str
    why: str


def decide(
    tx: Transaction,
    study: Study,
    study_version: int,
    name: str,
    ruling: CommitteeRuling,
    *,
    seen: str,
) -> reads.Decision:
    """Sign a decision for the committee of a part; the caller has checked the password.

    seen: hash of the counts and the decision that the page showed.
    Raises NotAllowed, InvalidInput (choice, level, why), Refused, Stale.
    """
    act = tx.about(f"dose/{name}", study=study.slug, study_version=study_version).require(
        Action.DOSE_DECIDE
    )
    take_turn(tx, study.slug)
    standing = reads.get_standing(tx.connection, study, name, clock.today(study.zone))
    if seen != standing.seen:
        raise Stale(
            "An outcome or decision was recorded after you opened this page. Check it again."
        )
    if standing.is_over:
        raise Refused("This part has ended. Only a late DLT opens it again.")
    choice, level = _check_choice(standing, ruling)
    why = _check_reason(standing, choice, level, ruling.why.strip())
    body = _body(standing, choice, level)
    act.record(
        Action.DOSE_DECIDE,
        {"id": ids.new_id(), **body, "committee": standing.part.committee},
        reason=why,
    )
    return reads.list_decisions(tx.connection, study.slug, name)[-1]


def _check_choice(standing: DoseStanding, ruling: CommitteeRuling) -> tuple[Choice, int | None]:
    if ruling.choice not in list(Choice):
        raise InvalidInput("choice", "Choose what the committee decides.")
    choice = Choice(ruling.choice)
    level = None
    if choice in (Choice.OPEN, Choice.MTD):
        if ruling.level not in standing.design.levels:
            raise InvalidInput("level", "Choose the dose level.")
        level = standing.design.levels.index(ruling.level)
    bolder = why_bolder(standing.design, standing.state, standing.recommendation, choice, level)
    if bolder is not None:
        raise InvalidInput("level" if level is not None else "choice", bolder)
    return choice, level


def follows(advised: Recommendation, choice: Choice, level: int | None) -> bool:
    """Return whether a decision is the recommendation itself."""
    if advised.act is Act.COMMITTEE:
        return False
    return choice is _FOLLOWS.get(advised.act, Choice.OPEN) and level == advised.level


def _check_reason(standing: DoseStanding, choice: Choice, level: int | None, why: str) -> str:
    if len(why) > MOST_LETTERS:
        words = f"That is {len(why)} characters; shorten it to {MOST_LETTERS}."
        raise InvalidInput("why", words)
    if not why and not follows(standing.recommendation, choice, level):
        raise InvalidInput("why", "Give the committee's reason; this is not the recommendation.")
    return why


def _body(standing: DoseStanding, choice: Choice, level: int | None) -> dict[str, Any]:
    advised, design = standing.recommendation, standing.design
    named = None if advised.level is None else design.levels[advised.level]
    until = None
    if choice is Choice.OPEN and level is not None:
        there = standing.state.levels[level]
        is_open = design.method == "tite_crm"
        until = cohort_end(design, there.treated if is_open else there.evaluable)
    return {
        "number": len(standing.decisions) + 1,
        "choice": choice.value,
        "level": None if level is None else design.levels[level],
        "until": until,
        "advised": {
            "act": advised.act.value,
            "level": named,
            "reason": advised.reason,
            "numbers": [list(pair) for pair in advised.numbers],
        },
        "state": list_state_counts(standing.state),
    }
