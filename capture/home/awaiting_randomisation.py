"""Who is on the way to an allocation, with the next step by name; what an investigator signs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache

import sqlalchemy as sa
from flask import url_for

from capture.access import Action, Role
from capture.accounts.reads import get_today as today_of_roles
from capture.accounts.reads import list_all_members
from capture.home import reads
from capture.home.reads import Workplace
from capture.home.sections import HomeSection, SectionCell, make_cell
from capture.home.site_work import SiteWork, make_number_cell
from capture.participants.presenters.links import cohort_url, person_url, randomise_url
from capture.participants.reads.lists import JOINING
from capture.participants.records import Participant, Status
from capture.randomisation.allocation.service.gate import Readiness, list_readiness
from capture.randomisation.reads import list_confirmed
from capture.web.layout import Link
from capture.web.page_data import Colour, Tag
from forms.definition import Randomisation

READY = Tag("Ready to randomise", Colour.GREEN)
TO_CONFIRM = Tag("Eligibility to be confirmed", Colour.BLUE)
TO_SIGN = Tag("Awaiting signature", Colour.ORANGE)
NOT_ELIGIBLE = Tag("Not eligible", Colour.GREY)
HELD_UP = Tag("On hold", Colour.ORANGE)
SCREENED = Tag("In screening")
ORDER = (READY, TO_SIGN, TO_CONFIRM, HELD_UP, SCREENED, NOT_ELIGIBLE)


@dataclass(frozen=True)
class AwaitingRow:
    """One person who is not randomised yet, and what stands before it."""

    place: Workplace
    person: Participant
    randomisation: Randomisation
    tag: Tag
    words: str


def list_awaiting_rows(work: SiteWork) -> tuple[list[AwaitingRow], int]:
    """Everybody who could be randomised next, who is ready first, and how many there are in all."""
    found: list[AwaitingRow] = []
    total = 0
    for place in work.places:
        for randomisation in place.study.randomisations[:1]:
            people, count = reads.list_not_allocated(work.connection, place, randomisation.name)
            found += _make_awaiting_rows(work.connection, place, people, randomisation)
            total += count
    return sorted(found, key=lambda row: ORDER.index(row.tag)), total


def _make_awaiting_rows(
    connection: sa.Connection,
    place: Workplace,
    people: Sequence[Participant],
    randomisation: Randomisation,
) -> Iterator[AwaitingRow]:
    known = list_readiness(connection, place.study, people, randomisation.name)
    ids = [person.id for person in people]
    sure = list_confirmed(connection, place.slug, ids, randomisation.name) if ids else set()
    for person, ready in zip(people, known, strict=True):
        tag, words = _describe_readiness(ready, person, is_confirmed=person.id in sure)
        yield AwaitingRow(place, person, randomisation, tag, words)


def _describe_readiness(
    ready: Readiness, person: Participant, *, is_confirmed: bool
) -> tuple[Tag, str]:
    verdict = ready.verdict
    if verdict.not_met:
        return NOT_ELIGIBLE, f"Not met: {verdict.not_met[0].wording}"
    blanks = len(verdict.unknown) + len(ready.stratum.blanks)
    if blanks:
        return SCREENED, f"{blanks} {'criterion' if blanks == 1 else 'criteria'} not known yet"
    if person.status == Status.SCREENED:
        return SCREENED, "Consent and enrolment"
    if ready.obstacles:
        return HELD_UP, ready.obstacles[0].words
    if is_confirmed:
        return READY, ""
    if ready.randomisation.eligibility_confirmed_by == "esign":
        return TO_SIGN, ""
    return TO_CONFIRM, "Investigator's confirmation of eligibility"


def make_awaiting_section(work: SiteWork, found: Sequence[AwaitingRow], total: int) -> HomeSection:
    """Participants ready to randomise, and what the others still need."""
    columns = work.columns("Participant", "Next step", "Status", "Outstanding")
    signers = _Signers(work.connection)
    rows = tuple(_make_awaiting_row(work, row, signers) for row in found[: reads.MOST])
    links = tuple(_link_to_all(place) for place in work.places if place.study.randomisations)
    words = "No participants are awaiting randomisation."
    return HomeSection("joining", "Awaiting randomisation", columns, rows, words, total, links)


def _link_to_all(place: Workplace) -> Link:
    url = url_for("participants.index", study=place.slug, attention=JOINING)
    return Link(f"All in {place.study.short_title}", url)


def _link_to_log(place: Workplace) -> Link:
    url = url_for("participants.index", study=place.slug, status=Status.SCREENED.value)
    return Link(f"Screening log of {place.study.short_title}", url)


def _make_awaiting_row(
    work: SiteWork, row: AwaitingRow, signers: _Signers
) -> tuple[SectionCell, ...]:
    needs = row.words
    if row.tag is TO_SIGN:
        needs = f"Signature of {signers.words(row)}"
    return work.row(
        row.place,
        make_number_cell(row.person),
        _make_step_cell(row),
        SectionCell("", tag=row.tag),
        make_cell(needs),
    )


def _make_step_cell(row: AwaitingRow) -> SectionCell:
    person, hidden = row.person, row.person.number
    if row.tag is NOT_ELIGIBLE:
        return SectionCell("Review", person_url(person), hidden)
    words = {READY: "Randomise", TO_SIGN: "Review before signing"}
    usual = "Enrol and randomise" if person.status == Status.SCREENED else "Complete and randomise"
    return SectionCell(
        words.get(row.tag, usual), randomise_url(person, row.randomisation.name), hidden
    )


class _Signers:
    """The investigators of each site, who can sign; the members of a study are read once."""

    def __init__(self, connection: sa.Connection) -> None:
        self._members = cache(lambda study: list_all_members(connection, study))

    def words(self, row: AwaitingRow) -> str:
        """Who can sign for a person, by name."""
        day, site = today_of_roles(), row.person.site
        names = [
            member.name
            for member in self._members(row.place.slug)
            if member.membership.role is Role.INVESTIGATOR
            and member.membership.in_force(day)
            and (member.membership.sites is None or site in member.membership.sites)
        ]
        return " or ".join(dict.fromkeys(names)) or "an investigator of the site (none so far)"


def list_unallocated_sections(work: SiteWork) -> Iterator[HomeSection]:
    """Who is to be enrolled in a study without randomisations, and who has no cohort yet."""
    found: list[tuple[SectionCell, ...]] = []
    total = 0
    places = [
        place for place in work.places if place.study.cohorts or not place.study.randomisations
    ]
    for place in places:
        for status, sites in _list_waiting_statuses(place).items():
            people, count = reads.list_without_cohort(work.connection, place, status, sites)
            total += count
            found += [
                work.row(place, make_number_cell(person), _make_joining_cell(person))
                for person in people
            ]
    if places:
        yield HomeSection(
            "joining-by-evidence",
            "Awaiting enrolment",
            work.columns("Participant", "Next step"),
            tuple(found),
            "No participants are awaiting enrolment or a cohort.",
            total,
            tuple(_link_to_log(place) for place in places),
        )


def _list_waiting_statuses(place: Workplace) -> dict[Status, list[str]]:
    """At which sites who of which status waits for this person."""
    waiting = {} if place.study.randomisations else {Status.SCREENED: list(place.sites)}
    if place.study.cohorts:
        waiting[Status.ENROLLED] = [site for site in place.sites if _sees_cohorts(place, site)]
    return waiting


def _sees_cohorts(place: Workplace, site: str) -> bool:
    may = place.actor.may(Action.COHORT_RECORD, place.slug, site)
    return may and place.viewer.at(site).sees_cohorts


def _make_joining_cell(person: Participant) -> SectionCell:
    if person.status == Status.ENROLLED:
        return SectionCell("Record the cohort", cohort_url(person), person.number)
    url = url_for("participants.enrol", study=person.study, pid=person.id)
    return SectionCell("Record consent and enrol", url, person.number)


def list_signing_sections(work: SiteWork, found: Sequence[AwaitingRow]) -> Iterator[HomeSection]:
    """What waits for this investigator's own signature; nothing where no study asks for one."""
    if not any(_needs_signature(place) for place in work.places):
        return
    mine = [row for row in found if row.tag is TO_SIGN and _may_sign(work, row)]
    rows = tuple(_make_signing_row(work, row) for row in mine)
    columns = work.columns("Participant", "Form to sign")
    if any(work.actor.may(Action.ELIGIBILITY_SIGN, place.slug) for place in work.places):
        yield HomeSection(
            "to-sign", "To sign", columns, rows, "Nothing is awaiting your signature."
        )


def _needs_signature(place: Workplace) -> bool:
    return any(
        randomisation.eligibility_confirmed_by == "esign"
        for randomisation in place.study.randomisations
    )


def _may_sign(work: SiteWork, row: AwaitingRow) -> bool:
    return work.actor.may(Action.ELIGIBILITY_SIGN, row.place.slug, row.person.site)


def _make_signing_row(work: SiteWork, row: AwaitingRow) -> tuple[SectionCell, ...]:
    url = f"{randomise_url(row.person, row.randomisation.name)}/sign"
    return work.row(
        row.place,
        make_number_cell(row.person),
        SectionCell("Sign eligibility", url, row.person.number),
    )
