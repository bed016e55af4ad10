"""Every page that a role can reach, in a real browser at three widths: accessible and quiet."""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from flask import Flask

from capture import create_app
from capture.access import Role
from capture.accounts.demonstration import ACCOUNTS, PASSWORD
from tests.browser.accessibility import faults, listen
from tests.browser.conftest import SignIn
from tests.support.builders import Visitor
from tests.support.crawler import Visited, Walk, kind_of
from tests.support.demonstration import Server

pytestmark = pytest.mark.browser
SHOWN = [account.role for account in ACCOUNTS]
"""The roles of the demonstration; it has no dose finding, and so no committee."""
SHARES = 3
FIRST_LOAD = 60 * 1024
NAMED = re.compile(r'"/static/([^"?]+)')
IMPORTED = re.compile(r'(?:from|import)\s*"\./([^"]+)"')
HISTORY = "history=all"
"""Opened from its form, whose files the browser has by then."""
FORM, PREVIEW = "entry.show", "study.preview"
"""The preview of a form that was looked at is the same form: one preview is enough."""
EACH_ROLE_SEES_ITS_OWN = ("home.index", "participants.person", "participants.visit")
NURSE = "nurse@demo.example"
LIST = "/studies/gist-imatinib/participants"
LEGS = "/studies/functional-muscle-transfer/participants"
STARTS = (f"{LIST}?status=screened", f"{LIST}?attention=due", LEGS)
PEOPLE = 14
"""Somebody screened is met first, and then enough others for every state that has pages."""
UNLINKED = {
    "accounts.keep",  # asked by the idle warning's script
    "accounts.sign_in_form",
    "home.find",  # asked by the search in the header
    "pages.healthz",
    "participants.death",  # a study with a death form of its own is led there instead
    "static",
}
WAITING = {
    "accounts.end_for_installation_form",  # a role outside a study
    "accounts.reopen_form",  # a closed account
    "corrections.before_move",  # somebody who moved to another site
    "corrections.list_transferred",  # the same
    "corrections.show_struck",  # something entered in error
    "entry.send_attached_file",  # an item of the study that is a file
    "export.download",  # datasets of the last hour
    "oversight.send_export",  # a trail taken away
    "oversight.redaction",  # a redaction asked for
    "participants.come_back",  # somebody lost
    "participants.undo",  # an ending to correct
    "randomisation.check",  # somebody ready
    "randomisation.envelope",  # a site that holds envelopes
    "randomisation.show_printed",  # envelopes made within the hour
    "randomisation.proof",  # an unsealed key
    "randomisation.reconciliation",  # a halt
    "randomisation.sign_page",  # somebody to sign for
    "dose_finding.decide",  # a study with dose finding
    "dose_finding.index",  # the same
    "dose_finding.show_part",  # the same
    "dose_finding.outcome",  # the same
    "dose_finding.place",  # the same
}
"""Pages to which the demonstration may have no link today; their own tests open them."""


@dataclass(frozen=True)
class Walks:
    """What each of the eight accounts found by following links, and the application they saw."""

    app: Flask
    by_role: dict[Role, Walk]

    def worth_a_look(self, role: Role) -> Iterator[Visited]:
        """One page of each kind that no role before this one has shown in the same way."""
        seen = set()
        for other in SHOWN:
            for page in self.by_role[other].pages:
                kind = kind_of(self.app, page.address)
                if kind.replace(PREVIEW, FORM) in seen:
                    kind = PREVIEW
                if page.endpoint in EACH_ROLE_SEES_ITS_OWN:
                    kind = f"{kind} {other}"
                if kind not in seen and other is role:
                    yield page
                seen.add(kind)

    def heaviest(self) -> Iterator[Visited]:
        """Of each kind of page the longest that anybody was shown first."""
        longest: dict[str, Visited] = {}
        for page in (page for walk in self.by_role.values() for page in walk.pages):
            kind = kind_of(self.app, page.address)
            if HISTORY in page.address:
                continue
            if kind not in longest or len(longest[kind].answer.data) < len(page.answer.data):
                longest[kind] = page
        yield from longest.values()


@pytest.fixture(scope="session")
def walks(demonstration: Server) -> Walks:
    app = create_app(demonstration.services.config)
    return Walks(app, {account.role: walk(app, account.email) for account in ACCOUNTS})


def walk(app: Flask, email: str) -> Walk:
    visitor = Visitor(app)
    assert visitor.sign_in(email, PASSWORD).status_code == 303
    if email == NURSE:
        return Walk(app, visitor, most=PEOPLE).from_home(*STARTS)
    return Walk(app, visitor).from_home()


def files_of(app: Flask, html: str) -> set[Path]:
    """The files that a page names, with every module that a script of it may fetch."""
    folder = Path(str(app.static_folder))
    waiting = {folder / name for name in NAMED.findall(html)}
    found: set[Path] = set()
    while waiting:
        file = waiting.pop()
        found.add(file)
        if file.suffix == ".js":
            waiting |= {file.parent / name for name in IMPORTED.findall(file.read_text())} - found
    return found


def zipped(content: bytes) -> int:
    return len(gzip.compress(content, 6))


def account_of(role: Role) -> str:
    return next(one.email.partition("@")[0] for one in ACCOUNTS if one.role is role)


def test_no_link_is_broken_and_every_page_is_linked(walks: Walks) -> None:
    found = set().union(*(walk.endpoints for walk in walks.by_role.values()))
    known = {
        rule.endpoint for rule in walks.app.url_map.iter_rules() if "GET" in (rule.methods or ())
    }

    assert [broken for walk in walks.by_role.values() for broken in walk.broken] == []
    assert known - found - UNLINKED - WAITING == set(), "no page leads to these"


def test_every_page_weighs_at_most_60_kb_zipped_on_first_load(walks: Walks) -> None:
    files: dict[Path, int] = {}
    heavy = {}
    for page in walks.heaviest():
        weight = zipped(page.answer.data)
        for file in files_of(walks.app, page.answer.text):
            weight += files.setdefault(file, zipped(file.read_bytes()))
        if weight > FIRST_LOAD:
            heavy[page.address] = weight

    assert len(files) > 5
    assert heavy == {}


@pytest.mark.parametrize(
    "role, share",
    [(role, share) for role in SHOWN for share in range(SHARES if role is Role.NURSE else 1)],
)
def test_every_page_is_accessible_fits_and_runs_without_complaint(
    signed_in: SignIn, demonstration: Server, walks: Walks, role: Role, share: int
) -> None:
    pages = list(walks.worth_a_look(role))
    mine = pages[share::SHARES] if role is Role.NURSE else pages
    browser = signed_in(account_of(role))
    heard = listen(browser)
    wrong = []
    for page in mine:
        browser.goto(demonstration.url + page.address)
        wrong += faults(browser)

    assert mine
    assert wrong == []
    assert heard == []
