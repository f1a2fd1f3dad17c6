"""Sixteen threads at once, each with a connection of its own, on a database that really commits."""

import threading
from collections import Counter
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from flask import Flask
from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from peerqa.database import db, transaction
from peerqa.errors import PeerQAError
from peerqa.models import Member
from peerqa.services import answers, members, organizations, questions, spaces
from tests.conftest import NOON

THREADS = 16
Act = Callable[[Session, int], object]  # takes the thread's number
Outcome = object  # what the act returned, or the refusal that it raised


@dataclass(frozen=True)
class Stage:
    """A thread of posts to race about, by id: Alice asked, Bob answered, the rest looks on."""

    alice: int
    bob: int
    crowd: list[int]
    space: int
    question: int
    answer: int


class Arena:
    """An app on a database of its own."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self._stages = 0

    def race(self, act: Act) -> list[Outcome]:
        """Run the act in all threads at once, each in its own transaction."""

        def run(number: int) -> Outcome:
            try:
                with transaction() as session:
                    return act(session, number)
            except PeerQAError as refusal:
                return refusal

        return self.rush(run)

    def rush(self, run: Callable[[int], Outcome]) -> list[Outcome]:
        """Run a function in all threads at once; whatever it raises fails the test."""
        start = threading.Barrier(THREADS)

        def begin(number: int) -> Outcome:
            with self.app.app_context():
                start.wait(timeout=30)
                return run(number)

        with ThreadPoolExecutor(THREADS) as pool:
            return list(pool.map(begin, range(THREADS)))

    def read(self, look: Callable[[Session], Outcome]) -> Outcome:
        """Look at what the race left."""
        with self.app.app_context():
            return look(db.session())

    def stage(self) -> Stage:
        """Make people, a question and an answer that nobody raced about yet."""
        self._stages += 1
        with self.app.app_context(), transaction() as session:
            return _make_stage(session, f"stage{self._stages}")


def _make_stage(session: Session, name: str) -> Stage:
    organization = organizations.make_organization(session, name=name, at=NOON)
    space = spaces.make_space(session, organization=organization, name="Workshop", at=NOON)
    alice, bob, *crowd = (
        members.create_member(session, organization=organization, name=f"Person {n}", at=NOON)
        for n in range(THREADS + 2)
    )
    question = questions.post_question(
        session, space=space, author=alice, title="Who comes first here?", at=NOON
    )
    answer = answers.post_answer(session, question=question, author=bob, body="One.", at=NOON)
    return Stage(
        alice.id, bob.id, [member.id for member in crowd], space.id, question.id, answer.id
    )


def load(session: Session, member_id: int) -> Member:
    return session.get_one(Member, member_id)


def count(arena: Arena, *conditions: ColumnElement[bool]) -> int:
    """Return how many rows of one table meet the conditions."""
    return arena.read(lambda s: s.scalar(select(func.count()).where(*conditions)))


def kinds(outcomes: Iterable[Outcome]) -> Counter[object]:
    """Count the outcomes, refusals by their class."""
    return Counter(type(o).__name__ if isinstance(o, Exception) else o for o in outcomes)
