"""The live path run over every possible draw, in rational arithmetic."""

from __future__ import annotations

from collections import Counter
from fractions import Fraction
from functools import cache

from randomiser import Event, allocate


class Unforeseen(Exception):
    """The script of integers ends where one more below n is drawn."""

    def __init__(self, n: int) -> None:
        self.n = n


class Script:
    """Integers written beforehand; a block opened again gets the same ones."""

    def __init__(self, values: tuple[int, ...]) -> None:
        self.left = list(values)
        self.known: dict[int, list[int]] = {}
        self.chance = Fraction(1)

    def __call__(self, name: str, position: int) -> Replaying:
        return Replaying(self, self.known.setdefault(position, []))


class Replaying:
    def __init__(self, script: Script, known: list[int]) -> None:
        self.script, self.known, self.at = script, known, 0

    def below(self, n: int) -> int:
        if self.at == len(self.known):
            if not self.script.left:
                raise Unforeseen(n)
            self.known.append(self.script.left.pop(0))
            self.script.chance /= n
        self.at += 1
        return self.known[self.at - 1]


def allocate_in_turn(design, people, draw):
    history: list[Event] = []
    for _ in range(people):
        done = allocate(design, history, {}, draw)
        history.append(
            Event(list_name=done.list_name, list_position=done.list_position, arm=done.arm)
        )
    return "".join(event.arm or "" for event in history)


@cache
def distribution(design, people):
    """Run the live path over every possible draw: sequence of arms to its exact probability."""
    found: Counter[str] = Counter()
    scripts: list[tuple[int, ...]] = [()]
    while scripts:
        values = scripts.pop()
        draw = Script(values)
        try:
            found[allocate_in_turn(design, people, draw)] += draw.chance
        except Unforeseen as more:
            scripts.extend((*values, value) for value in range(more.n))
    return found


def correct_guesses(sequence):
    """Count right guesses of someone who names the arm that is behind, and tosses at a tie."""
    total = Fraction(0)
    for i, arm in enumerate(sequence):
        lead = sequence[:i].count("A") - sequence[:i].count("B")
        total += Fraction(1, 2) if lead == 0 else (arm == "B") == (lead > 0)
    return total
