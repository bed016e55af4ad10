"""Somebody masked is shown the same of two people who differ in nothing but the arm."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa
from flask import Flask

from capture import clock
from capture.access import Action, Role
from capture.accounts.service import NewMembership
from capture.entry.reads import list_entries, list_struck
from capture.ledger.tables import ledger
from capture.participants.reads import list_visits
from capture.participants.records import Participant
from capture.randomisation.reads import list_allocations
from capture.web.request_context import EXTENSION, Services
from tests.support.arm_course import ELSEWHERE, EVENT, PERIOD, common_course, course_of_the_long_arm
from tests.support.builders import Visitor, make_membership, make_user
from tests.support.crawler import Walk
from tests.support.entries import Desk
from tests.support.randomising import DURATION, activate, republish
from tests.support.randomising_pages import running_trial
from tests.support.trial import GIST, START, Trial
from tests.support.world import allocated

ARMS = ("IM36", "IM60")
READERS = (Role.NURSE, Role.INVESTIGATOR, Role.DATA_MANAGER, Role.MONITOR)
BEGIN, LATER = START, datetime(2026, 11, 16, 9, tzinfo=UTC)
HOME = f"/studies/{GIST}/participants"
IDS = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}|[0-9a-f]{32,}")
TOKENS = re.compile(r'name="(?:csrf_token|request_id)" value="[^"]*"')
OF_A_ROW = re.compile(
    r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d[.\dZ]*|Somebody else(?=,)|(?<=,Number,,)[12](?=,)"
)
"""What differs of two rows of the trail alike: seconds, the question who else it is, the number."""
OWN = re.compile(
    r'value">[12]</dd>|<li>Number: [12]</li>|<p>Reason: Somebody else</p>|(?<=cell">)Somebody else'
)
"""The number of the allocation; who came second was asked about the one who came first."""
CUT = "/redactions/ask/"
"""Pages of which the walk looks at the first ones alone, so not at the same of both people."""
ABOUT = re.compile(r"/audit(\?|$)")
"""The trail is compared person by person; its pages cut it in the middle of somebody's acts."""
WORKED_OUT = (
    "      - name: wbc\n",
    "      - {name: long_arm, type: derived, label: Treatment month of the arm, result: text, "
    "formula: \"if(allocation.arm = 'IM60', 'long', '')\"}\n      - name: wbc\n",
)
"""An item of a form filled in before the draw that the draw of one arm alone works out."""
LINES = re.compile(r"\n|(?=<tr)|(?=</tbody)")
"""A page is compared line by line and row by row; rows of one day stand in no order."""


@dataclass
class Pair:
    """Two people by arm, who differ in nothing else."""

    app: Flask
    by_arm: dict[str, Participant]

    def visitor(self, email: str) -> Visitor:
        visitor = Visitor(self.app)
        assert visitor.sign_in(email).status_code == 303
        return visitor


@pytest.fixture
def pair(app: Flask) -> Iterator[Pair]:
    """Randomised on one day; one has what only the long arm gives, one has not."""
    services: Services = app.extensions[EXTENSION]
    with clock.running_at(BEGIN):
        trial = replace(running_trial(services, is_active=False), moment=BEGIN)
        republish(trial, WORKED_OUT)
        activate(trial, design={"sizes": [2]})
        people = {one.id: one for one in (allocated(trial, "northfield") for _ in ARMS)}
        with services.database.reading() as connection:
            found = list_allocations(connection, GIST, DURATION)
    by_arm = {one.arm: people[one.participant] for one in found}
    assert sorted(by_arm) == list(ARMS)
    with clock.running_at(LATER):
        for arm, related in zip(ARMS, ("unrelated", "definite"), strict=True):
            _side_effect(replace(trial, moment=LATER), by_arm[arm], related)
            common_course(replace(trial, moment=LATER), by_arm[arm])
        course_of_the_long_arm(replace(trial, moment=LATER), by_arm["IM60"])
        for role in READERS:
            for masked in (True, False):
                _account(services, role, masked=masked)
        yield Pair(app, by_arm)


def _side_effect(trial: Trial, person: Participant, related: str) -> None:
    values = {"ae_term": "Oedema", "ae_onset": "2026-10-01", "ae_related": related}
    Desk(trial, person).save(values, EVENT)


def _account(services: Services, role: Role, *, masked: bool) -> None:
    word = "masked" if masked else "open"
    user = make_user(services, email=f"{role.value}.{word}@site.example", name="Kim", role=None)
    sites = ("northfield",)
    make_membership(services, new=NewMembership(user.id, role, sites, "2020-01-01", masked=masked))


def shown_of(pair: Pair, walk: Walk, person: Participant) -> Iterator[tuple[str, str]]:
    """Each page about a person with its text, both without what is the person's own."""
    own = {person.id: "PERSON", person.number: "NUMBER", person.screening_number: "SCREENED"}
    services: Services = pair.app.extensions[EXTENSION]
    with services.database.reading() as connection:
        theirs = list_visits(connection, person.id)
    own |= {one.id: f"{one.slug}-{one.occurrence}" for one in theirs}
    for page in walk.pages:
        is_about = person.id in page.address or f"={person.number}" in page.address
        if is_about and CUT not in page.address:
            yield _plain(page.address, own), _plain(page.answer.text, own)


def _plain(text: str, own: dict[str, str]) -> str:
    for word, stand_in in own.items():
        text = text.replace(word, stand_in)
    return re.sub(" +", " ", IDS.sub("ID", OWN.sub("", TOKENS.sub("", text))))


def _differences(first: dict[str, str], second: dict[str, str]) -> Iterator[str]:
    for address, text in first.items():
        first_lines, second_lines = (Counter(LINES.split(one)) for one in (text, second[address]))
        yield from (f"{address}: - {line}" for line in first_lines - second_lines)
        yield from (f"{address}: + {line}" for line in second_lines - first_lines)


def walked(pair: Pair, email: str) -> Walk:
    """Everything that somebody finds, from home, from every filter and from a search."""
    more = [f"{HOME}?attention={one}" for one in ("due", "overdue", "query", "draft")]
    if email.startswith(Role.DATA_MANAGER.value):
        trails = [f"/studies/{GIST}/audit?number={one.number}" for one in pair.by_arm.values()]
        items = ("", "&item=ae_related", "&item=imp_dose_mg", "&item=plt", "&item=ae_term")
        more += [f"{trail}{item}" for trail in trails for item in items]
    return Walk(pair.app, pair.visitor(email), most=60).from_home(*more)


@pytest.mark.parametrize("role", READERS)
def test_every_page_about_one_is_like_the_same_page_about_the_other(pair: Pair, role: Role) -> None:
    walk = walked(pair, f"{role.value}.masked@site.example")
    first, second = (dict(shown_of(pair, walk, pair.by_arm[arm])) for arm in ARMS)

    assert sorted(first.keys() ^ second.keys()) == []
    assert len(first) > 20
    assert list(_differences(first, second)) == []


@pytest.mark.parametrize("role", READERS)
def test_every_other_page_names_both_as_often(pair: Pair, role: Role) -> None:
    walk = walked(pair, f"{role.value}.masked@site.example")
    uneven = {
        page.address
        for page in walk.pages
        if not any(one.id in page.address for one in pair.by_arm.values())
        and not ABOUT.search(page.address)
        and len({page.answer.text.count(one.number) for one in pair.by_arm.values()}) > 1
    }

    assert uneven == set()


@pytest.mark.parametrize("role", READERS)
def test_no_page_says_what_only_one_arm_has(pair: Pair, role: Role) -> None:
    words = re.compile(
        r"Treatment month|Imatinib dosing|IM36|IM60|Tired of it|stopping imatinib|Forgot the|11:35"
    )
    masked = walked(pair, f"{role.value}.masked@site.example")
    told = {f"{p.address}: {m[0]}" for p in masked.pages for m in words.finditer(p.answer.text)}

    assert told == set()


def test_somebody_who_is_not_masked_is_shown_the_difference(pair: Pair) -> None:
    """The comparison of the other tests would find one."""
    walk = walked(pair, "nurse.open@site.example")
    first, second = (dict(shown_of(pair, walk, pair.by_arm[arm])) for arm in ARMS)

    assert any("imatinib_treatment" in address for address in second.keys() - first.keys())


def test_forms_that_tell_an_arm_are_not_found(pair: Pair) -> None:
    visitor = pair.visitor("nurse.masked@site.example")
    for person in pair.by_arm.values():
        form = f"{HOME}/{person.id}/visits/log/{PERIOD.instrument}"
        for instance in (1, 2, 3):
            assert visitor.get(f"{form}?instance={instance}").status_code == 404
            assert visitor.post(f"{form}?instance={instance}", {}).status_code == 404


def test_item_that_tells_an_arm_is_not_asked_in_a_form_that_is_shown(pair: Pair) -> None:
    form = f"{HOME}/{pair.by_arm['IM36'].id}/visits/log/adverse_events?instance=1"

    assert "ae_related" in pair.visitor("nurse.open@site.example").get(form).text
    masked = pair.visitor("nurse.masked@site.example")
    assert "ae_term" in masked.get(form).text
    for page in (form, f"{form}&history=1", form.partition("?")[0]):
        text = masked.get(page).text
        assert "ae_related" not in text
        assert "Causality" not in text


def test_the_home_of_a_monitor_counts_nothing_that_only_one_arm_has(pair: Pair) -> None:
    """Withheld is the long arm's first period with its open query; the last one is complete, and
    the visit of the blood count is in error."""
    masked, unmasked = (
        _counted(pair.visitor(f"monitor.{word}@site.example")) for word in ("masked", "open")
    )

    listed = pair.visitor("monitor.masked@site.example").get(f"/studies/{GIST}/queries").text
    assert masked[0] == sum(listed.count(one.number) for one in pair.by_arm.values())
    assert [more - less for more, less in zip(unmasked, masked, strict=True)][:2] == [1, 1]


def _counted(visitor: Visitor) -> list[int]:
    """Northfield's open queries, forms begun and visits overdue on somebody's home page."""
    (row,) = re.findall(r"(?s)<tr[^>]*>\s*<th[^>]*>Northfield.*?</tr>", visitor.get("/").text)
    return [int(number) for number in re.findall(r">(\d+)<", row)]


def test_an_unmasked_role_besides_shows_no_arm_either(pair: Pair, app: Flask) -> None:
    services: Services = app.extensions[EXTENSION]
    user = make_user(services, email="both@site.example", role=Role.MONITOR, name="Bo Both")
    new = NewMembership(user.id, Role.NURSE, ("northfield",), "2020-01-01", masked=True)
    make_membership(services, new=new)

    page = pair.visitor("both@site.example").get(f"{HOME}/{pair.by_arm['IM60'].id}").text

    assert "5 years (continue imatinib)" not in page
    assert "Treatment month" not in page


def test_the_course_does_every_action_there_is(pair: Pair) -> None:
    """An action that is new is done in the course, or says there why nothing comes of it."""
    services: Services = pair.app.extensions[EXTENSION]
    with services.database.reading() as connection:
        rows = connection.execute(sa.select(ledger.c.action).distinct()).scalars()
        done = {Action(name) for name in rows}
    looking = {action for action in Action if action.value.endswith(".view")}

    assert sorted(set(Action) - looking - done - ELSEWHERE.keys()) == []
    assert sorted(done & ELSEWHERE.keys()) == []


@pytest.mark.parametrize("role", [Role.DATA_MANAGER, Role.MONITOR])
def test_the_audit_trail_as_a_file_is_the_same_of_both(pair: Pair, role: Role) -> None:
    visitor = pair.visitor(f"{role.value}.masked@site.example")

    files = []
    for arm in ARMS:
        person = pair.by_arm[arm]
        asked = visitor.post(f"/studies/{GIST}/audit/exports", {"number": person.number})
        text = visitor.get(asked.location).text
        own = {person.id: "PERSON", person.number: "NUMBER", person.screening_number: "SCREENED"}
        files.append(_plain(text, own))
    rows = [Counter(OF_A_ROW.sub("", text).splitlines()) for text in files]

    assert (list(rows[0] - rows[1]), list(rows[1] - rows[0])) == ([], [])
    assert sum(rows[0].values()) > 40


@pytest.mark.parametrize("role", READERS)
def test_what_only_one_arm_has_answers_as_if_it_were_not_there(pair: Pair, role: Role) -> None:
    """Every page and act at a visit or a form of the long arm, beside those of a made-up one."""
    visitor, person = pair.visitor(f"{role.value}.masked@site.example"), pair.by_arm["IM60"]
    at, nowhere = f"{HOME}/{person.id}", "019cadc6-0000-7000-8000-000000000000"
    services: Services = pair.app.extensions[EXTENSION]
    with services.database.reading() as connection:
        drug = [
            one.id for one in list_visits(connection, person.id) if one.slug.startswith("drug_")
        ]
        struck = [one.id for one in list_struck(connection, person.id)]
        entries = list_entries(connection, person.id, [PERIOD.instrument, "haematology"])
        ids = [one.id for place, one in entries.items() if place.visit in ("log", "drug_m1")]
    places = [
        *((f"{at}/visits/{one}", f"{at}/visits/{nowhere}") for one in drug),
        *(
            (f"{at}/visits/{one}/haematology{act}", f"{at}/visits/{nowhere}/haematology{act}")
            for one in drug
            for act in ("", "/not-done", "/draft", "/draft/take-over", "/draft/discard")
        ),
        *((f"{at}/visits/{one}/not-done", f"{at}/visits/{nowhere}/not-done") for one in drug),
        *((f"{at}/visits/{one}/appointment", f"{at}/visits/{nowhere}/appointment") for one in drug),
        *((f"{at}/put-right/visits/{one}", f"{at}/put-right/visits/{nowhere}") for one in drug),
        *((f"{at}/put-right/forms/{one}", f"{at}/put-right/forms/{nowhere}") for one in ids),
        *((f"{at}/put-right/struck/{one}", f"{at}/put-right/struck/{nowhere}") for one in struck),
    ]

    told = [
        (there, *answers)
        for there, not_there in places
        for send in (visitor.get, visitor.post)
        if len(set(answers := [send(place).status_code for place in (there, not_there)])) > 1
    ]
    assert len(drug) > 1
    assert ids
    assert told == []
