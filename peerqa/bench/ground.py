"""The ground that is measured on: an organization in an empty home, and what was asked in it.

Bodies are plain text. Nothing here is a figure of the product: rows are written in bulk.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

from flask import Flask
from sqlalchemy import insert

from indexer.ports import Encoder
from peerqa import tokens
from peerqa.bench.speech import Speech, company_sayings, company_titles
from peerqa.database import transaction
from peerqa.models import Answer, Post, Question
from peerqa.search.engine import SearchEngine
from peerqa.services import members, organizations, spaces
from peerqa.temporary_home import Tell

SEED = 20260601
BEGAN = datetime(2024, 1, 1, tzinfo=UTC)
PEOPLE, SPACES = 40, 4
CHUNK = 2_000  # questions written at once

Statement = tuple[str, Any]  # Any: values as the driver takes them


@dataclass(frozen=True)
class Sizes:
    """How much is measured on."""

    questions: int = 50_000
    look_ups: int = 450

    @property
    def encoded(self) -> int:
        """Questions that are truly encoded; the vectors of the others are mixed from theirs."""
        return min(self.questions, max(20, self.questions * 6 // 100))

    @property
    def asked_again(self) -> int:
        """Look-ups that nearly copy a truly encoded question: there a hit is to be shown."""
        return min(self.look_ups // 3, self.encoded // 2)

    @property
    def launches(self) -> int:
        """LTI launches, thirty a second: twenty seconds of them in a whole run."""
        return min(600, 2 * self.look_ups)


@dataclass(frozen=True)
class Thread:
    """A question and its answer; the question's id is odd, the answer's the next one."""

    question_id: int
    title: str
    body: str
    answer: str

    @property
    def answer_id(self) -> int:
        """The id after the question's."""
        return self.question_id + 1


@dataclass(frozen=True)
class Ground:
    """What every part needs."""

    app: Flask
    home: Path
    sizes: Sizes
    encoder: Encoder
    engine: SearchEngine
    organization_id: int
    member_id: int
    token: str
    threads: list[Thread]
    typed: list[str]  # different titles to look up
    tell: Tell
    statements: dict[str, list[Statement]] = field(default_factory=dict)  # of titles; see heard()


def prepare(app: Flask, sizes: Sizes, tell: Tell) -> Ground:
    """Write the organization, its people and all texts into the empty database of the app.

    Raises:
        ModelUnavailable: there is nothing to encode with.
    """
    engine = app.extensions["peerqa.search"]
    assert isinstance(engine, SearchEngine)
    encoder = engine.encoders.open()
    random = Random(SEED)  # noqa: S311 - reproducible, not secret
    titles = company_titles()
    asking, telling = Speech(titles), Speech(company_sayings())
    tell(f"Making up {sizes.questions:,} questions with an answer each.")
    threads = [_thread(2 * n + 1, asking, telling, random) for n in range(sizes.questions)]
    organization_id, member_id, token = _people()
    for start in range(0, len(threads), CHUNK):
        _write(threads[start : start + CHUNK], organization_id)
    return Ground(
        app=app,
        home=app.extensions["peerqa.settings"].home,
        sizes=sizes,
        encoder=encoder,
        engine=engine,
        organization_id=organization_id,
        member_id=member_id,
        token=token,
        threads=threads,
        typed=_typed(asking, titles, threads[: sizes.asked_again], sizes.look_ups),
        tell=tell,
    )


def _thread(question_id: int, asking: Speech, telling: Speech, random: Random) -> Thread:
    title = asking.title(random)
    body, answer = telling.text(random, about=title), telling.text(random, about=title)
    return Thread(question_id, title, body, answer)


def _people() -> tuple[int, int, str]:
    with transaction() as session:
        organization = organizations.make_organization(session, name="Bench", at=BEGAN)
        for n in range(SPACES):
            spaces.make_space(session, organization=organization, name=f"Space {n}", at=BEGAN)
        everybody = [
            members.create_member(
                session, organization=organization, name=f"Member {n}", at=BEGAN,
                email=f"member{n}@example.org",
            )
            for n in range(PEOPLE)
        ]  # fmt: skip
        token = tokens.create_token(session, everybody[0], name="bench", at=BEGAN)
        return organization.id, everybody[0].id, token


def _write(threads: list[Thread], organization_id: int) -> None:
    with transaction() as session:
        connection = session.connection()
        connection.execute(
            insert(Post), [row for thread in threads for row in _posts(thread, organization_id)]
        )
        connection.execute(
            insert(Question),
            [
                {
                    "id": thread.question_id,
                    "space_id": 1 + thread.question_id // 2 % SPACES,
                    "title": thread.title,
                    "visibility": "organization",
                    "answer_count": 1,
                    "active_at": _asked_at(thread),
                }
                for thread in threads
            ],
        )
        connection.execute(
            insert(Answer),
            [
                {"id": thread.answer_id, "question_id": thread.question_id, "solved_count": 0}
                for thread in threads
            ],
        )


def _posts(thread: Thread, organization_id: int) -> Iterator[dict[str, object]]:
    for post_id, kind, text in (
        (thread.question_id, "question", thread.body),
        (thread.answer_id, "answer", thread.answer),
    ):
        yield {
            "id": post_id,
            "kind": kind,
            "organization_id": organization_id,
            "author_id": 1 + post_id % PEOPLE,
            "body": text,
            "html": f"<p>{text}</p>\n",
            "plain": text,
            "created_at": _asked_at(thread),
            "version": 1,
            "vote_count": 0,
        }


def _asked_at(thread: Thread) -> datetime:
    return BEGAN + timedelta(minutes=10 * thread.question_id)


def _typed(asking: Speech, titles: list[str], again: list[Thread], count: int) -> list[str]:
    """Return different titles: those asked again in other words' order, new ones, the demo's."""
    random = Random(SEED + 1)  # noqa: S311 - reproducible, not secret
    copied = [_with_two_words_swapped(thread.title, random) for thread in again]
    fresh = [asking.title(random) for _ in range(count // 3)]
    more = (asking.title(random) for _ in range(2 * count))
    chosen = list(dict.fromkeys([*copied, *fresh, *titles, *more]))[:count]
    random.shuffle(chosen)
    return chosen


def _with_two_words_swapped(title: str, random: Random) -> str:
    words = title.rstrip("?").split()
    place = random.randrange(len(words) - 1)
    words[place : place + 2] = words[place + 1], words[place]
    return " ".join(words) + "?"
