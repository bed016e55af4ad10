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
    """A group a participant belongs to by evidence.

    when: whom it is for, in three-valued logic; what cannot be told picks no cohort.
    gate: criteria that must hold before anybody is put into it; cohorts may have different ones.
    """

    name: Name
    title: Words
    provenance: Provenance | None = None
    when: Formula
    gate: Name | None = None
    evidence: Evidence = Evidence()
