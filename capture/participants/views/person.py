"""One participant's page: what is to do, visits, consent, events, history."""

from __future__ import annotations

import sqlalchemy as sa

from capture.access import Action, allow
from capture.ledger.reads import list_ledger_rows as ledger_facts
from capture.participants import event_kinds, reads
from capture.participants.event_kinds import event_title
from capture.participants.presenters.available_actions import list_possible_acts
from capture.participants.presenters.groups import cohort_title
from capture.participants.presenters.links import (
    allocation_url,
    dose_url,
    form_url,
    visit_title,
    visit_url,
)
from capture.participants.presenters.log_tables import list_log_tables
from capture.participants.presenters.next_steps import Outlook, Step, list_next_steps
from capture.participants.presenters.person_pages import banner, definition, viewer
from capture.participants.presenters.timeline import find_linked, list_person_rows
from capture.participants.records import ConsentEvent, Flag, Participant, ParticipantEvent, Visit
from capture.participants.views.blueprint import bp, render
from capture.participants.visit_status import (
    FORM_TAGS,
    TAGS,
    URGENT,
    VisitStanding,
    find_most_urgent,
    get_standing,
    window_words,
)
from capture.study import reads as study_reads
from capture.timeline import TimelineRow
from capture.web.page_data import TableColumn, Task
from capture.web.perform import actor, reading, services
from forms.definition import Study
from forms.partial_dates import parse_iso

SHOWN_OF_HISTORY = 5
CONSENT_COLUMNS = [
    TableColumn(text) for text in ("Date", "Consent for", "Status", "PIS/ICF version", "Taken by")
]


@bp.get("/<pid>")
@allow(Action.PARTICIPANT_VIEW)
def person(study: str, pid: str) -> str:
    """Everything about one person, the next step first."""
    connection = reading()
    who = reads.get_participant(connection, actor(), study, pid)
    outlook = _make_outlook(connection, who)
    return render(
        "person.html",
        study=study,
        person=who,
        banner=banner(who, outlook.facts),
        steps=list_next_steps(outlook),
        next_visit=_next_visit(outlook),
        open_visits=_list_open_visits(outlook),
        visits=[
            _visit_task(outlook, visit) for visit in outlook.visits if not _waits(outlook, visit)
        ],
        later=[_visit_task(outlook, visit) for visit in outlook.visits if _waits(outlook, visit)],
        logs=list_log_tables(outlook),
        consents=_consent_rows(connection, outlook),
        consent_columns=CONSENT_COLUMNS,
        events=_list_event_rows(outlook),
        event_columns=[TableColumn(text) for text in ("Date", "Event", *_group_words(outlook))],
        allocations=[*_list_allocations(outlook), *_list_doses(outlook)],
        acts=list_possible_acts(outlook),
        history=_list_history(connection, outlook)[:SHOWN_OF_HISTORY],
        episodes=_list_episodes(connection, who),
        former=[number.number for number in reads.list_former_numbers(connection, pid)],
        moved=_moved_words(connection, who),
    )


@bp.get("/<pid>/history")
@allow(Action.PARTICIPANT_VIEW)
def history_page(study: str, pid: str) -> str:
    """Every act about one person, newest first."""
    connection = reading()
    who = reads.get_participant(connection, actor(), study, pid)
    rows = _list_history(connection, _make_outlook(connection, who))
    return render("history.html", person=who, banner=banner(who), history=rows)


def _make_outlook(connection: sa.Connection, who: Participant) -> Outlook:
    study = definition(who)
    shown = viewer(who)
    visits = shown.shown_visits(reads.list_visits(connection, who.id))
    today = reads.get_today_at(connection, who.study, who.site)
    facts = shown.shown_events(reads.list_events(connection, who.id))
    asks = reads.is_consent_needed(connection, who, today.isoformat())
    return Outlook(actor(), study, who, tuple(facts), tuple(visits), today, asks)


def _waits(outlook: Outlook, visit: Visit) -> bool:
    return get_standing(visit, outlook.today) == VisitStanding.NOT_DUE


def _next_visit(outlook: Outlook) -> str | None:
    """Return the first visit that is not due yet, with its window."""
    later = [visit for visit in outlook.visits if _waits(outlook, visit)]
    if not later:
        return None
    visit = find_most_urgent(later, outlook.today)
    return f"{visit_title(outlook.study, visit)}, {window_words(visit)}"


def _list_open_visits(outlook: Outlook) -> list[tuple[str, str, str, list[Task]]]:
    """Return the visits that need work now, each with its forms."""
    found = [visit for visit in outlook.visits if get_standing(visit, outlook.today) in URGENT]
    return [
        (
            visit_title(outlook.study, visit),
            visit_url(outlook.person, visit),
            window_words(visit),
            list_form_tasks(outlook.study, outlook.person, visit),
        )
        for visit in found
    ]


def list_form_tasks(study: Study, who: Participant, visit: Visit) -> list[Task]:
    """Return the forms of a visit as a task list."""
    return [
        Task(
            study.instrument(name).title,
            FORM_TAGS[visit.forms.get(name)],
            form_url(who, visit.id, name),
        )
        for name in dict.fromkeys((*visit.instruments, *visit.forms))
    ]


def _visit_task(outlook: Outlook, visit: Visit) -> Task:
    words = window_words(visit)
    if visit.visit_date:
        words = f"Visit date: {parse_iso(visit.visit_date).words}"
    elif visit.appointment:
        words = f"{words}; appointment {appointment_words(visit.appointment)}"
    if visit.flag:
        words = f"{words}. {Flag(visit.flag).words}"
    tag = TAGS[get_standing(visit, outlook.today)]
    title = visit_title(outlook.study, visit)
    return Task(title, tag, visit_url(outlook.person, visit), words)


def appointment_words(appointment: str) -> str:
    """Return a day, or a day and time at the site, for people."""
    day, _, time = appointment.partition("T")
    return f"{parse_iso(day).words}, {time}" if time else parse_iso(day).words


def _consent_rows(connection: sa.Connection, outlook: Outlook) -> list[tuple[str, ...]]:
    consents = reads.list_consents(connection, outlook.person.id)
    return [_consent_row(outlook.study, consent) for consent in consents]


def _consent_row(study: Study, event: ConsentEvent) -> tuple[str, str, str, str, str]:
    words = {"given": "Given", "regiven": "Re-consented", "withdrawn": "Withdrawn"}
    return (
        parse_iso(event.date).words,
        study.consent(event.scope).title,
        words[event.kind],
        event.version or "",
        event.taken_by,
    )


def _list_event_rows(outlook: Outlook) -> list[tuple[str, ...]]:
    sees = outlook.viewer.sees_arms
    width = 2 + len(_group_words(outlook))
    return [_make_event_row(outlook.study, fact, sees=sees)[:width] for fact in outlook.facts]


def _group_words(outlook: Outlook) -> list[str]:
    """The heading of the column for arms and cohorts; none where this reader may see neither."""
    sees = outlook.viewer.sees_cohorts
    words = ["arm"] if outlook.study.randomisations else []
    words += ["cohort"] if outlook.study.cohorts and sees else []
    return [" or ".join(words).capitalize()] if words else []


def _make_event_row(study: Study, fact: ParticipantEvent, *, sees: bool) -> tuple[str, str, str]:
    arms = {
        event_kinds.allocation(randomisation.name): randomisation
        for randomisation in study.randomisations
    }
    group = ""
    if sees and fact.kind == event_kinds.COHORT:
        group = cohort_title(study, [fact]) or ""
    elif sees and fact.value is not None and fact.kind in arms:
        group = arms[fact.kind].arm(fact.value).label
    return parse_iso(fact.date).words, event_title(fact.kind, study), group


def _list_allocations(outlook: Outlook) -> list[Step]:
    """Return the way to each allocation: who was told, the page to print, a mistake to note."""
    known = {fact.kind for fact in outlook.facts}
    return [
        Step(
            f"Allocation: {randomisation.title}", allocation_url(outlook.person, randomisation.name)
        )
        for randomisation in outlook.study.randomisations
        if event_kinds.allocation(randomisation.name) in known
    ]


def _list_doses(outlook: Outlook) -> list[Step]:
    """Return the way to where somebody was registered at a dose level, and to what became of it."""
    known = {fact.kind for fact in outlook.facts}
    if not outlook.viewer.sees_levels:
        return []
    return [
        Step(f"Dose level: {part.title}", dose_url(outlook.person, part.name))
        for part in outlook.study.dose_finding
        if event_kinds.dose(part.name) in known
    ]


def _list_history(connection: sa.Connection, outlook: Outlook) -> list[TimelineRow]:
    who = outlook.person
    zone = study_reads.get_site(connection, who.study, who.site).zone
    facts = ledger_facts(connection, services().concealment, who.study, subject=who.subject)
    return list_person_rows(connection, outlook.viewer.at(who.site, zone), list(facts))


def _list_episodes(connection: sa.Connection, who: Participant) -> list[tuple[str, str | None]]:
    """The episode before and the one after this one; an address where the reader may see it."""
    later = reads.find_later_episode(connection, who.id)
    pairs = (
        ("the earlier episode", who.earlier_episode),
        ("the later episode", later and later.id),
    )
    found = [
        (words, find_linked(connection, actor(), who.study, pid)) for words, pid in pairs if pid
    ]
    return [
        (f"{words}, {other[0]}" if other else f"{words} is at another site", other and other[1])
        for words, other in found
    ]


def _moved_words(connection: sa.Connection, who: Participant) -> list[str]:
    """Where the person was before, and since when here."""
    names = {site.slug: site.name for site in study_reads.list_all_sites(connection, who.study)}
    return [
        f"Moved from {names[move.from_site]} to {names[move.to_site]}"
        f" on {parse_iso(move.date).words}."
        for move in reads.list_site_moves(connection, who.id)
    ]
