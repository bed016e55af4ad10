"""The frame of every page: signed-in name and role, banners, navigation, as the reader may see."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

import sqlalchemy as sa
from flask import Flask, current_app, g, request, session, url_for
from flask_login import current_user
from flask_wtf.csrf import generate_csrf
from markupsafe import Markup

from capture import clock, ids
from capture.access import SYSTEM, Action, Actor
from capture.web.identity import USER, identity, web_session
from capture.web.perform import way_back
from capture.web.request_context import reading, services


class BannerKind(StrEnum):
    """Why a page says that its people are not real."""

    DEMONSTRATION = "demonstration"
    TEST = "test"


@dataclass(frozen=True)
class Banner:
    """One line above every page, e.g. of the demonstration or of a study in state test."""

    kind: BannerKind
    words: str


@dataclass(frozen=True)
class Link:
    """A named place; `current` marks the page that the reader is on."""

    text: str
    url: str
    current: bool = False


@dataclass(frozen=True)
class SignedIn:
    """The person whose work this page is; name and role stand on every page.

    here: the address that the lock leads back to.
    """

    name: str
    role: str
    sign_out_url: str
    account_url: str
    lock_url: str
    here: str


@dataclass(frozen=True)
class IdleLimit:
    """When an idle session ends, and the address that keeps it; seconds from the page's load."""

    seconds: int
    warning_seconds: int
    keep_url: str


MOST_SEARCHED = 500
"""How many of the letters typed into the search stay in its box; its page says when some do not."""


@dataclass(frozen=True)
class PageLayout:
    """The frame of a page; a context processor gives one to every template as `chrome`.

    searched: what was typed into the search that led to this page.
    """

    home_url: str
    help_url: str
    signed_in: SignedIn | None = None
    search_url: str | None = None
    searched: str = ""
    banners: tuple[Banner, ...] = ()
    navigation: tuple[Link, ...] = ()
    idle: IdleLimit | None = None


@dataclass(frozen=True)
class PageError:
    """One line of the error summary: what is wrong, and the control to go to (`#id`)."""

    text: str
    href: str


@dataclass(frozen=True)
class ProblemPage:
    """What `problem.html` says: what happened, what to do, and the way back."""

    title: str
    paragraphs: tuple[str, ...]
    back_url: str
    back_text: str = "Back"
    reference: str | None = None


WARNING_SECONDS = 120
DEMONSTRATION = Banner(
    BannerKind.DEMONSTRATION,
    "Demonstration: all participants are invented. Do not enter data of real people.",
)


@dataclass(frozen=True)
class NavigationLink:
    """One link of the navigation; `in_study` ones need a study: the address's, or the only one.

    stands_in: only where there is none.
    """

    text: str
    endpoint: str
    action: Action
    in_study: bool
    stands_in: bool = False


PLACES = (
    NavigationLink("Home", "home.index", Action.PAGE_VIEW, False),
    NavigationLink("Studies", "study.index", Action.STUDY_VIEW, False),
    NavigationLink("Accounts", "accounts.people", Action.USER_CREATE, False),
    NavigationLink("Participants", "home.lists", Action.PARTICIPANT_VIEW, False, stands_in=True),
    NavigationLink("Participants", "participants.index", Action.PARTICIPANT_VIEW, True),
    NavigationLink("Queries", "entry.query_list", Action.ENTRY_VIEW, True),
    NavigationLink("Dashboard", "home.dashboard", Action.DASHBOARD_VIEW, True),
    NavigationLink("Randomisation", "randomisation.index", Action.PROOF_VIEW, True),
    NavigationLink("Dose finding", "dose_finding.index", Action.DOSE_VIEW, True),
    NavigationLink("Audit trail", "oversight.audit", Action.AUDIT_VIEW, True),
    NavigationLink("Datasets", "export.datasets", Action.DATASET_EXPORT, True),
    NavigationLink("Sites", "study.sites", Action.SITE_VIEW, True),
    NavigationLink("People", "accounts.members", Action.PEOPLE_VIEW, True),
)
SEARCH = NavigationLink("Find", "home.find", Action.PARTICIPANT_VIEW, False)

BannerSource = Callable[[sa.Connection, str], Banner | None]
_banner_sources: list[BannerSource] = []


def banners_come_from(source: BannerSource) -> BannerSource:
    """Register what may stand above a study's pages (a study in state test)."""
    _banner_sources.append(source)
    return source


StudyHas = Callable[[sa.Connection, str], bool]
_asked_before: dict[str, StudyHas] = {}


def place_needs(endpoint: str) -> Callable[[StudyHas], StudyHas]:
    """Register what a study must have for a place of the navigation to be there."""

    def mark(study_has: StudyHas) -> StudyHas:
        _asked_before[endpoint] = study_has
        return study_has

    return mark


def install(app: Flask) -> None:
    """Give every template its `chrome`, `request_field()`, `new_request_id()` and `| day`."""
    app.context_processor(lambda: {"chrome": chrome()})
    app.jinja_env.globals["request_field"] = request_field
    app.jinja_env.globals["new_request_id"] = ids.new_id
    app.jinja_env.filters["day"] = clock.day_words


def request_field() -> Markup:
    """The hidden fields of every form that changes something: CSRF token and a fresh request id."""
    return Markup(
        '<input type="hidden" name="csrf_token" value="{}">'
        '<input type="hidden" name="request_id" value="{}">'
    ).format(generate_csrf(), ids.new_id())


def chrome() -> PageLayout:
    """Return the frame of the page that this request asks for."""
    plain = PageLayout(home_url="/", help_url=url_for("pages.help_page"), banners=_own_banners())
    if g.get("is_failing") or web_session().is_locked or not _is_signed_in():
        return plain
    person: Actor = current_user.actor
    study = (request.view_args or {}).get("study")
    mine = {grant.study for grant in person.grants}
    known = study if study in mine else None
    at_hand = known or _only_study(mine)
    return PageLayout(
        home_url="/",
        help_url=plain.help_url,
        signed_in=_signed_in(person, known),
        search_url=_url(SEARCH, None) if _is_open(SEARCH, person, None) else None,
        searched=_get_searched_number(),
        banners=plain.banners + _study_banners(known),
        navigation=_navigation(person, at_hand),
        idle=IdleLimit(
            int(identity().idle_limit.total_seconds()), WARNING_SECONDS, url_for("accounts.keep")
        ),
    )


def _is_signed_in() -> bool:
    return USER in session and bool(current_user.is_authenticated)


def _get_searched_number() -> str:
    is_search = request.endpoint == SEARCH.endpoint
    return request.args.get("number", "")[:MOST_SEARCHED] if is_search else ""


def _only_study(mine: set[str]) -> str | None:
    """Whoever works in one study has its pages at hand everywhere."""
    studies = mine - {SYSTEM}
    return studies.pop() if len(studies) == 1 else None


def _own_banners() -> tuple[Banner, ...]:
    return (DEMONSTRATION,) if services().config.demo else ()


def _study_banners(study: str | None) -> tuple[Banner, ...]:
    if study is None:
        return ()
    found = [source(reading(), study) for source in _banner_sources]
    return tuple(banner for banner in found if banner is not None)


def _signed_in(person: Actor, study: str | None) -> SignedIn:
    here = [grant for grant in person.grants if study in (None, grant.study)]
    roles = dict.fromkeys(grant.role.label for grant in here)
    return SignedIn(
        name=person.name,
        role=", ".join(roles) or "no role yet",
        sign_out_url=url_for("accounts.sign_out"),
        account_url=url_for("accounts.show_own_account"),
        lock_url=url_for("accounts.lock"),
        here=way_back(),
    )


def _navigation(person: Actor, study: str | None) -> tuple[Link, ...]:
    return tuple(
        Link(place.text, _url(place, study), current=request.endpoint == place.endpoint)
        for place in PLACES
        if _is_open(place, person, study)
    )


def _is_open(place: NavigationLink, person: Actor, study: str | None) -> bool:
    if place.endpoint not in current_app.view_functions or (place.stands_in and study):
        return False
    if place.in_study:
        if study is None or study == SYSTEM or not person.may(place.action, study):
            return False
        needs = _asked_before.get(place.endpoint)
        return needs is None or needs(reading(), study)
    return person.may(place.action)


def _url(place: NavigationLink, study: str | None) -> str:
    return url_for(place.endpoint, study=study) if place.in_study else url_for(place.endpoint)
