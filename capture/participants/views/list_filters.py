"""The filters of the list of participants: those offered, chosen and remembered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, fields
from functools import cached_property
from urllib.parse import urlencode

import sqlalchemy as sa
from flask import request, url_for

from capture.access import Action
from capture.participants import reads, service
from capture.participants.reads.lists import BOOKED, DRAFT, DUE, JOINING, OVERDUE, PER_PAGE, QUERY
from capture.participants.records import Participation, Status
from capture.participants.views.blueprint import list_site_options
from capture.problems import Busy
from capture.visibility import Viewer
from capture.web.perform import actor, reading, services
from capture.web.request_context import end_reading
from forms.definition import Study

ALL = ("", "All")
SHOW = "show"
"""The button of the filter: only what is chosen with it is remembered."""
TEXT, SIZE = "q", "size"
NAMES = ("site", "status", "attention", "cohort", "arm", SIZE)
SIZES = (PER_PAGE, 25, 100)
ATTENTION = (
    (DUE, "Visit due"),
    (OVERDUE, "Visit overdue"),
    (BOOKED, "Appointment booked"),
    (QUERY, "Open query"),
    (DRAFT, "Unsaved draft"),
    (JOINING, "Awaiting randomisation"),
)
Options = Sequence[tuple[str, str]]


@dataclass(frozen=True)
class FilterOption:
    """One thing to choose of the filter, with what is chosen."""

    name: str
    label: str
    options: Options
    chosen: str

    @property
    def is_one(self) -> bool:
        """Whether there is only one option besides “All”: then the filter is not shown."""
        return len(self.options) == 2 and self.options[0] == ALL

    @property
    def is_narrowing(self) -> bool:
        """Whether another option than the first one is chosen."""
        return self.chosen != self.options[0][0]

    @property
    def words(self) -> str:
        return f"{self.label}: {dict(self.options)[self.chosen]}"


@dataclass(frozen=True)
class ChosenFilter:
    """What the list is narrowed to. text: part of a number, which is never remembered.

    is_remembered: from an earlier visit. unknown: what the address asked for and is not offered.
    """

    text: str
    choices: tuple[FilterOption, ...]
    is_remembered: bool
    unknown: tuple[str, ...]

    @cached_property
    def by_name(self) -> dict[str, str]:
        """The narrowing choices by name, without the text."""
        return {choice.name: choice.chosen for choice in self.choices if choice.is_narrowing}

    @property
    def filters(self) -> reads.ParticipantFilters:
        known = {field.name for field in fields(reads.ParticipantFilters)}
        given = {name: value for name, value in self.by_name.items() if name in known}
        return reads.ParticipantFilters(text=self.text, **given)

    @property
    def size(self) -> int:
        return int(self.by_name.get(SIZE, PER_PAGE))

    @property
    def is_narrowed(self) -> bool:
        """Whether somebody may be left out."""
        return self.filters != reads.ParticipantFilters()

    @property
    def words(self) -> str:
        """What is chosen, as one phrase."""
        return "; ".join(choice.words for choice in self.choices if choice.is_narrowing)

    def url(self, study: str, **more: int) -> str:
        """Return the address of the list with these filters."""
        text = {TEXT: self.text} if self.text else {}
        size = {SIZE: str(self.size)}
        given = {**text, **size, **self.by_name, **{name: str(n) for name, n in more.items()}}
        return f"{url_for('participants.index', study=study)}?{urlencode(given)}"


def read_chosen_filter(viewer: Viewer) -> ChosenFilter:
    """Read the filters of this request; without any in the address, those chosen last."""
    offered, study = _list_offered(viewer), viewer.study
    given = {name: request.args[name] for name in NAMES if name in request.args}
    text = request.args.get(TEXT, "")
    is_asked = bool(given) or TEXT in request.args or SHOW in request.args
    stored: Mapping[str, str] = {}
    if not is_asked:
        stored = reads.list_preferences_of(reading(), actor().id, study.slug)
    wanted = given if is_asked else stored
    choices = tuple(_make_option(*offer, wanted.get(offer[0], "")) for offer in offered)
    found = {choice.name: choice.chosen for choice in choices}
    unknown = tuple(value for name, value in given.items() if value and value != found.get(name))
    is_remembered = any(choice.is_narrowing and choice.name in stored for choice in choices)
    return ChosenFilter(text, choices, is_remembered, unknown)


def _make_option(name: str, label: str, options: Options, wanted: str) -> FilterOption:
    chosen = wanted if wanted in dict(options) else options[0][0]
    return FilterOption(name, label, options, chosen)


def _list_offered(viewer: Viewer) -> list[tuple[str, str, Options]]:
    """Name, label and options of each choice, the usual one first.

    Filters that could reveal an arm are offered only to those who may see arms. An open query may
    reveal one; the list of queries leaves such queries out.
    """
    study = viewer.study
    sites = list_site_options(reading(), study.slug, Action.PARTICIPANT_VIEW)
    may_enter = actor().may(Action.ENTRY_SAVE, study.slug)
    left_out = {
        QUERY if not viewer.sees_arms and not viewer.withheld.is_empty else "",
        DRAFT if not may_enter else "",
        JOINING if not study.randomisations else "",
    }
    attention = [need for need in ATTENTION if need[0] not in left_out]
    found: list[tuple[str, str, Options]] = [
        ("site", "Site", sites),
        ("status", "Participant status", _list_statuses(study)),
        ("attention", "Needs attention", attention),
    ]
    if viewer.sees_arms:
        found += [("cohort", "Cohort", [(cohort.name, cohort.title) for cohort in study.cohorts])]
        found += [("arm", "Arm", _list_arms(study))]
    sizes = [(str(size), str(size)) for size in SIZES]
    return [
        *((name, label, [ALL, *options]) for name, label, options in found if options),
        (SIZE, "Rows per page", sizes),
    ]


def _list_statuses(study: Study) -> Options:
    """Stages and participation, as one list."""
    labels = {Statu.value: Statu.label for Statu in (*Status, *Participation)}
    if study.randomisations:
        labels[Status.ENROLLED.value] = "Registered or randomised"
    return list(labels.items())


def _list_arms(study: Study) -> Options:
    """Return every arm of every randomisation, which is named where there are several."""
    several = len(study.randomisations) > 1
    return [
        (
            f"{randomisation.name}.{arm.arm}",
            f"{randomisation.title}: {arm.label}" if several else arm.label,
        )
        for randomisation in study.randomisations
        for arm in randomisation.arms
    ]


def remember_filter(study: str, chosen: ChosenFilter) -> None:
    """Keep what was chosen with the button, and which study's list was opened last.

    The filter is a plain GET, so that its address can be kept and sent; what is stored of it is a
    setting, and is shown wherever it is used.
    """
    who = actor()
    if SHOW in request.args:
        wanted = chosen.by_name
    elif reads.find_last_study(reading(), who.id) not in (None, study):
        wanted = reads.list_preferences_of(reading(), who.id, study)
    else:
        return
    end_reading()
    # A list is shown whether or not it can be remembered.
    with suppress(Busy, sa.exc.SQLAlchemyError), services().database.writing() as connection:
        service.keep_choices(connection, who.id, study, wanted)
