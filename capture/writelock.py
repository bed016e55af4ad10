"""One fair write lock for SQLite across threads and processes, bounded in time.

SQLite's own busy handler is unfair (one writer waited seconds while others ran), so writers queue
in the kernel on a side file first. The kernel too lets somebody who comes at the right moment pass
those who wait, so the writers stand in line for the line: whoever is next holds a second file while
waiting for the first. The blocking call runs in a helper thread, since flock has no time limit of
its own.
"""

from __future__ import annotations

import fcntl
import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from capture.problems import Busy

WAIT_SECONDS = 10.0


class WriteLock:
    """The lock beside one database file; a killed holder frees it at once (the kernel does)."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.line = path.with_name(path.name + ".line")

    @contextmanager
    def hold(self, wait_seconds: float = WAIT_SECONDS) -> Iterator[None]:
        """Hold the lock, or raise Busy after wait_seconds."""
        handle = self._in_turn(time.monotonic() + wait_seconds)
        try:
            yield
        finally:
            os.close(handle)

    @contextmanager
    def if_free(self) -> Iterator[bool]:
        """Take the lock only if nobody has it; return whether it was taken."""
        handle = _open_file(self.path)
        try:
            yield _take_at_once(handle)
        finally:
            os.close(handle)

    def _in_turn(self, deadline: float) -> int:
        first_in_line = _acquire(self.line, deadline)
        try:
            return _acquire(self.path, deadline)
        finally:
            os.close(first_in_line)


def _open_file(path: Path) -> int:
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)


def _acquire(path: Path, deadline: float) -> int:
    handle = _open_file(path)
    if _take_at_once(handle):
        return handle
    waiter = _Waiter(handle)
    if waiter.took_it_within(max(0.0, deadline - time.monotonic())):
        return handle
    raise Busy(
        "The database is busy with other people's work. Nothing was changed. Try again in a moment."
    )


def _take_at_once(handle: int) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


class _Waiter:
    """A thread in the kernel's queue that gives up its place when nobody wants it any more."""

    def __init__(self, handle: int) -> None:
        self.handle = handle
        self.guard = threading.Lock()
        self.taken = threading.Event()
        self.abandoned = False
        threading.Thread(target=self._wait, daemon=True).start()

    def _wait(self) -> None:
        fcntl.flock(self.handle, fcntl.LOCK_EX)
        with self.guard:
            if self.abandoned:
                os.close(self.handle)
            else:
                self.taken.set()

    def took_it_within(self, seconds: float) -> bool:
        self.taken.wait(seconds)
        with self.guard:
            self.abandoned = not self.taken.is_set()
            return self.taken.is_set()
