"""The demonstration in the system's Chromium; a missing browser fails, never skips."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser.chromium import OPTIONS, find_chromium
from tests.browser.hand import come_in, sign_in
from tests.support.builders import PASSWORD
from tests.support.demonstration import Server, copied, serving
from tests.support.ward import add_ward_study

SignIn = Callable[..., Page]
Contexts = dict[tuple[str, str, bool], BrowserContext]
"""By server, account and whether scripts run."""

# Whoever waits for what is true loses nothing, and a busy machine may take more than five seconds.
expect.set_options(timeout=30_000)


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """Start the Chromium that the machine has."""
    return {
        **browser_type_launch_args,
        "executable_path": find_chromium(),
        "args": OPTIONS,
    }


@pytest.fixture(scope="session")
def base_url() -> None:
    """Have none: the plugin's own fixture of this name is a method, which pytest 9 warns of."""


@pytest.fixture(scope="session")
def demonstration(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A demonstration of this worker's own, served as `make run` serves it."""
    with serving(copied(shared, tmp_path_factory.mktemp("served") / "data")) as server:
        yield server


@pytest.fixture(scope="session")
def contexts(browser: Browser) -> Iterator[Contexts]:
    """Contexts that tests use in turn: to open one costs more than most tests do in it."""
    kept: Contexts = {}
    yield kept
    for context in kept.values():
        context.close()


@pytest.fixture
def context(browser: Browser, contexts: Contexts) -> Iterator[BrowserContext]:
    """The one of the plugin's fixture `page`, in which nobody has signed in."""
    key = ("", "", True)
    context = contexts.pop(key, None) or browser.new_context()
    context.clear_cookies()
    yield context
    put_by(contexts, key, context)


@pytest.fixture
def fresh_page(browser: Browser) -> Iterator[Page]:
    """A page of a context of its own, for what stays in one: a clock, files loaded before."""
    context = browser.new_context()
    yield context.new_page()
    context.close()


@pytest.fixture
def signed_in(browser: Browser, demonstration: Server, contexts: Contexts) -> Iterator[SignIn]:
    """Open home as one of the eight accounts: signed_in("nurse")."""
    yield from opening(browser, demonstration, contexts)


@contextmanager
def _serving_filling_in(shared: Path, data: Path) -> Iterator[Server]:
    """One more demonstration, with the study for filling in beside the others."""
    with serving(copied(shared, data)) as server:
        add_ward_study(server.services)
        yield server


@pytest.fixture(scope="session")
def ward(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Another demonstration, with the study for filling in; its tests kill it and lock it."""
    with _serving_filling_in(shared, tmp_path_factory.mktemp("ward") / "data") as server:
        yield server


@pytest.fixture
def on_the_ward(browser: Browser, ward: Server, contexts: Contexts) -> Iterator[SignIn]:
    """The same there, where tests end sessions."""
    yield from opening(browser, ward, contexts)


@pytest.fixture(scope="session")
def annex(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A third, where few are due (home shows thirty), and modules add studies of their own."""
    with _serving_filling_in(shared, tmp_path_factory.mktemp("annex") / "data") as server:
        yield server


@pytest.fixture
def in_annex(browser: Browser, annex: Server, contexts: Contexts) -> Iterator[SignIn]:
    """The same there."""
    yield from opening(browser, annex, contexts)


@pytest.fixture(params=[True, False], ids=["script", "no-script"])
def staff(
    browser: Browser, annex: Server, contexts: Contexts, request: pytest.FixtureRequest
) -> Iterator[SignIn]:
    """Open home there as somebody whom a test made, with scripts and without: staff(email)."""
    key = (annex.url, "staff", request.param)
    opened = []

    def page_of(email: str) -> Page:
        context = contexts.pop(key, None) or browser.new_context(java_script_enabled=request.param)
        opened.append(context)
        context.clear_cookies()
        page = context.new_page()
        page.goto(annex.url)
        come_in(page, email, PASSWORD)
        return page

    yield page_of
    for context in opened:
        put_by(contexts, key, context)


def opening(browser: Browser, server: Server, contexts: Contexts) -> Iterator[SignIn]:
    """Open home as an account; alone: in a context that no other test sees."""
    opened = []

    def page_of(who: str, *, script: bool = True, alone: bool = False) -> Page:
        key = (server.url, who, script)
        kept = None if alone else contexts.pop(key, None)
        context = kept or browser.new_context(java_script_enabled=script)
        opened.append((key, context, alone))
        page = context.new_page()
        page.goto(server.url)
        if page.get_by_role("heading", level=1).inner_text() != "Home":
            context.clear_cookies()  # a session that was ended, or locked
            page.goto(server.url)
            sign_in(page, who)
        expect(page.get_by_role("heading", level=1)).to_have_text("Home")
        return page

    yield page_of
    for key, context, alone in opened:
        if alone:
            context.close()
        else:
            put_by(contexts, key, context)


def put_by(contexts: Contexts, key: tuple[str, str, bool], context: BrowserContext) -> None:
    """Keep a context for the next test as it was made, but for cookies and loaded files."""
    if key in contexts:
        context.close()
        return
    for page in context.pages:
        page.close()
    context.set_offline(False)
    context.clear_permissions()
    contexts[key] = context
