"""What may go wrong, as one exception tree; it knows no Flask.

Problem
├── ConfigurationProblem     the installation is not set up (stops the start)
├── NotFound            404  unknown, or not visible to this person
├── NotAllowed          403  the role does not allow the act
├── NotSignedIn         401
├── Refused             422  the act is not possible now; nothing was changed
│   ├── WrongPassword
│   └── InvalidInput         names the field
├── Locked              423  the session's person left the screen and has to give the password
├── Conflict            409  somebody else's act came first
│   ├── Stale                the entry has changed since the page was opened
│   └── RequestReused        the same request id came with another content
├── Throttled           429
└── Busy                503  the database did not answer in time; nothing was changed
"""

from __future__ import annotations


class Problem(Exception):
    """Something a person can be told: what happened and what to do."""

    status = 500
    title = "There is a problem"

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class ConfigurationProblem(Problem):
    status = 503
    title = "Sarcomere is not set up"


class NotFound(Problem):
    status = 404
    title = "Page not found"


class NotAllowed(Problem):
    status = 403
    title = "You may not do this"


class NotSignedIn(Problem):
    status = 401
    title = "Sign in first"


class Locked(Problem):
    status = 423
    title = "The screen is locked"


class Refused(Problem):
    status = 422
    title = "This was not done"


class WrongPassword(Refused):
    title = "The password is not right"


class InvalidInput(Refused):
    """One field's content cannot be taken; `field` names the control to point at."""

    title = "Check what you entered"

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


class Conflict(Problem):
    status = 409
    title = "Somebody else was first"


class Stale(Conflict):
    """The entry, or what the page rests on, has changed since it was opened."""


class RequestReused(Conflict):
    title = "This was sent before with other content"


class Throttled(Problem):
    status = 429
    title = "Too many attempts"


class Busy(Problem):
    status = 503
    title = "The database is busy"
