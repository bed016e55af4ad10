"""Cohorts: groups a participant belongs to by evidence, never by chance."""

from __future__ import annotations

from forms.definition.randomisations import ValueUsed
from forms.vocabulary import Formula, Name, Part, Provenance, Words


class Evidence(Part):
    """What shows that somebody belongs to a cohort.

    values: shown beside the cohort and kept with it.
    document: whether the document that shows it must be named.
    """

    values: tuple[ValueUsed, ...] = ()
    document: bool = True


class Cohort(Part):
    """A group to which a participant belongs by evidence.

    when: the condition in three-valued logic; an unknown condition chooses no cohort.
    gate: criteria that a participant must meet to be put into it; cohorts may differ in them.
    """

    name: Name
    title: Words
    provenance: Provenance | None = None
    when: Formula
    gate: Name | None = None
    evidence: Evidence = Evidence()
