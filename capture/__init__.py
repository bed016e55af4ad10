"""Trial data capture: the web application and the services behind it."""

from __future__ import annotations

from importlib import import_module

from flask import Flask
from flask_login import LoginManager
from flask_wtf.csrf import CSRFProtect
from werkzeug.middleware.proxy_fix import ProxyFix

from capture import components, doorway, error_pages, frame, headers, wiring
from capture.accounts.signed_in import load_person
from capture.accounts.web_session import ServerSessions
from capture.config import Config
from capture.wiring import Services

# Each module has a blueprint `bp`; a new feature with pages adds its line.
BLUEPRINTS = (
    "capture.pages",
    "capture.accounts.views",
    "capture.study.views",
    "capture.entry.views",
    "capture.participants.views",
    "capture.cohorts.views",
    "capture.randomisation.views",
    "capture.safety.views",
    "capture.oversight.views",
    "capture.corrections.views",
    "capture.export.views",
    "capture.home.views",
)
MOST_FORM_BYTES = 4_000_000
MOST_BYTES = 16_000_000


def create_app(config: Config | None = None) -> Flask:
    """The web application of one installation; settings come from the environment by default."""
    import_module("capture.tables")  # every feature's tables and folds, before anything is read
    services = Services.of(config or Config.from_environment())
    services.database.refuse_ownership()
    app = error_pages.QuietFlask(__name__)
    app.extensions[wiring.EXTENSION] = services
    _configure(app, services.config)
    components.install(app)
    _sign_in(app)
    doorway.install(app)
    CSRFProtect(app)
    headers.install(app)
    error_pages.install(app)
    frame.install(app)
    app.teardown_request(wiring.end_reading)
    for name in BLUEPRINTS:
        app.register_blueprint(import_module(name).bp)
    return app


def _sign_in(app: Flask) -> None:
    app.session_interface = ServerSessions()
    login = LoginManager()
    # Without its context processor: a page about a lost database must not ask the database.
    login.init_app(app, add_context_processor=False)
    login.session_protection = None
    login.user_loader(load_person)


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
