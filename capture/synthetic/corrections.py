"""What is put right in a rehearsed trial: a few of each act, as people would do them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from capture.access import Role
from capture.corrections import service as corrections
from capture.entry import reads as entries
from capture.entry import service as entry
from capture.participants import reads as people
from capture.participants import service as participants
from capture.problems import Refused
from capture.study import reads as studies
from forms.definition import LOG_VISIT
from forms.evaluation_scope import Place

if TYPE_CHECKING:
    from capture.synthetic.person import InventedPerson

TAKEN_BACK = 0.4


@dataclass
class Corrections:
    """Mistakes about one randomised person, each noticed and put right."""

    person: InventedPerson

    def something(self, moment: datetime) -> None:
        """One of the acts, drawn by chance; what is refused is kept as the others are."""
        acts = (self.form, self.visit, self.number, self.site, self.owner)
        act = self.person.company.random.choice(acts)
        try:
            act(moment)
        except Refused as problem:
            self.person.company.refusals.append(problem.message)

    def form(self, _moment: datetime) -> None:
        """A form entered in error; now and then it was right after all."""
        person, stage = self.person, self.person.company.stage
        with stage.services.database.reading() as connection:
            mine = entries.list_entries(connection, person.pid)
        found = mine[person.company.random.choice(sorted(mine))]
        with stage.acting(Role.NURSE, person.site.slug) as tx:
            entry.strike_entry(
                tx,
                stage.study,
                stage.version,
                person.pid,
                found.id,
                version=found.version,
                reason="Typed from the notes of somebody else",
            )
        if person.company.chance(TAKEN_BACK):
            with stage.acting(Role.NURSE, person.site.slug) as tx:
                (struck, *_) = entries.list_struck(tx.connection, person.pid)
                entry.reinstate_entry(
                    tx,
                    stage.study,
                    stage.version,
                    person.pid,
                    struck.id,
                    reason="They were the right notes",
                )

    def visit(self, _moment: datetime) -> None:
        """A visit that was added to the wrong person."""
        person, stage = self.person, self.person.company.stage
        slug = next((one.slug for one in stage.study.visits if one.unscheduled), None)
        if slug is None:
            return
        today = person.today().isoformat()
        with stage.acting(Role.NURSE, person.site.slug) as tx:
            visit = participants.add_visit(tx, person.slug, person.pid, slug=slug, date=today)
        person.fill(visit, visit.instruments[0])
        with stage.acting(Role.NURSE, person.site.slug) as tx:
            corrections.strike_visit(
                tx, stage.study, person.pid, visit.id, reason="Somebody else came that day"
            )

    def number(self, _moment: datetime) -> None:
        """A participant number that is not the one on the card."""
        person, stage = self.person, self.person.company.stage
        with stage.acting(Role.NURSE, person.site.slug) as tx:
            seen = participants.lock(tx, person.slug, person.pid).number
            start, _, figures = seen.rpartition("-")
            participants.renumber(
                tx,
                person.slug,
                person.pid,
                kind="participant_number",
                seen=seen,
                number=f"{start}-{int(figures) + 500:04d}",
                reason="The card given to the participant says so",
            )

    def site(self, _moment: datetime) -> None:
        """A move to another open site, where consent is recorded again."""
        person, stage = self.person, self.person.company.stage
        today = person.today().isoformat()
        open_now = [site for site in stage.sites if site != person.site and site.is_open(today)]
        if not open_now:
            return
        new = person.company.random.choice(open_now)
        with stage.acting(Role.DATA_MANAGER) as tx:
            said = participants.SiteTransfer(
                new.slug, person.site.slug, today, "Moved house; both told"
            )
            participants.move(tx, person.slug, person.pid, said)
        person.site = new
        scope, today = stage.study.consents[0].name, person.today().isoformat()
        with stage.acting(Role.NURSE, new.slug) as tx:
            approved = studies.list_approved_versions(
                tx.connection, person.slug, new.slug, scope, today
            )
            taken = participants.ConsentTaken(scope, approved[-1], today, "B. Moss")
            participants.give_consent(tx, person.slug, person.pid, taken)

    def owner(self, _moment: datetime) -> None:
        """A line of a log that was saved for the wrong person, and put where it belongs."""
        person, company = self.person, self.person.company
        others = [one for one in company.known if one.site == person.site and one is not person]
        name = person.log_something()
        if name is None or not others:
            return
        other, stage = company.random.choice(others), company.stage
        wrong = Place(LOG_VISIT, 1, name, person.logged[name])
        place = Place(LOG_VISIT, 1, name, other.logged[name] + 1)
        with stage.acting(Role.NURSE, person.site.slug) as tx:
            found = entries.find_entry_at(tx.connection, person.pid, wrong)
            if found is None:
                return
            said = corrections.EntryOwner(
                entry=found.id,
                version=found.version,
                since=1,
                to=other.pid,
                place=place,
                to_version=0,
                reason="Typed while the other participant's page was open",
            )
            corrections.move_answers(tx, stage.study, stage.version, person.pid, said)
        person.logged[name] -= 1
        other.logged[name] += 1


@dataclass
class Twice:
    """Somebody screened twice by mistake: the second line is entered in error."""

    person: InventedPerson

    def noticed(self, _moment: datetime) -> None:
        person, stage = self.person, self.person.company.stage
        with stage.acting(Role.NURSE, person.site.slug) as tx:
            line = participants.Screening(person.today().isoformat())
            double = participants.screen(tx, person.slug, person.site.slug, line)
        with stage.acting(Role.NURSE, person.site.slug) as tx:
            corrections.strike_participant(
                tx, stage.study, double.id, reason="Was in the screening log already"
            )
        if person.company.chance(TAKEN_BACK):
            self._again()

    def _again(self) -> None:
        """The first line was closed: the same person is screened again, as a new episode."""
        person, stage = self.person, self.person.company.stage
        with stage.services.database.reading() as connection:
            first = people.get_participant(
                connection, stage.staff[Role.NURSE, person.site.slug], person.slug, person.pid
            )
        if first.status != "not_enrolled":
            return
        with stage.acting(Role.NURSE, person.site.slug) as tx:
            line = participants.Screening(person.today().isoformat(), earlier=first.id)
            participants.screen(tx, person.slug, person.site.slug, line)
