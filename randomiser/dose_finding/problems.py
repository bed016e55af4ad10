"""The errors of dose-finding designs and of the states given to them.

Both are RandomiserProblems. The attribute `problems` of a DoseDesignProblem has every reason.
"""

from __future__ import annotations

from randomiser.problems import DesignProblem, RandomiserProblem


class DoseDesignProblem(DesignProblem):
    """A dose-finding design that is not possible, with every reason."""


class StateProblem(RandomiserProblem):
    """Impossible counts of participants, or a level that the design does not have."""
