"""Proof that no item rests on itself, by its formula, its being asked or what it offers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from enum import Enum

from forms.checks.context import CheckContext, Use
from forms.definition import Instrument
from forms.expressions import Reference


class Reach(Enum):
    """From where an item is read: the same visit and instance, an earlier one, or any other."""

    SAME = "same"
    EARLIER = "earlier"
    OTHER = "other"


Edges = Mapping[str, Mapping[str, set[Reach]]]


def prove_no_circles(
    ground: CheckContext, looked_at: Iterable[tuple[Use, Iterable[Reference]]]
) -> None:
    """Refuse an item that depends on itself, directly or through others.

    looked_at: every expression and what it reads. Through the previous instance or visit alone an
    item may lead back to itself, since that chain has a beginning. A check decides nothing.
    """
    edges: dict[str, dict[str, set[Reach]]] = defaultdict(lambda: defaultdict(set))
    paths: dict[str, Use] = {}
    for use, references in looked_at:
        if use.item is None or use.home is None or use.is_check:
            continue
        for name in _list_decided(use.home, use.item):
            paths.setdefault(name, use)
            for reference in references:
                if reference.item in ground.study.item_names:
                    edges[name][reference.item].add(_find_reach(ground, use.home, reference))
    for item in _list_circular(edges):
        ground.problem(
            paths[item].path,
            f"`{item}` depends on itself, directly or through others; only a previous visit or "
            "instance may lead back to it",
        )


def _list_decided(home: Instrument, item: str) -> list[str]:
    """The item, and its rows where it is a grid."""
    rows = (leaf.name for other in home.items if other.name == item for leaf in other.leaves())
    return list(dict.fromkeys([item, *rows]))


def _find_reach(ground: CheckContext, home: Instrument, reference: Reference) -> Reach:
    visit, instance = reference.visit, reference.instance
    if instance == "previous-instance" or visit == "previous-event-name":
        return Reach.EARLIER
    if instance not in (None, "current-instance") or visit not in (None, "event-name"):
        return Reach.OTHER
    target = ground.study.instrument_of(reference.item)
    if target.name == home.name:
        return Reach.SAME
    at = [
        {visit.slug for visit in ground.study.visits_with(instrument.name)}
        for instrument in (home, target)
    ]
    is_beside = at[0] <= at[1]
    return Reach.SAME if is_beside and not home.log and not target.log else Reach.OTHER


def _list_circular(edges: Edges) -> list[str]:
    """The items on a circle that has no beginning: by its own place alone, or by any other."""
    leads_to = {item: set(targets) for item, targets in edges.items()}
    here = {
        item: {target for target, reaches in targets.items() if Reach.SAME in reaches}
        for item, targets in edges.items()
    }
    return [
        item
        for item in sorted(edges)
        if _reaches(item, item, here)
        or any(
            Reach.OTHER in reaches and (target == item or _reaches(target, item, leads_to))
            for target, reaches in edges[item].items()
        )
    ]


def _reaches(start: str, end: str, leads_to: Mapping[str, set[str]]) -> bool:
    """Whether a way of one step or more leads from one item to another."""
    waiting, passed = set(leads_to.get(start, set())), set[str]()
    while waiting:
        item = waiting.pop()
        if item == end:
            return True
        passed.add(item)
        waiting |= leads_to.get(item, set()) - passed
    return False
