"""One page with everything that can be corrected about a person, and what was struck out."""

from __future__ import annotations

from collections.abc import Iterator

from capture.access import Action, allow
from capture.corrections.presenters import (
    form_words,
    list_shown_entries,
    list_struck_views,
    visit_words,
)
from capture.corrections.views.blueprint import PERSON, bp, render
from capture.entry import reads as entries
from capture.participants import event_kinds, reads
from capture.participants.presenters.links import person_url, put_right_url, randomise_url
from capture.participants.presenters.next_steps import Step
from capture.participants.presenters.person_pages import banner, definition, require_person, viewer
from capture.participants.records import Participant, Status
from capture.web.page_data import TableColumn
from capture.web.perform import actor, reading

STRUCK = tuple(TableColumn(text) for text in ("What", "When", "By", "Reason"))


@bp.get(PERSON)
@allow(Action.ENTRY_VIEW)
def hub(study: str, pid: str) -> str:
    """The corrections that this reader can make about a person."""
    person = require_person(study, pid, Action.ENTRY_VIEW)
    return render(
        "hub.html",
        banner=banner(person),
        back_url=person_url(person),
        acts=list(_list_acts(person)),
        forms=list(_list_forms(person)),
        visits=list(_list_visits(person)),
        struck=list_struck_views(person),
        columns=STRUCK,
    )


def _may(person: Participant, action: Action) -> bool:
    return actor().may(action, person.study, person.site)


def _list_acts(person: Participant) -> Iterator[Step]:
    if person.status == Status.IN_ERROR:
        return
    possible = (
        ("Correct a screening or participant number", Action.PARTICIPANT_RENUMBER, "number"),
        ("Move to another site", Action.PARTICIPANT_TRANSFER, "site"),
        ("Mark the participant as entered in error", Action.PARTICIPANT_MARK_IN_ERROR, "in-error"),
    )
    for words, action, part in possible:
        if not _may(person, action):
            continue
        if action == Action.PARTICIPANT_MARK_IN_ERROR and (
            allocation_url := _find_allocation_url(person)
        ):
            yield Step(
                "Record as randomised in error (the participant stays in the trial)", allocation_url
            )
        else:
            yield Step(words, put_right_url(person, part))


def _find_allocation_url(person: Participant) -> str | None:
    """The page of the first allocation; whoever has one is never struck."""
    known = {fact.kind for fact in reads.list_events(reading(), person.id)}
    names = [randomisation.name for randomisation in definition(person).randomisations]
    made = [name for name in names if event_kinds.allocation(name) in known]
    return f"{randomise_url(person, made[0])}/in-error" if made else None


def _list_forms(person: Participant) -> Iterator[tuple[str, str, str]]:
    """Each form that counts, with the links to its two corrections."""
    if not _may(person, Action.ENTRY_MARK_IN_ERROR):
        return
    study = definition(person)
    forms = list_shown_entries(person, list(entries.list_entries(reading(), person.id).values()))
    for form in sorted(forms, key=lambda entry: entry.key):
        url = put_right_url(person, "forms", form.id)
        yield form_words(study, form), url, f"{url}/owner"


def _list_visits(person: Participant) -> Iterator[Step]:
    if not _may(person, Action.VISIT_MARK_IN_ERROR):
        return
    mine = reads.list_visits(reading(), person.id)
    for visit in viewer(person).shown_visits(mine):
        if visit.is_touched or not visit.planned:
            yield Step(visit_words(person, visit), put_right_url(person, "visits", visit.id))
