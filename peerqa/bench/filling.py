"""Fills the index: some questions by the product itself, which is measured, the others in bulk.

The product's share goes the whole way: asked for in the outbox, drained, encoded, stored. The
others get their words by the product's own statements, and vectors that are mixtures of two or
three real ones with noise, so that they lie as near to each other as real ones do. The questions
that are asked again are not mixed from: next to ten mixtures of itself none would stand out.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from statistics import median

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import func, insert, select, update

from indexer.documents import Kind, answer_document, question_documents, text_hash
from indexer.passages import passages_hash, quotable
from indexer.ports import Encoder
from peerqa import outbox
from peerqa.bench.ground import CHUNK, SEED, Ground, Thread
from peerqa.bench.times import timed
from peerqa.clock import utc_now
from peerqa.database import db, transaction
from peerqa.models import Embedding, IndexRevision, Organization, Sentence
from peerqa.search.indexes import read_vector
from peerqa.search.saving import save_base
from peerqa.search.updating import index_posts
from peerqa.search.words import WordRow, write_words

BARE_EVERY = 5  # batches: which of them are encoded bare as well
NOISE = 0.35  # length of the noise beside a mixture of length 1
Floats = NDArray[np.float32]

KINDS = (Kind.TITLE, Kind.TITLE_BODY, Kind.ANSWER)


@dataclass(frozen=True)
class IndexRate:
    """How fast the product indexes, beside bare encoding of the very same texts."""

    texts: int
    seconds: float
    bare_seconds: list[float]  # of every fifth batch …
    product_seconds: list[float]  # … and the product's for the same texts

    def as_json(self) -> dict[str, object]:
        """Return the rate, and the median share of the bare rate that it is."""
        pairs = zip(self.bare_seconds, self.product_seconds, strict=True)
        return {
            "per_second": round(self.texts / self.seconds, 1),
            "ratio": round(median(bare / product for bare, product in pairs), 3),
            "texts": self.texts,
        }


class Listening:
    """An encoder that remembers the texts of the last call."""

    def __init__(self, encoder: Encoder) -> None:
        self.model = encoder.model
        self.dimension = encoder.dimension
        self.texts: list[str] = []
        self._encoder = encoder

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Encode, and remember."""
        self.texts = list(texts)
        return self._encoder.encode(texts)


def index_for_real(ground: Ground) -> IndexRate:
    """Have the product index the first questions, and every fifth batch encoded bare as well."""
    threads = ground.threads[: ground.sizes.encoded]
    ground.tell(f"Indexing {len(threads):,} of them for real.")
    keys = [str(post) for each in threads for post in (each.question_id, each.answer_id)]
    with transaction() as session:
        outbox.ask_many(session, "index", keys, at=utc_now())
    listening = Listening(ground.encoder)
    handlers = {"index": lambda keys: _index(keys, listening)}
    batches: list[tuple[int, float]] = []
    bare: list[float] = []
    product: list[float] = []
    while True:
        tried, seconds = timed(lambda: outbox.drain(handlers, now=utc_now))
        if not tried:
            break
        batches.append((len(listening.texts), seconds))
        if len(batches) % BARE_EVERY == 1:
            bare.append(timed(lambda: ground.encoder.encode(listening.texts))[1])
            product.append(seconds)
    return IndexRate(sum(n for n, _ in batches), sum(s for _, s in batches), bare, product)


def _index(keys: Sequence[str], encoder: Encoder) -> None:
    index_posts([int(key) for key in keys], encoder)


def fill(ground: Ground) -> int:
    """Write words and mixed vectors of the other questions, and save the base.

    Returns:
        How many vectors the base holds.
    """
    rest = ground.threads[ground.sizes.encoded :]
    ground.tell(f"Writing words and mixed vectors of the other {len(rest):,}.")
    mixture = Mixture(ground)
    for start in range(0, len(rest), CHUNK):
        threads = rest[start : start + CHUNK]
        with transaction() as session:
            write_words(session, [row for thread in threads for row in _words(ground, thread)])
            connection = session.connection()
            connection.execute(insert(Embedding), list(mixture.embeddings(threads)))
            connection.execute(insert(Sentence), list(mixture.sentences(threads)))
            session.execute(update(IndexRevision).values(revision=mixture.revision))
    ground.tell("Saving the base.")
    session = db.session()
    organization = session.get_one(Organization, ground.organization_id)
    count = save_base(session, ground.engine, organization, ground.encoder)
    session.rollback()
    return count


def _words(ground: Ground, thread: Thread) -> Iterator[WordRow]:
    yield WordRow(
        thread.question_id, ground.organization_id, thread.title, thread.body, language="en"
    )
    yield WordRow(thread.answer_id, ground.organization_id, "", thread.answer, language="en")


class Mixture:
    """Mixes vectors for questions from those that were truly encoded."""

    def __init__(self, ground: Ground) -> None:
        """Read the real vectors."""
        session = db.session()
        self._organization_id, self._model = ground.organization_id, ground.encoder.model
        self._random = np.random.default_rng(SEED)
        apart = [thread.question_id for thread in ground.threads[: ground.sizes.asked_again]]
        rows = session.execute(
            select(Embedding.kind, Embedding.vector)
            .where(Embedding.question_id > max(apart, default=0))
            .order_by(Embedding.question_id)
        ).all()
        self._real = {
            kind: np.stack([_vector(row.vector) for row in rows if row.kind == kind.value])
            for kind in KINDS
        }
        self._passages = session.scalars(select(Sentence.vector).order_by(Sentence.id)).all()
        self.revision = 1 + (session.scalar(select(func.max(Embedding.revision))) or 0)
        session.rollback()

    def embeddings(self, threads: Sequence[Thread]) -> Iterator[dict[str, object]]:
        """Give each question its three vectors, mixed alike."""
        chosen = self._random.integers(len(self._real[Kind.TITLE]), size=(len(threads), 3))
        weights = mixing_weights(self._random, len(threads))
        mixed = {kind: mix(self._random, self._real[kind][chosen], weights) for kind in KINDS}
        for row, thread in enumerate(threads):
            documents = question_documents(thread.question_id, thread.title, thread.body)
            documents.append(answer_document(thread.answer_id, thread.question_id, thread.answer))
            for document in documents:
                yield {
                    "organization_id": self._organization_id,
                    "post_id": document.post,
                    "question_id": document.owner,
                    "kind": document.kind.value,
                    "model": self._model,
                    "text_hash": text_hash(document.text),
                    "revision": self.revision,
                    "vector": mixed[document.kind][row].tobytes(),
                }

    def sentences(self, threads: Sequence[Thread]) -> Iterator[dict[str, object]]:
        """Give each passage of the answers the vector of a real one."""
        for thread in threads:
            stored = passages_hash(thread.title, thread.answer)
            for ordinal, passage in enumerate(quotable(thread.title, thread.answer)):
                yield {
                    "post_id": thread.answer_id,
                    "model": self._model,
                    "ordinal": ordinal,
                    "start": passage.span.start,
                    "end": passage.span.end,
                    "text_hash": stored,
                    "vector": self._passages[int(self._random.integers(len(self._passages)))],
                }


def mix(random: np.random.Generator, vectors: Floats, weights: Floats) -> Floats:
    """Return mixtures with noise, a row each, of length 1.

    Args:
        random: where the noise comes from.
        vectors: shape (n, parts, dimension).
        weights: shape (n, parts).
    """
    mixed: Floats = np.einsum("nkd,nk->nd", vectors, weights)
    mixed /= np.linalg.norm(mixed, axis=1, keepdims=True)
    noise = random.standard_normal(size=mixed.shape, dtype=np.float32)
    mixed += NOISE * noise / np.linalg.norm(noise, axis=1, keepdims=True)
    mixed /= np.linalg.norm(mixed, axis=1, keepdims=True)
    return mixed


def mixing_weights(random: np.random.Generator, count: int) -> Floats:
    """Return how much of each of three vectors goes into so many mixtures."""
    weights = random.dirichlet((1.0, 1.0, 1.0), count).astype(np.float32)
    weights[::2, 2] = 0.0  # half of them from two, half from three
    return weights


def _vector(stored: bytes | None) -> NDArray[np.float32]:
    vector = read_vector(stored)
    assert vector is not None, "nothing was deleted here"
    return vector
