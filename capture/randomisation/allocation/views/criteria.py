"""Criteria, levels and confirmation in words, for the pages before and after an allocation."""

from __future__ import annotations

from collections.abc import Mapping

from capture.entry.presenters.criteria import Blanks, CriterionRow
from capture.randomisation import reads
from capture.randomisation.allocation.service.gate import Readiness
from capture.randomisation.views.blueprint import RandomisationCase, day, name_of, when
from capture.web.page_data import SummaryRow
from capture.web.perform import reading, services
from forms.definition import Factor
from forms.expressions import references
from forms.formulas import parse_formula
from forms.values import Cell, show_value


def make_criterion_rows(
    case: RandomisationCase, ready: Readiness, asked: frozenset[str]
) -> list[CriterionRow]:
    """Return a row for each criterion of the gate. asked: the items that the page itself asks."""
    return Blanks(ready, case.form_address, asked).criteria()


def make_stratum_rows(case: RandomisationCase, levels: Mapping[str, str]) -> list[SummaryRow]:
    """Return the levels of a stratum in words, also of a factor that the study no longer has."""
    rows = [
        SummaryRow(factor.label or factor.factor, level_words(case, factor, levels[factor.factor]))
        for factor in list_shown_factors(case)
        if factor.factor in levels
    ]
    known = {factor.factor for factor in case.randomisation.factors}
    gone = [name for name in levels if name not in known] if case.sees_arm else []
    return [*rows, *(SummaryRow(_label_code(name), _label_code(levels[name])) for name in gone)]


def list_shown_factors(case: RandomisationCase) -> list[Factor]:
    """Return the factors whose levels this user may see: none that would reveal another arm."""
    return [
        factor for factor in case.randomisation.factors if case.viewer.shows_formula(factor.source)
    ]


def level_words(case: RandomisationCase, factor: Factor, level: str) -> str:
    """Return the label of a level: of its only answer or site code, else the level's own name."""
    if factor.source.startswith("site."):
        attribute = case.study.site_attribute(factor.source.removeprefix("site."))
        return {choice.code: choice.label for choice in attribute.choices}.get(level, level)
    return _answer_words(case, factor, level) or _label_code(level)


def _answer_words(case: RandomisationCase, factor: Factor, level: str) -> str | None:
    """Return the label of the only answer that a level stands for."""
    codes = (level,) if factor.levels is None else factor.levels.get(level, ())
    sources = list(references(parse_formula(factor.source)))
    if len(codes) != 1 or [str(source) for source in sources] != [factor.source]:
        return None
    return show_value(case.study.item(sources[0].item), Cell(codes[0]))


def _label_code(code: str) -> str:
    return code.replace("_", " ").capitalize()


def list_drawn_factors(case: RandomisationCase, done: reads.AllocationRow) -> list[Factor]:
    """Return the factors of an allocation with the levels of then, without hidden ones."""
    version = f"{done.randomisation}/{done.design_version}"
    design = reads.get_design(reading(), services().concealment, case.study.slug, version)
    shown = {factor.factor: factor for factor in list_shown_factors(case)}
    known = {factor.factor for factor in case.randomisation.factors}
    found = []
    for factor in (*design.factors, *design.minimised):
        now = shown.get(factor.name)
        if now is None and (factor.name in known or not case.sees_arm):
            continue
        found.append(
            Factor.model_construct(
                factor=factor.name,
                label=now.label if now else None,
                source=now.source if now else "",
                levels=None if factor.levels is None else dict.fromkeys(factor.levels, ()),
            )
        )
    return found


def levels_of(case: RandomisationCase, factor: Factor) -> list[tuple[str, str]]:
    """Return each level of a factor with its label."""
    if factor.levels is not None:
        codes = list(factor.levels)
    elif factor.source.startswith("site."):
        attribute = case.study.site_attribute(factor.source.removeprefix("site."))
        codes = [choice.code for choice in attribute.choices]
    else:
        codes = []
    return [(code, level_words(case, factor, code)) for code in codes]


def confirmation_words(case: RandomisationCase, found: reads.Confirmation | None) -> str:
    """Return in one sentence who confirmed eligibility, when, and the source document."""
    if found is None:
        return "Eligibility is not confirmed yet"
    if found.style == "esign":
        return f"Signed by {found.investigator}, {when(found.at, case.site.zone)}"
    return (
        f"{found.investigator} on {day(found.date)}; documented: {found.source_document}; "
        "recorded by "
        f"{name_of(found.by)}"
    )


def has_changed(found: reads.Confirmation | None, ready: Readiness) -> bool:
    """Return whether a confirmation was given for other values than those of now."""
    return found is not None and found.content_hash != ready.content_hash
