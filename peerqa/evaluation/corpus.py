"""The documents as the product has them: asked and answered by its services, then indexed by it.

They go in by a hash of their ids: a corpus mostly begins with what is right, and ties go to the
older question.
"""

import os
from collections import Counter
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import blake2b
from threading import Lock
from time import monotonic, sleep
from typing import NamedTuple

from flask import Flask
from sqlalchemy import select

from indexer.errors import EncodingFailed
from indexer.ports import Encoder
from peerqa import outbox
from peerqa.clock import utc_now
from peerqa.database import db, one_line, transaction
from peerqa.errors import N_
from peerqa.evaluation.folder import BrokenFolder, Document
from peerqa.markup import MAX_LENGTH
from peerqa.models import Member, Question, Space
from peerqa.search.engine import SearchEngine, patient
from peerqa.search.hits import Reader, reader_of_organization
from peerqa.search.upkeep import Upkeep
from peerqa.services import answers, members, organizations, questions, spaces
from peerqa.services.exchange.source import fit_title
from peerqa.settings import Settings
from peerqa.temporary_home import Tell

BEGAN = datetime(2024, 1, 1, tzinfo=UTC)
CHUNK = 500  # documents asked in one transaction
FIRST_WORDS = 12  # of a text, that stand in for a title
RETRY_SECONDS = 60.0  # without any progress, after which indexing is given up
TENTHS = 10  # that progress is told in


@dataclass(frozen=True)
class Corpus:
    """The indexed documents, and what looks them up."""

    engine: SearchEngine
    encoder: Encoder
    reader: Reader
    documents: Mapping[int, str]  # question → document
    changed: Mapping[str, int]  # what of the documents had to be changed → how many


class _Post(NamedTuple):
    title: str
    body: str
    answer: str


def make_corpus(app: Flask, documents: Sequence[Document], tell: Tell) -> Corpus:
    """Put the documents into the empty installation of the app, and index them.

    Raises:
        BrokenFolder: a document cannot be asked.
        ModelUnavailable: there is nothing to encode with.
    """
    engine = app.extensions["peerqa.search"]
    assert isinstance(engine, SearchEngine)
    engine.encoders.open()
    tell(f"Putting {len(documents):,} documents in.")
    with transaction() as session:
        organization = organizations.make_organization(session, name="Evaluation", at=BEGAN)
        spaces.make_space(session, organization=organization, name="Evaluation", at=BEGAN)
        for name in ("Asker", "Answerer"):
            members.create_member(
                session, organization=organization, name=name, at=BEGAN,
                email=f"{name.lower()}@example.org",
            )  # fmt: skip
    changed: Counter[str] = Counter()
    posts = [_fitted(document, changed) for document in documents]
    order = sorted(range(len(documents)), key=lambda place: _hash(documents[place].id))
    found: dict[int, str] = {}
    for start in range(0, len(order), CHUNK):
        places = order[start : start + CHUNK]
        ids = _ask([posts[place] for place in places])
        found |= {i: documents[place].id for i, place in zip(ids, places, strict=True)}
    db.session().expunge_all()
    index_all(app, engine, tell)
    return open_corpus(app, found, changed)


def open_corpus(app: Flask, documents: Mapping[int, str], changed: Mapping[str, int]) -> Corpus:
    """Give what looks up documents that were put into the installation of the app earlier.

    Raises:
        NotFound: nothing was put in.
        ModelUnavailable: there is nothing to encode with.
    """
    settings = app.extensions["peerqa.settings"]
    assert isinstance(settings, Settings)
    encoder = app.extensions["peerqa.search"].encoders.open()
    session = db.session()
    reader = reader_of_organization(organizations.get_organization(session))
    session.rollback()
    return Corpus(patient(settings, encoder), encoder, reader, documents, changed)


def _fitted(document: Document, changed: Counter[str]) -> _Post:
    """Fit a document into what a post may hold, and count what that changes."""
    title, whole = fit_title(one_line(document.title), longest=questions.MAX_TITLE)
    changed["titles were cut to what a title may have"] += bool(whole)
    text = document.text.strip()
    if len(title) < questions.MIN_TITLE and text:
        beginning = " ".join([title, *one_line(text).split()[:FIRST_WORDS]])
        title, _ = fit_title(beginning, longest=questions.MAX_TITLE)
        changed["titles were empty or too short, so the first words of the text stand in"] += 1
    if len(title) < questions.MIN_TITLE:
        raise BrokenFolder(
            N_("%(place)s has neither a title nor a text. Write one of them, or take it out."),
            place=document.place,
        )
    body, answer = f"{whole}\n\n{text}".strip(), document.answer.strip()
    changed["texts were cut to what a post may have"] += (len(body) > MAX_LENGTH) + (
        len(answer) > MAX_LENGTH
    )
    return _Post(title, body[:MAX_LENGTH], answer[:MAX_LENGTH])


def _ask(posts: Sequence[_Post]) -> list[int]:
    """Ask the questions, and answer those that have an answer; returns their ids."""
    with transaction() as session:
        session.expunge_all()  # what was asked before is not looked through again
        space = session.scalars(select(Space)).one()
        asker, answerer = session.scalars(select(Member).order_by(Member.id))
        asked: list[Question] = []
        for post in posts:
            question = questions.post_question(
                session, space=space, author=asker, title=post.title, body=post.body, at=BEGAN
            )
            if post.answer:
                answers.post_answer(
                    session, question=question, author=answerer, body=post.answer, at=BEGAN
                )
            asked.append(question)
        return [question.id for question in asked]


def index_all(app: Flask, engine: SearchEngine, tell: Tell) -> None:
    """Do what the worker does until nothing waits, on every core: workers share the outbox."""
    progress = _Progress(_waiting(), tell)
    with ThreadPoolExecutor(os.cpu_count()) as workers:
        drained = [
            workers.submit(_drain, app, engine, progress) for _ in range(os.cpu_count() or 1)
        ]
    for each in drained:
        each.result()
    Upkeep(engine).run()


def _drain(app: Flask, engine: SearchEngine, progress: "_Progress") -> None:
    with app.app_context():
        until = monotonic() + RETRY_SECONDS
        while _waiting():
            if tried := outbox.drain({"index": engine.update}, now=utc_now):
                progress.add(tried)
                until = monotonic() + RETRY_SECONDS
            elif monotonic() > until:
                raise EncodingFailed("Some documents could not be indexed. See: peerqa doctor")
            else:
                sleep(0.1)


def _waiting() -> int:
    session = db.session()
    count = outbox.count_waiting(session).get("index", 0)
    session.rollback()
    return count


class _Progress:
    """Tells each tenth of the way, whoever comes to it."""

    def __init__(self, total: int, tell: Tell) -> None:
        self._total, self._tell, self._done = total, tell, 0
        self._tenths = sorted({total * tenth // TENTHS for tenth in range(1, TENTHS + 1)} - {0})
        self._lock = Lock()

    def add(self, count: int) -> None:
        with self._lock:
            self._done += count
            while self._tenths and self._done >= self._tenths[0]:
                self._tell(f"Indexed {self._tenths.pop(0):,} of {self._total:,} posts.")


def _hash(document_id: str) -> bytes:
    return blake2b(document_id.encode("utf-8", "replace"), digest_size=8).digest()
