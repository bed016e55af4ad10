"""The write lock: one holder at a time, first come first served, bounded, freed by a kill."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from capture.problems import Busy
from capture.writelock import WriteLock

HOLDER = """
import sys, time
from pathlib import Path
from capture.writelock import WriteLock
with WriteLock(Path(sys.argv[1])).hold():
    print("held", flush=True)
    time.sleep(600)
"""
PATIENCE = 30.0


@pytest.fixture
def lock(tmp_path: Path) -> WriteLock:
    return WriteLock(tmp_path / "lock")


@contextmanager
def held_elsewhere(lock: WriteLock) -> Iterator[subprocess.Popen[str]]:
    """Another process holds the lock until it is killed."""
    command = [sys.executable, "-c", HOLDER, str(lock.path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        try:
            yield holder
        finally:
            holder.kill()


def test_lock_taken_twice_in_turn_is_free_again(lock: WriteLock) -> None:
    for _ in range(2):
        with lock.hold(0.1):
            pass


def test_one_holder_at_a_time_across_threads(lock: WriteLock) -> None:
    inside, most = 0, 0

    def work() -> None:
        nonlocal inside, most
        for _ in range(20):
            with lock.hold(PATIENCE):
                inside += 1
                most = max(most, inside)
                time.sleep(0.0005)
                inside -= 1

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert (most, inside) == (1, 0)


def test_waiters_get_it_in_the_order_in_which_they_came(lock: WriteLock) -> None:
    order: list[int] = []

    def work(number: int) -> None:
        with lock.hold(PATIENCE):
            order.append(number)

    threads = []
    with lock.hold():
        for number in range(6):
            threads.append(threading.Thread(target=work, args=(number,)))
            threads[-1].start()
            wait_until_queued(lock, number + 1)
    for thread in threads:
        thread.join()

    assert order == [0, 1, 2, 3, 4, 5]


def test_who_comes_back_at_once_does_not_pass_who_waits(lock: WriteLock) -> None:
    order: list[str] = []

    def work() -> None:
        with lock.hold(PATIENCE):
            order.append("who waited")

    for _ in range(20):
        order.clear()
        with lock.hold():
            thread = threading.Thread(target=work)
            thread.start()
            wait_until_queued(lock, 1)
        with lock.hold(PATIENCE):
            order.append("who came back")
        thread.join()

        assert order == ["who waited", "who came back"]


def wait_until_queued(lock: WriteLock, count: int) -> None:
    """Until the kernel lists so many waiters for the files."""
    files = (lock.path, lock.line)
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        inodes = [f":{path.stat().st_ino} " for path in files if path.exists()]
        lines = Path("/proc/locks").read_text().splitlines()
        if sum("->" in line and any(one in line for one in inodes) for line in lines) >= count:
            return
        time.sleep(0.01)
    raise AssertionError("the waiter did not come into the queue")


def test_waiting_ends_with_busy_in_words(lock: WriteLock) -> None:
    with (
        lock.hold(),
        pytest.raises(Busy, match=r"Nothing was changed\. Try again"),
        lock.hold(0.05),
    ):
        raise AssertionError("two hold it")


def test_who_gave_up_does_not_take_it_later(lock: WriteLock) -> None:
    with lock.hold(), pytest.raises(Busy), lock.hold(0.05):
        raise AssertionError("two hold it")

    for _ in range(3):
        with lock.hold(PATIENCE):
            pass


def test_an_exception_inside_frees_it(lock: WriteLock) -> None:
    with pytest.raises(RuntimeError), lock.hold():
        raise RuntimeError

    with lock.hold(0.1):
        pass


@pytest.mark.slow
def test_another_process_is_waited_for(lock: WriteLock) -> None:
    with held_elsewhere(lock), pytest.raises(Busy), lock.hold(0.05):
        raise AssertionError("two hold it")


@pytest.mark.slow
def test_a_killed_holder_frees_it(lock: WriteLock) -> None:
    with held_elsewhere(lock) as holder:
        threading.Timer(0.2, holder.kill).start()

        with lock.hold(PATIENCE):
            assert holder.wait(PATIENCE) < 0


def test_if_free_says_whether_it_was(lock: WriteLock) -> None:
    with lock.if_free() as ours, lock.if_free() as theirs:
        assert (ours, theirs) == (True, False)

    with lock.if_free() as later:
        assert later
