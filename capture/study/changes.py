"""What a new version would take away from a live study: removed, renamed or retyped elements."""

from __future__ import annotations

from collections.abc import Iterator

from forms.definition import Instrument, Study
from forms.items import Item


def list_breaking_changes(live: Study, proposed: Study) -> list[str]:
    """List all that data of the live version may rest on and the proposed one lacks or alters.

    A renamed element counts as removed. Additions, labels, limits and dates are never listed.
    """
    had, has = dict(_list_elements(live)), dict(_list_elements(proposed))
    changes = []
    for thing, kind in had.items():
        if thing not in has:
            changes.append(f"{thing} is gone (removed or renamed)")
        elif has[thing] != kind:
            changes.append(f"{thing} was {kind or 'plain'} and would be {has[thing] or 'plain'}")
    return changes


def _list_elements(study: Study) -> Iterator[tuple[str, str]]:
    """Every named element of a study with its kind; the name first."""
    for reason in study.missing_reasons:
        yield f"missing reason {reason.code}", ""
    for instrument in study.instruments:
        yield from _list_instrument_elements(instrument)
    yield from _list_visit_elements(study)
    yield from _list_consent_elements(study)
    yield from _list_site_and_group_elements(study)
    yield from _list_randomisation_elements(study)
    for part in study.dose_finding:
        yield f"dose finding {part.name}", part.method.replace("_", " ")
        for level in part.levels:
            yield f"dose finding {part.name}, level {level.level}", level.dose


def _list_instrument_elements(instrument: Instrument) -> Iterator[tuple[str, str]]:
    name = f"instrument {instrument.name}"
    repeats = "a log" if instrument.log else "filled in once at a visit"
    yield name, "filled in several times at a visit" if instrument.repeats else repeats
    for item in instrument.items:
        for leaf in item.leaves():
            yield from _list_item_elements(name, leaf)


def _list_item_elements(instrument: str, leaf: Item) -> Iterator[tuple[str, str]]:
    name = f"{instrument}, item {leaf.name}"
    yield name, leaf.stored_as
    for choice in leaf.answers:
        yield f"{name}, choice {choice.code}", ""


def _list_visit_elements(study: Study) -> Iterator[tuple[str, str]]:
    for visit in study.visits:
        name = f"visit {visit.slug}"
        yield name, "unscheduled" if visit.unscheduled else "planned"
        for instrument in visit.instruments:
            yield f"{name}, instrument {instrument}", ""


def _list_consent_elements(study: Study) -> Iterator[tuple[str, str]]:
    for scope in study.consents:
        yield f"consent {scope.name}", ""
        for version in scope.versions:
            yield f"consent {scope.name}, version {version.version}", ""


def _list_site_and_group_elements(study: Study) -> Iterator[tuple[str, str]]:
    for event in study.events:
        yield f"event {event.name}", f"dated by {event.date_item}"
    for cohort in study.cohorts:
        yield f"cohort {cohort.name}", ""
    for attribute in study.site_attributes:
        yield f"site attribute {attribute.name}", ""
        for choice in attribute.choices:
            yield f"site attribute {attribute.name}, code {choice.code}", ""


def _list_randomisation_elements(study: Study) -> Iterator[tuple[str, str]]:
    for randomisation in study.randomisations:
        name = f"randomisation {randomisation.name}"
        yield name, randomisation.method.replace("_", " ")
        for arm in randomisation.arms:
            yield f"{name}, arm {arm.arm}", ""
        for question in randomisation.factorial:
            yield f"{name}, question {question.question}", ""
        for factor in randomisation.factors:
            yield f"{name}, factor {factor.factor}", f"taken from {factor.source}"
            for level, codes in (factor.levels or {}).items():
                yield f"{name}, factor {factor.factor}, level {level}", f"of {', '.join(codes)}"
