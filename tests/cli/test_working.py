"""The worker: what it does, and what does not end it."""

import threading

import pytest
from sqlalchemy.exc import OperationalError

from peerqa import outbox, worker
from peerqa.clock import utc_now
from peerqa.models import OutboxRow
from peerqa.worker import Timer, Worker, heartbeat_file, seconds_since_beat


@pytest.fixture
def quick(monkeypatch):
    monkeypatch.setattr(worker, "POLL_SECONDS", 0.01)


def test_it_does_what_was_asked_for_and_shows_life(app, session):
    done: list[str] = []
    outbox.ask(session, "greet", "7", at=utc_now())
    session.commit()

    tried = Worker(app, handlers={"greet": done.extend}, timers=[]).turn()

    assert (tried, done) == (1, ["7"])
    assert session.query(OutboxRow).count() == 0
    assert seconds_since_beat(heartbeat_file(app.extensions["peerqa.settings"])) < 5


def test_one_bad_row_holds_nothing_up(app, session):
    done: list[str] = []

    def greet(keys):
        if "bad" in keys:
            raise ValueError("no such name")
        done.extend(keys)

    for key in ("one", "bad", "two"):
        outbox.ask(session, "greet", key, at=utc_now())
    session.commit()

    Worker(app, handlers={"greet": greet}, timers=[]).turn()

    session.expire_all()
    assert done == ["one", "two"]
    assert [row.key for row in session.query(OutboxRow)] == ["bad"]


def test_timers_run_at_once_and_then_in_their_time(app):
    rang: list[str] = []
    timers = [
        Timer("often", 0.0, lambda: rang.append("often")),
        Timer("seldom", 3600.0, lambda: rang.append("seldom")),
    ]
    working = Worker(app, handlers={}, timers=timers)

    working.turn()
    working.turn()

    assert rang == ["often", "seldom", "often"]


def test_a_timer_that_fails_comes_again_and_stops_no_other(app):
    rang: list[str] = []

    def fail():
        rang.append("failed")
        raise ValueError

    timers = [Timer("bad", 0.0, fail), Timer("good", 0.0, lambda: rang.append("good"))]
    working = Worker(app, handlers={}, timers=timers)

    working.turn()
    working.turn()

    assert rang == ["failed", "good"] * 2


def test_a_timer_aside_holds_nothing_up_and_does_not_overtake_itself(app):
    rang: list[str] = []
    go_on = threading.Event()

    def wait():
        rang.append("aside")
        go_on.wait(10)

    timers = [
        Timer("aside", 0.0, wait, is_aside=True),
        Timer("good", 0.0, lambda: rang.append("good")),
    ]
    working = Worker(app, handlers={}, timers=timers)
    for _ in range(3):
        working.turn()

    assert sorted(rang) == ["aside", "good", "good", "good"]
    go_on.set()
    stop = threading.Event()
    stop.set()
    working.run(stop)


def test_a_database_that_is_away_is_waited_for(app, quick, monkeypatch):
    stop = threading.Event()
    tries: list[int] = []

    def drain(*_args, **_more):
        tries.append(1)
        if len(tries) < 3:
            raise OperationalError("SELECT 1", {}, Exception("gone"))
        stop.set()
        return 0

    monkeypatch.setattr(worker.outbox, "drain", drain)

    Worker(app, handlers={}, timers=[]).run(stop)

    assert len(tries) == 3
