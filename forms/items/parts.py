"""Parts that items of several types are made of: choices, ranges, units and checks."""

from __future__ import annotations

from pydantic import Field

from forms.vocabulary import Code, Formula, Name, Number, Part, Provenance, Words


class Range(Part):
    """Numbers from `minimum` to `maximum`, both allowed, in the canonical unit of the item."""

    minimum: Number | None = Field(default=None, alias="min")
    maximum: Number | None = Field(default=None, alias="max")
    provenance: Provenance | None = None


class Check(Part):
    """A question asked when `when` is true: it never refuses, it is answered or corrected."""

    name: Name
    when: Formula
    message: Words
    provenance: Provenance | None = None


class Choice(Part):
    """One answer to choose; offered only when `when` holds; `unknown` answers pick no level."""

    code: Code
    label: Words
    hint: Words | None = None
    when: Formula | None = None
    unknown: bool = False


class Unit(Part):
    """A further unit the value may be entered in: canonical = entered x factor."""

    unit: Words
    factor: Number = Field(gt=0)
