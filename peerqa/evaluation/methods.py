"""Ways to look a title up, side by side: what others do, parts of the product, and the product.

Each gives documents, best first, ten at most; ties go to the older question. None of them hears of
anything but the title, except the last one.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import add

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import case, select

from indexer.documents import Kind
from indexer.evaluation import DEPTH
from indexer.words import query_terms
from peerqa.database import db
from peerqa.evaluation.corpus import Corpus
from peerqa.evaluation.folder import Query
from peerqa.models import Embedding, Question
from peerqa.search.candidates import MAX_TYPED_BODY, Typed
from peerqa.search.engine import Ranking, until_by_meaning
from peerqa.search.indexes import read_vector
from peerqa.search.words import find_by_words
from peerqa.services.questions import MAX_TITLE

WORD_HITS = 50  # posts that the product asks the words index for

Method = Callable[[Query], list[str]]


@dataclass(frozen=True)
class LookedUp:
    """What the product's ranking is, and how likely each document of it answers.

    The probability counts whatever the number of answers: corpora of duplicates mostly hold no
    answers, while the product claims nothing for a question that has none.
    """

    documents: Sequence[str]
    probabilities: Sequence[float | None]
    figures: Sequence[tuple[float, float] | None]  # similarity and gap, that these come of


def typed(query: Query) -> str:
    """Return the title as the ask page would send it: no longer than a title may be."""
    return query.title.replace("\x00", "").strip()[:MAX_TITLE]


def first_words(query: Query, count: int) -> str:
    """Return the beginning of the title, while it is still being typed."""
    return " ".join(typed(query).split()[:count])


class Methods:
    """Looks titles up in one corpus; the same text is looked up once."""

    def __init__(self, corpus: Corpus) -> None:
        """Read the vectors of all titles."""
        self._corpus = corpus
        self._owners, self._titles = _read_titles(corpus)
        self._looked_up: dict[tuple[str, str], LookedUp] = {}

    @property
    def by_name(self) -> Mapping[str, Method]:
        """The methods, in the order in which they are shown."""
        return {
            "like": self.like,
            "words": self.words,
            "meaning": self.meaning,
            "peerqa": lambda query: list(self.look_up(typed(query)).documents[:DEPTH]),
            "peerqa_with_body": lambda query: list(self.look_up_whole(query).documents[:DEPTH]),
        }

    def like(self, query: Query) -> list[str]:
        """Find by SQL LIKE, those first whose title holds more of the words: Apache Answer's way.

        Stop words are left out, which it does not do: with them it found .38 instead of .61
        (mean reciprocal rank on StackFAQ).
        """
        terms = query_terms(typed(query), self._corpus.reader.language)
        words = (*terms.content, *terms.exact)
        if not words:
            return []
        held = reduce(
            add,
            (case((Question.title.contains(w, autoescape=True), 1), else_=0) for w in words),
        )
        session = db.session()
        order = select(Question.id).where(held > 0).order_by(-held, Question.id).limit(DEPTH)
        found = session.scalars(order).all()
        session.rollback()
        return self._named(found)

    def words(self, query: Query) -> list[str]:
        """Find by the words query of the product: title, body and answers."""
        reader, session = self._corpus.reader, db.session()
        found = find_by_words(
            session,
            query_terms(typed(query), reader.language),
            organization_id=reader.organization_id,
            language=reader.language,
            limit=WORD_HITS,
        )
        session.rollback()
        order = sorted(found.scores, key=lambda owner: (-found.scores[owner], owner))
        return self._named(order[:DEPTH])

    def meaning(self, query: Query) -> list[str]:
        """Find the nearest titles, by exact comparison with the vectors of all of them."""
        vector = self._corpus.encoder.encode([typed(query)])[0]
        similarities = np.einsum("ij,j->i", self._titles, vector)
        order = np.lexsort((self._owners, -similarities))[:DEPTH]
        return self._named(self._owners[order].tolist())

    def look_up_whole(self, query: Query) -> LookedUp:
        """Look up title and body, as when the question is about to be posted."""
        return self.look_up(typed(query), query.body[:MAX_TYPED_BODY])

    def look_up(self, title: str, body: str = "") -> LookedUp:
        """Look up as the product does.

        Raises:
            EncodingFailed: it went by words alone.
        """
        key = (title, body if body.strip() else "")
        if key not in self._looked_up:
            self._looked_up[key] = self._look_up(*key)
        return self._looked_up[key]

    def _look_up(self, title: str, body: str) -> LookedUp:
        session = db.session()
        ranking = until_by_meaning(lambda: self._rank(title, body))
        found = LookedUp(
            self._named([hit.question.id for hit in ranking.hits]),
            [hit.probability for hit in ranking.hits],
            [
                None if hit.similarity is None or hit.gap is None else (hit.similarity, hit.gap)
                for hit in ranking.hits
            ],
        )
        session.rollback()
        return found

    def _rank(self, title: str, body: str) -> Ranking:
        return self._corpus.engine.rank(db.session(), self._corpus.reader, Typed(title, body))

    def _named(self, questions: Sequence[int]) -> list[str]:
        return [self._corpus.documents[question] for question in questions]


def _read_titles(corpus: Corpus) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    session = db.session()
    rows = session.execute(
        select(Embedding.question_id, Embedding.vector).where(
            Embedding.organization_id == corpus.reader.organization_id,
            Embedding.kind == Kind.TITLE.value,
            Embedding.model == corpus.encoder.model,
        )
    ).all()
    session.rollback()
    vectors = [vector for row in rows if (vector := read_vector(row.vector)) is not None]
    return np.array([row.question_id for row in rows], np.int64), np.stack(vectors)
