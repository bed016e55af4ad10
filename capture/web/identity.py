"""What the web core asks about people; the accounts answer, once the application is made."""

from __future__ import annotations

from datetime import timedelta
from typing import Protocol, cast

import sqlalchemy as sa
from flask import Flask, current_app, session

from capture.access import Actor

EXTENSION = "sarcomere_identity"
USER = "_user_id"
"""Where Flask-Login notes in a session whose it is."""


class WebSession(Protocol):
    """The session of a request, as far as the web core looks at it."""

    @property
    def token_hash(self) -> str:
        """What the session is known by; empty before the sign-in."""

    @property
    def is_locked(self) -> bool:
        """Whether the signed-in person has left the screen."""

    is_unreachable: bool
    """Whether the database could not be asked whose it is."""

    def lose(self) -> None:
        """Go on as a visitor: the session was ended from elsewhere while this request ran."""


class IdentityProvider(Protocol):
    """Who somebody is, whether a password is right, and what was typed as a session ended."""

    idle_limit: timedelta

    def find_actor(self, connection: sa.Connection, user: str, token_hash: str) -> Actor | None:
        """The person with the grants of this moment; None once session or account is closed."""

    def check_password(self, actor: Actor, typed: str) -> None:
        """Raises WrongPassword, Throttled."""

    def find_kept_form(self, user: str, path: str, since: str) -> list[tuple[str, str]] | None:
        """Return what this person had typed at this address, and not before `since`."""

    def forget_kept_form(self, connection: sa.Connection, user: str, path: str) -> None:
        """Drop it: it was sent."""

    def is_private(self, field: str) -> bool:
        """Whether a posted field is left out of what is kept and of what tells posts apart."""


def provide_identity(app: Flask, provider: IdentityProvider) -> None:
    """Register who answers for this application."""
    app.extensions[EXTENSION] = provider


def identity() -> IdentityProvider:
    return cast(IdentityProvider, current_app.extensions[EXTENSION])


def web_session() -> WebSession:
    return cast(WebSession, session._get_current_object())  # type: ignore[attr-defined]
