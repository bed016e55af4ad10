"""Walks the application as a signed-in person does: every link of every page, a few a route."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import urldefrag, urljoin

from flask import Flask
from werkzeug.exceptions import HTTPException
from werkzeug.test import TestResponse

from tests.support.builders import Visitor
from tests.support.page_reading import Form, PageRead

MOST = 3
HTML = "text/html"


@dataclass(frozen=True)
class Visited:
    """One page that was fetched."""

    address: str
    endpoint: str
    answer: TestResponse
    read: PageRead


@dataclass
class Walk:
    """A walk by one person. most: how many pages of each kind it looks at."""

    app: Flask
    visitor: Visitor
    most: int = MOST
    pages: list[Visited] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)
    endpoints: set[str] = field(default_factory=set)

    def from_home(self, *more: str) -> Walk:
        """Follow every link that leads on from home, and before that from more addresses."""
        waiting, known, kinds = deque([*more, "/"]), {*more, "/"}, Counter[str]()
        while waiting:
            address = waiting.popleft()
            kind = kind_of(self.app, address)
            if not kind or kinds[kind] >= self.most:
                continue
            kinds[kind] += 1
            for link in self._visit(address):
                if link not in known:
                    known.add(link)
                    waiting.append(link)
        return self

    def _visit(self, address: str) -> Iterator[str]:
        answer = self.visitor.get(address, follow_redirects=True)
        self.endpoints |= {endpoint_of(self.app, place) for place in (address, answer.request.path)}
        if answer.status_code != 200:
            self.broken.append(f"{answer.status_code} {address}")
        elif answer.mimetype == HTML:
            read = PageRead(answer.text, answer.request.path)
            self.pages.append(Visited(address, endpoint_of(self.app, address), answer, read))
            yield from (here(address, link) for link in read.links if is_ours(link))
        else:
            answer.close()

    def forms(self) -> Iterator[tuple[Visited, Form]]:
        """Every form that was seen, with its page."""
        for page in self.pages:
            for form in page.read.forms:
                yield page, form


def is_ours(link: str) -> bool:
    return not link.startswith(("#", "http:", "https:", "mailto:"))


def here(address: str, link: str) -> str:
    return urldefrag(urljoin(address, link))[0]


def matched(app: Flask, address: str, method: str = "GET") -> tuple[str, dict[str, object]]:
    """The endpoint and its arguments; ("", {}) where there is no such route."""
    path = address.partition("?")[0]
    try:
        endpoint, given = app.url_map.bind("localhost").match(path, method)
    except HTTPException:
        return "", {}
    return str(endpoint), dict(given)


def endpoint_of(app: Flask, address: str, method: str = "GET") -> str:
    return matched(app, address, method)[0]


def kind_of(app: Flask, address: str) -> str:
    """What makes two pages alike: the route, and the instrument shown in it; "" for a file."""
    endpoint, given = matched(app, address)
    if endpoint == "static":
        return ""
    return f"{endpoint} {given.get('instrument', '')} {given.get('study', '')}"
