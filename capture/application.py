"""Makes the web application: its parts, its features and its settings, in one place."""

from __future__ import annotations

import os
from importlib import import_module

import click
from flask import Flask
from flask_wtf.csrf import CSRFProtect
from werkzeug.middleware.proxy_fix import ProxyFix

from capture.accounts import web_identity
from capture.config import Config
from capture.installation import open_installation, read_config
from capture.problems import Problem
from capture.web import errors, headers, layout, request_context, request_guards, templating

# Each module has a blueprint `bp`; a new feature with pages adds its line.
BLUEPRINTS = (
    "capture.web.pages",
    "capture.accounts.views",
    "capture.study.views",
    "capture.entry.views",
    "capture.participants.views",
    "capture.cohorts.views",
    "capture.randomisation.views",
    "capture.dose_finding.views",
    "capture.oversight.views",
    "capture.corrections.views",
    "capture.export.views",
    "capture.home.views",
)
GUNICORN_BOOT_ERROR = 3
"""A worker that ends with any other status is started again, for ever."""

MOST_FORM_BYTES = 4_000_000
MOST_BYTES = 16_000_000


def create_app(config: Config | None = None) -> Flask:
    """The web application of one installation; settings come from the environment by default."""
    import_module("capture.tables")  # every feature's tables and folds, before anything is read
    services = open_installation(config or read_config())
    app = errors.QuietFlask("capture")
    app.extensions[request_context.EXTENSION] = services
    _configure(app, services.config)
    templating.install(app)
    web_identity.install(app)
    request_guards.install(app)
    CSRFProtect(app)
    headers.install(app)
    errors.install(app)
    layout.install(app)
    app.teardown_request(request_context.end_reading)
    for name in BLUEPRINTS:
        app.register_blueprint(import_module(name).bp)
    return app


def create_app_or_exit(config: Config | None = None) -> Flask:
    """The application for a WSGI server; a start that fails says why in one line, and ends."""
    try:
        return create_app(config)
    except Problem as problem:
        click.echo(f"Error: {problem.message}", err=True)
        is_gunicorn = os.environ.get("SERVER_SOFTWARE", "").startswith("gunicorn")
        raise SystemExit(GUNICORN_BOOT_ERROR if is_gunicorn else 1) from None


def _configure(app: Flask, config: Config) -> None:
    app.config.update(
        SECRET_KEY=config.secret_key,
        MAX_CONTENT_LENGTH=MOST_BYTES,
        MAX_FORM_MEMORY_SIZE=MOST_FORM_BYTES,
        MAX_FORM_PARTS=5_000,
        WTF_CSRF_TIME_LIMIT=None,
        # Our own Referrer-Policy keeps the header away, so it cannot be asked for.
        WTF_CSRF_SSL_STRICT=False,
    )
    if config.proxies:
        count = config.proxies
        app.wsgi_app = ProxyFix(  # type: ignore[method-assign]
            app.wsgi_app, x_for=count, x_proto=count, x_host=count
        )
