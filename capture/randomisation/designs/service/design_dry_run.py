"""Tries a design out on made-up participants, under a temporary key."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice, product

import sqlalchemy as sa

from capture import ids
from capture.ledger.concealment import Concealment
from capture.problems import Refused
from capture.randomisation import reads
from forms.definition import Factor, Study
from randomiser import (
    Design,
    Draw,
    Event,
    allocate,
    is_adaptive,
    list_of,
    list_places,
    make_draw,
)


def newest_design(
    connection: sa.Connection, concealment: Concealment, study: Study, name: str
) -> Design:
    """Return the design entered last, active or not. Raises Refused when there is none."""
    versions = reads.list_design_versions(connection, study.slug, name)
    if not versions:
        raise Refused("No design has been entered.")
    found = reads.get_design(connection, concealment, study.slug, versions[-1].id)
    refuse_uploaded(found)
    return found


def refuse_uploaded(design: Design) -> None:
    """Raise Refused for a design whose arms come from an uploaded list."""
    if design.method.takes_list:
        raise Refused(
            "The allocations of an uploaded list are fixed. Compare its hashes on the page instead."
        )


def run_dry(
    study: Study, name: str, design: Design, people: int
) -> Iterator[tuple[tuple[str, ...], Counter[str]]]:
    """Allocate made-up participants in each stratum; yield its level codes and counts by arm.

    Under an adaptive method the other levels of a participant are random and equally likely. One
    temporary key is used: nothing is stored, and the real key is not read.
    """
    draw = make_draw(ids.random_bytes(32))
    balanced = study.randomisation(name).minimisation_factors
    others = {factor.factor: list_levels(study, factor) for factor in balanced}
    for levels in list_strata(study, name):
        if is_adaptive(design):
            found = _count_drawn_arms(design, draw, levels, others, people)
        else:
            places = list_places(design, list_of(design, levels), draw)
            found = Counter(place.arm for place in islice(places, people))
        yield tuple(levels.values()), found


def list_strata(study: Study, name: str) -> Iterator[dict[str, str]]:
    """Yield each stratum as level codes by factor, in the study's order; {} without factors."""
    factors = study.randomisation(name).strata
    for codes in product(*(list_levels(study, factor) for factor in factors)):
        yield {factor.factor: code for factor, code in zip(factors, codes, strict=True)}


def _count_drawn_arms(
    design: Design,
    draw: Draw,
    levels: Mapping[str, str],
    others: Mapping[str, Sequence[str]],
    people: int,
) -> Counter[str]:
    history: list[Event] = []
    for number in range(1, people + 1):
        any_levels = {
            factor: codes[draw(f"made-up {factor}", number).below(len(codes))]
            for factor, codes in others.items()
        }
        own = {**levels, **any_levels}
        done = allocate(design, history, own, draw)
        history.append(
            Event(
                number=number,
                list_name=done.list_name,
                list_position=done.list_position,
                arm=done.arm,
                levels=own,
            )
        )
    return Counter(event.arm for event in history if event.arm)


def list_levels(study: Study, factor: Factor) -> list[str]:
    """Return the level codes of a factor; for a site attribute, the codes of the study."""
    if factor.levels is not None:
        return list(factor.levels)
    if factor.source.startswith("site."):
        attribute = study.site_attribute(factor.source.removeprefix("site."))
        return [choice.code for choice in attribute.choices]
    return ["any"]
