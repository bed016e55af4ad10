"""Struck and misplaced forms in words, limited to what this reader may see."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from capture.access import Action
from capture.accounts import reads as accounts
from capture.entry import reads as entries
from capture.entry.presenters.cell_labels import value_words
from capture.entry.reads import Entry, StruckRow
from capture.participants.presenters.links import put_right_url, visit_title
from capture.participants.presenters.person_pages import definition, viewer
from capture.participants.records import Participant, Visit
from capture.problems import NotFound
from capture.study import reads as study_reads
from capture.timeline import local_words, place_words
from capture.web.perform import actor, reading
from forms.definition import Item, Study


@dataclass(frozen=True)
class StruckView:
    """Something entered in error, as its page shows it."""

    id: str
    kind: str
    title: str
    when: str
    who: str
    reason: str
    url: str
    forms: tuple[tuple[str, tuple[tuple[str, str], ...]], ...]


def present_struck(person: Participant, struck: StruckRow) -> StruckView:
    """A struck form, visit or person in words, with the values of its forms."""
    study = definition(person)
    zone = study_reads.get_site(reading(), person.study, person.site).zone
    return StruckView(
        id=struck.id,
        kind=struck.kind,
        title=_title(study, person, struck),
        when=local_words(struck.at, zone),
        who=_find_name(struck.marked_by),
        reason=struck.reason,
        url=put_right_url(person, "struck", struck.id),
        forms=tuple(
            (form_words(study, entry), tuple(_list_values(study, person, entry)))
            for entry in struck.entries
        ),
    )


def _title(study: Study, person: Participant, struck: StruckRow) -> str:
    if struck.kind == "participant":
        return person.number
    if struck.kind == "visit":
        (row,) = struck.content["visit"]
        return study.visit(row["slug"]).occurrence_title(row["occurrence"])
    return form_words(study, struck.entries[0])


def _find_name(user: str) -> str:
    try:
        return accounts.get_account(reading(), user).name
    except NotFound:
        return user


def form_words(study: Study, entry: Entry) -> str:
    """A form and its visit: Vital signs, Screening."""
    return place_words(study, entry.key)


def visit_words(person: Participant, visit: Visit) -> str:
    """A visit's heading. Raises NotFound where the reader may not see the visit."""
    study = definition(person)
    if not viewer(person).shows_visit(visit.slug):
        raise NotFound("This participant has no such visit. Go back to the participant's page.")
    return visit_title(study, visit)


def shows_all(person: Participant, forms: Sequence[Entry]) -> bool:
    """Whether none of the forms is withheld from this reader."""
    return len(list_shown_entries(person, forms)) == len(forms)


def list_shown_entries(person: Participant, forms: Sequence[Entry]) -> list[Entry]:
    """The forms that this reader may be shown."""
    shows = viewer(person).shows_form_at
    return [form for form in forms if shows(form.key.visit, form.key.instrument)]


def list_shown_items(study: Study, person: Participant, instrument: str) -> dict[str, Item]:
    """The items of an instrument that the reader is shown."""
    if not actor().may(Action.ENTRY_VIEW, person.study, person.site):
        return {}
    shows, items = viewer(person).shows_item, study.instrument(instrument).value_items
    return {name: item for name, item in items.items() if shows(name)}


def _list_values(study: Study, person: Participant, entry: Entry) -> Iterator[tuple[str, str]]:
    for name, item in list_shown_items(study, person, entry.key.instrument).items():
        if name in entry.kept_cells:
            yield item.label, value_words(study, item, entry.kept_cells[name])


def list_struck_views(person: Participant) -> list[StruckView]:
    """Everything of a person that was marked as entered in error and may be shown, latest first."""
    struck_rows = entries.list_struck(reading(), person.id)
    return [
        present_struck(person, struck)
        for struck in struck_rows
        if len(list_shown_entries(person, struck.entries)) == len(struck.entries)
    ]
