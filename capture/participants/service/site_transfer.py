"""Moves a participant to another site from a date on, with open visits and queries."""

from __future__ import annotations

from dataclasses import dataclass

from capture import ids
from capture.access import Action
from capture.ledger.fold import Change
from capture.ledger.service import Transaction
from capture.participants import event_kinds, reads
from capture.participants.records import Participant, Status
from capture.participants.service.dates import refuse_before, refuse_future
from capture.participants.service.locking import lock, require_taking_part
from capture.participants.service.planning import plan_visits
from capture.problems import InvalidInput, NotAllowed, Refused, Stale
from capture.study import reads as study_reads
from capture.study.reads import Site
from capture.study.service.acts import bind_act
from forms.partial_dates import PartialDate


@dataclass(frozen=True)
class SiteTransfer:
    """to: the new site. seen: the site that the person looked at. date: ISO, from when on."""

    to: str
    seen: str
    date: str
    reason: str


def move(tx: Transaction, study: str, pid: str, said: SiteTransfer) -> Participant:
    """Move a participant to another site of the study; gives the participant there.

    Forms, finished visits and events keep the site where they happened; open visits and queries
    go along. Consent has to be given again at the new site before a draw there.
    Raises NotFound, NotAllowed, InvalidInput (site, date, reason), Refused, Stale.
    """
    person = lock(tx, study, pid)
    act = bind_act(tx, person).require(Action.PARTICIPANT_TRANSFER)
    if said.seen != person.site:
        raise Stale(
            "Somebody moved this participant after you opened the page. Nothing was changed. "
            "Load the page again."
        )
    if not said.reason.strip():
        raise InvalidInput("reason", "Give the reason in a few words.")
    place = _get_new_site(tx, person, said.to)
    _require_member(tx, person)
    day = _check_date(tx, person, said.date)
    _check_place(tx, person, place, day)
    act.record(
        Action.PARTICIPANT_TRANSFER,
        {
            "id": ids.new_id(),
            "date": day.iso,
            "site": Change(person.site, place.slug),
        },
        reason=said.reason.strip(),
        occurred_at=day.iso,
    )
    moved = lock(tx, study, pid)
    plan_visits(tx, moved)
    return moved


def _get_new_site(tx: Transaction, person: Participant, slug: str) -> Site:
    known = {site.slug: site for site in study_reads.list_all_sites(tx.connection, person.study)}
    place = known.get(slug)
    if place is None:
        raise InvalidInput("site", "Choose the new site from the list.")
    if slug == person.site:
        raise InvalidInput("site", f"{person.number} is at {place.name} already.")
    if not tx.actor.may(Action.PARTICIPANT_TRANSFER, person.study, slug):
        raise NotAllowed("Your role does not reach to the new site. Ask the trial manager.")
    return place


def _require_member(tx: Transaction, person: Participant) -> None:
    require_taking_part(person)
    if person.status == Status.NOT_ENROLLED:
        raise Refused(f"{person.number} was not enrolled, so there is nobody to move.")
    if not reads.list_consents(tx.connection, person.id):
        raise Refused(
            f"{person.number} has not consented yet. Record the person as not recruited here, and "
            "screen the person at the new site."
        )


def _check_date(tx: Transaction, person: Participant, date: str) -> PartialDate:
    day = refuse_future(tx, person.study, person.site, "date", date)
    facts = reads.list_events(tx.connection, person.id)
    consent = next((fact for fact in facts if fact.kind == event_kinds.CONSENT), None)
    if consent is not None:
        refuse_before("date", day, consent.date, "the consent")
    for last_move in reads.list_site_moves(tx.connection, person.id)[-1:]:
        refuse_before("date", day, last_move.date, "the move before this one")
    return day


def _check_place(tx: Transaction, person: Participant, place: Site, day: PartialDate) -> None:
    today = reads.get_today_at(tx.connection, person.study, place.slug).isoformat()
    for on, words in ((day.iso, f"on {day.words}"), (today, "today")):
        if not place.is_open(on):
            raise InvalidInput("site", f"{place.name} is not open in this study {words}.")
    study = study_reads.get_definition_for(tx.connection, person.study, place.slug)
    have = place.attributes_on(day.iso)
    for attribute in study.site_attributes:
        if have.get(attribute.name) not in {choice.code for choice in attribute.choices}:
            raise InvalidInput(
                "site",
                f"{place.name} lacks its {attribute.title} on {day.words}. The trial manager sets "
                "it on the page of the site.",
            )
