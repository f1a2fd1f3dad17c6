"""The spool: a temporary database that holds a whole import outside memory.

Readers put in what the file has, preparing adds what is known here and the rendered texts, and
batches reads back what is to be written. Lists come in the order in which they were written at the
source, so that ids rise with time.
"""

import shutil
import sqlite3
import tempfile
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from peerqa.errors import N_, Busy
from peerqa.services.exchange.report import Notice
from peerqa.services.exchange.source import Person, SourcePost
from peerqa.services.exchange.waiting import Known, Waiting, read_waiting

CHUNK = 500  # rows handed over at once
PREFIX = "import-"  # of the folders of spools
FORGOTTEN_SECONDS = 7 * 86400  # no import takes so long

_TABLES = """
CREATE TABLE person (ref PRIMARY KEY, external_id, name, email, is_expected);
CREATE TABLE post (
    ref PRIMARY KEY, kind, external_id, state, parent, author, title, text, is_html,
    created_at, edited_at, votes, accepted);
CREATE UNIQUE INDEX post_name ON post (kind, external_id);
CREATE INDEX post_parent ON post (parent);
CREATE TABLE topic (post, name, PRIMARY KEY (post, name)) WITHOUT ROWID;
CREATE TABLE vote (post PRIMARY KEY, votes) WITHOUT ROWID;
CREATE TABLE duplicate (post PRIMARY KEY, original) WITHOUT ROWID;
CREATE TABLE known (kind, external_id, id, thing_id, state, version, votes,
    PRIMARY KEY (kind, external_id)) WITHOUT ROWID;
CREATE TABLE rendered (post PRIMARY KEY, body, html, plain);
CREATE TABLE ours (ref PRIMARY KEY, id) WITHOUT ROWID;
"""
_WAITING = """
    SELECT post.*, known.id AS known_id, known.thing_id AS known_thing, known.votes AS known_votes,
        known.version AS known_version, known.state AS known_state,
        rendered.body, rendered.html, rendered.plain, above.id AS parent_id,
        coalesce(top.id, above.id) AS thread_id
    FROM post
    LEFT JOIN known ON known.kind = post.kind AND known.external_id = post.external_id
    LEFT JOIN rendered ON rendered.post = post.ref
    LEFT JOIN ours AS above ON above.ref = post.parent
    LEFT JOIN post AS parent ON parent.ref = post.parent
    LEFT JOIN ours AS top ON top.ref = parent.parent
"""
_TO_RENDER = """
    FROM post
    LEFT JOIN known ON known.kind = post.kind AND known.external_id = post.external_id
    WHERE known.id IS NULL OR known.state <> post.state
"""
_ORPHANS = (
    """DELETE FROM post WHERE kind = 'answer' AND NOT EXISTS
        (SELECT 1 FROM post AS q WHERE q.ref = post.parent AND q.kind = 'question')""",
    """DELETE FROM post WHERE kind = 'comment' AND NOT EXISTS
        (SELECT 1 FROM post AS p WHERE p.ref = post.parent AND p.kind <> 'comment')""",
    """DELETE FROM duplicate WHERE post = original OR 2 > (SELECT count(*) FROM post
        WHERE kind = 'question' AND ref IN (duplicate.post, duplicate.original))""",
)


class Spool:
    """What was read, what is known of it, and what was made of it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.notices: dict[Notice, int] = {}
        self._database = sqlite3.connect(folder / "spool.db", isolation_level=None)
        self._database.row_factory = sqlite3.Row
        for pragma in ("journal_mode=OFF", "synchronous=OFF", "cache_size=-16000"):
            self._database.execute(f"PRAGMA {pragma}")
        self._database.executescript(_TABLES)
        self._database.execute("BEGIN")

    def close(self) -> None:
        """Let go of the file."""
        self._database.close()

    def notice(self, notice: Notice, count: int = 1) -> None:
        """Count something that the person should know."""
        self.notices[notice] = self.notices.get(notice, 0) + count

    # What readers put in

    def add_person(self, person: Person) -> None:
        """Put in a person; the first of a ref stays."""
        self._database.execute(
            "INSERT OR IGNORE INTO person VALUES (?, ?, ?, ?, ?)",
            (person.ref, person.external_id, person.name, person.email, person.is_expected),
        )

    def add_post(self, post: SourcePost) -> bool:
        """Put in a post; False when its ref or external id was there before."""
        changed = self._database.execute(
            "INSERT OR IGNORE INTO post VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                post.ref, post.kind, post.external_id, post.state, post.parent, post.author,
                post.title, post.text, post.is_html, _written(post.created_at),
                _written(post.edited_at), post.votes, post.accepted,
            ),
        ).rowcount  # fmt: skip
        if changed and post.topics:
            self._database.executemany(
                "INSERT OR IGNORE INTO topic VALUES (?, ?)",
                [(post.ref, name) for name in post.topics],
            )
        return bool(changed)

    def text_of(self, ref: str) -> str | None:
        """Return the text of a post that was put in, or None."""
        row = self._one("SELECT text FROM post WHERE ref = ?", ref)
        return str(row[0]) if row else None

    def name_of(self, ref: str) -> str:
        """Return the external id of a post that was put in."""
        row = self._one("SELECT external_id FROM post WHERE ref = ?", ref)
        return str(row[0]) if row else ""

    def add_duplicate(self, ref: str, original: str) -> None:
        """Put in that a question was asked before; the first link of a question stays."""
        self._database.execute("INSERT OR IGNORE INTO duplicate VALUES (?, ?)", (ref, original))

    def add_votes(self, counts: Mapping[str, int]) -> None:
        """Put in more votes, by the refs of their posts."""
        self._database.executemany(
            "INSERT INTO vote VALUES (?, ?) "
            "ON CONFLICT (post) DO UPDATE SET votes = votes + excluded.votes",
            list(counts.items()),
        )

    def settle_votes(self) -> None:
        """Give the posts their votes."""
        self._database.execute(
            "UPDATE post SET votes = vote.votes FROM vote WHERE vote.post = post.ref"
        )

    def accept(self, question: str, answer: str) -> bool:
        """Say which answer solved a question; False when another one did."""
        sql = "UPDATE post SET accepted = ? WHERE ref = ? AND coalesce(accepted, ?) = ?"
        return self._database.execute(sql, (answer, question, answer, answer)).rowcount == 1

    def drop_orphans(self) -> tuple[int, int, int]:
        """Remove what hangs on posts that are not there.

        Returns:
            How many answers, comments and duplicate links.
        """
        answers, comments, links = (self._database.execute(sql).rowcount for sql in _ORPHANS)
        return answers, comments, links

    # What preparing adds

    def remember(self, known: Iterable[Known]) -> None:
        """Put in what earlier imports brought."""
        self._database.executemany(
            "INSERT INTO known VALUES (?, ?, ?, ?, ?, ?, ?)",
            ((k.kind, k.external_id, k.id, k.thing_id, k.state, k.version, k.votes) for k in known),
        )
        self._database.execute(
            "INSERT OR IGNORE INTO ours SELECT post.ref, known.thing_id FROM post "
            "JOIN known ON known.kind = post.kind AND known.external_id = post.external_id"
        )

    def texts(self) -> Iterator[tuple[str, str, bool]]:
        """Yield ref, text and whether it is HTML, of what is new here or changed."""
        sql = f"SELECT post.ref, post.text, post.is_html {_TO_RENDER}"
        for ref, text, is_html in self._database.execute(sql):
            yield ref, text, bool(is_html)

    def count_texts(self) -> int:
        """Return how many texts() will yield."""
        count = self._one(f"SELECT count(*) {_TO_RENDER}")
        return int(count[0]) if count else 0

    def add_rendered(self, rows: Sequence[tuple[str, str, str, str]]) -> None:
        """Put in ref, body, html and plain text of some posts."""
        self._database.executemany("INSERT INTO rendered VALUES (?, ?, ?, ?)", rows)

    # What batches reads back

    def known(self, kind: str, external_id: str) -> Known | None:
        """Return the thing that an earlier import brought under this name, or None."""
        row = self._one("SELECT * FROM known WHERE kind = ? AND external_id = ?", kind, external_id)
        return Known(*row) if row else None

    def people(self) -> Iterator[Person]:
        """Yield those who wrote something."""
        sql = (
            "SELECT * FROM person WHERE ref IN "
            "(SELECT author FROM post WHERE author IS NOT NULL) ORDER BY rowid"
        )
        for ref, external_id, name, email, is_expected in self._database.execute(sql):
            yield Person(ref, external_id, name, email, bool(is_expected))

    def topic_names(self) -> dict[str, bool]:
        """Return every topic, and whether a question needs it that is new here or changed."""
        sql = (
            "SELECT topic.name, max(known.id IS NULL OR known.state <> post.state) "
            "FROM topic JOIN post ON post.ref = topic.post LEFT JOIN known "
            "ON known.kind = post.kind AND known.external_id = post.external_id "
            "GROUP BY topic.name ORDER BY topic.name"
        )
        return {name: bool(is_needed) for name, is_needed in self._database.execute(sql)}

    def topics_of(self, ref: str) -> list[str]:
        """Return the topics of a question."""
        rows = self._database.execute("SELECT name FROM topic WHERE post = ? ORDER BY name", (ref,))
        return [name for (name,) in rows]

    def new(self, kind: str) -> Iterator[list[Waiting]]:
        """Yield chunks of the posts that are not here yet."""
        return self._waiting("post.kind = ? AND known.id IS NULL", kind)

    def present(self, kind: str) -> Iterator[list[Waiting]]:
        """Yield chunks of the posts that are here already."""
        return self._waiting("post.kind = ? AND known.id IS NOT NULL", kind)

    def place(self, ids: Iterable[tuple[str, int]]) -> None:
        """Remember which id the thing of a ref has here."""
        self._database.executemany("INSERT INTO ours VALUES (?, ?)", ids)

    def accepted(self) -> Iterator[tuple[str, int, int]]:
        """Yield external id and id of each solved question, and the id of its answer."""
        sql = (
            "SELECT q.external_id, ours_q.id, ours_a.id FROM post AS q "
            "JOIN post AS a ON a.ref = q.accepted AND a.parent = q.ref "
            "JOIN ours AS ours_q ON ours_q.ref = q.ref JOIN ours AS ours_a ON ours_a.ref = a.ref "
            "WHERE q.kind = 'question' ORDER BY ours_q.id"
        )
        yield from self._database.execute(sql)

    def duplicates(self) -> Iterator[tuple[str, int, int]]:
        """Yield external id and id of each duplicate, and the id of its original."""
        sql = (
            "SELECT q.external_id, ours_q.id, ours_o.id FROM duplicate AS d "
            "JOIN post AS q ON q.ref = d.post "
            "JOIN ours AS ours_q ON ours_q.ref = d.post "
            "JOIN ours AS ours_o ON ours_o.ref = d.original ORDER BY ours_q.id"
        )
        yield from self._database.execute(sql)

    def _waiting(self, condition: str, kind: str) -> Iterator[list[Waiting]]:
        rows = self._database.execute(
            f"{_WAITING} WHERE {condition} ORDER BY post.created_at, post.rowid",
            (kind,),
        )
        while chunk := rows.fetchmany(CHUNK):
            yield [read_waiting(row) for row in chunk]

    def _one(self, sql: str, *values: object) -> sqlite3.Row | None:
        row: sqlite3.Row | None = self._database.execute(sql, values).fetchone()
        return row


@contextmanager
def open_spool(folder: Path) -> Iterator[Spool]:
    """Open a spool in a new folder inside the given one; it is gone afterwards.

    Raises:
        Busy: the disk is full.
    """
    _sweep(folder)
    with tempfile.TemporaryDirectory(prefix=PREFIX, dir=folder) as name:
        spool = Spool(Path(name))
        try:
            yield spool
        except sqlite3.OperationalError as error:
            raise Busy(
                N_("There is not enough room in %(folder)s for this import: %(reason)s."),
                folder=folder, reason=error,
            ) from None  # fmt: skip
        finally:
            spool.close()


def _sweep(folder: Path) -> None:
    """Remove what imports left behind that were killed long ago."""
    for left in folder.glob(f"{PREFIX}*"):
        if left.is_dir() and left.stat().st_mtime < time.time() - FORGOTTEN_SECONDS:
            shutil.rmtree(left, ignore_errors=True)


def _written(at: datetime | None) -> str | None:
    return at.isoformat() if at else None
