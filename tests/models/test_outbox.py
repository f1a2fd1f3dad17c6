"""The outbox, one worker: each row once, again when it fails, given up where it can be seen."""

from datetime import timedelta

import pytest
from sqlalchemy import event, select
from structlog.testing import capture_logs

from peerqa import outbox
from peerqa.database import db, transaction
from peerqa.errors import NotFound
from peerqa.models import OutboxRow
from tests.conftest import NOON

IDS = ["a zero", "half a character", "long", "empty", "a place"]  # xdist wants ids of plain text


class Hands:
    """A handler that notes what it did, and fails for the keys it was told to."""

    def __init__(self, *failing: str, error: Exception | None = None) -> None:
        self.done: list[str] = []
        self.batches: list[list[str]] = []
        self.failing = set(failing)
        self.error = error or ValueError("no")

    def __call__(self, keys) -> None:
        self.batches.append(list(keys))
        if self.failing & set(keys):
            raise self.error
        self.done += keys


def ask(*keys: str, topic: str = "index", at=NOON) -> None:
    with transaction() as session:
        outbox.ask_many(session, topic, keys, at=at)


def drain(hands, *, at=NOON, topic: str = "index") -> int:
    return outbox.drain({topic: hands}, now=lambda: at)


def rows() -> list[OutboxRow]:
    db.session.rollback()
    return list(db.session.scalars(select(OutboxRow).order_by(OutboxRow.id)))


def fail_until_dead(key: str = "1") -> OutboxRow:
    hands, at = Hands(key), NOON
    for _ in range(outbox.MAX_ATTEMPTS):
        drain(hands, at=at)
        at += timedelta(hours=2)
    return rows()[0]


def test_each_is_done_once_and_forgotten(app):
    ask("1", "2", "3")
    hands = Hands()

    assert [drain(hands), drain(hands)] == [3, 0]

    assert hands.done == ["1", "2", "3"]
    assert rows() == []


def test_what_is_asked_for_in_a_transaction_that_fails_is_not_done(app):
    with pytest.raises(ZeroDivisionError), transaction() as session:
        outbox.ask(session, "index", str(1 // 0), at=NOON)

    assert rows() == []


def test_what_was_asked_for_twice_is_done_once(app):
    ask("1", "2", "1")
    hands = Hands()

    assert drain(hands) == 3
    assert hands.done == ["1", "2"]


def test_nothing_is_asked_for_in_an_empty_list(app):
    ask()

    assert rows() == []


def test_it_is_done_in_the_order_of_asking_and_not_before_it_is_due(app):
    ask("late", at=NOON + timedelta(seconds=1))
    ask("second")
    ask("first", at=NOON - timedelta(seconds=1))
    hands = Hands()

    assert drain(hands) == 2
    assert set(hands.done) == {"first", "second"}
    assert drain(hands, at=NOON + timedelta(seconds=1)) == 1


def test_each_topic_has_its_own_hands_and_its_turn(app):
    ask(*(str(number) for number in range(outbox.BATCH + 10)))
    ask("a@example.org", topic="mail")
    ask("x", topic="unknown")
    index, mail = Hands(), Hands()

    outbox.drain({"index": index, "mail": mail}, now=lambda: NOON)

    assert len(index.done) == outbox.BATCH
    assert mail.done == ["a@example.org"]
    assert [row.key for row in rows() if row.topic == "unknown"] == ["x"]


def test_one_bad_row_does_not_hold_back_its_batch(app):
    ask("1", "bad", "3")
    hands = Hands("bad")

    drain(hands)

    assert hands.done == ["1", "3"]
    assert [(row.key, row.attempts, row.claimed_until) for row in rows()] == [("bad", 1, None)]


@pytest.mark.parametrize(
    "message", ["zero \x00", "half \ud800", "long " * 1000, "", "100 %s"], ids=IDS
)
def test_whatever_an_error_says_it_is_kept_and_the_others_go_on(app, message):
    ask("bad", "good")
    hands = Hands("bad", error=ValueError(message))

    drain(hands)

    assert hands.done == ["good"]
    assert rows()[0].error.startswith("ValueError: ")
    assert len(rows()[0].error) <= 500


def test_what_failed_waits_longer_each_time(app):
    ask("1")
    hands, waits, at = Hands("1"), [], NOON
    for attempt in range(1, outbox.MAX_ATTEMPTS):
        drain(hands, at=at)
        (row,) = rows()
        waits.append((row.due_at - at).total_seconds())
        base = min(5.0 * 2 ** (attempt - 1), 3600.0)
        assert base * 0.5 <= waits[-1] <= base * 1.5
        assert drain(hands, at=row.due_at - timedelta(milliseconds=1)) == 0
        at = row.due_at

    assert waits[-1] > 10 * waits[0]


def test_the_delay_doubles_has_jitter_and_an_end():
    draws = [outbox.delay_seconds(3) for _ in range(200)]

    assert min(draws) >= 10.0
    assert max(draws) <= 30.0
    assert max(draws) - min(draws) > 10.0
    assert max(outbox.delay_seconds(60) for _ in range(200)) <= 5400.0


def test_what_succeeds_at_last_is_forgotten(app):
    ask("1")
    hands = Hands("1")
    drain(hands)
    hands.failing.clear()

    drain(hands, at=NOON + timedelta(minutes=1))

    assert hands.done == ["1"]
    assert rows() == []


def test_what_fails_too_often_is_given_up_and_can_be_seen(app):
    ask("1")

    row = fail_until_dead()

    assert (row.attempts, row.error) == (outbox.MAX_ATTEMPTS, "ValueError: no")
    assert row.dead_at is not None
    assert [dead.key for dead in outbox.list_dead(db.session())] == ["1"]
    assert outbox.count_waiting(db.session()) == {}
    assert drain(Hands(), at=NOON + timedelta(days=9)) == 0


def test_the_log_says_what_failed_and_not_with_which_words(app):
    ask("1")

    with capture_logs() as logs:
        drain(Hands("1", error=ValueError("canary@example.org")))

    assert [(line["event"], line["topic"], line["dead"]) for line in logs] == [
        ("outbox.failed", "index", False)
    ]
    assert "canary" not in str(logs)


def test_the_dead_are_listed_newest_first_and_not_without_end(app):
    ask("old", at=NOON)
    fail_until_dead("old")
    with transaction() as session:
        session.add_all(
            OutboxRow(
                topic="index", key=str(n), created_at=NOON, due_at=NOON,
                dead_at=NOON + timedelta(days=n + 9),
            )
            for n in range(3)
        )  # fmt: skip

    assert [row.key for row in outbox.list_dead(db.session())] == ["2", "1", "0", "old"]
    assert [row.key for row in outbox.list_dead(db.session(), limit=1)] == ["2"]


def test_the_dead_come_back_with_all_their_attempts(app):
    ask("1")
    row_id = fail_until_dead().id
    hands = Hands()
    with transaction() as session:
        outbox.revive(session, row_id, at=NOON)

    assert (rows()[0].attempts, rows()[0].dead_at) == (0, None)
    assert drain(hands) == 1
    assert hands.done == ["1"]


def test_only_the_dead_come_back(app):
    ask("1")

    with pytest.raises(NotFound), transaction() as session:
        outbox.revive(session, rows()[0].id, at=NOON)
    with pytest.raises(NotFound), transaction() as session:
        outbox.revive(session, 0, at=NOON)


def test_how_much_waits_is_counted_by_topic(app):
    ask("1", "2")
    ask("3", topic="mail")

    assert outbox.count_waiting(db.session()) == {"index": 2, "mail": 1}


def test_what_another_worker_holds_is_left_until_its_lease_ends(app):
    ask("1")
    with transaction() as session:
        session.scalars(select(OutboxRow)).one().claimed_until = NOON + outbox.LEASE
    hands = Hands()

    assert drain(hands, at=NOON + outbox.LEASE - timedelta(milliseconds=1)) == 0
    assert drain(hands, at=NOON + outbox.LEASE) == 1
    assert hands.done == ["1"]


def test_what_a_killed_worker_held_is_taken_over(app):
    """SystemExit is no failure: it ends the worker in the middle of its work."""
    ask("1", "2")
    with pytest.raises(SystemExit):
        drain(_killed)
    hands = Hands()

    assert drain(hands) == 0
    assert drain(hands, at=NOON + outbox.LEASE) == 2
    assert hands.done == ["1", "2"]


def _killed(_keys) -> None:
    raise SystemExit


def test_an_idle_worker_writes_nothing(fresh_app):
    with fresh_app.app_context():
        ask("later", at=NOON + timedelta(hours=1))
        statements: list[str] = []
        event.listen(
            db.engine, "before_cursor_execute",
            lambda _c, _cursor, statement, *_: statements.append(statement),
        )  # fmt: skip

        assert drain(Hands()) == 0

        assert len(statements) >= 1
        assert {statement.split()[0] for statement in statements} <= {"SELECT", "BEGIN"}
        assert "BEGIN IMMEDIATE" not in statements
        assert drain(Hands(), at=NOON + timedelta(hours=2)) == 1
        assert any(statement.startswith("UPDATE") for statement in statements)
