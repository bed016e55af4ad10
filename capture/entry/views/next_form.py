"""Where "Save and go to" leads: the next form of the visit, then the next visit."""

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


def find_next_form(opened: FormContext) -> NextForm | None:
    """The next form that is not finished; None after the last one."""
    spot = opened.spot
    if spot.visit is None:
        return _find_another(opened)
    for visit in opened.viewer.shown_visits([spot.visit]):
        found = _find_unfinished(visit, after=spot.key.instrument)
        if found is not None:
            return _make_next_form(opened, visit, found, spot.study.instrument(found).title)
    for visit in _list_later_visits(opened, spot.visit):
        first = _find_unfinished(visit)
        if first is not None:
            title = f"{visit_title(spot.study, visit)}: {spot.study.instrument(first).title}"
            return _make_next_form(opened, visit, first, title)
    return None


def _find_another(opened: FormContext) -> NextForm | None:
    key = opened.spot.key
    if not opened.spot.instrument.repeats:
        return None
    known = [entry.instance for entry in opened.known.entries if _is_beside(entry, key)]
    fresh = max([key.instance, *known]) + 1
    place = Place(key.visit, key.occurrence, key.instrument, fresh)
    title = f"another {opened.spot.instrument.title.lower()}"
    return NextForm(title, form_url(opened.spot.person, None, place))


def _is_beside(one: Place, key: Place) -> bool:
    return (one.visit, one.instrument) == (key.visit, key.instrument)


def _find_unfinished(visit: Visit, after: str = "") -> str | None:
    """The next unfinished form after one, then those before it; the one itself is left out."""
    names = [name for name in visit.instruments if name != after]
    if after in visit.instruments:
        index = visit.instruments.index(after)
        names = [*visit.instruments[index + 1 :], *visit.instruments[:index]]
    return next((name for name in names if visit.forms.get(name) not in FINISHED), None)


def _list_later_visits(opened: FormContext, visit: Visit) -> Iterator[Visit]:
    person = opened.spot.person
    # Seldom is more than the first one wanted.
    for one in participant_reads.list_open_visits(reading(), person.id, visit.target or ""):
        if one.id != visit.id:
            yield from opened.viewer.shown_visits([one])


def _make_next_form(opened: FormContext, visit: Visit, instrument: str, title: str) -> NextForm:
    place = Place(visit.slug, visit.occurrence, instrument)
    return NextForm(title, form_url(opened.spot.person, visit, place))
