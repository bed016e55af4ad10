"""What is measured is an engine as the program has it, which waits for the disk."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support import quick_engines


@pytest.fixture(scope="session", autouse=True)
def _plain_engines() -> Iterator[None]:
    quick_engines.leave()
    yield
    quick_engines.quicken()
