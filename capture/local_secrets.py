"""The demonstration's own secrets: made once in its data folder, readable by its owner alone."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path

from capture import ids
from capture.config import KEY_BYTES
from capture.problems import ConfigurationProblem

NAMES = ("SARCOMERE_SECRET_KEY", "SARCOMERE_CONCEALMENT_KEY", "SARCOMERE_CHECKPOINT_KEY")
FILE = "secrets.json"


def with_own_secrets(environ: Mapping[str, str]) -> dict[str, str]:
    """Return the environment with the demonstration's secrets in it; they are made when missing."""
    data = Path(environ.get("SARCOMERE_DATA") or "var").resolve()
    data.mkdir(parents=True, exist_ok=True)
    path = data / FILE
    if not path.exists():
        _make(path)
    return {**environ, **_read(path)}


def _make(path: Path) -> None:
    made = {name: ids.random_bytes(KEY_BYTES).hex() for name in NAMES}
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(json.dumps(made, indent=2) + "\n")


def _read(path: Path) -> dict[str, str]:
    try:
        known = json.loads(path.read_text(encoding="ascii"))
        return {name: str(known[name]) for name in NAMES}
    except (OSError, ValueError, KeyError, TypeError) as problem:
        raise ConfigurationProblem(
            f"{path.name} in the data folder cannot be read. Put it back, or start a demonstration "
            "in an empty data folder."
        ) from problem
