"""A Stack Exchange data dump → the spool.

A post is known for good by its number and the instant it was made, so that the same site is found
again in a newer dump, under any file name, and two sites in one organization never collide.
What a dump may lack is lived with and counted: answers and comments of posts that were deleted,
links out of the dump, and every file but Posts.xml.
"""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from html import escape
from re import compile as regex

from peerqa.errors import N_, Invalid
from peerqa.services.exchange.broken import BrokenSource
from peerqa.services.exchange.dump import Dump
from peerqa.services.exchange.report import Notice, Step
from peerqa.services.exchange.source import (
    MAX_HTML,
    MAX_MARKDOWN,
    MOST_VOTES,
    Person,
    SourcePost,
    fit_title,
)
from peerqa.services.exchange.spool import Spool
from peerqa.services.exchange.xml_rows import Row, read_rows
from peerqa.services.members import read_email
from peerqa.services.topics import topic_name

SOURCE = "stackexchange"
QUESTION, ANSWER = "1", "2"  # PostTypeId; the others are descriptions of tags and the like
UPVOTE = "2"  # VoteTypeId
DUPLICATE = "3"  # LinkTypeId
VOTES_AT_ONCE = 20_000

_TAG = regex(r"[^<>|]+")


def read_stackexchange(dump: Dump, spool: Spool, *, at: datetime, step: Step) -> None:
    """Read a dump into the spool.

    Raises:
        BrokenSource: names the file, the line and what is wrong.
    """
    _Reader(dump, spool, at, step).read()


class _Reader:
    """Reads one dump."""

    def __init__(self, dump: Dump, spool: Spool, at: datetime, step: Step) -> None:
        self._dump = dump
        self._spool = spool
        self._latest = at + timedelta(days=1)  # clocks differ
        self._step = step
        self._has_votes = dump.has("Votes.xml")

    def read(self) -> None:
        """Read all files; people first, since posts name them."""
        for row in self._rows("Users.xml"):
            self._read_user(row)
        if not sum(1 for row in self._rows("Posts.xml") if self._read_post(row)):
            raise BrokenSource(N_("%(file)s has no questions."), file="Posts.xml")
        for row in self._rows("Comments.xml"):
            self._read_comment(row)
        for row in self._rows("PostLinks.xml"):
            if row.text("LinkTypeId") == DUPLICATE:
                post, original = row.number("PostId"), row.number("RelatedPostId")
                self._spool.add_duplicate(f"p{post}", f"p{original}")
        self._read_votes()
        answers, comments, links = self._spool.drop_orphans()
        self._spool.notice(Notice.ORPHAN_ANSWERS, answers)
        self._spool.notice(Notice.ORPHAN_COMMENTS, comments)
        self._spool.notice(Notice.LOST_DUPLICATES, links)

    def _rows(self, file: str) -> Iterator[Row]:
        if not self._dump.has(file):
            return
        with self._dump.open(file) as stream:
            for count, row in enumerate(read_rows(stream, file), 1):
                yield row
                if count % 500 == 0:
                    self._step(file, count, None)

    def _read_user(self, row: Row) -> None:
        number, made_at = row.number("Id"), row.instant("CreationDate")
        self._spool.add_person(
            Person(
                ref=f"u{number}",
                external_id=f"{number}@{made_at:%Y-%m-%dT%H:%M:%S}",
                name=_name(row.values.get("DisplayName", ""), number),
                email=_email(row.values.get("Email", "")),
            )
        )

    def _read_post(self, row: Row) -> bool:
        """Put a question or an answer in; True when it was one."""
        number, kind = row.number("Id"), row.text("PostTypeId")
        if kind not in {QUESTION, ANSWER}:
            return False
        title, text = "", _text(row, "Body", MAX_HTML)
        if kind == QUESTION:
            title, whole = fit_title(row.text("Title"))
            if whole:
                self._spool.notice(Notice.CUT_TITLES)
                text = f"<p>{escape(whole)}</p>{text}"
        made_at = self._instant(row)
        is_new = self._spool.add_post(
            SourcePost(
                kind="question" if kind == QUESTION else "answer",
                ref=f"p{number}",
                external_id=f"{number}@{made_at:%Y-%m-%dT%H:%M:%S.%f}",
                text=text,
                is_html=True,
                title=title,
                topics=_topics(row) if kind == QUESTION else (),
                parent=f"p{row.number('ParentId')}" if kind == ANSWER else None,
                author=self._author(row, "OwnerUserId", "OwnerDisplayName"),
                votes=0 if self._has_votes else self._score(row),
                accepted=_ref(row, "AcceptedAnswerId") if kind == QUESTION else None,
                created_at=made_at,
                edited_at=row.instant("LastEditDate") if "LastEditDate" in row.values else None,
            )
        )
        _refuse_twice(row, is_new)
        return True

    def _read_comment(self, row: Row) -> None:
        number, made_at = row.number("Id"), self._instant(row)
        is_new = self._spool.add_post(
            SourcePost(
                kind="comment",
                ref=f"c{number}",
                external_id=f"{number}@{made_at:%Y-%m-%dT%H:%M:%S.%f}",
                text=_text(row, "Text", MAX_MARKDOWN),  # Markdown as it was typed, unlike bodies
                parent=f"p{row.number('PostId')}",
                author=self._author(row, "UserId", "UserDisplayName"),
                created_at=made_at,
            )
        )
        _refuse_twice(row, is_new)

    def _read_votes(self) -> None:
        counts: Counter[str] = Counter()
        for row in self._rows("Votes.xml"):
            if row.text("VoteTypeId") == UPVOTE:
                counts[f"p{row.number('PostId')}"] += 1
            if len(counts) >= VOTES_AT_ONCE:
                self._spool.add_votes(counts)
                counts.clear()
        self._spool.add_votes(counts)
        self._spool.settle_votes()

    def _author(self, row: Row, number: str, name: str) -> str | None:
        """Return the ref of who wrote it; a deleted user has a name at most."""
        if row.values.get(number):
            user = row.number(number)
            self._spool.add_person(  # ignored when Users.xml had it
                Person(f"u{user}", str(user), _name(row.values.get(name, ""), user))
            )
            return f"u{user}"
        left = " ".join(row.values.get(name, "").split())[:200]
        if not left:
            return None
        self._spool.add_person(Person(f"n{left}", f"name:{left}", left))
        return f"n{left}"

    def _instant(self, row: Row) -> datetime:
        found = row.instant("CreationDate")
        if found > self._latest:
            raise BrokenSource(
                N_("%(place)s: CreationDate is “%(text)s”, which is still to come."),
                place=row.place, text=row.values["CreationDate"][:40],
            )  # fmt: skip
        return found

    def _score(self, row: Row) -> int:
        score = row.number("Score") if row.values.get("Score") else 0
        if score > 0:
            self._spool.notice(Notice.NO_VOTES)
        return min(max(score, 0), MOST_VOTES)


def _text(row: Row, name: str, most: int) -> str:
    text = row.values.get(name, "")
    if len(text) > most:
        raise BrokenSource(
            N_("%(place)s: %(name)s has %(count)s characters, more than any post has."),
            place=row.place, name=name, count=len(text),
        )  # fmt: skip
    return text


def _refuse_twice(row: Row, is_new: bool) -> None:
    if not is_new:
        raise BrokenSource(N_("%(place)s: this Id is there twice."), place=row.place)


def _name(text: str, number: int) -> str:
    return " ".join(text.split())[:200] or f"user{number}"


def _email(text: str) -> str | None:
    try:
        return read_email(text) if text else None
    except Invalid:
        return None


def _ref(row: Row, name: str) -> str | None:
    return f"p{row.number(name)}" if row.values.get(name) else None


def _topics(row: Row) -> list[str]:
    try:
        names = [topic_name(tag) for tag in _TAG.findall(row.values.get("Tags", ""))]
    except Invalid as error:
        raise BrokenSource(N_("%(place)s: %(wrong)s"), place=row.place, wrong=str(error)) from None
    return sorted(set(names))
