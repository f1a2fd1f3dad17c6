"""transaction(): the one way to write, on databases that are really committed to."""

import threading

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import OperationalError

from peerqa.database import RequestSession, db, insert_once, transaction
from peerqa.errors import Busy
from peerqa.models import Organization
from peerqa.services import organizations
from peerqa.write_queue import WriteQueue
from tests.conftest import NOON


def make(session, name: str) -> Organization:
    return organizations.make_organization(session, name=name, at=NOON)


def fail(_made: Organization, error: type[BaseException]) -> None:
    raise error


def names(app) -> list[str]:
    """What another connection sees."""
    with app.app_context():
        return list(db.session.scalars(select(Organization.name).order_by(Organization.id)))


def test_it_commits_at_its_end(fresh_app):
    with fresh_app.app_context(), transaction() as session:
        make(session, "Northwind")
        assert names(fresh_app) == []

    assert names(fresh_app) == ["Northwind"]


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt, SystemExit])
def test_an_error_rolls_everything_back_and_is_heard(fresh_app, error):
    with fresh_app.app_context():
        with pytest.raises(error), transaction() as session:
            fail(make(session, "Northwind"), error)

        assert names(fresh_app) == []
        with transaction() as session:
            make(session, "Contoso")

    assert names(fresh_app) == ["Contoso"]


def test_a_second_one_inside_is_refused_and_the_first_goes_on(fresh_app):
    with fresh_app.app_context(), transaction() as session:
        make(session, "Northwind")
        with pytest.raises(RuntimeError, match="open already"), transaction():
            pass
        make(session, "Contoso")

    assert names(fresh_app) == ["Northwind", "Contoso"]


def test_what_was_read_before_is_read_again(fresh_app):
    with fresh_app.app_context():
        with transaction() as session:
            make(session, "Northwind")
        mine = db.session.scalars(select(Organization)).one()
        assert mine.language == "en"

        with fresh_app.app_context(), transaction() as other:
            other.scalars(select(Organization)).one().language = "de"

        assert mine.language == "en"  # as it was read
        with transaction():
            assert mine.language == "de"


def test_what_was_written_outside_is_not_committed_with_it(fresh_app):
    with fresh_app.app_context():
        db.session.add(Organization(name="Stray", created_at=NOON))

        with transaction() as session:
            make(session, "Northwind")

    assert names(fresh_app) == ["Northwind"]


def test_of_many_writers_none_fails_and_none_is_lost(fresh_app):
    barrier = threading.Barrier(8)
    written = []

    def write(number: int) -> None:
        barrier.wait()
        for _ in range(5):
            with fresh_app.app_context(), transaction() as session:
                row = session.scalar(
                    select(Organization).where(Organization.id == first).with_for_update()
                )
                row.precision_target += 0.001  # read, then written
            written.append(number)

    with fresh_app.app_context(), transaction() as session:
        first = make(session, "Northwind").id
    threads = [threading.Thread(target=write, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(written) == 40
    with fresh_app.app_context():
        assert db.session.scalar(select(Organization.precision_target)) == pytest.approx(0.84)


def test_of_many_who_insert_the_same_one_hears_that_it_did(fresh_app):
    barrier = threading.Barrier(8)
    heard = []

    def insert() -> None:
        barrier.wait()
        with fresh_app.app_context(), transaction() as session:
            heard.append(
                insert_once(
                    session, Organization, name="Northwind", created_at=NOON,
                    language="en", precision_target=0.8, is_demo=False,
                )
            )  # fmt: skip

    threads = [threading.Thread(target=insert) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(heard) == [False] * 7 + [True]
    assert names(fresh_app) == ["Northwind"]


def test_insert_once_says_whether_it_did_and_leaves_the_first_as_it_was(session):
    values = {"created_at": NOON, "precision_target": 0.8, "is_demo": False}

    told = [
        insert_once(session, Organization, name="Northwind", language=language, **values)
        for language in ("en", "de")
    ]

    assert told == [True, False]
    assert session.scalars(select(Organization.language)).all() == ["en"]


def test_insert_once_writes_first_what_waits_in_the_session(session):
    session.add(Organization(name="Northwind", created_at=NOON))

    assert not insert_once(
        session, Organization, name="Northwind", created_at=NOON, language="en",
        precision_target=0.8, is_demo=False,
    )  # fmt: skip
    assert session.scalar(select(func.count()).select_from(Organization)) == 1


@pytest.mark.parametrize("held_by", ["a thread", "a process"])
def test_the_queue_is_busy_after_its_wait_and_free_afterwards(tmp_path, held_by):
    path = tmp_path / "db.lock"
    mine = WriteQueue(path, wait_seconds=0.2)
    holder = mine if held_by == "a thread" else WriteQueue(path, wait_seconds=5)
    outcome = []

    def wait() -> None:
        try:
            with mine.turn():
                outcome.append("turn")
        except Busy as busy:
            outcome.append(str(busy))

    with holder.turn():
        thread = threading.Thread(target=wait)
        thread.start()
        thread.join(10)

    assert outcome == ["Many people are writing at this moment. Please try again in a few seconds."]
    with mine.turn(), pytest.raises(Busy), WriteQueue(path, wait_seconds=0).turn():
        pass


def test_the_queue_gives_its_turn_on_after_an_error(tmp_path):
    queue = WriteQueue(tmp_path / "db.lock", wait_seconds=0.2)

    with pytest.raises(ValueError), queue.turn():
        raise ValueError
    with queue.turn():
        pass


def test_reading_waits_for_no_writer(fresh_app):
    with fresh_app.app_context(), transaction() as session:
        make(session, "Northwind")
        read = []
        thread = threading.Thread(target=lambda: read.append(names(fresh_app)))
        thread.start()
        thread.join(10)

    assert read == [[]]


def test_reading_outside_a_transaction_cannot_write_into_a_closed_one(fresh_app):
    with fresh_app.app_context():
        with transaction() as session:
            make(session, "Northwind")
        assert "writing" not in db.session().info
        assert RequestSession.bound_to is None
        with pytest.raises(OperationalError if db.engine.name == "sqlite" else Exception):
            db.session.execute(text("SELECT * FROM no_such_table"))
        with transaction() as session:
            make(session, "Contoso")

    assert names(fresh_app) == ["Northwind", "Contoso"]
