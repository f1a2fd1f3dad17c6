"""The processes of `peerqa serve`: gunicorn's arbiter, and below it web processes and the worker.

The arbiter imports neither the app nor the database, so it stays small, the children open theirs
after they were made, and a reload (SIGHUP) brings in new code. The first page comes before all
else: the first web process sees to the database, and when it serves the others start. Web processes
are forked by gunicorn and leave when the arbiter is gone; the others are commands of their own that
watch their parent.
"""

import fcntl
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from socket import socket
from typing import TYPE_CHECKING, Any

import click
from gunicorn.app.base import BaseApplication
from gunicorn.arbiter import Arbiter
from gunicorn.errors import HaltServer
from gunicorn.glogging import Logger

from peerqa.cli.output import report_refusal
from peerqa.cli.parent import PARENT
from peerqa.settings import Settings

if TYPE_CHECKING:
    from flask import Flask

    from peerqa.cli.opening import MakeApp

GRACE_SECONDS = 15  # that a request or a job in hand may take while everything stops
SHORTEST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 0.5, 30.0  # before a command is started again
STEADY_SECONDS = 60.0  # a command that lived this long is no longer failing


@dataclass(frozen=True)
class Opening:
    """How the pages open: what happens once, in the first web process, before the first page.

    Attributes:
        make_app: makes the app, in each web process.
        prepare: brings the database to where pages can be served; harmless twice.
        greet: returns what is then said on standard output.
    """

    make_app: "MakeApp"
    prepare: Callable[["Flask"], None]
    greet: Callable[["Flask"], Iterable[str]]


def supervise(
    settings: Settings,
    listener: socket,
    opening: Opening,
    *,
    prepare_model: bool,
    helpers: Iterable["Helper"] = (),
) -> None:
    """Serve from this socket until SIGTERM or SIGINT, then stop everything in good order.

    Args:
        helpers: that run beside the worker.
    """
    helpers = [Helper("worker"), *helpers]
    if prepare_model:
        helpers.append(Helper("model", "prepare", once=True))
    arbiter = os.getpid()
    try:
        Supervisor(Site(settings, listener.detach(), opening), helpers).run()
    except SystemExit as end:
        if os.getpid() != arbiter:
            raise  # a web process, forked in there; its code tells the arbiter why it ended
        sys.exit(1 if end.code else 0)


class Helper:
    """A command that runs beside the web processes, and is started again when it ends.

    Args:
        once: it has its work to do, and is not started again.
        descriptors: open files that it gets under the same numbers.
    """

    def __init__(
        self, *command: str, once: bool = False, descriptors: tuple[int, ...] = ()
    ) -> None:
        self._command = command
        self._once = once
        self._descriptors = descriptors
        self._process: subprocess.Popen[bytes] | None = None
        self._started = 0.0
        self._pause = 0.0

    def keep_running(self) -> None:
        """Start it when it does not run, after a pause that grows while it keeps failing."""
        if self._process is not None and (self._once or self._process.poll() is None):
            return
        lived = time.monotonic() - self._started
        if self._process is not None and lived < self._pause:
            return
        if lived > STEADY_SECONDS:
            self._pause = SHORTEST_PAUSE_SECONDS
        self._pause = min(self._pause * 2, LONGEST_PAUSE_SECONDS)
        self._started = time.monotonic()
        self._process = subprocess.Popen(  # noqa: S603 - a command of our own
            [sys.executable, "-m", "peerqa", *self._command],
            env=os.environ | {PARENT: str(os.getpid())},
            stdin=subprocess.DEVNULL,
            stdout=sys.stderr,
            pass_fds=self._descriptors,
            preexec_fn=_step_back if self._once else None,
        )

    def replace(self) -> None:
        """Have a new one started; what is done only once goes on."""
        if not self._once:
            self.stop()

    def stop(self) -> None:
        """Ask it to end what it has in hand, and then itself."""
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()

    def wait(self, seconds: float) -> None:
        """Wait for its end, and kill it when that does not come."""
        if self._process is None:
            return
        try:
            self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            self._process.kill()


class Supervisor(Arbiter):  # type: ignore[misc]  # gunicorn ships no types
    """Gunicorn's arbiter, which keeps the helpers as it keeps its web processes."""

    def __init__(self, site: "Site", helpers: list[Helper]) -> None:
        super().__init__(site)
        self._site = site
        self._helpers = helpers
        self._retiring: set[int] = set()  # web processes that serve until the new ones do
        self._needed = 1  # web processes that must have begun before anything else happens

    def manage_workers(self) -> None:
        """Keep everybody running; called every second and whenever a child ends."""
        if self._site.count_begun() >= self._needed:
            for pid in self._retiring:
                self.kill_worker(pid, signal.SIGTERM)
            self._retiring.clear()
            for helper in self._helpers:  # after the first page
                helper.keep_running()
        if not self._retiring:
            super().manage_workers()

    def handle_int(self) -> None:
        """Treat Ctrl-C as SIGTERM: requests in hand are answered."""
        raise StopIteration

    def reload(self) -> None:
        """Replace all children by new ones, which read the code anew; nobody has to wait.

        Gunicorn's own reload stops the old web processes at once, seconds before the new ones
        have imported everything.
        """
        self._retiring.update(self.WORKERS)
        self._needed = self._site.count_begun() + self.num_workers
        for _ in range(self.num_workers):
            self.spawn_worker()
        for helper in self._helpers:
            helper.replace()

    def reap_workers(self) -> None:
        """Take notice of children that ended; new code that cannot start leaves the old serving."""
        try:
            super().reap_workers()
        except HaltServer:
            if not self._retiring:
                raise
            self.log.error("The reload failed; the processes from before go on.")
            self._retiring.clear()
            self._needed = 0

    def stop(self, graceful: bool = True) -> None:
        """Stop the children, all at the same time."""
        helpers, self._helpers = self._helpers, []
        for helper in helpers:
            helper.stop()
        super().stop(graceful)
        for helper in helpers:
            helper.wait(GRACE_SECONDS)


class Site(BaseApplication):  # type: ignore[misc]  # gunicorn ships no types
    """What gunicorn serves, and how."""

    def __init__(self, settings: Settings, descriptor: int, opening: Opening) -> None:
        self._settings = settings
        self._descriptor = descriptor
        self._opening = opening
        self._begun_count = 0
        self._hear, self._tell = os.pipe()  # a web process tells the arbiter that it has begun
        os.set_blocking(self._hear, False)
        super().__init__()

    def count_begun(self) -> int:
        """Return how many web processes have ever begun to serve; asked by the arbiter."""
        with suppress(BlockingIOError):
            self._begun_count += len(os.read(self._hear, 1024))
        return self._begun_count

    def load_config(self) -> None:
        """Say how to serve; called again at a reload."""
        options: dict[str, object] = {
            "bind": f"fd://{self._descriptor}",
            "worker_class": "gthread",
            "workers": self._settings.web_processes,
            "threads": self._settings.web_threads,
            "graceful_timeout": GRACE_SECONDS,
            "limit_request_line": 8190,  # a title and a body travel in the address of a look-up
            "control_socket_disable": True,
            "forwarded_allow_ips": "",  # else anybody on this machine is believed;
            "forwarder_headers": "",  # whom to believe is decided in app.py
            "logger_class": GunicornLog,
            "proc_name": "peerqa",
            "post_worker_init": self._begin,
        }
        if Path("/dev/shm").is_dir():  # noqa: S108 - gunicorn makes an unnamed file in it
            options["worker_tmp_dir"] = "/dev/shm"  # noqa: S108 - a busy disk is no sign of death
        for name, value in options.items():
            self.cfg.set(name, value)

    def load(self) -> "Flask":
        """Make the app, in a web process; one of the first also prepares the database."""
        app = self._opening.make_app(with_doors=True)
        if self._begun_count == 0:
            try:
                with (self._settings.home / "opening.lock").open("w") as file:
                    fcntl.flock(file, fcntl.LOCK_EX)
                    self._opening.prepare(app)
            except Exception as error:
                if not report_refusal(error):
                    raise
                sys.exit(Arbiter.APP_LOAD_ERROR)
        return app

    def _begin(self, worker: Any) -> None:  # Any: gunicorn ships no types
        # Ctrl-C reaches every process, and gunicorn's would drop the requests they have in hand
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        if worker.age == 1:
            for line in self._opening.greet(worker.wsgi):
                click.echo(line)
        os.write(self._tell, b"1")
        worker.wsgi.extensions["peerqa.search"].encoders.open_beside()


class GunicornLog(Logger):  # type: ignore[misc]  # gunicorn ships no types
    """Gunicorn's events go where ours go; requests are logged by the app."""

    def setup(self, cfg: Any) -> None:  # Any: gunicorn ships no types
        """Keep the levels, leave the writing to the root logger; say less than gunicorn does."""
        super().setup(cfg)
        self.error_log.handlers.clear()
        self.error_log.propagate = True
        self.error_log.setLevel("WARNING")


def _step_back() -> None:
    os.nice(10)  # the pages come first
