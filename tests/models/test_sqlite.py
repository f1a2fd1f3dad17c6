"""SQLite is opened as RELIABILITY says: read back on real connections, not believed."""

import threading

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import IntegrityError

from peerqa.app import migrate_empty
from peerqa.database import FIXED_SQLITE, db, engine_options, transaction
from peerqa.errors import Busy
from peerqa.models import Organization
from peerqa.services import organizations
from tests.conftest import NOON
from tests.models.conftest import open_app


@pytest.fixture
def app(home):
    app = open_app(home, None, write_wait_seconds=0.3)
    migrate_empty(app)
    yield app
    with app.app_context():
        db.engine.dispose()


@pytest.fixture
def engine(app) -> Engine:
    with app.app_context():
        return db.engine


PRAGMAS = {
    "journal_mode": "wal",
    "synchronous": 2,  # FULL
    "foreign_keys": 1,
    "busy_timeout": 5000,
    "mmap_size": 0,
}


@pytest.mark.parametrize("pragma", PRAGMAS)
def test_every_connection_is_opened_durably(engine, pragma):
    with engine.connect() as one, engine.connect() as other:
        for connection in (one, other):
            found = connection.execute(text(f"PRAGMA {pragma}")).scalar()
            assert found == PRAGMAS[pragma] or (pragma == "mmap_size" and found is None)


def test_the_library_has_the_fix_for_the_reset_of_the_wal(engine):
    with engine.connect() as connection:
        version = connection.execute(text("SELECT sqlite_version()")).scalar()

    assert tuple(int(part) for part in version.split(".")) >= FIXED_SQLITE


def test_a_reference_to_nothing_is_refused(app):
    with app.app_context(), pytest.raises(IntegrityError), transaction() as session:
        session.execute(
            text(
                "INSERT INTO space (organization_id, name, description, visibility, created_at) "
                "VALUES (99, 'x', '', 'space', '2026-01-01')"
            )
        )


def test_a_write_takes_the_lock_before_it_reads(app, engine):
    with app.app_context(), transaction() as session, engine.connect() as other:
        session.execute(text("SELECT 1"))
        other.exec_driver_sql("PRAGMA busy_timeout=0")
        with pytest.raises(Exception, match="locked"):
            other.execution_options(peerqa_writes=True).exec_driver_sql("BEGIN IMMEDIATE")


def test_a_read_takes_no_lock(app, engine):
    with engine.connect() as reader:
        reader.execute(text("SELECT count(*) FROM organization"))
        with app.app_context(), transaction() as session:
            organizations.make_organization(session, name="Northwind", at=NOON)


def test_a_reader_sees_one_state_however_long_it_reads(app, engine):
    count = text("SELECT count(*) FROM organization")
    with engine.connect() as reader:
        before = reader.execute(count).scalar()
        with app.app_context(), transaction() as session:
            organizations.make_organization(session, name="Northwind", at=NOON)

        assert reader.execute(count).scalar() == before
        reader.rollback()
        assert reader.execute(count).scalar() == before + 1


def test_a_writer_who_waits_too_long_is_told_that_many_write(app):
    told = []

    def write() -> None:
        try:
            with app.app_context(), transaction():
                pass
        except Busy as busy:
            told.append(busy.retry_after_seconds)

    with app.app_context(), transaction():
        thread = threading.Thread(target=write)
        thread.start()
        thread.join(10)

    assert told == [2]


def test_two_apps_on_one_file_queue_with_each_other(app, home):
    other = open_app(home, None, write_wait_seconds=0.3)

    with app.app_context(), transaction() as session:
        organizations.make_organization(session, name="Northwind", at=NOON)
        with other.app_context(), pytest.raises(Busy), transaction():
            pass

    with other.app_context():
        with transaction() as session:
            assert session.query(Organization).count() == 1
        db.engine.dispose()


def test_postgresql_has_a_connection_for_each_thread_and_asks_whether_it_lives():
    options = engine_options("postgresql+psycopg://u@h/d", threads=8)

    assert options["pool_size"] >= 8
    assert options["pool_pre_ping"] is True


def test_a_postgresql_that_does_not_answer_is_not_waited_for_long():
    options = engine_options("postgresql+psycopg://u@h/d", threads=8)

    assert 0 < options["connect_args"]["connect_timeout"] <= 10
