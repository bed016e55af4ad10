"""What a run measured, told at its end: the seconds of each file, and what tests put on record."""

from __future__ import annotations

from collections import Counter

import pytest
from _pytest.terminal import TerminalReporter

LEAST_SECONDS = 5
"""Files below this stand in the last line, as one sum."""


def pytest_terminal_summary(terminalreporter: TerminalReporter) -> None:
    seconds: Counter[str] = Counter()
    for report in _reports(terminalreporter):
        seconds[report.nodeid.partition("::")[0]] += report.duration
        for name, value in report.user_properties if report.when == "call" else ():
            terminalreporter.write_line(f"{name}: {value}")
    if seconds:
        _write_files(terminalreporter, seconds)


def _reports(terminalreporter: TerminalReporter) -> list[pytest.TestReport]:
    """All that was reported: setting up and taking down are filed under no outcome."""
    kinds = terminalreporter.stats.values()
    return [one for reports in kinds for one in reports if isinstance(one, pytest.TestReport)]


def _write_files(terminalreporter: TerminalReporter, seconds: Counter[str]) -> None:
    terminalreporter.section("seconds of each file")
    for file, spent in seconds.most_common():
        if spent >= LEAST_SECONDS:
            terminalreporter.write_line(f"{spent:7.1f}  {file}")
    few = [spent for spent in seconds.values() if spent < LEAST_SECONDS]
    terminalreporter.write_line(f"{sum(few):7.1f}  {len(few)} files below {LEAST_SECONDS} s")
    terminalreporter.write_line(f"{seconds.total():7.1f}  all")
