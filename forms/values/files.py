"""Attached files as values: hash, size and name; the bytes themselves are kept elsewhere."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from forms.values.cells import Cell, Labelled, Refusal, refuse
from forms.values.texts import forbidden_character

MEGABYTE = 1_048_576
MOST_LETTERS = 200
_VALUE = re.compile(r"([0-9a-f]{64}) (0|[1-9][0-9]{0,9}) ([^/\\]{1,200})")
_TURNING = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""Invisible characters that turn letters around, so that a name reads as another one."""
_SAME_KIND = {"jpg": ("jpg", "jpeg"), "jpeg": ("jpg", "jpeg")}
_PDF_WITHIN = 1_024


class FileLimits(Labelled, Protocol):
    """What is asked for by a file: of which kinds and how large it may be."""

    @property
    def endings(self) -> Sequence[str]:
        """How its name may end."""

    @property
    def max_megabytes(self) -> int:
        """How large it may be."""


@dataclass(frozen=True, slots=True)
class Attached:
    """One file as a value says it; `text` is how a cell holds it."""

    sha256: str
    size: int
    name: str

    @classmethod
    def of(cls, name: str, content: bytes) -> Attached:
        """Describe bytes under a name."""
        return cls(hashlib.sha256(content).hexdigest(), len(content), name)

    @property
    def text(self) -> str:
        """Give `<SHA-256> <size> <name>`."""
        return f"{self.sha256} {self.size} {self.name}"

    @property
    def words(self) -> str:
        """Name and size for people."""
        return f"{self.name} ({size_words(self.size)})"


def attached_in(value: object) -> Attached | None:
    """Return the file that a cell's value names; None for any other value."""
    found = _VALUE.fullmatch(value) if isinstance(value, str) else None
    return Attached(found[1], int(found[2]), found[3]) if found else None


def read_file(item: FileLimits, text: str) -> Cell | Refusal:
    """Read an attached file, `<SHA-256> <size> <name>`."""
    found = attached_in(text)
    if found is None:
        return refuse(item, "choose the file again; it did not arrive whole")
    if ending_of(item, found.name) is None:
        return refuse(item, _wrong_ending(item, found.name))
    return Cell(text)


def most_bytes(item: FileLimits) -> int:
    """Return how large a file of the item may be."""
    return item.max_megabytes * MEGABYTE


def describe(item: FileLimits, sent_name: str, content: bytes) -> Attached | Refusal:
    """Look a file over that somebody chose, and say what will be kept of it beside its bytes.

    sent_name: as the browser sent it, perhaps with the folders it lay in. content: its bytes, of a
    file too large at least one more than `most_bytes`.
    """
    name = file_name(sent_name)
    wrong = _wrong_name(item, name) or _wrong_content(item, name, content)
    if wrong:
        return refuse(item, wrong)
    return Attached.of(name, content)


def file_name(sent: str) -> str:
    """Return a file's own name, without the folders that some browsers send before it."""
    return re.split(r"[/\\]", sent)[-1].strip()


def ending_of(item: FileLimits, name: str) -> str | None:
    """Return which of the item's endings a name has, whatever its case; None when none."""
    for ending in item.endings:
        for alias in _SAME_KIND.get(ending, (ending,)):
            if name.lower().endswith(f".{alias}"):
                return alias
    return None


def endings_words(item: FileLimits) -> str:
    """Return the endings as a sentence names them: PDF, PNG or JPG."""
    *first, last = [ending.upper() for ending in item.endings]
    return f"{', '.join(first)} or {last}" if first else last


def size_words(size: int) -> str:
    """Return a size as people read it: 12 bytes, 340 kB, 1.2 MB."""
    if size < 1_024:
        return "1 byte" if size == 1 else f"{size} bytes"
    if size < MEGABYTE:
        return f"{round(size / 1_024)} kB"
    return f"{size / MEGABYTE:.1f} MB"


def _wrong_name(item: FileLimits, name: str) -> str | None:
    if not name:
        return "the file has no name; give it one and choose it again"
    if len(name) > MOST_LETTERS:
        return (
            f"the name of the file has {len(name)} letters and may have {MOST_LETTERS}; "
            "shorten it and choose the file again"
        )
    strange = forbidden_character(name, lines=False) or _turning(name)
    if strange:
        return (
            f"the name of the file holds a character that is not seen ({strange}); "
            "rename the file and choose it again"
        )
    return _wrong_ending(item, name) if ending_of(item, name) is None else None


def _turning(name: str) -> str | None:
    return next((f"U+{ord(sign):04X}" for sign in name if sign in _TURNING), None)


def _wrong_ending(item: FileLimits, name: str) -> str:
    return f"“{name}” is not of the right kind; choose a file that is {endings_words(item)}"


def _wrong_content(item: FileLimits, name: str, content: bytes) -> str | None:
    if not content:
        return f"“{name}” is empty, 0 bytes; open it to see what is wrong, or choose another"
    if len(content) > most_bytes(item):
        return (
            f"“{name}” is larger than {item.max_megabytes} MB; "
            "choose a smaller one, or split it or scan it at a lower resolution"
        )
    ending = ending_of(item, name) or ""
    if not _begins_as(ending, content):
        return (
            f"“{name}” is called {ending.upper()} but is none inside; "
            f"save it as {ending.upper()} with the program it comes from, then choose it again"
        )
    return None


def _begins_as(ending: str, content: bytes) -> bool:
    """Whether the first bytes are those of the kind; of kinds we do not know nothing is asked."""
    match ending:
        case "pdf":
            return b"%PDF-" in content[:_PDF_WITHIN]
        case "png":
            return content.startswith(b"\x89PNG\r\n\x1a\n")
        case "jpg" | "jpeg":
            return content.startswith(b"\xff\xd8\xff")
        case _:
            return True
