"""Which instruments read each other: found once for each published study."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass

from forms.definition import Instrument, Study, StudyEvent
from forms.expressions import facts, references
from forms.formulas import parse_formula

KEPT = 32


@dataclass(frozen=True)
class Rules:
    """What saving one study's instruments touches, each by the instrument's name.

    looks_at: the instruments its expressions read, itself included.
    worked_out_from: the instruments whose derived items, or the conditions of whose items, read it;
        itself where they read it at another visit or instance, such as a change since the first
        score.
    reads_facts: the instruments whose derived items or conditions read what is no form: an
        allocation, the cohort, consent, the person's status, the site, the visit's date.
    asks_consent: the instruments whose expressions ask whether consent is in force.
    events: the events that its date items tell.
    decides_visits: whether the condition of a visit reads it.
    """

    study: Study
    looks_at: dict[str, frozenset[str]]
    reads_facts: frozenset[str]
    asks_consent: frozenset[str]
    worked_out_from: dict[str, tuple[str, ...]]
    events: dict[str, tuple[StudyEvent, ...]]
    decides_visits: frozenset[str]
    counts_from_previous: bool


_kept: OrderedDict[int, Rules] = OrderedDict()
_guard = threading.Lock()


def get_rules(study: Study) -> Rules:
    """The rules of a study; a definition never changes, so they are made once for each."""
    with _guard:
        # The kept rules hold the study itself, so that its identity is not given to another.
        found = _kept.get(id(study))
        if found is None:
            found = _kept[id(study)] = _make_rules(study)
            while len(_kept) > KEPT:
                _kept.popitem(last=False)
    return found


def _make_rules(study: Study) -> Rules:
    names = [instrument.name for instrument in study.instruments]
    derived = {
        instrument.name: _find_instruments_derived_from(study, instrument)
        for instrument in study.instruments
    }
    conditions = [visit.condition for visit in study.visits if visit.condition]
    return Rules(
        study=study,
        looks_at={
            instrument.name: _find_instruments_read(study, instrument)
            for instrument in study.instruments
        },
        reads_facts=frozenset(
            instrument.name
            for instrument in study.instruments
            if any(facts(parse_formula(text)) for text in _list_deciding_formulas(instrument))
        ),
        asks_consent=frozenset(
            instrument.name
            for instrument in study.instruments
            if _asks_consent(_list_formulas(study, instrument))
        ),
        worked_out_from={
            name: tuple(other for other in names if name in derived[other]) for name in names
        },
        events={name: tuple(_list_events(study, name)) for name in names},
        decides_visits=_find_instruments_named(study, iter(conditions)),
        counts_from_previous=any(
            visit.repeats is not None and visit.repeats.counted_from == "previous"
            for visit in study.visits
        ),
    )


def _find_instruments_read(study: Study, instrument: Instrument) -> frozenset[str]:
    formulas = list(_list_formulas(study, instrument))
    used = [reference for text in formulas for reference in references(parse_formula(text))]
    if any((reference.visit or "").endswith("event-name") for reference in used):
        # Which visit is the previous or the next one depends on every entry there is.
        return frozenset(reference.name for reference in study.instruments)
    return _find_instruments_named(study, iter(formulas)) | {instrument.name}


def _find_instruments_named(study: Study, formulas: Iterator[str]) -> frozenset[str]:
    """The instruments of the items that the formulas name."""
    items = {reference.item for text in formulas for reference in references(parse_formula(text))}
    return frozenset(study.instrument_of(item).name for item in items & study.item_names)


def _find_instruments_derived_from(study: Study, instrument: Instrument) -> frozenset[str]:
    """The instruments whose entries decide what is asked and worked out in another's."""
    used = {
        reference
        for text in _list_deciding_formulas(instrument)
        for reference in references(parse_formula(text))
    }
    own = instrument.value_items
    items = {
        reference.item
        for reference in used
        if reference.item not in own or reference.visit or reference.instance
    }
    return frozenset(study.instrument_of(item).name for item in items & study.item_names)


def _asks_consent(formulas: Iterator[str]) -> bool:
    named = (fact.name for text in formulas for fact in facts(parse_formula(text)))
    return any(name.startswith("consent.") for name in named)


def _list_events(study: Study, instrument: str) -> Iterator[StudyEvent]:
    return (
        event for event in study.events if study.instrument_of(event.date_item).name == instrument
    )


def _list_formulas(study: Study, instrument: Instrument) -> Iterator[str]:
    for section in instrument.sections:
        if section.show_if:
            yield section.show_if
        for item in section.items:
            yield from (formula.text for formula in item.list_formulas())
    yield from (event.when for event in _list_events(study, instrument.name) if event.when)


def _list_deciding_formulas(instrument: Instrument) -> Iterator[str]:
    """Every formula that decides a derived value or whether an item is asked; no checks."""
    for section in instrument.sections:
        if section.show_if:
            yield section.show_if
        for item in section.items:
            yield from (formula.text for formula in item.list_formulas() if not formula.is_check)
