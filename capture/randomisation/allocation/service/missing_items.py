"""The items that are still blank before randomisation, and the forms that ask them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from capture import clock
from capture.entry.reads import find_source_items
from capture.randomisation.allocation.service.gate import Readiness
from forms.definition import Study
from forms.eligibility import Source, sources
from forms.evaluation_scope import Place
from forms.values import Cell


def list_item_places(ready: Readiness) -> Mapping[str, Place]:
    """List each item that gate, strata and enrolment may need, with the entry that asks it."""
    scope = ready.casebook.scope(clock.now())
    looked_at = [source for criterion in ready.verdict.criteria for source in criterion.sources]
    for factor in ready.randomisation.factors:
        looked_at += sources(factor.source, scope)
    return {
        **_list_person_places(ready.study),
        **_list_places(find_source_items(ready.casebook, looked_at).values()),
    }


def list_blank_items(ready: Readiness, *, with_person: bool) -> list[str]:
    """List the items that must still be filled in, in the order of the gate.

    with_person: also birth date and sex, which enrolment needs to find a possible duplicate. An
    item answered with a reason or “not known” is not blank: it is corrected in its own form.
    """
    person = _list_person_places(ready.study) if with_person else {}
    wanted = {**person, **_list_places(ready.missing.values())}
    return [name for name, place in wanted.items() if _is_blank(ready, name, place)]


def _list_places(found: Iterable[Source]) -> dict[str, Place]:
    return {source.name: source.place for source in found if source.place is not None}


def _list_person_places(study: Study) -> dict[str, Place]:
    return {name: get_first_place(study, name) for name in list_person_items(study)}


def _is_blank(ready: Readiness, name: str, place: Place) -> bool:
    entry = ready.casebook.entry(place)
    return entry is None or name not in entry.kept_cells


def list_person_items(study: Study) -> list[str]:
    """Return the items for birth date and sex, where the study has them."""
    return [name for name in (study.birth_date, study.sex) if name]


def get_first_place(study: Study, item: str) -> Place:
    """Return the first place at which an item is asked."""
    instrument = study.instrument_of(item)
    visits = study.visits_with(instrument.name)
    return Place(visits[0].slug if visits else "log", 1, instrument.name)


def find_saved_cell(ready: Readiness, item: str | None) -> Cell | None:
    """Find the saved cell of an item for birth date or sex; None when the study lacks the item."""
    if item is None:
        return None
    entry = ready.casebook.entry(get_first_place(ready.study, item))
    return entry.cells.get(item) if entry else None
