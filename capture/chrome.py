"""What every page shows around its content: who is signed in, links, banners, the idle limit."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


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
class Chrome:
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
