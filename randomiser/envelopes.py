"""Envelopes for a site that cannot reach the server; their list is separate from the live lists."""

from __future__ import annotations

import json
from collections.abc import Sequence
from itertools import islice

from randomiser.allocation import Places
from randomiser.canonical import canonical_json
from randomiser.design import Design, is_adaptive
from randomiser.draw import Draw
from randomiser.history import Event
from randomiser.methods import METHODS
from randomiser.next_allocation import list_places

ENVELOPES = "envelopes"


def envelope_list(randomisation: str, design_version: int, site: str) -> str:
    """Return the name of a site's envelope list, which differs from that of any stratum's list.

    Canonical JSON of [randomisation, design version, "envelopes", site].
    """
    return canonical_json([randomisation, design_version, ENVELOPES, site]).decode("utf-8")


def site_of_envelopes(list_name: str | None) -> str | None:
    """Return the site whose envelope list has this name; None for any other list."""
    if list_name is None or list_name.endswith("]]"):  # the level codes of a stratum's list
        return None
    parts = json.loads(list_name)
    return parts[3] if len(parts) == 4 and parts[2] == ENVELOPES else None


def envelope_places(design: Design, site: str, draw: Draw) -> Places:
    """Yield the allocations in a site's envelopes, from number 1 on; strata are ignored.

    The design's own method is used when its lists follow from the key alone. Adaptive methods and
    uploaded lists use simple randomisation at the ratio instead.
    Source: docs/randomisation.md, "Envelopes for a site without network".
    """
    name = envelope_list(design.randomisation, design.version, site)
    if is_adaptive(design) or design.method.takes_list:
        return METHODS["simple"].list_places(design, name, draw)
    return list_places(design, name, draw)


class Opened:
    """The opened envelopes of one design version; each is opened once, in any order."""

    def __init__(self, design: Design, draw: Draw) -> None:
        self._design, self._draw = design, draw
        self._taken: set[tuple[str, int]] = set()

    def problems(self, event: Event) -> Sequence[str]:
        """Return the problems of the opening of an envelope, in words."""
        site, number = site_of_envelopes(event.list_name), event.list_position or 0
        name = envelope_list(self._design.randomisation, self._design.version, site or "")
        if site is None or event.list_name != name or number < 1:
            return ["is of no envelope list of its design version"]
        again = (site, number) in self._taken
        self._taken.add((site, number))
        places = envelope_places(self._design, site, self._draw)
        place = next(islice(places, number - 1, None), None)
        found = ["is of an envelope that was opened before"] if again else []
        if place is None:
            return [*found, "is past the last envelope that the list can have"]
        if event.arm != place.arm:
            found.append(f"has the arm {event.arm}; the key gives {place.arm}")
        return found
