"""A made-up study in which answers decide what else is asked, with people who answer it.

The smoking form asks how many packs, since when smoking stopped and where, of smokers only; all of
that is read again by a derived item, a gate, a stratum, an event, an endpoint and a visit.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from capture.access import SYSTEM_ACTOR, Role
from capture.db import Database
from capture.entry import reads as entries
from capture.entry.service import SaveResult, Submission, save_entry
from capture.ledger.concealment import Concealment
from capture.ledger.verify import verify_study
from capture.participants import reads as people
from capture.participants import service as participants
from capture.participants.records import Participant
from capture.queries.reads import Query, list_queries
from capture.randomisation.allocation.service.gate import Readiness, get_readiness
from capture.study import reads as study_reads
from capture.study import service as study_service
from forms.definition import Study
from forms.evaluation_scope import Place
from forms.values import Cell
from tests.support.kept_worlds import checked
from tests.support.trial import KEY, Trial, make_actor

ASKED, SITE = "asked-demo", "northfield"
NURSE = make_actor(Role.NURSE, SITE, study=ASKED)
HABITS, LATER = Place("baseline", 1, "habits"), Place("baseline", 1, "later")
Values = Mapping[str, str | int | tuple[str, ...] | Cell | None]

STUDY_YAML = """\
slug: asked-demo
title: What is asked
short_title: Asked
modelled_on: No real trial; it exists for tests.
provenance: Everything here is made up.
version: "1"
zone: Europe/London
missing_reasons:
  - {code: not_done, label: Not done}
  - {code: refused, label: Refused}
consents:
  - name: main
    title: The study
    versions: [{version: "1", approved: 2024-01-10}]
arm_visibility:
  visible_to: [nurse, investigator, data_manager, monitor, trial_manager, unblinded_statistician]
  revealing: withhold
recruitment_target:
  - {from: 2024-01-01, number: 20}
site_attributes:
  - name: country
    title: Country
    choices: [{code: gb, label: United Kingdom}, {code: ie, label: Ireland}]
visits:
  - {slug: baseline, title: Baseline, anchor: consent, instruments: [habits, later]}
  - slug: clinic
    title: Smoking clinic
    anchor: consent
    offset: {days: 30}
    condition: "[baseline][packs] >= 1"
    instruments: [later]
  - {slug: after, title: After quitting, anchor: quit, offset: {days: 30}, instruments: [later]}
events:
  - {name: quit, title: Stopped smoking, date_item: quit_on}
gates:
  - name: smoker
    title: Smoker
    criteria:
      - {name: packs, wording: At least one pack, holds: "[baseline][packs] >= 1"}
randomisations:
  - name: patch
    title: Patch or none
    gate: smoker
    consent: main
    arms: [{arm: PATCH, label: Patch}, {arm: NONE, label: No patch}]
    method: permuted_blocks
    strata:
      - factor: kind
        from: "[baseline][kind]"
        levels: {rolled: [rolled], other: [pipe, none]}
endpoints:
  - name: quitting
    title: Time to quitting
    origin: allocation
    events: [quit]
    evaluable: [{instrument: later}]
    wording: Days to quitting
"""
HABITS_YAML = """\
name: habits
title: Habits
sections:
  - title: Smoking
    items:
      - {name: smokes, type: yes_no_nk, label: Smokes, required: true}
      - {name: packs, type: integer, label: Packs a day, show_if: "[smokes] = 'yes'"}
      - {name: packs_week, type: derived, label: A week, result: number, formula: "[packs] * 7"}
      - {name: heavy, type: text, label: Why so many, show_if: "[packs] > 3"}
      - {name: quit_on, type: date, label: Stopped on, show_if: "[smokes] = 'yes'"}
      - name: kind
        type: single_choice
        label: What kind
        choices:
          - {code: rolled, label: Rolled, when: "[smokes] = 'yes'"}
          - {code: pipe, label: Pipe, when: "[smokes] = 'yes'"}
          - {code: none, label: None}
      - name: tried
        type: multiple_choice
        label: Tried before
        choices: [{code: gum, label: Gum}, {code: patch, label: Patch}]
      - name: tried_count
        type: derived
        label: How many
        result: number
        formula: "[tried(gum)] + [tried(patch)]"
"""
LATER_YAML = """\
name: later
title: Later
assessment_date: seen
sections:
  - title: Later
    items:
      - {name: seen, type: date, label: Seen on}
      - {name: cough, type: yes_no_nk, label: Cough, show_if: "[baseline][packs] >= 1"}
      - name: cough_packs
        type: derived
        label: Packs of those who cough
        result: number
        formula: "if([cough] = 'yes', [baseline][packs], '')"
      - {name: arm_now, type: derived, label: Arm, result: text, formula: "allocation.arm"}
      - {name: agreed, type: derived, label: In force, result: text, show_if: "[smokes_now] = ''",
         formula: "if(consent.in_force('main', today), 'yes', 'no')"}
      - {name: smokes_now, type: text, label: Smokes now}
"""
SITES_YAML = """\
sites:
  - slug: northfield
    name: Northfield Hospital
    zone: Europe/London
    attributes: {country: gb}
    approved_consents: {main: ["1"]}
    opened: 2024-02-01
"""


def make_asked_files() -> dict[str, bytes]:
    """The study's files."""
    texts = {
        "study.yaml": STUDY_YAML,
        "instruments/habits.yaml": HABITS_YAML,
        "instruments/later.yaml": LATER_YAML,
        "sites.yaml": SITES_YAML,
    }
    return {path: text.encode() for path, text in texts.items()}


@dataclass(frozen=True)
class Asked:
    """A study published in a database; acts run as its nurse."""

    trial: Trial
    slug: str = ASKED

    def on(self, day: str) -> Asked:
        return Asked(self.trial.on(day), self.slug)

    @property
    def study(self) -> Study:
        with self.trial.database.reading() as connection:
            return study_reads.get_definition_for(connection, self.slug)

    def enrolled(self) -> Participant:
        nurse = make_actor(Role.NURSE, SITE, study=self.slug)
        with self.trial.acting(nurse) as tx:
            screening = participants.Screening(self.trial.today)
            person = participants.screen(tx, self.slug, SITE, screening)
        consent = participants.ConsentTaken("main", "1", self.trial.today, "A. Cole")
        facts = self.trial.enrolment(
            consent=consent, duplicate_confirmed=True, duplicate_reason="Somebody else"
        )
        with self.trial.acting(nurse) as tx:
            return participants.enrol(tx, self.slug, person.id, facts, likeness_key=KEY)

    def save(
        self,
        person: Participant,
        values: Values,
        key: Place = HABITS,
        *,
        confirm: bool = False,
        version: int | None = None,
    ) -> SaveResult:
        """Save values by item (None: blank) on the version that stands."""
        cells = {
            name: value if value is None or isinstance(value, Cell) else Cell(value)
            for name, value in values.items()
        }
        before = self.entry(person, key)
        seen = before.version if before else 0
        with self.trial.acting(make_actor(Role.NURSE, SITE, study=self.slug)) as tx:
            return save_entry(
                tx,
                self.study,
                1,
                person.id,
                key,
                submission=Submission(cells, confirms=lambda _finding: confirm),
                version=seen if version is None else version,
                reason="Corrected",
            )

    def entry(self, person: Participant, key: Place = HABITS) -> entries.Entry | None:
        with self.trial.database.reading() as connection:
            return entries.find_entry_at(connection, person.id, key)

    def stored(self, person: Participant, key: Place = HABITS) -> entries.Entry:
        found = self.entry(person, key)
        assert found is not None
        return found

    def open_queries(self, person: Participant, key: Place = HABITS) -> list[Query]:
        with self.trial.database.reading() as connection:
            asked = list_queries(connection, self.stored(person, key).id)
        return [query for query in asked if query.is_open]

    def readiness(self, person: Participant, name: str = "patch") -> Readiness:
        with self.trial.database.reading() as connection:
            return get_readiness(connection, self.study, person.id, name)

    def facts(self, person: Participant) -> list[tuple[str, str]]:
        """The dated facts of a person: kind and date."""
        with self.trial.database.reading() as connection:
            return [(fact.kind, fact.date) for fact in people.list_events(connection, person.id)]

    def visits(self, person: Participant) -> list[str]:
        """The visits that are planned, by slug."""
        with self.trial.database.reading() as connection:
            return [visit.slug for visit in people.list_visits(connection, person.id)]

    def allocate(self, person: Participant, arm: str, name: str = "patch") -> None:
        """Note an allocation as the randomisation does, and plan what follows from it."""
        with self.trial.acting(make_actor(Role.NURSE, SITE, study=self.slug)) as tx:
            locked = participants.lock(tx, self.slug, person.id)
            participants.note_fact(tx, locked, f"allocation.{name}", self.trial.today, value=arm)
            participants.plan_visits(tx, locked)

    def disagreements(self) -> list[str]:
        """What verify finds wrong."""
        with self.trial.database.reading() as connection:
            return verify_study(connection, self.trial.concealment, self.slug).findings


def publish_asked(
    database: Database, concealment: Concealment, files: Mapping[str, bytes] | None = None
) -> Asked:
    """Publish the study, or another with the same site, in an empty database."""
    trial = Trial(database, concealment)
    with trial.acting(SYSTEM_ACTOR) as tx:
        definition = checked(files or make_asked_files())
        published = study_service.publish(tx, definition, add_sites=True)
    return Asked(trial, published.study)
