"""Trying a design out on made-up people, under a key that is thrown away."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

import sqlalchemy as sa

from capture import entropy
from capture.ledger.concealment import Concealment
from capture.problems import Refused
from capture.randomisation import reads
from forms.definition import Factor, Study
from randomiser import Allocation, Design, keyed, list_of, list_places


def newest_design(
    connection: sa.Connection, concealment: Concealment, study: Study, name: str
) -> Design:
    """The design entered last, active or not. Raises Refused when there is none."""
    versions = reads.design_versions(connection, study.slug, name)
    if not versions:
        raise Refused("No design has been entered.")
    return reads.design_of(connection, concealment, study.slug, versions[-1].id)


def throw_away_lists(
    study: Study, name: str, design: Design
) -> Iterator[tuple[tuple[str, ...], Iterator[Allocation]]]:
    """Every stratum with an endless list of its own, drawn under one throw-away key.

    Nothing is stored; the real key is not looked at.
    """
    draw = keyed(entropy.random_bytes(32))
    factors = study.randomisation(name).strata
    for codes in product(*(_levels(study, factor) for factor in factors)):
        levels = {factor.factor: code for factor, code in zip(factors, codes, strict=True)}
        yield codes, list_places(design, list_of(design, levels), draw)


def _levels(study: Study, factor: Factor) -> list[str]:
    if factor.levels is not None:
        return list(factor.levels)
    if factor.source.startswith("site."):
        attribute = study.site_attribute(factor.source.removeprefix("site."))
        return [choice.code for choice in attribute.choices]
    return ["any"]
