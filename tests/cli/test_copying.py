"""From SQLite to PostgreSQL: all of it, compared, or nothing."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from contextlib import closing

import pytest
from click.testing import CliRunner
from sqlalchemy import create_engine, insert, select, text

from peerqa import copying, schema
from peerqa.__main__ import MORE
from peerqa.app import create_app, migrate_empty
from peerqa.backups import open_sqlite, sqlite_module
from peerqa.cli import commands
from peerqa.database import Base, db, transaction
from peerqa.demo.seeding import seed
from peerqa.models import Embedding, Member, Post, Question
from peerqa.row_digest import RowDigest
from peerqa.search.updating import index_posts
from peerqa.services import questions
from peerqa.settings import Settings, read_settings
from tests.cli.conftest import Ran
from tests.cli.copied import KILLED, in_target, in_target_only, odd_vector, refused, tables_of
from tests.conftest import NOON
from tests.fakes import WordsEncoder
from tests.postgres import drop_database, postgres_url
from tests.search.products import make_product

pytestmark = pytest.mark.postgresql


@pytest.fixture(scope="module")
def company(tmp_path_factory):
    """The home of the demo company, with vectors, and ids that were given and are gone."""
    home = tmp_path_factory.mktemp("company")
    app = create_app(
        Settings(home=home, secret_key="k" * 32, model_dir=home / "no"), with_doors=False
    )
    migrate_empty(app)
    with app.app_context():
        with transaction() as session:
            seed(session, at=NOON)
        session = db.session()
        some = session.scalars(select(Post.id).where(Post.kind == "question").limit(30)).all()
        index_posts(some, WordsEncoder())
        with transaction() as session:
            session.execute(insert(Embedding), [odd_vector(session)])
            session.execute(text("UPDATE sqlite_sequence SET seq = 90000 WHERE name = 'post'"))
        db.session.remove()
        db.engine.dispose()
    return home


@pytest.fixture
def home(company, tmp_path):
    """A copy of it for each test."""
    return shutil.copytree(company, tmp_path / "home")


@pytest.fixture
def target():
    url = postgres_url()
    yield url
    drop_database(url)


@pytest.fixture
def run(monkeypatch, home):
    def run(*arguments: object) -> Ran:
        monkeypatch.setenv("PEERQA_HOME", str(home))
        made = []

        def make(**_more: object):
            made.append(create_app(read_settings(), with_doors=False))
            return made[-1]

        result = CliRunner().invoke(
            commands(make, MORE), [str(each) for each in arguments], catch_exceptions=False
        )
        for app in made:
            with app.app_context():
                db.engine.dispose()
        return Ran(result.exit_code, result.stdout, result.stderr)

    return run


def test_every_row_is_there_and_the_product_goes_on_with_it(run, home, target, tmp_path):
    ran = run("copy-database", target, "--json")

    assert ran.status == 0, ran.noted
    tables = ran.json["tables"]
    assert tables.keys() == set(Base.metadata.tables)
    assert tables["question"]["rows"] > 50
    assert tables["embedding"]["rows"] > 50
    assert ran.json["rows"] == sum(table["rows"] for table in tables.values())
    assert any("instance.key" in each or "SECRET_KEY" in each for each in ran.json["also_move"])
    with closing(open_sqlite(home / "peerqa.db")) as before:
        for name, table in tables.items():
            (count,) = before.execute(f'SELECT count(*) FROM "{name}"').fetchone()
            assert (count,) == in_target(target, text(f'SELECT count(*) FROM "{name}"'))[0]
            assert count == table["rows"]
        wanted = before.execute("SELECT id, vector FROM embedding ORDER BY id").fetchall()
    found = in_target(target, select(Embedding.id, Embedding.vector).order_by(Embedding.id))
    assert [tuple(row) for row in found] == wanted

    keys = "SELECT count(*) FROM pg_constraint WHERE contype = 'f' AND convalidated"
    assert in_target(target, text(keys))[0][0] > 40
    product = make_product(tmp_path / "host", "pgvector", WordsEncoder(), url=target)
    with product.app.app_context():
        goes_on(product)
        db.session.remove()
        db.engine.dispose()


def goes_on(product):
    """Ask a question, have it indexed, and find it and older ones by meaning and by words."""
    from peerqa.search.hits import reader_of

    with transaction() as session:
        author = session.scalars(select(Member)).first()
        older = session.scalars(
            select(Question).where(Question.visibility == "organization").order_by(Question.id)
        ).first()
        asked = questions.post_question(
            session, space=older.space, author=author, title="Where do the zebras sleep?", at=NOON
        )
        assert asked.id > 90_000  # an id that was given once is not given again
    product.work()
    product.worker.keep_bases()
    session = db.session()
    for title, wanted in ((asked.title, asked.id), (older.title, older.id)):
        results = product.web.search(session, reader_of(author), query=title)
        assert (results.by_words_only, results.hits[0].question.id) == (False, wanted)
    product.web.encoders.use(None)
    by_words = product.web.search(session, reader_of(author), query=older.title)
    assert by_words.hits[0].question.id == older.id


def test_into_tables_that_were_made_already(run, target):
    engine = create_engine(target)
    schema.migrate(engine)
    engine.dispose()

    assert run("copy-database", target, "--json").status == 0


def test_a_target_with_data_is_refused_and_left_as_it_is(run, target):
    assert run("copy-database", target).status == 0

    said = refused(run("copy-database", target, "--json"), "target-not-empty")

    assert "empty database" in said


def test_a_target_of_another_version_or_of_somebody_else_is_refused(run, target):
    in_target_only(target, "CREATE TABLE theirs (id integer)")
    refused(run("copy-database", target, "--json"), "target-not-empty")

    in_target_only(target, "DROP TABLE theirs; CREATE TABLE alembic_version (version_num text);"
                   "INSERT INTO alembic_version VALUES ('0001')")  # fmt: skip
    said = refused(run("copy-database", target, "--json"), "bad-database")
    assert "0001" in said
    assert tables_of(target) == ["alembic_version"]


def test_what_is_no_postgresql_is_refused(run, tmp_path):
    for address in ("sqlite:///other.db", "mysql://host/name", "peerqa"):
        assert "postgresql://" in refused(run("copy-database", address, "--json"), "bad-database")
    nobody = f"postgresql://nobody@/none?host={tmp_path}"
    assert "does not answer" in refused(run("copy-database", nobody, "--json"), "bad-database")
    refused(run("copy-database", "postgresql://u@h:port/x", "--json"), "bad-database")


def test_a_source_that_is_missing_damaged_or_older_is_refused(run, home, target, tmp_path):
    missing = run("copy-database", target, "--from", tmp_path / "none.db", "--json")
    assert "none.db" in refused(missing, "bad-database")
    assert not (tmp_path / "none.db").exists()
    (tmp_path / "damaged.db").write_bytes(b"no database" * 1000)
    damaged = run("copy-database", target, "--from", tmp_path / "damaged.db", "--json")
    refused(damaged, "bad-database")
    with closing(open_sqlite(home / "peerqa.db")) as opened:
        opened.execute("UPDATE alembic_version SET version_num = '0001'")
    assert "peerqa migrate" in refused(run("copy-database", target, "--json"), "bad-database")
    assert tables_of(target) == []


def test_a_service_that_runs_is_noticed_and_none_starts_meanwhile(run, home, target, monkeypatch):
    with closing(open_sqlite(home / "peerqa.db")) as service:
        service.execute("SELECT count(*) FROM post").fetchone()
        refused(run("copy-database", target, "--json"), "source-in-use")

    tried = []

    def start(*_args, **_more):
        with closing(open_sqlite(home / "peerqa.db")) as service:
            with pytest.raises(sqlite_module().OperationalError, match="locked") as refusal:
                service.execute("SELECT count(*) FROM post")
            tried.append(refusal)

    monkeypatch.setattr(copying, "_write_words", start)
    assert run("copy-database", target).status == 0
    assert len(tried) == 1


def test_a_row_that_postgresql_refuses_means_nothing_was_copied(run, home, target):
    with closing(open_sqlite(home / "peerqa.db")) as opened:
        opened.execute("UPDATE post SET plain = 'a' || char(0) || 'b' WHERE id = 3")

    said = refused(run("copy-database", target, "--json"), "copy-failed")

    assert "Nothing was copied" in said
    assert "post" in said
    assert tables_of(target) == []
    with closing(open_sqlite(home / "peerqa.db")) as opened:
        opened.execute("UPDATE post SET plain = 'ab' WHERE id = 3")
    assert run("copy-database", target).status == 0


def test_what_is_read_back_otherwise_is_told(run, target, monkeypatch):
    whole = copying._storing

    def alter(column, connection):
        put = whole(column, connection)
        return (lambda _: "Otherwise") if str(column) == "organization.name" else put

    monkeypatch.setattr(copying, "_storing", alter)

    said = refused(run("copy-database", target, "--json"), "copy-failed")

    assert "organization" in said
    assert tables_of(target) == []


def test_a_copy_that_is_killed_leaves_an_empty_target_and_is_begun_again(run, home, target):
    process = subprocess.Popen(
        [sys.executable, "-c", KILLED, target], env=os.environ | {"PEERQA_HOME": str(home)},
        stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    with process:
        assert process.stdout.readline() == "copied\n"
        process.send_signal(signal.SIGKILL)
    deadline = time.monotonic() + 20
    while tables_of(target):  # until the server has noticed
        assert time.monotonic() < deadline
        time.sleep(0.05)

    ran = run("copy-database", target, "--json")

    assert ran.status == 0, ran.noted
    assert json.loads(ran.said.splitlines()[-1])["rows"] > 500


def test_where_the_settings_name_postgresql_the_file_is_named(run, target, monkeypatch, home):
    monkeypatch.setenv("PEERQA_DATABASE_URL", target)
    assert "--from" in refused(run("copy-database", target, "--json"), "bad-database")

    assert run("copy-database", target, "--from", home / "peerqa.db").status == 0
    monkeypatch.delenv("PEERQA_DATABASE_URL")


def test_the_digest_tells_rows_apart_and_not_their_order():
    def digest(*rows):
        made = RowDigest()
        for row in rows:
            made.add(row)
        return made.total

    assert digest((1, "a"), (2, "b")) == digest((2, "b"), (1, "a"))
    different = [
        digest((1, "a")), digest(("1", "a")), digest((1, "a", None)), digest((1, b"a")),
        digest(("1a", "")), digest((1.0, "a")), digest((True, "a")), digest((1, ["a"])),
        digest((NOON, "a")), digest(),
    ]  # fmt: skip
    assert len(set(different)) == len(different)
