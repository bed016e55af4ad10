"""What tests build: valid by default, saved through the services; every argument by keyword."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Any

from flask import Flask
from werkzeug.test import TestResponse

from capture import ids
from capture.access import SYSTEM, SYSTEM_ACTOR, Actor, Role
from capture.accounts import passwords, reads, service
from capture.config import Config
from capture.ledger.service import transaction
from capture.web.request_context import Services

PASSWORD = "four plain words here"
STUDY = "gist-imatinib"
CSRF = re.compile(r'name="csrf_token" value="([^"]+)"')


@cache
def password_hash() -> str:
    return passwords.hash_password(PASSWORD)


def make_config(
    *, data: Path, database_url: str = "", owner_url: str = "", demo: bool = False, proxies: int = 0
) -> Config:
    return Config(
        data=data,
        database_url=database_url or f"sqlite:///{data / 'sarcomere.sqlite'}",
        owner_url=owner_url,
        secret_key="a secret of the tests alone",
        concealment_key=b"\x01" * 32,
        checkpoint_key=b"\x02" * 32,
        demo=demo,
        proxies=proxies,
    )


def make_user(
    services: Services,
    *,
    email: str = "nurse@site.example",
    name: str = "Nora Nurse",
    role: Role | None = Role.NURSE,
    study: str = STUDY,
    sites: tuple[str, ...] | None = None,
    from_date: str = "2020-01-01",
    to_date: str | None = None,
    must_change: bool = False,
) -> Actor:
    """An account with the password PASSWORD and one membership (none for role=None)."""
    with transaction(services.database, SYSTEM_ACTOR, services.concealment) as tx:
        user = service.create_user(tx, email, name, password_hash(), must_change=must_change)
        if role is not None:
            place = SYSTEM if role is Role.ADMINISTRATOR else study
            new = service.NewMembership(user, role, sites, from_date, to_date)
            service.grant(tx, place, new)
    return make_actor(services, user=user)


def make_membership(
    services: Services, *, new: service.NewMembership, study: str = STUDY, by: Actor = SYSTEM_ACTOR
) -> str:
    with transaction(services.database, by, services.concealment) as tx:
        return service.grant(tx, study, new)


def make_actor(services: Services, *, user: str) -> Actor:
    """The actor that an account makes today."""
    with services.database.reading() as connection:
        return reads.get_actor(connection, reads.get_account(connection, user))


class Visitor:
    """A browser: keeps cookies, and sends with each form what our pages put into it."""

    def __init__(self, app: Flask) -> None:
        self.client = app.test_client()
        self._known: tuple[str, str] | None = None  # a session's cookie, and its token

    def get(self, path: str, **options: Any) -> TestResponse:
        return self.client.get(path, **options)

    def post(self, path: str, data: dict[str, Any] | None = None, **options: Any) -> TestResponse:
        """Send a form with CSRF token and a new request id, unless data says otherwise."""
        form = {"csrf_token": self._session_token(), "request_id": ids.new_id(), **(data or {})}
        return self.client.post(path, data=form, **options)

    def sign_in(self, email: str, password: str = PASSWORD, **more: Any) -> TestResponse:
        return self.post("/sign-in", {"email": email, "password": password, **more})

    def _session_token(self) -> str:
        """The token that all forms of the session carry: asked for once, anew with a new cookie."""
        if self._known is None or self._known[0] != self._cookie():
            token = self.csrf_token()
            self._known = self._cookie(), token
        return self._known[1]

    def _cookie(self) -> str:
        cookie = self.client.get_cookie("sarcomere")
        return cookie.value if cookie else ""

    def csrf_token(self) -> str:
        """The token of a form on a page that this browser may see, whoever is signed in."""
        for path in ("/help", "/sign-in"):
            if found := CSRF.search(self.client.get(path).text):
                return found[1]
        raise AssertionError("no page gave a CSRF token")
