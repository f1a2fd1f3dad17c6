"""A second look at the first candidates: all their vectors, and what their threads say.

Two queries for the dozen that the reader may see. What nobody may see here is no rival to them
either, so no probability tells that it exists.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import BindParameter, bindparam, func, select
from sqlalchemy.orm import Session

from indexer.coverage import coverages
from indexer.documents import Kind
from indexer.ranking import DEFAULT_WEIGHTS, REFINED, Ranked, Views, Weights, keep_exact, refine
from indexer.twins import Asked, twins
from indexer.words import query_terms
from peerqa.models import Embedding
from peerqa.search.candidates import Candidates
from peerqa.search.hits import MOST_CHARACTERS, FoundQuestion
from peerqa.search.texts import ANSWER, POST
from peerqa.search.words import stemmer, stems, words_of

MOST_ANSWERS_CHARACTERS = 4_000  # of all answers to a question

_EMBEDDING = Embedding.__table__
_IDS: BindParameter[list[int]] = bindparam("ids", expanding=True)
# made once: making them takes longer than running them
_VECTORS = select(_EMBEDDING.c.question_id, _EMBEDDING.c.kind, _EMBEDDING.c.vector).where(
    _EMBEDDING.c.question_id.in_(_IDS),
    _EMBEDDING.c.model == bindparam("model"),
    _EMBEDDING.c.vector.is_not(None),
)
_ANSWERS = (
    select(ANSWER.c.question_id, func.substr(POST.c.plain, 1, MOST_CHARACTERS))
    .join(POST, POST.c.id == ANSWER.c.id)
    .where(ANSWER.c.question_id.in_(_IDS), POST.c.deleted_at.is_(None))
    .order_by(ANSWER.c.id)
)


@dataclass(frozen=True)
class Closer:
    """What a second look has seen: enough to order the candidates by any weights."""

    ranked: Sequence[Ranked]  # best first, as they were found
    views: Mapping[int, Views] = field(default_factory=dict)
    coverages: Mapping[int, float] = field(default_factory=dict)
    is_by_words: bool = True  # nothing was compared: the order is what it was

    def order(self, weights: Weights = DEFAULT_WEIGHTS) -> list[Ranked]:
        """Return the candidates, the first ones in a better order."""
        if self.is_by_words:
            return list(self.ranked)
        return refine(self.ranked, self.views, self.coverages, weights)


def look_again(
    session: Session,
    found: Candidates,
    questions: Mapping[int, FoundQuestion],
    *,
    title: str,
    language: str,
) -> Closer:
    """Look closer at the first of the candidates that are among the questions.

    Args:
        found: by meaning; what was found by words alone keeps its order and claims nothing.
        questions: those that the reader may see, by id.
        title: as typed.
    """
    ranked = keep_exact([each for each in found.ranked if each.owner in questions])
    if found.compared is None or not ranked:
        return Closer(ranked)
    first = [questions[each.owner] for each in ranked[:REFINED]]
    views = _views(session, found, first, language)
    typed = typed_words(title, language)
    texts = _texts(session, first) if typed else {}
    covered = coverages(typed, _typed_in(texts, typed, language))
    return Closer(ranked, views, covered, is_by_words=False)


def typed_words(title: str, language: str) -> list[str]:
    """Return the stems of what was typed, each once, without stop words.

    The single letters that an apostrophe leaves behind are no words; a lone one, as in
    "S drive", is.
    """
    terms = query_terms(title, language)
    pieces = [stems(token, language) for token in (*terms.content, *terms.exact)]
    words = (word for each in pieces for word in each if len(each) == 1 or len(word) > 1)
    return list(dict.fromkeys(words))


def _views(
    session: Session, found: Candidates, questions: Sequence[FoundQuestion], language: str
) -> dict[int, Views]:
    """Compare these threads with what was typed, and their questions with each other."""
    question_ids = [question.id for question in questions]
    rows = session.execute(_VECTORS, {"ids": question_ids, "model": found.model}).all()
    if not rows or found.compared is None:
        return {}
    vectors = np.frombuffer(b"".join(vector for *_, vector in rows), "<f4").reshape(len(rows), -1)
    best: dict[tuple[int, str], float] = {}
    # einsum: the threads of BLAS wait for each other
    cosines = np.einsum("ij,j->i", vectors, found.compared).tolist()
    for (question_id, kind, _), cosine in zip(rows, cosines, strict=True):
        best[question_id, kind] = max(best.get((question_id, kind), -1.0), cosine)
    own = {(row.question_id, row.kind): place for place, row in enumerate(rows)}
    same_as = _same_as(questions, own, vectors, language)
    return {
        each: Views(
            best[each, Kind.TITLE],
            best.get((each, Kind.TITLE_BODY)),
            best.get((each, Kind.ANSWER)),
            same_as.get(each),
        )
        for each in question_ids
        if (each, Kind.TITLE) in best
    }


def _same_as(
    questions: Sequence[FoundQuestion],
    places: Mapping[tuple[int, str], int],
    vectors: NDArray[np.float32],
    language: str,
) -> dict[int, int]:
    """Return which of the questions say the same as an earlier one, by their own vectors."""

    def vector(question_id: int, kind: Kind) -> NDArray[np.float32] | None:
        place = places.get((question_id, kind))
        return None if place is None else vectors[place]

    asked = [
        Asked(each.id, words_of(each.title), title, vector(each.id, Kind.TITLE_BODY))
        for each in questions
        if (title := vector(each.id, Kind.TITLE)) is not None
    ]
    return twins(asked, stem=stemmer(language), language=language)


def _texts(session: Session, questions: Sequence[FoundQuestion]) -> dict[int, str]:
    """Return what each thread says: title, body and answers, as far as they are read."""
    answers: dict[int, str] = {}
    ids = [question.id for question in questions]
    for question_id, plain in session.execute(_ANSWERS, {"ids": ids}):
        answers[question_id] = f"{answers.get(question_id, '')} {plain}"
    return {
        question.id: f"{question.title} {question.plain} "
        + answers.get(question.id, "")[:MOST_ANSWERS_CHARACTERS]
        for question in questions
    }


def _typed_in(
    texts: Mapping[int, str], typed: Sequence[str], language: str
) -> dict[int, Collection[str]]:
    """Return which of the typed words each text says."""
    stem, wanted = stemmer(language), frozenset(typed)
    return {key: wanted.intersection(map(stem, words_of(text))) for key, text in texts.items()}
