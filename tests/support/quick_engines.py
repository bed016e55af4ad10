"""Engines in the process of the tests: each has what another compiled, none waits for a disk.

Each test has a database of its own and so an engine of its own, which would compile every statement
anew. The statements stay the same, and so does what makes a driver's text of them (the dialect).
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

_dialects: dict[str, sa.Dialect] = {}
_compiled: dict[Any, Any] = {}


def quicken() -> None:
    """Let every engine of this process share; a program that a test starts has none of this."""
    sa.event.listen(sa.Engine, "engine_connect", _share)


def leave() -> None:
    """Let engines that are made from now on be as the program makes them."""
    sa.event.remove(sa.Engine, "engine_connect", _share)


def _share(connection: sa.Connection) -> None:
    connection.dialect = _dialects.setdefault(connection.dialect.name, connection.dialect)
    connection.execution_options(compiled_cache=_compiled)
    if connection.dialect.name == "sqlite":
        # The system keeps what a killed process wrote; only a power cut would need the disk.
        connection.connection.driver_connection.execute("PRAGMA synchronous=OFF")
