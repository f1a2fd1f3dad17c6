"""The outbox with several workers: they share the rows, and none does what another is doing."""

import threading
from collections import Counter
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from peerqa import outbox
from peerqa.database import db, transaction
from peerqa.models import OutboxRow
from tests.conftest import NOON


def ask(app, count: int) -> None:
    with app.app_context(), transaction() as session:
        outbox.ask_many(session, "index", [str(n) for n in range(count)], at=NOON)


def run(*workers) -> None:
    threads = [threading.Thread(target=worker) for worker in workers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


@pytest.mark.timeout(120)
def test_two_workers_at_once_share_the_rows_and_do_none_twice(fresh_app):
    ask(fresh_app, outbox.BATCH * 2)
    together = threading.Barrier(2)
    batches: list[list[str]] = []

    def handle(keys) -> None:
        batches.append(list(keys))
        together.wait(60)  # both hold a batch at this moment

    def work() -> None:
        with fresh_app.app_context():
            outbox.drain({"index": handle}, now=lambda: NOON)

    run(work, work)

    done = Counter(key for batch in batches for key in batch)
    assert [len(batch) for batch in batches] == [outbox.BATCH] * 2
    assert set(done.values()) == {1}
    with fresh_app.app_context():
        assert db.session.scalar(select(func.count()).select_from(OutboxRow)) == 0


@pytest.mark.timeout(120)
def test_many_workers_on_many_rows_do_each_once(fresh_app):
    ask(fresh_app, 500)
    done: list[str] = []
    barrier = threading.Barrier(4)

    def work() -> None:
        barrier.wait()
        with fresh_app.app_context():
            while outbox.drain({"index": done.extend}, now=lambda: NOON):
                pass

    run(*[work] * 4)

    assert sorted(done, key=int) == [str(n) for n in range(500)]


@pytest.mark.timeout(60)
@pytest.mark.parametrize("fresh_kind", ["postgresql"], indirect=True)
@pytest.mark.postgresql
def test_what_another_worker_is_claiming_at_this_moment_is_passed_over(fresh_app):
    ask(fresh_app, 3)
    done: list[str] = []

    with fresh_app.app_context(), db.engine.connect() as other:
        other.execute(select(OutboxRow.id).where(OutboxRow.key != "2").with_for_update())
        assert outbox.drain({"index": done.extend}, now=lambda: NOON) == 1

    assert done == ["2"]


@pytest.mark.timeout(120)
def test_a_worker_that_was_too_slow_takes_nothing_away_from_the_next(fresh_app):
    """The lease ran out while the first was still at it: done twice, and gone once."""
    ask(fresh_app, 1)
    taken, finished = threading.Event(), threading.Event()
    done: list[str] = []

    def slow(keys) -> None:
        taken.set()
        assert finished.wait(60)
        done.extend(keys)

    def first() -> None:
        with fresh_app.app_context():
            outbox.drain({"index": slow}, now=lambda: NOON)

    def second() -> None:
        assert taken.wait(60)
        with fresh_app.app_context():
            late = NOON + outbox.LEASE + timedelta(seconds=1)
            assert outbox.drain({"index": done.extend}, now=lambda: late) == 1
        finished.set()

    run(first, second)

    assert done == ["0", "0"]
    with fresh_app.app_context():
        assert outbox.count_waiting(db.session()) == {}


@pytest.mark.timeout(120)
def test_writers_go_on_while_a_worker_is_at_work(fresh_app):
    ask(fresh_app, 1)

    def handle(_keys) -> None:
        ask(fresh_app, 1)

    with fresh_app.app_context():
        assert outbox.drain({"index": handle}, now=lambda: NOON) == 1
        assert outbox.count_waiting(db.session()) == {"index": 1}
