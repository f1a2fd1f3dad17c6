"""The worker: drains the outbox and runs the timers, for as long as the process lives.

Nothing that goes wrong ends it. A row that fails is the outbox's matter, a timer that fails is
logged and comes again, and while the database is away the worker waits and tries again. A timer
that waits for other machines runs aside, in a thread of its own, so that nothing waits for it.
"""

import os
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Event, Thread

import structlog
from flask import Flask

from peerqa import outbox
from peerqa.clock import utc_now
from peerqa.settings import Settings

POLL_SECONDS = 0.5  # how long a new row may lie before an idle worker sees it
LONGEST_PAUSE_SECONDS = 15.0  # between attempts while the database is away
BEAT_SECONDS = 5.0
ENDING_SECONDS = 8.0  # that a timer aside has when the worker stops; what it began is repeated

log = structlog.get_logger()


@dataclass(frozen=True)
class Timer:
    """Something done again and again, for the first time when the worker starts."""

    name: str
    every_seconds: float
    act: Callable[[], None]  # within an app context; harmless twice and on several hosts at once
    is_aside: bool = False  # it waits for other machines


class Worker:
    """One worker: what it does, and when it last showed that it lives."""

    def __init__(
        self, app: Flask, *, handlers: Mapping[str, outbox.Handler], timers: Sequence[Timer]
    ) -> None:
        self._app = app
        self._handlers = handlers
        self._timers = timers
        self._asides: dict[str, Thread] = {}
        self._due = dict.fromkeys((timer.name for timer in timers), 0.0)
        self._beat = heartbeat_file(app.extensions["peerqa.settings"])

    def run(self, stop: Event) -> None:
        """Work until told to stop; what was begun is brought to its end."""
        log.info("worker.started", topics=sorted(self._handlers))
        failures = 0
        while not stop.is_set():
            try:
                tried = self.turn()
                failures = 0
            except Exception as error:  # noqa: BLE001 - the worker loop: wait, and go on
                failures += 1
                tried = 0
                log.warning("worker.waits", error=type(error).__name__, failures=failures)
            if not tried:
                stop.wait(min(POLL_SECONDS * 2**failures, LONGEST_PAUSE_SECONDS))
        self._end_asides()
        log.info("worker.stopped")

    def turn(self) -> int:
        """Do once what is due; returns how many rows of the outbox were tried."""
        self._show_life()
        with self._app.app_context():
            tried = outbox.drain(self._handlers, now=utc_now)
        for timer in self._timers:
            if time.monotonic() >= self._due[timer.name]:
                self._due[timer.name] = time.monotonic() + timer.every_seconds
                if timer.is_aside:
                    self._run_aside(timer)
                else:
                    self._run_timer(timer)
        return tried

    def _run_aside(self, timer: Timer) -> None:
        """Run it beside the others; a turn that comes while it still runs is left out."""
        running = self._asides.get(timer.name)
        if running is None or not running.is_alive():
            thread = Thread(target=self._run_timer, args=(timer,), name=timer.name, daemon=True)
            self._asides[timer.name] = thread
            thread.start()

    def _end_asides(self) -> None:
        end = time.monotonic() + ENDING_SECONDS
        for thread in self._asides.values():
            thread.join(max(0.0, end - time.monotonic()))

    def _run_timer(self, timer: Timer) -> None:
        try:
            with self._app.app_context():
                timer.act()
        except Exception as error:  # the worker loop: it comes again
            log.warning("timer.failed", timer=timer.name, error=type(error).__name__, exc_info=True)

    def _show_life(self) -> None:
        silent = seconds_since_beat(self._beat)
        if silent is None or silent > BEAT_SECONDS:
            self._beat.touch()
            os.utime(self._beat)


def heartbeat_file(settings: Settings) -> Path:
    """Where the worker of this machine shows that it lives, by the file's time."""
    return settings.home / "worker.alive"


def seconds_since_beat(file: Path) -> float | None:
    """Return how long the worker has been silent; None when there never was one."""
    try:
        return max(0.0, time.time() - file.stat().st_mtime)
    except FileNotFoundError:
        return None
