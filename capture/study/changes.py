"""What a new version would take away from a live study: removed, renamed or retyped things."""

from __future__ import annotations

from collections.abc import Iterator

from forms.definition import Instrument, Study
from forms.items import Item


def breaking_changes(live: Study, proposed: Study) -> list[str]:
    """Name all that data of the live version may rest on and the proposed one lacks or alters.

    A renamed thing shows as one that is gone. Additions, labels, limits and dates never show.
    """
    had, has = dict(_things(live)), dict(_things(proposed))
    found = []
    for thing, kind in had.items():
        if thing not in has:
            found.append(f"{thing} is gone (removed or renamed)")
        elif has[thing] != kind:
            found.append(f"{thing} was {kind or 'plain'} and would be {has[thing] or 'plain'}")
    return found


def _things(study: Study) -> Iterator[tuple[str, str]]:
    """Every named thing of a study with what kind of thing it is; its name first."""
    for reason in study.missing_reasons:
        yield f"missing reason {reason.code}", ""
    for instrument in study.instruments:
        yield from _of_instrument(instrument)
    yield from _of_visits(study)
    yield from _of_consents(study)
    yield from _of_sites_and_groups(study)
    yield from _of_randomisations(study)
    for part in study.dose_finding:
        yield f"dose finding {part.name}", part.method.replace("_", " ")
        for level in part.levels:
            yield f"dose finding {part.name}, level {level.level}", level.dose


def _of_instrument(instrument: Instrument) -> Iterator[tuple[str, str]]:
    name = f"instrument {instrument.name}"
    repeats = "a log" if instrument.log else "filled in once at a visit"
    yield name, "filled in several times at a visit" if instrument.repeats else repeats
    for item in instrument.items:
        for leaf in item.leaves():
            yield from _of_item(name, leaf)


def _of_item(instrument: str, leaf: Item) -> Iterator[tuple[str, str]]:
    name = f"{instrument}, item {leaf.name}"
    yield name, leaf.stored_as
    for choice in leaf.answers:
        yield f"{name}, choice {choice.code}", ""


def _of_visits(study: Study) -> Iterator[tuple[str, str]]:
    for visit in study.visits:
        name = f"visit {visit.slug}"
        yield name, "unscheduled" if visit.unscheduled else "planned"
        for instrument in visit.instruments:
            yield f"{name}, instrument {instrument}", ""


def _of_consents(study: Study) -> Iterator[tuple[str, str]]:
    for scope in study.consents:
        yield f"consent {scope.name}", ""
        for version in scope.versions:
            yield f"consent {scope.name}, version {version.version}", ""


def _of_sites_and_groups(study: Study) -> Iterator[tuple[str, str]]:
    for event in study.events:
        yield f"event {event.name}", f"dated by {event.date_item}"
    for cohort in study.cohorts:
        yield f"cohort {cohort.name}", ""
    for attribute in study.site_attributes:
        yield f"site attribute {attribute.name}", ""
        for choice in attribute.choices:
            yield f"site attribute {attribute.name}, code {choice.code}", ""


def _of_randomisations(study: Study) -> Iterator[tuple[str, str]]:
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
