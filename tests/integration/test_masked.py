"""Somebody masked is shown the same of two people who differ in nothing but the arm."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import pytest
from flask import Flask

from capture import clock
from capture.access import Role
from capture.accounts.service import NewMembership
from capture.entry.service import keep_draft
from capture.participants import service as participants
from capture.participants.reads import list_visits
from capture.participants.records import Participant
from capture.randomisation.reads import list_allocations
from capture.web.request_context import EXTENSION, Services
from forms.evaluation_scope import Place
from tests.support.builders import Visitor, make_membership, make_user
from tests.support.crawler import Walk
from tests.support.entries import Desk
from tests.support.randomising import DURATION, activate
from tests.support.randomising_pages import running_trial
from tests.support.trial import GIST, START, Trial, make_actor
from tests.support.world import allocated

ARMS = ("IM36", "IM60")
BEGIN, LATER = START, datetime(2026, 11, 16, 9, tzinfo=UTC)
HOME = f"/studies/{GIST}/participants"
IDS = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}|[0-9a-f]{32,}")
TOKENS = re.compile(r'name="(?:csrf_token|request_id)" value="[^"]*"')
OWN = re.compile(r'value">[12]</dd>|<li>Number: [12]</li>|<p>Reason: Somebody else</p>')
"""The number of the allocation; who came second was asked about the one who came first."""
LINES = re.compile(r"\n|(?=<tr)|(?=</tbody)")
"""A page is compared line by line and row by row; rows of one day stand in no order."""
BLOOD = Place("drug_m1", 1, "haematology")
PERIOD = Place("log", 1, "imatinib_periods", 1)


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
        activate(trial, design={"sizes": [2]})
        people = {one.id: one for one in (allocated(trial, "northfield") for _ in ARMS)}
        with services.database.reading() as connection:
            found = list_allocations(connection, GIST, DURATION)
    by_arm = {one.arm: people[one.participant] for one in found}
    assert sorted(by_arm) == list(ARMS)
    with clock.running_at(LATER):
        for arm, related in zip(ARMS, ("unrelated", "definite"), strict=True):
            _side_effect(replace(trial, moment=LATER), by_arm[arm], related)
        _course_of_the_long_arm(replace(trial, moment=LATER), by_arm["IM60"])
        for role in (Role.NURSE, Role.INVESTIGATOR):
            for masked in (True, False):
                _account(services, role, masked=masked)
        yield Pair(app, by_arm)


def _side_effect(trial: Trial, person: Participant, related: str) -> None:
    values = {"ae_term": "Oedema", "ae_onset": "2026-10-01", "ae_related": related}
    Desk(trial, person).save(values, Place("log", 1, "adverse_events", 1))


def _course_of_the_long_arm(trial: Trial, person: Participant) -> None:
    """A dose, its query, a draft, a missed and an appointed visit and the end of treatment."""
    desk = Desk(trial, person)
    with trial.acting() as tx:
        planned = {one.slug: one.id for one in list_visits(tx.connection, person.id)}
        participants.appoint(tx, GIST, person.id, planned["drug_m1"], "2026-12-24T11:35")
        participants.not_do_visit(tx, GIST, person.id, planned["drug_m3"], reason="Forgot the dose")
    desk.save({"imp_dose_mg": "400", "imp_from": "2026-03-08", "imp_to": "2026-03-01"}, PERIOD)
    assert desk.queries(PERIOD), "the period ends before it begins: there is a query"
    taken = {"haem_date": "2026-04-07", "plt": "2"}
    desk.save(taken, BLOOD)
    assert desk.queries(BLOOD), "platelets are odd: there is a query at a visit of one arm"
    desk.save({"plt": "200"}, BLOOD)  # and its answer
    colleague = make_actor(Role.INVESTIGATOR, person.site)
    with trial.database.writing() as connection:
        place = Place("log", 1, PERIOD.instrument, 2)
        keep_draft(connection, colleague, person, place, {"imp_dose_mg": ["7"]}, entry_version=0)
    with trial.acting() as tx:
        said = participants.Withdrawal(
            "treatment_withdrawal", "2026-09-15", "participant", "Tired of it"
        )
        participants.withdraw(tx, GIST, person.id, said)


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
        if person.id in page.address:
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
    more = (f"{HOME}?attention={one}" for one in ("due", "overdue", "query"))
    return Walk(pair.app, pair.visitor(email), most=60).from_home(*more)


@pytest.mark.parametrize("role", [Role.NURSE, Role.INVESTIGATOR])
def test_every_page_about_one_is_like_the_same_page_about_the_other(pair: Pair, role: Role) -> None:
    walk = walked(pair, f"{role.value}.masked@site.example")
    first, second = (dict(shown_of(pair, walk, pair.by_arm[arm])) for arm in ARMS)

    assert sorted(first.keys() ^ second.keys()) == []
    assert len(first) > 20
    assert list(_differences(first, second)) == []


@pytest.mark.parametrize("role", [Role.NURSE, Role.INVESTIGATOR])
def test_every_other_page_names_both_as_often(pair: Pair, role: Role) -> None:
    walk = walked(pair, f"{role.value}.masked@site.example")
    uneven = {
        page.address
        for page in walk.pages
        if not any(one.id in page.address for one in pair.by_arm.values())
        and len({page.answer.text.count(one.number) for one in pair.by_arm.values()}) > 1
    }

    assert uneven == set()


@pytest.mark.parametrize("role", [Role.NURSE, Role.INVESTIGATOR])
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
        assert "Related to the trial" not in text


def test_the_home_of_a_monitor_counts_nothing_that_only_one_arm_has(pair: Pair) -> None:
    """Withheld are the long arm's period, with its open query, and its blood count."""
    services: Services = pair.app.extensions[EXTENSION]
    for masked in (True, False):
        _account(services, Role.MONITOR, masked=masked)
    masked, unmasked = (
        _counted(pair.visitor(f"monitor.{word}@site.example")) for word in ("masked", "open")
    )

    listed = pair.visitor("monitor.masked@site.example").get(f"/studies/{GIST}/queries").text
    assert masked[0] == sum(listed.count(one.number) for one in pair.by_arm.values())
    assert [more - less for more, less in zip(unmasked, masked, strict=True)][:2] == [1, 2]


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
