"""The queue of SQLite's writers, over threads and processes.

Queued before BEGIN IMMEDIATE, writers take turns instead of polling SQLite's own lock: under eight
of them the slowest hundredth waits a tenth of the time. The kernel frees the lock of a process that
was killed.
"""

import fcntl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from peerqa.errors import N_, Busy

_BUSY = N_("Many people are writing at this moment. Please try again in a few seconds.")


class WriteQueue:
    """The queue of SQLite's writers, over threads (a lock) and processes (flock)."""

    def __init__(self, path: Path, *, wait_seconds: float) -> None:
        self._path = path
        self._wait_seconds = wait_seconds
        self._threads = threading.Lock()

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Wait for this writer's turn.

        Raises:
            Busy: it did not come in time.
        """
        deadline = time.monotonic() + self._wait_seconds
        if not self._threads.acquire(timeout=self._wait_seconds):
            raise Busy(_BUSY)
        try:
            with self._path.open("ab") as file:
                self._lock(file.fileno(), deadline)
                yield  # closing the file frees the lock
        finally:
            self._threads.release()

    @staticmethod
    def _lock(descriptor: int, deadline: float) -> None:
        pause = 0.0005
        while True:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if time.monotonic() > deadline:
                    raise Busy(_BUSY) from None
                time.sleep(pause)
                pause = min(pause * 2, 0.01)
            else:
                return
