"""Trial data capture: the web application and the services behind it."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from flask import Flask

    from capture.config import Config


def create_app(config: Config | None = None) -> Flask:
    """The web application of one installation; settings come from the environment by default.

    It is loaded here and not above: a command imports this package too, and needs no web.
    """
    application = import_module("capture.application")
    return cast("Flask", application.create_app(config))
