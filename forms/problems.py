"""What is wrong with a study definition: every problem at once, each with its file and line."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One mistake in a definition, in words a trial manager understands."""

    file: str
    line: int
    words: str

    def __str__(self) -> str:
        """Return the problem as `file:line: words`."""
        return f"{self.file}:{self.line}: {self.words}"


class DefinitionProblems(ValueError):
    """A definition that cannot be used; `problems` holds everything found, in file order."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(sorted(set(problems)))
        super().__init__("\n".join(str(problem) for problem in self.problems))
