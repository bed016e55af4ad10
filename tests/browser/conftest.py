"""The demonstration in the system's Chromium; a missing browser fails, never skips."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, StorageState, expect

from tests.browser.hand import come_in, sign_in
from tests.builders import PASSWORD
from tests.demonstration import Server, copied, serving
from tests.ward import add_ward_study

OPTIONS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip

SignIn = Callable[..., Page]

# Whoever waits for what is true loses nothing, and a busy machine may take more than five seconds.
expect.set_options(timeout=30_000)


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """Start the Chromium that the machine has; `CHROMIUM` names another."""
    path = os.environ.get("CHROMIUM") or shutil.which("chromium")
    assert path, "no Chromium: `make setup` installs it, or CHROMIUM names one"
    return {**browser_type_launch_args, "executable_path": path, "args": OPTIONS}


@pytest.fixture(scope="session")
def base_url() -> None:
    """Have none: the plugin's own fixture of this name is a method, which pytest 9 warns of."""


@pytest.fixture(scope="session")
def demonstration(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A demonstration of this worker's own, served as `make run` serves it."""
    with serving(copied(shared, tmp_path_factory.mktemp("served") / "data")) as server:
        yield server


@pytest.fixture(scope="session")
def sessions() -> dict[str, StorageState]:
    """The cookies of those who signed in once already."""
    return {}


@pytest.fixture
def signed_in(
    browser: Browser, demonstration: Server, sessions: dict[str, StorageState]
) -> Iterator[SignIn]:
    """Open home as one of the eight accounts: signed_in("nurse")."""
    yield from opening(browser, demonstration, sessions)


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
def on_the_ward(browser: Browser, ward: Server) -> Iterator[SignIn]:
    """The same there, each time in a session of its own: these tests end sessions."""
    yield from opening(browser, ward, {})


@pytest.fixture(scope="session")
def annex(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A third, where few are due (home shows thirty), and modules add studies of their own."""
    with _serving_filling_in(shared, tmp_path_factory.mktemp("annex") / "data") as server:
        yield server


@pytest.fixture
def in_annex(browser: Browser, annex: Server) -> Iterator[SignIn]:
    """The same there."""
    yield from opening(browser, annex, {})


@pytest.fixture(params=[True, False], ids=["script", "no-script"])
def staff(browser: Browser, annex: Server, request: pytest.FixtureRequest) -> Iterator[SignIn]:
    """Open home there as somebody whom a test made, with scripts and without: staff(email)."""
    opened = []

    def page_of(email: str) -> Page:
        context = browser.new_context(java_script_enabled=request.param)
        opened.append(context)
        page = context.new_page()
        page.goto(annex.url)
        come_in(page, email, PASSWORD)
        return page

    yield page_of
    for context in opened:
        context.close()


def opening(
    browser: Browser, server: Server, sessions: dict[str, StorageState]
) -> Iterator[SignIn]:
    opened = []

    def page_of(who: str, *, script: bool = True) -> Page:
        context = browser.new_context(storage_state=sessions.get(who), java_script_enabled=script)
        opened.append(context)
        page = context.new_page()
        page.goto(server.url)
        if page.locator("[name=email]").count():  # a session not used for half an hour has ended
            sign_in(page, who)
            sessions[who] = context.storage_state()
        expect(page.get_by_role("heading", level=1)).to_have_text("Home")
        return page

    yield page_of
    for context in opened:
        context.close()
