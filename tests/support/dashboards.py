"""Reading a dashboard's tables back as a browser gets them, on a day that is said."""

from __future__ import annotations

import csv
import io
from datetime import datetime

from capture import clock
from tests.support.builders import Visitor


def at(day: str) -> datetime:
    """Noon (UTC) of a day."""
    return datetime.fromisoformat(f"{day}T12:00:00+00:00")


def csv_rows(browser: Visitor, url: str) -> list[list[str]]:
    """The rows of a CSV file, its heads first."""
    answer = browser.get(url)
    assert answer.status_code == 200, answer.text
    assert answer.headers["Content-Disposition"].endswith(f"{url.rpartition('/')[2]}.csv")
    return list(csv.reader(io.StringIO(answer.text)))


def table_on(browser: Visitor, url: str, day: str, keys: int = 1) -> dict[str, list[str]]:
    """The rows of a table on a day by their first `keys` cells, joined by a slash."""
    with clock.running_at(at(day)):
        _heads, *rows = csv_rows(browser, url)
    return {"/".join(row[:keys]): row[keys:] for row in rows}
