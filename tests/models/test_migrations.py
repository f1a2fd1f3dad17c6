"""Migrations: they make what the models say, both ways, with data in every table."""

import multiprocessing
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from multiprocessing.synchronize import Barrier
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, delete, func, inspect, select, text

import migrations
from peerqa import schema, sqlite_connections
from peerqa.app import migrate_empty
from peerqa.database import Base, db, transaction
from peerqa.models import Post, Question
from peerqa.schema import SchemaOutdated
from peerqa.services import answers, members, organizations, questions, spaces
from tests.conftest import NOON
from tests.models.conftest import open_app
from tests.models.full_house import fill
from tests.reliability.service import wait_until


def is_model(name: str | None, kind: str) -> bool:
    """Full-text tables are written by hand, see migrations/env.py."""
    return not (kind == "table" and (name or "").startswith("words"))


def test_the_newest_revision_is_the_one_that_alembic_finds():
    scripts = ScriptDirectory(str(Path(migrations.__file__).parent))

    assert schema.head_revision() == scripts.get_current_head()


def tables(engine: Engine) -> set[str]:
    return set(inspect(engine).get_table_names()) - {"alembic_version"}


def count_rows(engine: Engine) -> dict[str, int]:
    with engine.connect() as connection:
        return {
            table.name: connection.scalar(select(func.count()).select_from(table))
            for table in Base.metadata.sorted_tables
        }


def differences(engine: Engine) -> list[object]:
    with engine.connect() as connection:
        context = MigrationContext.configure(
            connection,
            opts={
                "compare_type": True,
                "include_name": lambda name, kind, _parents: is_model(name, kind),
            },
        )
        return compare_metadata(context, Base.metadata)


def test_the_models_are_what_the_migrations_make(fresh_app, engine):
    assert differences(engine) == []


@pytest.mark.parametrize("fresh_kind", ["sqlite"], indirect=True)
def test_ids_that_are_never_given_twice_are_so_in_models_and_migrations(fresh_app, engine):
    """SQLite's AUTOINCREMENT, which the comparison does not look at."""
    with engine.connect() as connection:
        made = connection.execute(
            text("SELECT name FROM sqlite_master WHERE sql LIKE '%AUTOINCREMENT%'")
        )
        names = set(made.scalars())

    assert names == {
        table.name
        for table in Base.metadata.sorted_tables
        if table.dialect_options["sqlite"]["autoincrement"]
    }
    assert {"post", "embedding"} <= names


def test_the_comparison_sees_what_differs(fresh_app, engine):
    with engine.begin() as connection:
        connection.execute(text("ALTER TABLE space ADD COLUMN extra TEXT"))
        connection.execute(text("DROP INDEX ix_vote_member_id"))

    assert len(differences(engine)) == 2


def test_every_index_and_constraint_has_a_name(fresh_app, engine):
    found = inspect(engine)
    nameless = [
        (table, one)
        for table in tables(engine) - {t for t in tables(engine) if t.startswith("words")}
        for kind in ("indexes", "unique_constraints", "foreign_keys", "check_constraints")
        for one in getattr(found, f"get_{kind}")(table)
        if not one["name"]
    ]

    assert nameless == []


def test_every_foreign_key_of_a_large_table_is_indexed(fresh_app, engine):
    """Else each row that goes reads the whole table that refers to it."""
    found = inspect(engine)
    for table in ("answer", "comment", "vote", "notification", "question_topic", "membership"):
        covered = {one["column_names"][0] for one in found.get_indexes(table)}
        covered |= {one["column_names"][0] for one in found.get_unique_constraints(table)}
        covered |= set(found.get_pk_constraint(table)["constrained_columns"][:1])
        keys = {one["constrained_columns"][0] for one in found.get_foreign_keys(table)}
        assert keys - covered <= {"actor_id"}, table


def test_down_and_up_again_with_data_in_every_table(fresh_app, engine):
    with fresh_app.app_context(), transaction() as session:
        fill(session)
    assert [name for name, count in count_rows(engine).items() if not count] == []

    schema.downgrade(engine, "base")
    assert tables(engine) - {"sqlite_sequence"} == set()
    assert schema.current_revision(engine) is None

    schema.migrate(engine)
    assert set(count_rows(engine).values()) == {0}
    assert differences(engine) == []
    with fresh_app.app_context(), transaction() as session:
        fill(session)


def test_an_empty_database_is_migrated_and_a_second_time_is_harmless(empty_app, engine):
    assert schema.current_revision(engine) is None

    migrate_empty(empty_app)
    with empty_app.app_context(), transaction() as session:
        fill(session)
    before = count_rows(engine)
    migrate_empty(empty_app)
    schema.migrate(engine)

    assert schema.current_revision(engine) == schema.head_revision()
    assert count_rows(engine) == before


@pytest.mark.parametrize("revision", ["0000", "9999"])
def test_another_version_of_the_schema_is_refused_with_its_sentence(fresh_app, engine, revision):
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = :r"), {"r": revision})

    with pytest.raises(SchemaOutdated) as refused:
        migrate_empty(fresh_app)

    assert str(refused.value) == (
        f"The database is at revision {revision}, not {schema.head_revision()}. "
        "Back up, then: peerqa migrate"
    )
    assert schema.current_revision(engine) == revision


def _start(home: Path, address: str | None, barrier: Barrier) -> None:
    app = open_app(home, address)
    barrier.wait()
    migrate_empty(app)


def test_a_file_that_another_is_making_is_waited_for(tmp_path):
    """SQLite says "locked" at once, and waits for nobody, while another turns the file to WAL."""
    own, other = (
        sqlite3.connect(tmp_path / "new.db", isolation_level=None, check_same_thread=False)
        for _ in "ab"
    )
    own.execute("PRAGMA busy_timeout=0")
    other.execute("BEGIN EXCLUSIVE")
    with pytest.raises(sqlite3.OperationalError, match="locked"):
        own.execute("PRAGMA journal_mode=WAL")
    waiting = _Waiting(own)
    with ThreadPoolExecutor(1) as thread:
        opened = thread.submit(sqlite_connections.open_connection, waiting, None)
        wait_until(lambda: waiting.refused > 2)
        other.execute("COMMIT")
        opened.result(timeout=10)
    assert own.execute("PRAGMA journal_mode").fetchone() == ("wal",)


class _Waiting:
    """A connection whose busy timeout stays 0, as where two would wait for each other."""

    OperationalError = sqlite3.OperationalError

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection, self.refused = connection, 0

    def execute(self, statement: str) -> object:
        if "busy_timeout" in statement:
            return None
        try:
            return self._connection.execute(statement)
        except sqlite3.OperationalError:
            self.refused += 1
            raise


@pytest.mark.timeout(120)
def test_processes_that_start_at_once_on_an_empty_database_all_find_it_ready(home, address):
    spawn = multiprocessing.get_context("spawn")
    barrier = spawn.Barrier(3)
    processes = [spawn.Process(target=_start, args=(home, address, barrier)) for _ in range(3)]
    for process in processes:
        process.start()
    for process in processes:
        process.join(100)

    assert [process.exitcode for process in processes] == [0] * 3


def test_a_migration_that_fails_leaves_nothing_behind(empty_app, engine):
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE vote (id INTEGER)"))  # in the way, half-way through

    with pytest.raises(Exception, match="vote"):
        schema.migrate(engine)

    assert tables(engine) == {"vote"}
    assert schema.current_revision(engine) is None


def test_the_id_of_a_removed_post_is_never_given_again(fresh_app):
    ids = []
    with fresh_app.app_context():
        for _ in range(3):
            with transaction() as session:
                made = organizations.make_organization(session, name="Northwind", at=NOON)
                space = spaces.make_space(session, organization=made, name="Workshop", at=NOON)
                alice = members.create_member(session, organization=made, name="Alice", at=NOON)
                question = questions.post_question(
                    session, space=space, author=alice, title="How do I reset it?", at=NOON
                )
                answer = answers.post_answer(
                    session, question=question, author=alice, body="So.", at=NOON
                )
                ids += [question.id, answer.id]
            with transaction() as session:
                question.accepted_id = None
                session.execute(text("DELETE FROM answer"))
                session.execute(text("DELETE FROM routing"))
                session.execute(delete(Question.__table__))
                session.execute(delete(Post.__table__))
        assert db.session.scalar(select(func.count()).select_from(Post.__table__)) == 0

    assert ids == sorted(set(ids))
    assert len(ids) == 6
