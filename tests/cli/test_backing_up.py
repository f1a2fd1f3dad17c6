"""Backups that are whole or not there, and restores that never destroy what was there."""

import io
import os
import tarfile
from contextlib import closing

import pytest
from click.testing import CliRunner

from peerqa import identity
from peerqa.__main__ import MORE
from peerqa.app import create_app, migrate_empty
from peerqa.backups import open_sqlite
from peerqa.cli import commands
from peerqa.clock import utc_now
from peerqa.database import db, transaction
from peerqa.schema import head_revision
from peerqa.services import members, organizations
from peerqa.settings import Settings, read_settings
from tests.cli.conftest import Ran
from tests.cli.saved_homes import is_copy, rows
from tests.conftest import NOON


@pytest.fixture
def run(monkeypatch):
    """Return a function: home, arguments → how `peerqa …` ended there."""

    def run(home, *arguments: object) -> Ran:
        monkeypatch.setenv("PEERQA_HOME", str(home))
        made = []

        def make(**_more: object):
            made.append(create_app(read_settings(), with_doors=False))
            return made[-1]

        result = CliRunner().invoke(
            commands(make, MORE), [str(each) for each in arguments], catch_exceptions=False
        )
        for app in made:  # a process that ends has nothing open
            with app.app_context():
                db.engine.dispose()
        return Ran(result.exit_code, result.stdout, result.stderr)

    return run


def found(home, **more: object) -> None:
    """Make an installation with one member, and stop it."""
    app = create_app(Settings(home=home, model_dir=home / "no-model", **more), with_doors=False)
    engine = migrate_empty(app)
    with app.app_context(), transaction() as session:
        acme = organizations.make_organization(session, name="Acme", at=NOON)
        person = members.create_member(session, organization=acme, name="Ann", at=NOON)
        identity.sign_in(session, person, at=utc_now())
    with app.app_context():
        db.session.remove()
    engine.dispose()


def change(path, **entries: bytes | None) -> None:
    """Write the archive anew with some entries replaced; None leaves one out."""
    with tarfile.open(path) as archive:
        kept = {each.name: archive.extractfile(each).read() for each in archive}
    kept |= {name.replace("__", "."): content for name, content in entries.items()}
    path.unlink()
    with tarfile.open(path, "w:gz") as archive:
        for name, content in kept.items():
            if content is not None:
                entry = tarfile.TarInfo(name)
                entry.size = len(content)
                archive.addfile(entry, io.BytesIO(content))


@pytest.fixture
def home(tmp_path):
    found(tmp_path / "home")
    return tmp_path / "home"


@pytest.fixture
def backup(run, home, tmp_path):
    ran = run(home, "backup", tmp_path / "b.tar.gz", "--json")
    assert ran.status == 0, ran.noted
    return tmp_path / "b.tar.gz"


def test_a_backup_comes_back_elsewhere_row_for_row(run, home, backup, tmp_path):
    again = tmp_path / "again.tar.gz"
    run(home, "backup", again)
    ran = run(tmp_path / "new", "restore", again)

    assert ran.status == 0, ran.noted
    assert is_copy(tmp_path / "new", home)
    (told,) = rows(tmp_path / "new")["audit_entry"]
    assert "backup.written" in told, "the first one was, when the second was made"
    assert run(tmp_path / "new", "audit", "verify").status == 0
    assert (tmp_path / "new/instance.key").read_text() == (home / "instance.key").read_text()
    for name in ("instance.key", "peerqa.db"):
        assert (tmp_path / "new" / name).stat().st_mode & 0o777 == 0o600
    assert sorted(os.listdir(tmp_path / "new")) == ["instance.key", "peerqa.db"]
    assert run(tmp_path / "new", "migrate").status == 0


def test_it_says_what_it_holds_and_is_its_owners_alone(run, home, tmp_path):
    file = tmp_path / "b.tar.gz"
    said = run(home, "backup", file).said

    assert f"the database, at revision {head_revision()}" in said
    assert "the instance key: who has it can sign as this installation" in said
    assert file.stat().st_mode & 0o777 == 0o600
    with tarfile.open(file) as archive:
        assert {each.name: each.mode for each in archive} == {
            "backup.json": 0o600, "instance.key": 0o600, "peerqa.db": 0o600,
        }  # fmt: skip
        listed = archive.extractfile("backup.json").read().decode()
    assert (home / "instance.key").read_text().strip() not in listed
    assert [name for name in os.listdir(tmp_path) if name.startswith(".peerqa")] == []


def test_a_file_that_is_there_is_not_written_over(run, home, backup):
    before = backup.read_bytes()

    ran = run(home, "backup", backup)

    assert (ran.status, "is there already" in ran.noted) == (1, True)
    assert backup.read_bytes() == before


def test_a_folder_that_is_not_there_is_said_in_a_sentence(run, home, tmp_path):
    ran = run(home, "backup", tmp_path / "no" / "b.tar.gz")

    assert (ran.status, "cannot be written" in ran.noted) == (1, True)


def test_an_empty_database_is_not_backed_up(run, tmp_path):
    ran = run(tmp_path / "empty", "backup", tmp_path / "b.tar.gz")

    assert (ran.status, "The database is empty" in ran.noted) == (1, True)
    assert not (tmp_path / "b.tar.gz").exists()


def test_data_that_is_there_is_kept_unless_told_otherwise_and_then_moved_aside(
    run, home, backup, tmp_path
):
    other = tmp_path / "other"
    found(other)
    (other / "index").mkdir()
    before = rows(other)

    refused = run(other, "restore", backup, "--json")
    assert (refused.status, refused.json["error"]["code"]) == (1, "not-empty")
    assert rows(other) == before

    ran = run(other, "restore", backup, "--replace", "--json")
    assert ran.status == 0, ran.noted
    assert is_copy(other, home)
    assert len(ran.json["moved_aside"]) == 2
    (aside,) = (path for path in ran.json["moved_aside"] if ".db." in path)
    with closing(open_sqlite(aside)) as opened:
        assert opened.execute("SELECT count(*) FROM member").fetchone() == (1,)
    assert not (other / "index").exists()


def test_a_damaged_database_is_replaced_too_and_its_log_does_not_stay(run, home, backup, tmp_path):
    other = tmp_path / "other"
    other.mkdir()
    (other / "peerqa.db").write_bytes(b"no database at all" * 1000)
    (other / "peerqa.db-wal").write_bytes(b"nor a log")

    assert run(other, "restore", backup).status == 1
    assert run(other, "restore", backup, "--replace").status == 0
    assert is_copy(other, home)
    assert not (other / "peerqa.db-wal").exists()


def test_a_running_peerqa_is_not_pulled_from_under(run, home, backup):
    with closing(open_sqlite(home / "peerqa.db")) as running:
        running.execute("PRAGMA journal_mode=WAL")
        running.execute("SELECT count(*) FROM member").fetchone()
        ran = run(home, "restore", backup, "--replace")

    assert (ran.status, "Stop it first" in ran.noted) == (1, True)
    assert run(home, "restore", backup, "--replace").status == 0


@pytest.mark.parametrize(
    "entries",
    [
        {"peerqa__db": b"SQLite format 3\x00 and nothing"},
        {"peerqa__db": None},
        {"instance__key": b"k" * 64},
        {"instance__key": b"k" * 20_000},
        {"backup__json": b"{}"},
        {"backup__json": b"[" * 5000},
        {"backup__json": b"\xff"},
        {"../evil": b"x"},
    ],
    ids=lambda entries: " ".join(entries),
)
def test_a_backup_that_was_changed_is_refused_and_nothing_is_written(
    run, backup, tmp_path, entries
):
    change(backup, **entries)

    ran = run(tmp_path / "new", "restore", backup)

    assert (ran.status, "is no backup of PeerQA, or is damaged" in ran.noted) == (1, True)
    assert os.listdir(tmp_path / "new") == []


@pytest.mark.parametrize("content", [b"", b"not an archive", b"\x1f\x8b" + b"\x00" * 100])
def test_what_is_no_backup_is_refused(run, tmp_path, content):
    (tmp_path / "b").write_bytes(content)

    assert "is no backup" in run(tmp_path / "new", "restore", tmp_path / "b").noted
    assert "There is no file" in run(tmp_path / "new", "restore", tmp_path / "none").noted


def test_half_a_backup_is_refused(run, backup, tmp_path):
    backup.write_bytes(backup.read_bytes()[: backup.stat().st_size // 2])

    assert "is no backup" in run(tmp_path / "new", "restore", backup).noted


def test_a_link_in_the_archive_leads_nowhere(run, backup, tmp_path):
    backup.unlink()
    with tarfile.open(backup, "w:gz") as archive:
        entry = tarfile.TarInfo("instance.key")
        entry.type, entry.linkname = tarfile.SYMTYPE, "/etc/passwd"
        archive.addfile(entry)

    assert "is no backup" in run(tmp_path / "new", "restore", backup).noted


@pytest.mark.parametrize(
    ("revision", "status", "said"),
    [("0001", 0, "Now run: peerqa migrate"), ("9999", 1, "made by a newer PeerQA")],
)
def test_the_revision_decides(run, home, tmp_path, revision, status, said):
    with closing(open_sqlite(home / "peerqa.db")) as opened:
        opened.execute("UPDATE alembic_version SET version_num = ?", (revision,))
    assert run(home, "backup", tmp_path / "b.tar.gz").status == 0

    ran = run(tmp_path / "new", "restore", tmp_path / "b.tar.gz")

    assert ran.status == status
    assert said in ran.said + ran.noted


def test_a_key_that_came_from_a_setting_is_not_in_the_file(run, monkeypatch, tmp_path):
    monkeypatch.setenv("PEERQA_SECRET_KEY", "s" * 40)
    found(tmp_path / "home", secret_key="s" * 40)
    file = tmp_path / "b.tar.gz"
    ran = run(tmp_path / "home", "backup", file, "--json")
    assert (ran.json["has_database"], ran.json["has_key"]) == (True, False)

    assert run(tmp_path / "right", "restore", file).status == 0
    monkeypatch.setenv("PEERQA_SECRET_KEY", "t" * 40)
    assert "is not the key" in run(tmp_path / "wrong", "restore", file).noted
    monkeypatch.delenv("PEERQA_SECRET_KEY")
    assert "Set it here" in run(tmp_path / "none", "restore", file).noted


def test_a_backup_of_sqlite_is_not_for_postgresql(run, backup, monkeypatch, tmp_path):
    monkeypatch.setenv("PEERQA_DATABASE_URL", "postgresql://localhost/none")

    ran = run(tmp_path / "new", "restore", backup)

    assert (ran.status, "names another database" in ran.noted) == (1, True)


def test_of_postgresql_the_key_is_saved_and_pg_dump_is_named(run, monkeypatch, tmp_path):
    from tests.postgres import drop_database, postgres_url

    address = postgres_url()
    monkeypatch.setenv("PEERQA_DATABASE_URL", address)
    try:
        found(tmp_path / "home", database_url=address)
        ran = run(tmp_path / "home", "backup", tmp_path / "b.tar.gz")
    finally:
        drop_database(address)

    assert ran.status == 0, ran.noted
    assert "NO DATABASE" in ran.said
    assert "pg_dump" in ran.said
    assert run(tmp_path / "new", "restore", tmp_path / "b.tar.gz").status == 0
    assert (tmp_path / "new/instance.key").exists()
    (tmp_path / "new/instance.key").write_text("o" * 64)
    assert run(tmp_path / "new", "restore", tmp_path / "b.tar.gz").status == 1
