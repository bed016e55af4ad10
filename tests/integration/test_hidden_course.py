"""Of two people one alone has what is hidden from a reader, who is shown the same of both."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
import sqlalchemy as sa
from werkzeug.test import TestResponse

from capture.access import Action, Role
from capture.entry.reads import list_entries, list_struck
from capture.ledger.tables import ledger
from capture.participants.reads import get_participant, list_visits
from capture.participants.records import Participant
from capture.web.request_context import Services
from tests.support.builders import Visitor, make_user
from tests.support.clinic import SignIn
from tests.support.crawler import Walk
from tests.support.hidden_course import (
    COLLEAGUE,
    ELSEWHERE,
    HIDDEN_ROLES,
    HiddenCourse,
    check_hiding_study,
)
from tests.support.kitchen_sink import DEMO, FILLED, Sink, make_sink

HOME = f"/studies/{DEMO}"
READERS = tuple(role.value for role in HIDDEN_ROLES)
OWN = re.compile(
    r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}|[0-9a-f]{32,}"
    r"|(?:csrf_token|request_id)\" value=\"[^\"]*|[0-9]{2}:[0-9]{2}(:[0-9.]+Z?)?"
    r"|now&#34;:&#34;[^&]+|(?:19)?6[01][^<]*|1961-05-14|1960-02-29"
)
"""Ids, tokens, times of the day, and when each was born."""
CUT = re.compile("find=|/redactions/ask/")
"""Pages of which the walk looks at the first alone, so not at the same of both people."""
LINES = re.compile(r"\n|(?=<tr)|(?=</tbody)")
VISIT_ACTS = ("", "/not-done", "/appointment")
FORM_ACTS = ("", "/not-done", "/draft", "/draft/take-over", "/draft/discard")
NO_FORM, NOWHERE = "no_such_form", "019cadc6-0000-7000-8000-000000000000"


@dataclass
class Pair:
    """The first has all that is hidden; the second differs in nothing else."""

    services: Services
    sign_in: SignIn
    people: tuple[Participant, Participant]

    def walk(self, name: str) -> Walk:
        """Everything that somebody finds, from home, from every filter and search."""
        visitor = self.sign_in(f"{name}@site.example")
        more = [
            f"{HOME}/participants?attention={tag}" for tag in ("due", "overdue", "query", "draft")
        ]
        more += [f"{HOME}/participants?find={person.number}" for person in self.people]
        if name == Role.DATA_MANAGER.value:
            more += [f"{HOME}/audit?number={person.number}" for person in self.people]
        return Walk(visitor.client.application, visitor, most=60).from_home(*more)

    def plain(self, person: Participant, text: str) -> str:
        """A text without what is the person's own."""
        with self.services.database.reading() as connection:
            visits = list_visits(connection, person.id)
        own = {person.id: "PERSON", person.number: "NUMBER", person.screening_number: "SCREENED"}
        own |= {visit.id: f"{visit.slug}-{visit.occurrence}" for visit in visits}
        for word, stand_in in own.items():
            text = text.replace(word, stand_in)
        return re.sub(" +", " ", OWN.sub("", text))


@pytest.fixture
def pair(services: Services, sign_in: SignIn) -> Pair:
    first = make_sink(services, sign_in, check_hiding_study(with_panel=True))
    second = first.with_somebody_else()
    make_user(services, email="data_manager@site.example", role=Role.DATA_MANAGER, study=DEMO)
    for sink, steps in ((first, "137"), (second, "151")):
        _fill(sink, steps)
    with services.database.reading() as connection:
        people = [
            get_participant(connection, COLLEAGUE, DEMO, sink.pid) for sink in (first, second)
        ]
    HiddenCourse(services, people[0]).run()
    for sink, steps in ((first, "137"), (second, "151")):
        _fill(sink, steps, ed_weight="150", reason="data_entry", reason_words="Read again")
    return Pair(services, sign_in, (people[0], people[1]))


def _fill(sink: Sink, steps: str, **more: str) -> None:
    """The form that both see, with an odd hidden value, whose query is left open."""
    answer = sink.tab("doctor@site.example").save(**{**FILLED, "ed_steps": steps, **more})
    assert answer.status_code == 303, answer.text


def shown_of(pair: Pair, walk: Walk, person: Participant) -> Iterator[tuple[str, str]]:
    """Each page about a person with its status and text, both without what is the person's own."""
    for page in walk.pages:
        is_about = person.id in page.address or f"={person.number}" in page.address
        if is_about and not CUT.search(page.address):
            text = f"{page.answer.status_code}\n{page.answer.text}"
            yield pair.plain(person, page.address), pair.plain(person, text)


def differences(first: dict[str, str], second: dict[str, str]) -> list[str]:
    found = []
    for address in first.keys() & second.keys():
        ours, theirs = (Counter(LINES.split(text[address])) for text in (first, second))
        found += [f"{address}: - {line}" for line in ours - theirs]
        found += [f"{address}: + {line}" for line in theirs - ours]
    return found


@pytest.mark.parametrize("name", READERS)
def test_pages_about_both_are_alike_and_others_name_both_as_often(pair: Pair, name: str) -> None:
    walk = pair.walk(name)
    first, second = (dict(shown_of(pair, walk, person)) for person in pair.people)
    uneven = {
        page.address
        for page in walk.pages
        if not any(person.id in page.address for person in pair.people)
        and not any(f"={person.number}" in page.address for person in pair.people)
        and not CUT.search(page.address)
        and len({page.answer.text.count(person.number) for person in pair.people}) > 1
    }

    assert walk.broken == []
    assert sorted(first.keys() ^ second.keys()) == []
    assert len(first) > 8
    assert differences(first, second) == []
    assert uneven == set()


def test_who_may_see_it_is_shown_the_difference(pair: Pair) -> None:
    """The comparison of the other tests would find it."""
    walk = pair.walk("doctor")
    first, second = (dict(shown_of(pair, walk, person)) for person in pair.people)

    assert any("Panel grade" in line for line in differences(first, second))


@pytest.mark.parametrize("name", READERS)
def test_what_is_hidden_answers_as_if_it_were_not_there(pair: Pair, name: str) -> None:
    """Every page and act at a hidden visit or form, beside those of one that does not exist."""
    visitor, person = pair.sign_in(f"{name}@site.example"), pair.people[0]
    at = f"{HOME}/participants/{person.id}"
    with pair.services.database.reading() as connection:
        visits = list_visits(connection, person.id)
        entries = list_entries(connection, person.id, ["grading"])
        struck = list_struck(connection, person.id)
    panels = [visit.id for visit in visits if visit.slug == "panel"]
    start = next(visit.id for visit in visits if visit.slug == "start")
    places = [
        (f"visits/{panel}{act}", f"visits/{NOWHERE}{act}")
        for panel in panels
        for act in (*VISIT_ACTS, *(f"/grading{act}" for act in FORM_ACTS))
    ]
    places += [
        (f"visits/{start}/grading{act}", f"visits/{start}/{NO_FORM}{act}") for act in FORM_ACTS
    ]
    places += [(f"put-right/visits/{panel}", f"put-right/visits/{NOWHERE}") for panel in panels]
    places += [(f"put-right/struck/{row.id}", f"put-right/struck/{NOWHERE}") for row in struck]
    places += [
        (f"put-right/forms/{entry.id}", f"put-right/forms/{NOWHERE}") for entry in entries.values()
    ]

    told = [
        (there, *answers)
        for there, not_there in places
        for send in (visitor.get, visitor.post)
        if len(set(answers := [_answer(send, f"{at}/{place}") for place in (there, not_there)])) > 1
    ]

    assert (len(panels), len(entries), len(struck)) == (3, 1, 1)
    assert told == []


def _answer(send: Callable[[str], TestResponse], address: str) -> tuple[int, int]:
    """Status and length of an answer; the page may name the address that was asked for."""
    answer = send(address)
    return answer.status_code, len(OWN.sub("", answer.text.replace(NO_FORM, "grading")))


def test_the_course_does_every_action_there_is(pair: Pair) -> None:
    """An action that is new is done in the course, or says there why nothing comes of it."""
    with pair.services.database.reading() as connection:
        rows = connection.execute(sa.select(ledger.c.action).distinct()).scalars()
        done = {Action(name) for name in rows}
    looking = {action for action in Action if action.value.endswith(".view")}

    assert sorted(set(Action) - looking - done - ELSEWHERE.keys()) == []
    assert sorted(done & ELSEWHERE.keys()) == []


def test_files_of_a_reader_hold_the_same_of_both(pair: Pair) -> None:
    """The audit trail of each, and the rows of each in the datasets."""
    visitor = pair.sign_in(f"{Role.DATA_MANAGER.value}@site.example")
    trails, rows = [], []
    files = _list_files(visitor)
    for person in pair.people:
        asked = visitor.post(f"{HOME}/audit/exports", {"number": person.number})
        trails.append(Counter(pair.plain(person, visitor.get(asked.location).text).splitlines()))
        rows.append(
            Counter(
                (name, pair.plain(person, ",".join(row)))
                for name, table in files.items()
                for row in table
                if person.number in row or person.screening_number in row
            )
        )

    assert [list(trails[0] - trails[1]), list(trails[1] - trails[0])] == [[], []]
    assert [list(rows[0] - rows[1]), list(rows[1] - rows[0])] == [[], []]
    assert {name for name, _row in rows[0]} >= {"kitchen_sink.csv", "visits.csv"}


def _list_files(visitor: Visitor) -> dict[str, list[list[str]]]:
    """The datasets that somebody may take, by name: rows of cells."""
    visitor.post(f"{HOME}/datasets", {"formats": "csv"})
    link = re.search(r'href="([^"]+/bundle\.zip)"', visitor.get(f"{HOME}/datasets").text)
    assert link
    with visitor.get(link[1]) as answer, zipfile.ZipFile(io.BytesIO(answer.data)) as bundle:
        return {
            name: list(csv.reader(io.StringIO(bundle.read(name).decode())))
            for name in bundle.namelist()
            if name.endswith(".csv")
        }
