"""The demonstration as `make run` builds it: once for a whole test run, copied for each user."""

from __future__ import annotations

import fcntl
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from capture.config import Config
from capture.local_secrets import with_own_secrets
from capture.synthetic import demonstration
from capture.web.request_context import Services
from tests.support.esign import add_esign_study

START_SECONDS = 60


def settings(data: Path) -> Config:
    """The configuration of the demonstration in a data folder; its secrets are its own."""
    return Config.from_environment(
        with_own_secrets({"SARCOMERE_DATA": str(data), "SARCOMERE_DEMO": "1"})
    )


def built(shared: Path) -> Path:
    """The finished demonstration with the esign study beside it; shared by all workers of a run."""
    place, lock = shared / "demonstration", shared / "demonstration.lock"
    with lock.open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        if not (place / "whole").exists():
            shutil.rmtree(place, ignore_errors=True)
            config = settings(place)
            demonstration.build(config)
            services = Services.of(config)
            add_esign_study(services)
            services.database.engine.dispose()
            (place / "whole").touch()
    return place


def copied(shared: Path, data: Path) -> Config:
    """A demonstration of its own in the folder data, which must not exist yet."""
    shutil.copytree(built(shared), data)
    return settings(data)


@dataclass
class Server:
    """A running demonstration: where it answers, and its services for what a test prepares."""

    url: str
    services: Services
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Serve it as `make run` does, in a process of its own."""
        data = self.services.config.data
        command = [Path(sys.executable).with_name("sarcomere"), "serve", "--demonstration"]
        environ = {**os.environ, "SARCOMERE_DATA": str(data)}
        log = data / "server.log"
        with log.open("a") as out:
            self.process = subprocess.Popen(
                [*command, "--port", self.url.rpartition(":")[2]],
                env=environ,
                stdout=out,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        await_answer(f"{self.url}/healthz", log)

    def kill(self) -> None:
        """End it with its workers, as a power cut does."""
        assert self.process
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(timeout=START_SECONDS)


@contextmanager
def serving(config: Config) -> Iterator[Server]:
    """Serve a demonstration until the block ends."""
    server = Server(f"http://127.0.0.1:{free_port()}", Services.of(config))
    try:
        server.start()
        yield server
    finally:
        if server.process:
            server.process.terminate()
            server.process.wait(timeout=START_SECONDS)
        server.services.database.engine.dispose()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def await_answer(url: str, log: Path) -> None:
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until:
        try:
            urllib.request.urlopen(url, timeout=5).close()  # noqa: S310  (our own address)
            return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.1)
    raise AssertionError(f"the server did not answer: {log.read_text()}")
