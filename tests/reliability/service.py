"""`peerqa serve` as its admin has it: real processes on a free port, killed and started again.

Its model is a folder that verifies and cannot be run, so that no test prepares one: look-ups go by
words.
"""

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from peerqa import tokens
from peerqa.app import create_app, migrate_empty
from peerqa.clock import utc_now
from peerqa.database import transaction
from peerqa.models.space import Role
from peerqa.services import members, organizations, spaces
from peerqa.settings import CHECKOUT, Settings
from peerqa.temporary_home import NO_LIMITS
from tests.indexer.test_artefact import make_artefact

HUNG_SECONDS = 25.0  # five times the bound on starting: only a hang takes longer
FIRST_PAGE_SECONDS = 5.0


@dataclass
class People:
    """Who writes, by token, and where."""

    space: int
    alice: str
    bob: str


@dataclass
class Reply:
    """What the service said; 0 when the connection broke."""

    status: int
    body: dict = field(default_factory=dict)
    retry_after: str | None = None

    @property
    def is_acknowledged(self) -> bool:
        return 200 <= self.status < 300


class Service:
    """One installation: its folder, its database and, while it runs, its processes."""

    def __init__(self, home: Path, *, database_url: str | None = None) -> None:
        make_artefact(home / "model")
        self.home = home
        self.port = free_port()
        self.settings = Settings(
            home=home, database_url=database_url, model_dir=home / "model", port=self.port
        )
        self.limits = dict(NO_LIMITS)
        self._main: psutil.Popen | None = None

    @property
    def environment(self) -> dict[str, str]:
        kept = {name: text for name, text in os.environ.items() if not name.startswith("PEERQA_")}
        database = self.settings.database_url
        return kept | {
            "PEERQA_HOME": str(self.home),
            "PEERQA_MODEL_DIR": str(self.home / "model"),
            "PEERQA_DATABASE_URL": database.get_secret_value() if database else "",
            "PYTHONPATH": str(CHECKOUT),
            **self.limits,
        }

    def found(self) -> People:
        """Make an organization with a space and two people with a token each, Alice its steward."""
        app = create_app(self.settings, with_doors=False)
        migrate_empty(app)
        now = utc_now()
        with app.app_context(), transaction() as session:
            firm = organizations.make_organization(session, name="Northwind", at=now)
            space = spaces.make_space(session, organization=firm, name="Workshop", at=now)
            alice, bob = (
                members.create_member(session, organization=firm, name=name, at=now)
                for name in ("Alice", "Bob")
            )
            alice.is_admin = True
            members.join_space(session, member=alice, space=space, role=Role.STEWARD)
            held = [
                tokens.create_token(session, each, name="test", at=now) for each in (alice, bob)
            ]
            return People(space.id, *held)

    def command(self, *arguments: str) -> list[str]:
        return [sys.executable, "-m", "peerqa", *arguments]

    def start(self, *arguments: str) -> float:
        """Start, wait for the first page, and return how long that took, in seconds."""
        began = time.monotonic()
        with (self.home / "log").open("ab") as log:
            self._main = psutil.Popen(
                self.command("serve", "--port", str(self.port), *arguments),
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self.home,
            )
        while self.ask("GET", "/sign-in").status != 200:
            assert self._main.poll() is None, (self.home / "log").read_text()
            assert time.monotonic() - began < HUNG_SECONDS, (self.home / "log").read_text()
            time.sleep(0.02)
        return time.monotonic() - began

    @property
    def main(self) -> psutil.Popen:
        assert self._main is not None, "start() it first"
        return self._main

    def processes(self) -> list[psutil.Process]:
        """Return the supervisor, then its children."""
        return [self.main, *self.main.children(recursive=True)]

    def worker(self) -> psutil.Process | None:
        return self._child(is_worker=True)

    def web(self) -> psutil.Process | None:
        return self._child(is_worker=False)

    def _child(self, *, is_worker: bool) -> psutil.Process | None:
        for child in self.main.children():
            try:
                if (child.cmdline()[-1:] == ["worker"]) is is_worker:
                    return child
            except psutil.Error:
                continue
        return None

    def kill(self) -> None:
        """Kill every process at once, as a power cut does."""
        for process in self.processes():
            with suppress(psutil.NoSuchProcess):
                process.kill()
        self.main.wait()

    def stop(self, number: signal.Signals = signal.SIGTERM) -> list[psutil.Process]:
        """Ask it to stop; returns what is left of it."""
        processes = self.processes()
        self.main.send_signal(number)
        _, left = psutil.wait_procs(processes, timeout=HUNG_SECONDS)
        return left

    def ask(
        self, method: str, path: str, *, token: str | None = None, sent: object = None
    ) -> Reply:
        """Send one request; a refused or broken connection is a reply of status 0."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=HUNG_SECONDS)
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        body = None
        if sent is not None:
            headers["Content-Type"], body = "application/json", json.dumps(sent)
        try:
            connection.request(method, path, body, headers)
            reply = connection.getresponse()
            content = reply.read()
            is_json = "json" in reply.headers.get("Content-Type", "")
            return Reply(
                reply.status,
                json.loads(content) if is_json and content else {},
                reply.headers.get("Retry-After"),
            )
        except (OSError, http.client.HTTPException):
            return Reply(0)
        finally:
            connection.close()


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


def wait_until(condition, *, seconds: float = HUNG_SECONDS):
    """Return what the condition returns as soon as that is true."""
    deadline = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < deadline, "it did not come true"
        time.sleep(0.05)
    return found
