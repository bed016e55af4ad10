"""What a request reaches the program by: the services of the app and one read connection."""

from __future__ import annotations

from contextlib import ExitStack
from typing import cast

import sqlalchemy as sa
from flask import current_app, g

from capture.installation import Services

__all__ = ["EXTENSION", "Services", "end_reading", "reading", "services"]

EXTENSION = "sarcomere"


def services() -> Services:
    return cast(Services, current_app.extensions[EXTENSION])


def reading() -> sa.Connection:
    """The request's read connection: one picture of the database, opened when first asked for."""
    if "reading" not in g:
        stack = ExitStack()
        g.reading = stack.enter_context(services().database.reading())
        g.reading_stack = stack
    return cast(sa.Connection, g.reading)


def end_reading(_problem: BaseException | None = None) -> None:
    """Let go of the read connection: before a write, and at the end of the request."""
    stack = g.pop("reading_stack", None)
    g.pop("reading", None)
    if stack is not None:
        stack.close()
