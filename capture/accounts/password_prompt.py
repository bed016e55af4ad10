"""Authenticating the person at the command line by password."""

from __future__ import annotations

import click

from capture.access import Actor
from capture.accounts import reads, sign_in
from capture.accounts.sessions import Browser
from capture.installation import Services
from capture.problems import NotAllowed, NotFound

HERE = Browser("", "command line")


def authenticate_at_prompt(services: Services, email: str) -> Actor:
    """Return the person of an open account, once the password typed at the prompt is right.

    Raises NotFound, WrongPassword, Throttled, and NotAllowed for a password given by somebody else.
    """
    with services.database.reading() as connection:
        person = reads.find_account_by_email(connection, email)
        if person is None or not person.is_active:
            raise NotFound(f"There is no open account with the e-mail address {email}.")
        actor = reads.get_actor(connection, person)
        kept = reads.find_password(connection, person.id)
    password = click.prompt(f"Password of {person.name}", hide_input=True)
    desk = sign_in.SignInDesk(services.database, services.concealment, services.config.secret_key)
    sign_in.check_password(desk, actor, sign_in.Credentials(email, password, HERE))
    if kept is None or kept.must_change:
        raise NotAllowed("Sign in on a page first, and choose a password that only you know.")
    return actor
