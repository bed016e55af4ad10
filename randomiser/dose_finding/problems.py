"""What may be wrong with a dose-finding design or with what is said of its people.

Both are RandomiserProblems: DoseDesignProblem holds every reason in `problems`.
"""

from __future__ import annotations

from randomiser.problems import DesignProblem, RandomiserProblem


class DoseDesignProblem(DesignProblem):
    """A dose-finding design that cannot be carried out, with every reason."""


class StateProblem(RandomiserProblem):
    """Counts that no people can have, or a level that the design does not know."""
