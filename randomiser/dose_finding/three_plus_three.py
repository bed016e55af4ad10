"""The 3+3 design as a decision table."""

from __future__ import annotations

from randomiser.dose_finding.state import Act
from randomiser.dose_finding.table import Above, DecisionTable, Row

COHORT, PEOPLE = 3, 6

TABLE = DecisionTable(
    people=PEOPLE,
    rows=(
        Row((0, 2), (0, 1), Act.STAY),
        Row((2, PEOPLE), (2, PEOPLE), Act.DE_ESCALATE),
        Row((3, 3), (0, 0), Act.ESCALATE, above=Above.OPEN),
        Row((3, 3), (0, 0), Act.STAY, above=Above.SHUT),
        Row((3, 3), (1, 1), Act.STAY),
        Row((4, 5), (0, 1), Act.STAY),
        Row((6, 6), (0, 1), Act.ESCALATE, above=Above.OPEN),
        Row((6, 6), (0, 1), Act.MTD, above=Above.SHUT),
    ),
)
"""0/3 goes up; 1/3 makes six; at most 1/6 goes up; two DLTs close the level and go down.

Below a closed level and at the top, 0/3 makes six too; at most 1/6 there is the dose looked for.
Source: the classic rule as quoted in PMC2684552; PMC9018120 table 2 takes 0/3 at the top as the
end, which a study can have as a table of its own.
"""
