"""Which tests a run is made of; docs/decisions/0029-which-test-runs-on-which-database.md says why.

Whatever builds an installation is parametrised with both databases. A plain run takes each test on
SQLite, on PostgreSQL too where the engine can matter, and nothing that is `long`; `--whole` takes
everything.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.engines import BOTH

FIRST, SECOND = "sqlite", "postgresql"
TESTS = Path(__file__).parents[1]
FILES = frozenset(TESTS / name for names in BOTH.values() for name in names)


def pytest_addoption(parser: pytest.Parser) -> None:
    words = "run each test on both databases, and the long ones too"
    parser.addoption("--whole", action="store_true", help=words)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what only `--whole` runs."""
    if config.getoption("--whole"):
        return
    known = {item.nodeid for item in items}
    left_out = {item for item in items if _is_long(item) or _is_needless_twin(item, known)}
    if left_out:
        config.hook.pytest_deselected(items=list(left_out))
        items[:] = [item for item in items if item not in left_out]


def _is_long(item: pytest.Item) -> bool:
    return item.get_closest_marker("long") is not None


def _is_needless_twin(item: pytest.Item, known: set[str]) -> bool:
    """Whether the same test runs on SQLite too, and nothing says that the engine can matter."""
    parameters = getattr(item, "callspec", None)
    return (
        parameters is not None
        and SECOND in parameters.params.values()
        and item.nodeid.replace(SECOND, FIRST) in known
        and item.path not in FILES
        and item.get_closest_marker("both_engines") is None
    )
