"""Serving the application: gunicorn inside the program, and the keeper that seals and signs."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Mapping
from typing import Any

from flask import Flask
from gunicorn.app.base import BaseApplication

from capture.application import create_app_or_exit
from capture.config import Config
from capture.ledger.sealing import seal, sign_checkpoints
from capture.randomisation.allocation.service.receipts import try_to_deliver
from capture.randomisation.recovery.service.halt import (
    CHECKPOINTS,
    RECEIPTS,
    halt_if_outside_is_newer,
)
from capture.web.request_context import EXTENSION, Services

SEAL_EVERY_SECONDS = 1.0
SIGN_EVERY_SECONDS = 60.0
THREADS = 8

log = logging.getLogger("sarcomere.keeper")


class Keeper:
    """A thread that seals what a stopped worker left, signs tree heads and delivers receipts."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._signed_at: float | None = None
        self._stopped = threading.Event()

    def start(self) -> None:
        threading.Thread(target=self._run, name="keeper", daemon=True).start()

    def stop(self) -> None:
        self._stopped.set()

    def tick(self, now: float) -> None:
        """One round; now: seconds of a clock that never goes back."""
        seal(self._services.database)
        if self._signed_at is None or now - self._signed_at >= SIGN_EVERY_SECONDS:
            # Noted first: what a full disk does not take is tried again in a minute, not sooner.
            self._signed_at = now
            config = self._services.config
            sign_checkpoints(
                self._services.database, config.checkpoint_key, config.data / CHECKPOINTS
            )
            try_to_deliver(self._services.database, config.checkpoint_key, config.data / RECEIPTS)

    def _run(self) -> None:
        while not self._stopped.wait(SEAL_EVERY_SECONDS):
            try:
                self.tick(time.monotonic())
            except Exception as problem:
                # The next round tries again; what was committed is safe and waits.
                log.warning("sealing has to wait: %s", type(problem).__name__)


class Server(BaseApplication):  # type: ignore[misc]
    """gunicorn with our settings; each worker makes its own application and keeper."""

    def __init__(self, config: Config, settings: Mapping[str, Any]) -> None:
        self._config = config
        self._settings = settings
        super().__init__()

    def load_config(self) -> None:
        for name, value in self._settings.items():
            self.cfg.set(name, value)

    def load(self) -> Flask:
        app = create_app_or_exit(self._config)
        known: Services = app.extensions[EXTENSION]
        halt_if_outside_is_newer(known.database, known.concealment, known.config.data)
        Keeper(known).start()
        return app


def serve(config: Config, *, port: int, workers: int) -> None:
    """Serve on 127.0.0.1 until stopped; a reverse proxy brings it to the outside."""
    settings = {
        "bind": f"127.0.0.1:{port}",
        "workers": workers,
        "threads": THREADS,
        "worker_class": "gthread",
        "loglevel": "warning",
        "control_socket_disable": True,
        "timeout": 60,
    }
    Server(config, settings).run()
