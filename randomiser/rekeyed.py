"""The same history under another key: only what chance decides changes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from randomiser.allocation import Places
from randomiser.design import Design
from randomiser.draw import Draw
from randomiser.envelopes import envelope_places, site_of_envelopes
from randomiser.history import Event, Kind
from randomiser.replay import Lists, Source, source_of


def allocate_again(
    designs: Mapping[int, Design], events: Sequence[Event], draw: Draw
) -> list[str | None]:
    """Return the arm that every event would have with these draws; None for events without an arm.

    designs: by version, every design used for an allocation of the history; no uploaded list.
    events:  the history in study-wide order. Participants, levels, order, design versions, list
             positions (with lost ones), opened envelopes and notes of mistakes do not change.
             Allocations re-entered after a restore are drawn again.
    """
    sources = {version: source_of(design, draw) for version, design in designs.items()}
    envelopes = {version: _envelopes(design, draw) for version, design in designs.items()}
    found = []
    for event in events:
        arm = None
        if event.arm is not None and event.design_version is not None:
            is_envelope = event.kind is Kind.ENVELOPE
            source: Source = (envelopes if is_envelope else sources)[event.design_version]
            arm = source.arm(event if is_envelope else replace(event, kind=Kind.ALLOCATED))
        drawn = replace(event, arm=arm)
        for followed in sources.values():
            followed.follow(drawn)
        found.append(arm)
    return found


def _envelopes(design: Design, draw: Draw) -> Lists:
    def places_of(name: str) -> Places:
        return envelope_places(design, site_of_envelopes(name) or "", draw)

    return Lists(places_of)
