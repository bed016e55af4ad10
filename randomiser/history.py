"""What has happened to a randomisation so far, one event a study-wide number or list position."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Kind(StrEnum):
    """What an event did with a list position or a study-wide number."""

    ALLOCATED = "allocated"
    REENTERED = "reentered"  # an allocation of an adaptive method known from its signed receipt
    ENVELOPE = "envelope"  # an allocation from an envelope opened at a site without network
    RESERVED = "reserved"  # a list position set aside and not used
    RETURNED = "returned"  # a list position set aside, given back and never drawn again
    LOST = "lost"  # taken, and what it held is not known, as after a restore
    COUNTED = "counted"  # an allocation of a key still concealed, which an adaptive method counts
    ELSEWHERE = "elsewhere"  # a number of another randomisation or of a key still concealed


class Mistake(StrEnum):
    """How a participant came to be randomised in error.

    Kinds after Yelland and others, Trials 2018, and the guidance built on it.
    """

    INELIGIBLE = "ineligible"
    WRONG_STRATUM = "wrong_stratum"
    TWICE = "twice"
    WRONG_PERSON = "wrong_person"


@dataclass(frozen=True)
class Annotation:
    """A note beside an allocation that changes nothing of it.

    levels: for a wrong stratum the levels as they should have been, factor to code.
    after:  the last study-wide number given out when it was made; None: the allocation's own.
    """

    mistake: Mistake
    levels: Mapping[str, str] | None = None
    after: int | None = None


@dataclass(frozen=True, kw_only=True)
class Event:
    """One step of the history.

    number:        study-wide number; None for a list position set aside without one.
    list_position: counted from 1 in its list; None when a loss left it unknown.
    arm:           None for anything but an allocation, drawn or entered again.
    levels:        factor to level code, as used for the draw.
    participant:   the participant's internal id; it leaves in a proof only as a keyed hash.
    """

    kind: Kind = Kind.ALLOCATED
    number: int | None = None
    design_version: int | None = None
    list_name: str | None = None
    list_position: int | None = None
    arm: str | None = None
    levels: Mapping[str, str] | None = None
    participant: str | None = None
    annotations: tuple[Annotation, ...] = field(default=())
