"""The form with every type of item, open in browsers; small files to attach to it."""

from __future__ import annotations

from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

from werkzeug.datastructures import FileStorage
from werkzeug.test import TestResponse, encode_multipart

from capture.access import SYSTEM_ACTOR, Role
from capture.entry import reads
from capture.ledger.service import transaction
from capture.participants import reads as participant_reads
from capture.participants import service as participants
from capture.study import service as study_service
from capture.web.request_context import Services
from forms.evaluation_scope import Place
from tests.support.builders import make_user
from tests.support.clinic import SignIn, Tab
from tests.support.kept_worlds import checked_folder

DEMO = "esign-demo"
FOLDER = Path(__file__).parents[1] / "studies" / DEMO
KITCHEN_SINK = Place("start", 1, "kitchen_sink")
PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
FILLED: dict[str, Any] = {
    "ed_birth-day": "29",
    "ed_birth-month": "feb",
    "ed_birth-year": "1960",
    "ed_sex": "female",
    "ed_initials": "AB",
    "ed_notes": "First line\r\nSecond line",
    "ed_seen-day": "3 Mar 2026",
    "ed_diagnosis-day": "UK",
    "ed_diagnosis-month": "UK",
    "ed_diagnosis-year": "2024",
    "ed_clock": "07:30",
    "ed_walked_at-day": "3",
    "ed_walked_at-month": "3",
    "ed_walked_at-year": "2026",
    "ed_walked_at-time": "10:15",
    "ed_steps": "4000",
    "ed_weight": "154.3",
    "ed_weight__unit": "lb",
    "ed_height": "170",
    "ed_crp": "<0.6",
    "ed_pain": "20",
    "ed_walks": "yes",
    "ed_aids": ["crutches", "stick"],
    "ed_work": "maternity",
    "ed_stairs": "2",
    "ed_shopping": "1",
    "ed_next_visit__missing": "not_known",
}


def chosen(name: str, content: bytes = PDF) -> FileStorage:
    """A file as somebody chose it."""
    return FileStorage(BytesIO(content), filename=name)


def send(tab: Tab, *files: FileStorage, **values: Any) -> TestResponse:
    """Save the whole form with these files as the referral letter, as a browser sends it."""
    sent = {**tab.fields(**FILLED), **values, "ed_letter": list(files)}
    boundary, body = encode_multipart(sent)
    kind = f"multipart/form-data; boundary={boundary}"
    return tab.visitor.client.post(tab.url, data=body, content_type=kind)


@dataclass
class Sink:
    """The form with every type of item, open in a browser."""

    services: Services
    sign_in: SignIn
    pid: str
    url: str

    def tab(self, email: str = "nurse@site.example") -> Tab:
        visitor = self.sign_in(email)
        return Tab(visitor, self.url, visitor.get(self.url))

    def with_somebody_else(self) -> Sink:
        """The same form of one more participant."""
        return _enrolled(self.services, self.sign_in, "1961-05-14")

    def attach(self, *files: FileStorage, **values: Any) -> TestResponse:
        """Open the form and save it with these files."""
        return send(self.tab(), *files, **values)

    def letter(self) -> Any:
        """What the referral letter's cell holds."""
        return self.values().get("ed_letter")

    def entry(self) -> reads.Entry | None:
        with self.services.database.reading() as connection:
            return reads.find_entry_at(connection, self.pid, KITCHEN_SINK)

    def values(self) -> dict[str, Any]:
        found = self.entry()
        return {name: cell.value for name, cell in found.cells.items()} if found else {}


def make_sink(
    services: Services, sign_in: SignIn, study: study_service.CheckedDefinition | None = None
) -> Sink:
    """The demo study with somebody enrolled at Westbrook, and the people who look at them.

    study: another shape of it.
    """
    with transaction(services.database, SYSTEM_ACTOR, services.concealment) as tx:
        study_service.publish(tx, study or checked_folder(FOLDER), add_sites=True)
    people = {"nurse": Role.NURSE, "doctor": Role.INVESTIGATOR, "monitor": Role.MONITOR}
    for name, role in people.items():
        make_user(services, email=f"{name}@site.example", name=name, role=role, study=DEMO)
    return _enrolled(services, sign_in, "1960-02-29")


def _enrolled(services: Services, sign_in: SignIn, born: str) -> Sink:
    consent = participants.ConsentTaken("main", "1", "2026-03-02", "A. Cole")
    with transaction(services.database, SYSTEM_ACTOR, services.concealment) as tx:
        person = participants.screen(tx, DEMO, "westbrook", participants.Screening("2026-03-02"))
        facts = participants.Enrolment(consent=consent, birth_date=born, sex="female")
        participants.enrol(tx, DEMO, person.id, facts, likeness_key=b"\x22" * 32)
    with services.database.reading() as connection:
        visits = participant_reads.list_visits(connection, person.id)
    visit = next(visit for visit in visits if visit.slug == KITCHEN_SINK.visit)
    url = f"/studies/{DEMO}/participants/{person.id}/visits/{visit.id}/kitchen_sink"
    return Sink(services, sign_in, person.id, url)
