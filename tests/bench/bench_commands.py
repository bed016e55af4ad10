"""What a command costs before it does anything, beside the start of the interpreter alone.

CPU of a process of its own, the best of five after one that fills the cache of compiled modules.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
from pathlib import Path

import pytest

from capture.config import Config
from tests.bench.measuring import MILLI, heading, report
from tests.house import tree
from tests.support.commands import environment

TIMES = 5
RUN = "from capture.cli import main; main()"
BUDGETS = {
    "--help": "0.4 s",
    "user list": "0.8 s",
    "study list": "0.8 s",
    "seal": "0.8 s",
    "user grant system --email nobody@site.example --role administrator": "0.8 s",
    "verify": "",
}


def cpu(code: str, words: str, environ: dict[str, str]) -> float:
    """CPU milliseconds of one process, user and system."""
    spent = []
    for _ in range(1 + TIMES):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run(
            [sys.executable, "-c", code, *words.split()],
            env=environ,
            cwd=tree.ROOT,
            capture_output=True,
            check=False,
        )
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        spent.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    return min(spent[1:]) * MILLI


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_commands(config: Config, tmp_path: Path) -> None:
    environ = {name: value for name, value in os.environ.items() if "SARCOMERE" not in name}
    environ |= {name: value for name, value in environment(config).items() if value}
    environ.pop("PYTHONDONTWRITEBYTECODE", None)
    environ["PYTHONPYCACHEPREFIX"] = str(tmp_path / "compiled")
    floor = cpu("pass", "", environ)
    heading("a command, CPU, beside the interpreter alone")
    for words, budget in BUDGETS.items():
        report(words[:40], cpu(RUN, words, environ), floor, budget=budget)
