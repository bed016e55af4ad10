"""Corrections in a rehearsed trial: a few of each kind, as people would make them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from capture.access import Role
from capture.corrections import service as corrections
from capture.entry import reads as entries
from capture.entry import service as entry
from capture.participants import reads as people
from capture.participants import service as participants
from capture.problems import Refused
from capture.study import reads as studies
from capture.synthetic.person import InventedPerson
from forms.definition import LOG_VISIT
from forms.evaluation_scope import Place

TAKEN_BACK = 0.4


@dataclass
class Corrections:
    """Mistakes about one randomised person, each noticed and corrected."""

    person: InventedPerson

    def make_correction(self, moment: datetime) -> None:
        """Make one of the corrections, drawn by chance; a refusal is kept with the others."""
        acts = (
            self.strike_form,
            self.strike_visit,
            self.renumber,
            self.transfer,
            self.move_log_line,
        )
        act = self.person.world.random.choice(acts)
        try:
            act(moment)
        except Refused as problem:
            self.person.world.refusals.append(problem.message)

    def strike_form(self, _moment: datetime) -> None:
        """Mark a form as entered in error; now and then reinstate it."""
        person, setup = self.person, self.person.world.setup
        with setup.services.database.reading() as connection:
            mine = entries.list_entries(connection, person.pid)
        row = mine[person.world.random.choice(sorted(mine))]
        with setup.acting(Role.NURSE, person.site.slug) as tx:
            entry.strike_entry(
                tx,
                setup.study,
                setup.version,
                person.pid,
                row.id,
                version=row.version,
                reason="Typed from the notes of somebody else",
            )
        if person.world.chance(TAKEN_BACK):
            with setup.acting(Role.NURSE, person.site.slug) as tx:
                (struck, *_) = entries.list_struck(tx.connection, person.pid)
                entry.reinstate_entry(
                    tx,
                    setup.study,
                    setup.version,
                    person.pid,
                    struck.id,
                    reason="They were the right notes",
                )

    def strike_visit(self, _moment: datetime) -> None:
        """Mark a visit as entered in error that was added to the wrong person."""
        person, setup = self.person, self.person.world.setup
        slug = next((visit.slug for visit in setup.study.visits if visit.unscheduled), None)
        if slug is None:
            return
        today = person.today().isoformat()
        with setup.acting(Role.NURSE, person.site.slug) as tx:
            visit = participants.add_visit(tx, person.slug, person.pid, slug=slug, date=today)
        person.fill(visit, visit.instruments[0])
        with setup.acting(Role.NURSE, person.site.slug) as tx:
            corrections.strike_visit(
                tx, setup.study, person.pid, visit.id, reason="Somebody else came that day"
            )

    def renumber(self, _moment: datetime) -> None:
        """Correct a participant number that is not the one on the card."""
        person, setup = self.person, self.person.world.setup
        with setup.acting(Role.NURSE, person.site.slug) as tx:
            former = participants.lock(tx, person.slug, person.pid).number
            start, _, figures = former.rpartition("-")
            participants.renumber(
                tx,
                person.slug,
                person.pid,
                kind="participant_number",
                seen=former,
                number=f"{start}-{int(figures) + 500:04d}",
                reason="The card given to the participant says so",
            )

    def transfer(self, _moment: datetime) -> None:
        """Transfer to another open site, where consent is recorded again."""
        person, setup = self.person, self.person.world.setup
        today = person.today().isoformat()
        open_now = [site for site in setup.sites if site != person.site and site.is_open(today)]
        if not open_now:
            return
        new = person.world.random.choice(open_now)
        with setup.acting(Role.DATA_MANAGER) as tx:
            transfer = participants.SiteTransfer(
                new.slug, person.site.slug, today, "Moved house; both told"
            )
            participants.move(tx, person.slug, person.pid, transfer)
        person.site = new
        scope, today = setup.study.consents[0].name, person.today().isoformat()
        with setup.acting(Role.NURSE, new.slug) as tx:
            approved = studies.list_approved_versions(
                tx.connection, person.slug, new.slug, scope, today
            )
            taken = participants.ConsentTaken(scope, approved[-1], today, "B. Moss")
            participants.give_consent(tx, person.slug, person.pid, taken)

    def move_log_line(self, _moment: datetime) -> None:
        """Move a line of a log that was saved for the wrong person."""
        person, world = self.person, self.person.world
        others = [
            other for other in world.enrolled if other.site == person.site and other is not person
        ]
        name = person.log_something()
        if name is None or not others:
            return
        other, setup = world.random.choice(others), world.setup
        wrong = Place(LOG_VISIT, 1, name, person.logged[name])
        place = Place(LOG_VISIT, 1, name, other.logged[name] + 1)
        with setup.acting(Role.NURSE, person.site.slug) as tx:
            row = entries.find_entry_at(tx.connection, person.pid, wrong)
            if row is None:
                return
            owner = corrections.EntryOwner(
                entry=row.id,
                version=row.version,
                since=1,
                to=other.pid,
                place=place,
                to_version=0,
                reason="Typed while the other participant's page was open",
            )
            corrections.move_answers(tx, setup.study, setup.version, person.pid, owner)
        person.logged[name] -= 1
        other.logged[name] += 1


@dataclass
class DoubleScreening:
    """Somebody screened twice by mistake: the second line is entered in error."""

    person: InventedPerson

    def strike(self, _moment: datetime) -> None:
        person, setup = self.person, self.person.world.setup
        with setup.acting(Role.NURSE, person.site.slug) as tx:
            line = participants.Screening(person.today().isoformat())
            double = participants.screen(tx, person.slug, person.site.slug, line)
        with setup.acting(Role.NURSE, person.site.slug) as tx:
            corrections.strike_participant(
                tx, setup.study, double.id, reason="Was in the screening log already"
            )
        if person.world.chance(TAKEN_BACK):
            self._screen_again()

    def _screen_again(self) -> None:
        """The first line was closed: the same person is screened again, as a new episode."""
        person, setup = self.person, self.person.world.setup
        with setup.services.database.reading() as connection:
            first = people.get_participant(connection, setup.staff[Role.NURSE, person.site.slug],
                                       person.slug, person.pid)  # fmt: skip
        if first.status != "not_enrolled":
            return
        with setup.acting(Role.NURSE, person.site.slug) as tx:
            line = participants.Screening(person.today().isoformat(), earlier=first.id)
            participants.screen(tx, person.slug, person.site.slug, line)
