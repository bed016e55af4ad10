"""Finds the form that "Save and go to" leads to: the next of the visit, then of the next visit."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from capture.entry.views.form_context import FormContext, form_url
from capture.participants import reads as participant_reads
from capture.participants.presenters.links import visit_title
from capture.participants.records import Visit
from capture.web.perform import reading
from forms.evaluation_scope import Place

FINISHED = ("complete", "not_done")


@dataclass(frozen=True)
class NextForm:
    """The next form to fill in, as the button names it."""

    title: str
    url: str


def find_next_form(context: FormContext) -> NextForm | None:
    """The next form that is not finished; None after the last one."""
    location = context.location
    if location.visit is None:
        return _find_another(context)
    for visit in context.viewer.shown_visits([location.visit]):
        found = _find_unfinished(visit, after=location.key.instrument)
        if found is not None:
            return _make_next_form(context, visit, found, location.study.instrument(found).title)
    for visit in _list_later_visits(context, location.visit):
        first = _find_unfinished(visit)
        if first is not None:
            title = (
                f"{visit_title(location.study, visit)}: {location.study.instrument(first).title}"
            )
            return _make_next_form(context, visit, first, title)
    return None


def _find_another(context: FormContext) -> NextForm | None:
    key = context.location.key
    if not context.location.instrument.repeats:
        return None
    instances = [entry.instance for entry in context.casebook.entries if _is_beside(entry, key)]
    fresh = max([key.instance, *instances]) + 1
    place = Place(key.visit, key.occurrence, key.instrument, fresh)
    title = f"another {context.location.instrument.title.lower()}"
    return NextForm(title, form_url(context.location.person, None, place))


def _is_beside(place: Place, key: Place) -> bool:
    return (place.visit, place.instrument) == (key.visit, key.instrument)


def _find_unfinished(visit: Visit, after: str = "") -> str | None:
    """The next unfinished form after a form, then those before it, without that form itself."""
    names = [name for name in visit.instruments if name != after]
    if after in visit.instruments:
        index = visit.instruments.index(after)
        names = [*visit.instruments[index + 1 :], *visit.instruments[:index]]
    return next((name for name in names if visit.forms.get(name) not in FINISHED), None)


def _list_later_visits(context: FormContext, visit: Visit) -> Iterator[Visit]:
    person = context.location.person
    # Usually only the first visit is needed, so they are read one by one.
    for later in participant_reads.list_open_visits(reading(), person.id, visit.target_date or ""):
        if later.id != visit.id:
            yield from context.viewer.shown_visits([later])


def _make_next_form(context: FormContext, visit: Visit, instrument: str, title: str) -> NextForm:
    place = Place(visit.slug, visit.occurrence, instrument)
    return NextForm(title, form_url(context.location.person, visit, place))
