"""The rolling six design as a decision table."""

from __future__ import annotations

from randomiser.dose_finding.state import Act
from randomiser.dose_finding.table import Above, DecisionTable, Row

COHORT = PEOPLE = 6

TABLE = DecisionTable(
    people=PEOPLE,
    rows=(
        Row((0, 2), (0, 1), Act.STAY),
        Row((2, PEOPLE), (2, PEOPLE), Act.DE_ESCALATE),
        Row((3, 6), (0, 0), Act.ESCALATE, above=Above.OPEN),
        Row((3, 4), (0, 0), Act.STAY, above=Above.SHUT),
        Row((5, 6), (0, 0), Act.MTD, above=Above.SHUT),
        Row((3, 5), (1, 1), Act.STAY),
        Row((6, 6), (1, 1), Act.ESCALATE, above=Above.OPEN),
        Row((6, 6), (1, 1), Act.MTD, above=Above.SHUT),
    ),
)
"""Up to six people at once; nobody waits while a place is free and no answer is certain.

Three to six without a DLT, all awaited outcomes known or unable to change it, go up; two DLTs
close the level. Source: Skolnik, Barrett, Jayaraman, Patel, Adamson, J Clin Oncol 2008;26:190-195,
as tabulated by PMC7221509 table 2 (column rolling 6); below a closed level and at the top, five
or six people decide, as there in rows 16, 17 and 25.
"""
