"""The site that the browser opens: the real app beside us, on a database that both can write."""

import json
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from peerqa import identity
from peerqa.app import create_app, migrate_empty
from peerqa.clock import utc_now
from peerqa.database import db, transaction
from peerqa.models import Member, OutboxRow
from peerqa.settings import Settings

LONGEST_INDEXING_SECONDS = 120.0
CHECKOUT = Path(__file__).parents[2]


@dataclass
class Site:
    """A running site; more settings than those of a test may be given.

    Without a model, texts that have words in common are near each other (tests/fakes.py).
    """

    home: Path
    model_folder: Path | None
    more: Mapping[str, object] = field(default_factory=dict)
    app: Flask = field(init=False)
    address: str = field(init=False, default="")

    @contextmanager
    def running(self) -> Iterator["Site"]:
        model = self.model_folder or self.home / "no-model"
        self.app = create_app(Settings(home=self.home, model_dir=model, **self.more))
        migrate_empty(self.app)
        with (
            (self.home / "log").open("wb") as log,
            subprocess.Popen(
                [
                    *(sys.executable, "-m", "tests.browser.serve"),
                    *(self.home, self.model_folder or "", json.dumps(dict(self.more))),
                ],
                cwd=CHECKOUT,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
            ) as process,
        ):
            assert process.stdin is not None
            assert process.stdout is not None
            port = process.stdout.readline().strip().decode()
            assert port, f"the app did not start:\n{self.read_log()}"
            # by name with a port of its own: links and addresses that LMSs know begin like that
            self.address = f"http://{'localhost' if self.more else '127.0.0.1'}:{port}"
            try:
                yield self
            finally:
                process.stdin.close()

    def read_log(self) -> str:
        return (self.home / "log").read_text(errors="replace")

    @contextmanager
    def writing(self) -> Iterator[Session]:
        with self.app.app_context(), transaction() as session:
            yield session

    @contextmanager
    def reading(self) -> Iterator[Session]:
        with self.app.app_context():
            yield db.session()

    def sign_in(self, member_id: int) -> str:
        """Return the cookie of a new sign-in."""
        with self.writing() as session:
            member = session.get_one(Member, member_id)
            return identity.sign_in(session, member, at=utc_now()).token

    def wait_for_index(self, *, seconds: float = LONGEST_INDEXING_SECONDS) -> None:
        """Wait until the worker has indexed everything that was written."""
        deadline = time.monotonic() + seconds
        waiting = select(func.count()).select_from(OutboxRow).where(OutboxRow.topic == "index")
        pause = threading.Event()
        while True:
            with self.reading() as session:
                if not session.scalar(waiting):
                    return
            assert time.monotonic() < deadline, f"the index stands still:\n{self.read_log()}"
            pause.wait(0.05)
