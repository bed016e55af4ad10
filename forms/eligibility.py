"""Gates and strata in three-valued logic, with the values and entries that they use."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from forms.definition import Criterion, Factor, Gate, Randomisation, ValueUsed
from forms.edit_checks import round_half_away
from forms.evaluation_scope import Place, StudyScope
from forms.expressions import (
    UNKNOWN,
    Expression,
    Mode,
    Reference,
    Value,
    evaluate,
    facts,
    references,
)
from forms.expressions.tree import Reference as ReferenceNode
from forms.formulas import parse_formula, three_valued
from forms.values import show_value

NOT_KNOWN = "not known"


class Result(StrEnum):
    """The result of a criterion; only MET passes."""

    MET = "met"
    NOT_MET = "not_met"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Source:
    """A value that a result depends on: item or fact (such as `site.country`), entry, text.

    place: None for a fact and for a reference without an entry.
    is_known: False when the value is blank, missing for a reason, or “not known”.
    """

    name: str
    label: str
    place: Place | None
    shown: str
    is_known: bool


@dataclass(frozen=True, slots=True)
class ValueSeen:
    """A value shown beside a criterion, in words."""

    label: str
    shown: str


@dataclass(frozen=True, slots=True)
class CriterionVerdict:
    """The result of one criterion; `sources` are all values that it used."""

    name: str
    wording: str
    result: Result
    values: tuple[ValueSeen, ...]
    sources: tuple[Source, ...]

    @property
    def blanks(self) -> tuple[Source, ...]:
        """The missing values that leave the criterion unknown."""
        missing = tuple(source for source in self.sources if not source.is_known)
        return missing if self.result is Result.UNKNOWN else ()


@dataclass(frozen=True, slots=True)
class GateVerdict:
    """The result of a gate, which is passed only when every criterion is met."""

    gate: str
    criteria: tuple[CriterionVerdict, ...]

    @property
    def is_passed(self) -> bool:
        """Whether every criterion is met."""
        return all(criterion.result is Result.MET for criterion in self.criteria)

    @property
    def not_met(self) -> tuple[CriterionVerdict, ...]:
        """The criteria that do not hold."""
        return tuple(criterion for criterion in self.criteria if criterion.result is Result.NOT_MET)

    @property
    def unknown(self) -> tuple[CriterionVerdict, ...]:
        """The criteria that are unknown."""
        return tuple(criterion for criterion in self.criteria if criterion.result is Result.UNKNOWN)


def assess(gate: Gate, scope: StudyScope) -> GateVerdict:
    """Return the result of every criterion of a gate; an unknown one never passes."""
    known = scope.in_mode(Mode.KLEENE)
    return GateVerdict(gate.name, tuple(_judge(criterion, known) for criterion in gate.criteria))


def _judge(criterion: Criterion, scope: StudyScope) -> CriterionVerdict:
    return CriterionVerdict(
        name=criterion.name,
        wording=criterion.wording,
        result=judge(criterion.holds, scope),
        values=tuple(show_value_used(value, scope) for value in criterion.values),
        sources=sources(criterion.holds, scope),
    )


def judge(text: str, scope: StudyScope) -> Result:
    """Return the result of a condition; the scope must be in three-valued logic."""
    value = three_valued(text, scope)
    if isinstance(value, float | bool):
        return Result.MET if value else Result.NOT_MET
    return Result.UNKNOWN


def show_value_used(used: ValueUsed, scope: StudyScope) -> ValueSeen:
    """Return a value shown beside a rule, in words; the scope must be in three-valued logic."""
    tree = parse_formula(used.value)
    if isinstance(tree.root, ReferenceNode):
        return ValueSeen(used.label, _show_cell(tree.root, scope) or NOT_KNOWN)
    return ValueSeen(used.label, _words(three_valued(used.value, scope)))


def _words(value: Value) -> str:
    if value is UNKNOWN or value is None:
        return NOT_KNOWN
    if isinstance(value, bool):
        return "yes" if value else "no"
    return round_half_away(value, 2) if isinstance(value, float) else str(value)


def _show_cell(reference: Reference, scope: StudyScope) -> str:
    item = scope.study.item(reference.item)
    return show_value(item, scope.cell(reference), scope.study.missing_reasons)


def sources(text: str, scope: StudyScope) -> tuple[Source, ...]:
    """Return every value that an expression uses, once, with the entry it comes from."""
    items, facts_of_site = _looked_at(text)
    return (
        *(_of_item(item, scope) for item in items),
        *(_of_fact(name, scope) for name in facts_of_site),
    )


@lru_cache(maxsize=4096)
def _looked_at(text: str) -> tuple[tuple[Reference, ...], tuple[str, ...]]:
    tree = parse_formula(text)
    names = (fact.name for fact in facts(tree))
    return tuple(references(tree)), tuple(name for name in names if name.startswith("site."))


def _of_item(reference: Reference, scope: StudyScope) -> Source:
    return Source(
        name=reference.item,
        label=scope.study.item(reference.item).label,
        place=scope.place_of(reference),
        shown=_show_cell(reference, scope),
        is_known=evaluate(Expression("", reference), scope.in_mode(Mode.KLEENE), Mode.KLEENE)
        is not UNKNOWN,
    )


def _of_fact(name: str, scope: StudyScope) -> Source:
    attribute = scope.study.site_attribute(name.removeprefix("site."))
    code = scope.context(name, ())
    labels = {choice.code: choice.label for choice in attribute.choices}
    shown = labels.get(str(code), "")
    return Source(name, attribute.title, None, shown, is_known=bool(shown))


@dataclass(frozen=True, slots=True)
class BlankFactor:
    """A factor whose level is unknown, with its missing values."""

    factor: str
    label: str
    sources: tuple[Source, ...]


@dataclass(frozen=True, slots=True)
class Stratum:
    """A participant's levels by factor, in the order of the definition, or the blank factors."""

    levels: Mapping[str, str]
    blanks: tuple[BlankFactor, ...]

    @property
    def is_complete(self) -> bool:
        """Whether every factor has its level."""
        return not self.blanks


def stratum(randomisation: Randomisation, scope: StudyScope) -> Stratum:
    """Return the level of every factor; factors with blank or unknown values are named instead."""
    found = {factor.factor: _level(factor, scope) for factor in randomisation.factors}
    return Stratum(
        levels={name: level for name, level in found.items() if level is not None},
        blanks=tuple(
            _blank(factor, scope)
            for factor in randomisation.factors
            if found[factor.factor] is None
        ),
    )


def _level(factor: Factor, scope: StudyScope) -> str | None:
    value = three_valued(factor.source, scope)
    if value is UNKNOWN or value is None:
        return None
    code = round_half_away(value, 10) if isinstance(value, float) else str(value)
    if factor.levels is None:
        return code
    return next((level for level, codes in factor.levels.items() if code in codes), None)


def _blank(factor: Factor, scope: StudyScope) -> BlankFactor:
    looked_at = sources(factor.source, scope)
    return BlankFactor(factor.factor, factor.label or factor.factor, looked_at)
