"""Services for participants; each locks the person first and writes to the ledger."""

from __future__ import annotations

from capture.participants.service.consent import ConsentTaken, give_consent, withdraw_consent
from capture.participants.service.endings import (
    Withdrawal,
    come_back,
    die,
    lose,
    undo_ending,
    withdraw,
)
from capture.participants.service.enrolment import Enrolment, LikelyDuplicate, enrol
from capture.participants.service.facts import note_fact, take_back_fact
from capture.participants.service.list_preferences import keep_choices
from capture.participants.service.locking import find_last_day, lock, refuse_after_end
from capture.participants.service.planning import plan_visits
from capture.participants.service.reentry import reenter_participant
from capture.participants.service.renumbering import renumber
from capture.participants.service.screening import Screening, not_enrol, screen
from capture.participants.service.site_transfer import SiteTransfer, move
from capture.participants.service.visiting import add_visit, appoint, not_do_visit

__all__ = [
    "ConsentTaken",
    "Enrolment",
    "LikelyDuplicate",
    "Screening",
    "SiteTransfer",
    "Withdrawal",
    "add_visit",
    "appoint",
    "come_back",
    "die",
    "enrol",
    "find_last_day",
    "give_consent",
    "keep_choices",
    "lock",
    "lose",
    "move",
    "not_do_visit",
    "not_enrol",
    "note_fact",
    "plan_visits",
    "reenter_participant",
    "refuse_after_end",
    "renumber",
    "screen",
    "take_back_fact",
    "undo_ending",
    "withdraw",
    "withdraw_consent",
]
