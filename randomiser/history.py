"""The history of a randomisation: one event for each study-wide number or list position."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Kind(StrEnum):
    """What happened to a list position or a study-wide number."""

    ALLOCATED = "allocated"
    REENTERED = "reentered"  # an adaptive method's allocation, re-entered from its signed receipt
    ENVELOPE = "envelope"  # an allocation from an envelope opened at a site without network
    RESERVED = "reserved"  # a list position set aside and not used
    RETURNED = "returned"  # a list position set aside, given back and never used again
    LOST = "lost"  # taken, but its allocation is not known, as after a restore
    COUNTED = "counted"  # an allocation of a key still concealed, which an adaptive method counts
    ELSEWHERE = "elsewhere"  # a number of another randomisation or of a key still concealed


class Mistake(StrEnum):
    """The kinds of randomisation in error.

    Kinds after Yelland and others, Trials 2018, and the guidance built on it.
    """

    INELIGIBLE = "ineligible"
    WRONG_STRATUM = "wrong_stratum"
    TWICE = "twice"
    WRONG_PERSON = "wrong_person"


@dataclass(frozen=True)
class Annotation:
    """A note of a mistake in an allocation; the allocation itself does not change.

    levels: for a wrong stratum, the correct levels, factor to code.
    after:  the last study-wide number given out when the note was made; None: the allocation's own.
    """

    mistake: Mistake
    levels: Mapping[str, str] | None = None
    after: int | None = None


@dataclass(frozen=True, kw_only=True)
class Event:
    """One event of the history.

    number:        study-wide number; None for a list position set aside without one.
    list_position: counted from 1 in its list; None when it is unknown after a loss.
    arm:           None unless the event is an allocation, made here or re-entered.
    levels:        factor to level code, as used for the draw.
    participant:   the participant's internal id; a proof contains only a keyed hash of it.
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
