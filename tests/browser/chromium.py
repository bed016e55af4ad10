"""Which browser the tests drive: the system's Chromium, without its window where there is that."""

from __future__ import annotations

import os
import shutil

OPTIONS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip
NAMES = ("chromium-headless-shell", "chromium")
"""The same engine; the first starts no window that nobody sees, which costs a third of the time."""


def find_chromium() -> str:
    """The path of the browser: what `CHROMIUM` names, else the first that the machine has."""
    path = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)
    assert path, "no Chromium: `make setup` installs it, or CHROMIUM names one"
    return path
