"""docs/tutorial.md taken apart: files to write, commands to type, what to do in a browser."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

PAGE = Path(__file__).resolve().parents[2] / "docs" / "tutorial.md"
PLACE = re.compile(r"(Write\s+into|Add\s+to)\s+`([^`]+)`:$")
PICTURE = re.compile(r"!\[[^\]]+\]\(images/([^)]+)\)$")
STEP = re.compile(r"^\d+\. ", re.MULTILINE)
ANYTHING = "…"


@dataclass(frozen=True)
class File:
    """A file to write, or more to put at its end."""

    path: str
    text: str
    is_more: bool


@dataclass(frozen=True)
class Command:
    """A command to type, and the lines that it answers."""

    typed: str
    answer: str

    def is_answered_by(self, said: str) -> bool:
        """Whether this is the answer; `…` stands for anything, alone in a line for any lines."""
        pattern = "".join(
            r"(?:.*\n)*" if line == ANYTHING else f"{_with_gaps(line)}\n"
            for line in self.answer.splitlines()
        )
        return re.fullmatch(pattern, "".join(f"{line}\n" for line in said.splitlines())) is not None


@dataclass(frozen=True)
class Step:
    """Something to do in the browser, in words."""

    words: str


@dataclass(frozen=True)
class Picture:
    """The page as it stands now, in a file of docs/images."""

    file: str


def _with_gaps(line: str) -> str:
    return ".*".join(re.escape(part) for part in line.split(ANYTHING))


Part = File | Command | Step | Picture


def parts(text: str) -> Iterator[Part]:
    """Everything that a reader is told to do, in order."""
    lines, paragraph = iter(text.splitlines()), ""
    for line in lines:
        if line.startswith("```"):
            block = "".join(f"{inside}\n" for inside in iter(lambda: next(lines), "```"))
            yield from _block(line.removeprefix("```"), block, paragraph)
        elif line:
            said = [line, *iter(lambda: next(lines, ""), "")]
            paragraph = "\n".join(one.strip() for one in said)
            yield from _paragraph(paragraph)


def _block(language: str, block: str, paragraph: str) -> Iterator[Part]:
    if language == "console":
        for one in block.removeprefix("$ ").split("\n$ "):
            typed, _, answer = one.partition("\n")
            yield Command(typed, answer.rstrip("\n"))
        return
    place = PLACE.search(paragraph)
    assert place, f"the paragraph before this block does not say which file it is for: {block}"
    yield File(place[2], block, is_more=place[1].startswith("Add"))


def _paragraph(paragraph: str) -> Iterator[Part]:
    if STEP.match(paragraph):
        yield from (Step(" ".join(one.split())) for one in STEP.split(paragraph)[1:])
    elif picture := PICTURE.match(paragraph):
        yield Picture(picture[1])
