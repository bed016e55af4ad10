"""Somebody who follows docs/tutorial.md to the letter, in a terminal and in a browser."""

from __future__ import annotations

import os
import pty
import re
import shutil
import signal
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import Locator, Page, expect

from capture.accounts.demonstration import PASSWORD
from tests.browser.journey import next_page, today
from tests.house import tree
from tests.support.demonstration import START_SECONDS, await_answer, free_port
from tests.support.tutorial import Command, File, Part, Step

READY = (".venv", "node_modules", "capture/static/vendor")
"""What the first start makes; it is brought along, as making it needs the internet."""
START = "make run"
PRINTED = "http://127.0.0.1:8000/"
OURS = ("SARCOMERE", "PYTHON")
LASTING = re.compile(r"(\.|export) ")
PROMPT = re.compile(r"Password of [^:]+: $")
DOING = re.compile(
    r"Open <(?P<address>[^>]+)>"
    r"|(?:`(?P<typed>[^`]+)`|(?P<today>today’s date)) into \*\*(?P<box>[^*]+)\*\*"
    r"|\*\*(?P<choice>[^*]+)\*\* for \*\*(?P<question>[^*]+)\*\*"
    r"|Tick \*\*(?P<tick>[^*]+)\*\*"
    r"|“(?P<seen>[^”]+)”"
    r"|\*\*(?P<pressed>[^*]+)\*\*(?: beside \*\*(?P<item>[^*]+)\*\*)?"
)
"""What a step may tell to do. What is bold and nothing else is pressed."""
LEADS_ON = "it => it.matches('a[href], button:not([type=button])')"


def fresh_clone(place: Path) -> Path:
    """The project's files as a fresh clone has them, and beside them what is ready to run."""
    for name in tree.files():
        (place / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(tree.ROOT / name, place / name)
    for name in READY:
        (place / name).symlink_to(tree.ROOT / name)
    return place


def unset() -> dict[str, str]:
    """The environment of somebody who has set nothing."""
    return {name: value for name, value in os.environ.items() if not name.startswith(OURS)}


@dataclass
class Terminal:
    """Types commands in a folder; what one says to the shell itself holds for those after it."""

    folder: Path
    lasting: list[str] = field(default_factory=list)

    def type(self, command: str) -> str:
        """What the command answers; the password is typed where it is asked for."""
        if LASTING.match(command):
            self.lasting.append(command)
        ours, theirs = pty.openpty()
        with (
            os.fdopen(ours, "r+b", buffering=0) as screen,
            subprocess.Popen(
                ["bash", "-c", "\n".join([*self.lasting, command])],
                cwd=self.folder,
                stdin=theirs,
                stdout=theirs,
                stderr=theirs,
                env=unset(),
                start_new_session=True,
            ),
        ):
            os.close(theirs)
            return _shown(screen.read, screen.write)


def _shown(read: Callable[[int], bytes], write: Callable[[bytes], object]) -> str:
    said = ""
    while piece := _piece(read):
        said += piece
        if PROMPT.search(said):
            write(f"{PASSWORD}\n".encode())
    return "\n".join(line.rstrip() for line in said.rstrip().splitlines())


def _piece(read: Callable[[int], bytes]) -> str:
    try:
        return read(4096).decode()
    except OSError:  # how a terminal says that nobody writes to it any more
        return ""


@dataclass
class Reader:
    """Does one part of the tutorial after the other; show: what to do where a picture stands."""

    folder: Path
    page: Page
    show: Callable[[str], object]
    url: str
    terminal: Terminal

    def follow(self, part: Part) -> None:
        if isinstance(part, File):
            with (self.folder / part.path).open("a" if part.is_more else "x") as file:
                file.write(part.text)
        elif isinstance(part, Command):
            self._command(part)
        elif isinstance(part, Step):
            self._step(part.words)
        else:
            self.show(part.file)

    def _command(self, command: Command) -> None:
        if command.typed == START:
            log = self.folder / "var" / "server.log"
            said = log.read_text().replace(self.url, PRINTED).rstrip()
        else:
            said = self.terminal.type(command.typed)
        assert command.is_answered_by(said), f"$ {command.typed}\n{said}"

    def _step(self, words: str) -> None:
        rest = DOING.sub("", words)
        assert not set("*`“”<>") & set(rest), f"nobody could do this: {words}"
        for found in DOING.finditer(words):
            self._do(found)

    def _do(self, told: re.Match[str]) -> None:
        if told["address"]:
            self.page.goto(told["address"].replace(PRINTED, self.url))
        elif told["box"]:
            self._type(told["typed"], told["box"])
        elif told["choice"]:
            group = self.page.get_by_role("group", name=told["question"])
            group.get_by_label(told["choice"], exact=True).check(force=True)
        elif told["tick"]:
            self.page.get_by_label(told["tick"]).check(force=True)
        elif told["seen"]:
            expect(self.page.get_by_text(told["seen"]).first).to_be_visible()
        else:
            self._press(told["pressed"], told["item"])

    def _type(self, text: str | None, box: str) -> None:
        """Today's date without a text; a date part by part."""
        dates = self.page.get_by_role("group", name=box)
        if not dates.count():
            self.page.get_by_label(box, exact=True).fill(text or "")
            self.page.keyboard.press("Tab")
            return
        for name, part in zip(
            ("Day", "Month", "Year"), text.split() if text else today(), strict=True
        ):
            dates.get_by_label(name, exact=True).fill(part)

    def _press(self, name: str, item: str | None) -> None:
        """A button, a link, or what folds out; with an item the one that belongs to it."""
        place: Page | Locator = self.page
        if item:
            place = self.page.locator("[data-item]", has=self.page.get_by_text(item, exact=True))
        control = place.get_by_role("button", name=name, exact=True)
        control = control.or_(place.get_by_role("link", name=name, exact=True))
        control = control.or_(place.locator("summary", has_text=name)).first
        with next_page(self.page) if control.evaluate(LEADS_ON) else nullcontext():
            control.click()


@contextmanager
def following(
    demonstration: Path, place: Path, page: Page, show: Callable[[str], object]
) -> Iterator[Reader]:
    """A reader in a fresh clone in the folder place, with a demonstration that was built before.

    `make run` alone is not typed as it stands: it gets a port that is free, and does not set up
    what is ready.
    """
    folder, port = fresh_clone(place), free_port()
    shutil.copytree(demonstration, folder / "var")
    log = folder / "var" / "server.log"
    command = ["make", "--assume-old=program", "run", f"PORT={port}"]
    with log.open("w") as out:
        server = subprocess.Popen(
            command, cwd=folder, env=unset(), stdout=out, stderr=out, start_new_session=True
        )
    try:
        url = f"http://127.0.0.1:{port}/"
        await_answer(f"{url}healthz", log)
        yield Reader(folder, page, show, url, Terminal(folder))
    finally:
        os.killpg(server.pid, signal.SIGTERM)
        server.wait(timeout=START_SECONDS)
