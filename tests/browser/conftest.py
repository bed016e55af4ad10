"""The system's Chromium for every browser test; a missing one fails, never skips."""

from __future__ import annotations

import os
import shutil
from typing import Any

import pytest


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """Start the Chromium that the machine has; `CHROMIUM` names another."""
    path = os.environ.get("CHROMIUM") or shutil.which("chromium")
    assert path, "no Chromium: `make setup` installs it, or CHROMIUM names one"
    options = ["--no-sandbox", "--disable-gpu", "--disable-quic"]
    return {**browser_type_launch_args, "executable_path": path, "args": options}


@pytest.fixture(scope="session")
def base_url() -> None:
    """Have none: the plugin's own fixture of this name is a method, which pytest 9 warns of."""
