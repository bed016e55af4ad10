"""Every page about a participant says whom it is about, in which group, and who is signed in."""

from __future__ import annotations

import re
from datetime import datetime
from html import unescape

import pytest
from flask import Flask

from capture import clock
from capture.access import Role
from capture.accounts.service import NewMembership
from capture.participants.records import Participant
from capture.web.request_context import EXTENSION, Services
from tests.support.builders import Visitor, make_membership, make_user
from tests.support.crawler import Visited, Walk
from tests.support.legs import CONSENT, LEGS, RECOVERED, at, begun, enrolled, leg_stage, recovered
from tests.support.trial import GIST, START, make_trial

BANNER = re.compile(r'<section class="app-participant".*?</section>', re.DOTALL)
NAMES = {"open": "Olga Open", "masked": "Mo Masked"}
TO_PRINT = ("randomisation.receipt",)
"""Read by people elsewhere, who are not signed in."""


def visitor(app: Flask, study: str, word: str) -> Visitor:
    services: Services = app.extensions[EXTENSION]
    email = f"{word}@site.example"
    user = make_user(services, email=email, name=NAMES[word], role=None)
    new = NewMembership(user.id, Role.NURSE, None, "2020-01-01", masked=word == "masked")
    make_membership(services, new=new, study=study)
    found = Visitor(app)
    assert found.sign_in(email).status_code == 303
    return found


def pages_about(app: Flask, who: Visitor, person: Participant) -> list[Visited]:
    home = f"/studies/{person.study}/participants/{person.id}"
    walk = Walk(app, who, most=4).from_home(home)
    return [
        page
        for page in walk.pages
        if person.id in page.answer.request.path and page.endpoint not in TO_PRINT
    ]


def in_a_group(app: Flask, study: str) -> tuple[Participant, str, datetime]:
    """Somebody with an arm or a cohort, its words, and a moment after."""
    services: Services = app.extensions[EXTENSION]
    if study == GIST:
        trial = make_trial(services.database, services.concealment)
        person = trial.enrolled()
        trial.allocate(person, "IM60")
        return person, "5 years (continue imatinib)", START
    legs = enrolled(leg_stage(services, CONSENT), CONSENT)
    begun(legs)
    recovered(legs)
    (title,) = (one.title for one in legs.stage.study.cohorts if one.name == "transfer")
    return legs.person, title, at(RECOVERED)


def banner_naming(page: Visited, person: Participant, who: str) -> str:
    """The banner of a page, which names the participant; the page names its reader."""
    banner = BANNER.search(page.answer.text)
    assert banner, page.address
    assert person.number in banner[0], page.address
    assert NAMES[who] in page.answer.text, page.address
    return banner[0]


@pytest.mark.parametrize("study", [GIST, LEGS])
def test_pages_about_a_participant_name_number_group_and_reader(app: Flask, study: str) -> None:
    person, group, moment = in_a_group(app, study)
    with clock.running_at(moment):
        pages = pages_about(app, visitor(app, study, "open"), person)

    assert len({page.endpoint for page in pages}) >= 15
    for page in pages:
        banner = banner_naming(page, person, "open")
        assert group in unescape(banner), page.address


@pytest.mark.parametrize("study", [GIST, LEGS])
def test_to_somebody_masked_they_name_number_and_reader_and_no_group(
    app: Flask, study: str
) -> None:
    person, group, moment = in_a_group(app, study)
    with clock.running_at(moment):
        pages = pages_about(app, visitor(app, study, "masked"), person)

    assert len({page.endpoint for page in pages}) >= 12
    for page in pages:
        banner = banner_naming(page, person, "masked")
        assert not re.search(r"<dt>(Arm|Cohort)</dt>", banner), page.address
        assert group not in unescape(page.answer.text), page.address
