"""The roles of people in a study; loads nothing else, so that a small command starts quickly."""

from __future__ import annotations

from enum import StrEnum


class Role(StrEnum):
    """What each role may do stands in the program's table of rights.

    A study may hide items from any of them, and says which are shown the arm.
    """

    NURSE = "nurse"
    INVESTIGATOR = "investigator"
    DATA_MANAGER = "data_manager"
    MONITOR = "monitor"
    STATISTICIAN = "statistician"
    UNBLINDED = "unblinded_statistician"
    TRIAL_MANAGER = "trial_manager"
    ADMINISTRATOR = "administrator"
    COMMITTEE = "committee_member"

    @property
    def label(self) -> str:
        return self.value.replace("_", " ")
