"""The error for an expression that cannot be read, with its place."""

from __future__ import annotations


class ExpressionProblem(ValueError):
    """An expression that cannot be read; `line` and `column` count from 1 within its text."""

    def __init__(self, words: str, column: int, line: int = 1) -> None:
        super().__init__(words)
        self.words = words
        self.column = column
        self.line = line

    def __str__(self) -> str:
        """Return the words with their place, e.g. “… (line 1, column 7)”."""
        return f"{self.words} (line {self.line}, column {self.column})"
