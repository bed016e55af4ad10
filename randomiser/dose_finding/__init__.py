"""Dose finding: recommendations, with reasons, from the outcomes at each level."""

from __future__ import annotations

from randomiser.dose_finding.caution import Choice, highest_allowed, why_bolder
from randomiser.dose_finding.cohorts import earliest_day, free_places
from randomiser.dose_finding.design import DoseDesign
from randomiser.dose_finding.methods import recommend
from randomiser.dose_finding.problems import DoseDesignProblem, StateProblem
from randomiser.dose_finding.state import Act, DoseState, LevelState, Recommendation
from randomiser.dose_finding.table import (
    Above,
    Cell,
    DecisionTable,
    Row,
    TableProblem,
    table_problems,
)

__all__ = [
    "Above",
    "Act",
    "Cell",
    "Choice",
    "DecisionTable",
    "DoseDesign",
    "DoseDesignProblem",
    "DoseState",
    "LevelState",
    "Recommendation",
    "Row",
    "StateProblem",
    "TableProblem",
    "earliest_day",
    "free_places",
    "highest_allowed",
    "recommend",
    "table_problems",
    "why_bolder",
]
