"""A CSV file → the spool: one row a question with its answer, or one more answer.

A row with the title of an earlier row, or with none, is one more answer. With an `id` column a
question keeps its name when its title is corrected; without, its title is its name.
"""

import re
from collections import Counter
from datetime import UTC, datetime, timedelta
from email.utils import parseaddr
from pathlib import Path

from peerqa.errors import N_, Invalid
from peerqa.services.exchange.broken import BrokenSource
from peerqa.services.exchange.report import Notice, Step
from peerqa.services.exchange.source import MOST_VOTES, Person, SourcePost, digest, fit_title
from peerqa.services.exchange.spool import Spool
from peerqa.services.exchange.table import Table, TableRow
from peerqa.services.members import read_email
from peerqa.services.topics import topic_name

YES = {"yes", "y", "true", "1", "x", "accepted", "✓", "ja", "oui", "si", "sí"}
NO = {"", "no", "n", "false", "0", "-", "nein", "non"}
MAX_ID = 200

_BETWEEN_TOPICS = re.compile(r"[,;|<>\n]+")


def read_csv(path: Path, spool: Spool, *, at: datetime, step: Step) -> None:
    """Read a CSV file into the spool.

    Raises:
        BrokenSource: names the row and what is wrong.
    """
    table = Table(path)
    reader = _Reader(spool, at)
    count = 0
    for count, row in enumerate(table.rows(), 1):
        reader.read(row)
        if count % 500 == 0:
            step(path.name, count, None)
    if not count:
        raise BrokenSource(N_("%(file)s has a header and no rows."), file=path.name)
    spool.notice(Notice.OLD_ENCODING, int(table.is_old_encoding))
    spool.notice(Notice.UNKNOWN_COLUMNS, len(table.unknown_columns))


class _Reader:
    """Turns rows into questions and answers; remembers the question that it is at."""

    def __init__(self, spool: Spool, at: datetime) -> None:
        self._spool = spool
        self._latest = at + timedelta(days=1)  # clocks differ
        self._question = ""  # ref
        self._name = ""  # external id
        self._asked_at: datetime | None = None
        self._answers: Counter[str] = Counter()  # by the id that their rows have

    def read(self, row: TableRow) -> None:
        """Put in what a row has."""
        if row.get("question"):
            self._read_question(row)
        elif not self._question:
            raise BrokenSource(N_("%(place)s has no question."), place=row.place)
        elif not row.get("answer"):
            raise BrokenSource(
                N_("%(place)s has neither a question nor an answer."), place=row.place
            )
        if row.get("answer"):
            self._read_answer(row)

    def _read_question(self, row: TableRow) -> None:
        title, whole = fit_title(row.get("question"))
        text = f"{whole}\n\n{row.get('body')}".strip()
        title_digest = digest(" ".join(row.get("question").split()).casefold())
        self._question = f"q{title_digest}"
        present = self._spool.text_of(self._question)
        if present is not None:
            self._name = self._spool.name_of(self._question)
            self._spool.notice(Notice.OTHER_DETAILS, int(bool(row.get("body")) and text != present))
            return
        self._spool.notice(Notice.CUT_TITLES, int(bool(whole)))
        self._name = f"id:{_id(row)}" if row.get("id") else title_digest
        self._asked_at = self._instant(row)
        is_new = self._spool.add_post(
            SourcePost(
                kind="question",
                ref=self._question,
                external_id=self._name,
                title=title,
                text=text,
                topics=_topics(row),
                author=self._person(row, "asked_by"),
                votes=0 if row.get("answer") else _votes(row),
                created_at=self._asked_at,
            )
        )
        if not is_new:
            raise BrokenSource(
                N_("%(place)s: id “%(id)s” belongs to another question already."),
                place=row.place, id=row.get("id")[:40],
            )  # fmt: skip

    def _read_answer(self, row: TableRow) -> None:
        name = self._answer_name(row)
        is_new = self._spool.add_post(
            SourcePost(
                kind="answer",
                ref=f"a{name}",
                external_id=name,
                text=row.get("answer"),
                parent=self._question,
                author=self._person(row, "answered_by"),
                votes=_votes(row),
                created_at=self._instant(row) or self._asked_at,
            )
        )
        self._spool.notice(Notice.SAME_ANSWERS, int(not is_new))
        if _is_accepted(row) and not self._spool.accept(self._question, f"a{name}"):
            self._spool.notice(Notice.MORE_ACCEPTED)

    def _answer_name(self, row: TableRow) -> str:
        """Name an answer by the id of its row, else of its question, else by its text."""
        if row.get("id") or self._name.startswith("id:"):
            base = f"id:{_id(row)}" if row.get("id") else self._name
            self._answers[base] += 1
            return f"{base}#{self._answers[base]}"
        return f"{self._name}#{digest(' '.join(row.get('answer').split()))}"

    def _person(self, row: TableRow, column: str) -> str | None:
        """Return the ref of a person: by e-mail a member to be, by name alone a placeholder."""
        text = " ".join(row.get(column).split())
        if not text:
            return None
        if "@" not in text:
            person = Person(f"n{text.casefold()}", f"name:{text.casefold()}", text[:200])
        else:
            name, address = parseaddr(text)
            try:
                email = read_email(address)
            except Invalid:
                raise BrokenSource(
                    N_("%(place)s: “%(text)s” in %(column)s is no e-mail address."),
                    place=row.place, column=column, text=text[:60],
                ) from None  # fmt: skip
            name = name or re.sub(r"[._+-]+", " ", email.partition("@")[0]).strip().title()
            person = Person(f"e{email}", f"email:{email}", (name or email)[:200], email, True)
        self._spool.add_person(person)
        return person.ref

    def _instant(self, row: TableRow) -> datetime | None:
        text = row.get("created_at")
        if not text:
            return None
        try:
            found = datetime.fromisoformat(text)
            found = (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
        except (ValueError, OverflowError):
            raise BrokenSource(
                N_("%(place)s: “%(text)s” is no date; write 2025-12-31 or 2025-12-31 09:30."),
                place=row.place, text=text[:40],
            ) from None  # fmt: skip
        if found > self._latest:
            raise BrokenSource(
                N_("%(place)s: the date “%(text)s” is still to come."),
                place=row.place, text=text[:40],
            )  # fmt: skip
        return found


def _id(row: TableRow) -> str:
    if len(row.get("id")) > MAX_ID:
        raise BrokenSource(
            N_("%(place)s: an id has at most %(most)s characters."), place=row.place, most=MAX_ID
        )
    return row.get("id")


def _topics(row: TableRow) -> list[str]:
    try:
        names = [
            topic_name(part) for part in _BETWEEN_TOPICS.split(row.get("topics")) if part.strip()
        ]
    except Invalid as error:
        raise BrokenSource(N_("%(place)s: %(wrong)s"), place=row.place, wrong=str(error)) from None
    return sorted(set(names))


def _votes(row: TableRow) -> int:
    text = row.get("votes") or "0"
    if not (text.isascii() and text.removeprefix("-").isdigit() and len(text) < 12):
        raise BrokenSource(
            N_("%(place)s: votes are a number, not “%(text)s”."), place=row.place, text=text[:40]
        )
    votes = int(text)
    if votes > MOST_VOTES:
        raise BrokenSource(
            N_("%(place)s: %(count)s votes are more than any post has."),
            place=row.place, count=votes,
        )  # fmt: skip
    return max(votes, 0)  # downvotes are not imported


def _is_accepted(row: TableRow) -> bool:
    text = row.get("accepted").lower()
    if text not in YES | NO:
        raise BrokenSource(
            N_("%(place)s: accepted is yes or no, not “%(text)s”."),
            place=row.place, text=text[:40],
        )  # fmt: skip
    return text in YES
