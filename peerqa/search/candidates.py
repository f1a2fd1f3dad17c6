"""Candidates of a look-up: by meaning, and by words, in one ranked list.

The vectors are made and compared beside the words query. Whatever is not there in time, the encoder
or the index, is gone without: the list is then by words alone, and says so.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sqlalchemy.orm import Session

from indexer.faiss_index import Neighbour, OrganizationIndex
from indexer.ranking import Ranked, combine_title_and_body, rank
from indexer.words import query_terms
from peerqa.search.encoders import EncoderKeeper, Vectors
from peerqa.search.hits import Reader
from peerqa.search.indexes import Indexes
from peerqa.search.words import WordHits, find_by_words


@dataclass(frozen=True)
class Candidates:
    """What was found, best first, before it is known who may see it."""

    ranked: Sequence[Ranked]
    query: NDArray[np.float32] | None  # of the title; None: by words alone
    compared: NDArray[np.float32] | None  # mean of all that was compared: title, and body
    model: str | None


class Finder:
    """Finds candidates with what this process holds."""

    def __init__(self, encoders: EncoderKeeper, indexes: Indexes) -> None:
        self._encoders = encoders
        self._indexes = indexes

    def find(
        self, session: Session, reader: Reader, *, title: str, body: str = "", count: int
    ) -> Candidates:
        """Return about `count` candidates or more, fewer when there are fewer."""
        texts = [title, f"{title}\n{body}"] if body.strip() else [title]
        encoder = self._encoders.find()
        index = self._indexes.find(session, reader.organization_id, encoder) if encoder else None
        looking = self._encoders.begin(texts, lambda v: _look(index, v, count)) if index else None
        by_words = find_by_words(
            session,
            query_terms(title, reader.language),
            organization_id=reader.organization_id,
            language=reader.language,
            limit=max(count, 50),
        )
        near = self._encoders.finish(looking) if looking else None
        if index is None or near is None:
            return Candidates(rank([], {}, by_words.scores, by_words.exact), None, None, None)
        similarities = _similarities(index, near, by_words)
        neighbours = [Neighbour(owner, value) for owner, value in similarities.items()]
        return Candidates(
            rank(neighbours, {}, by_words.scores, by_words.exact),
            near.vectors[0],
            near.vectors.mean(axis=0),
            index.model,
        )


@dataclass(frozen=True)
class _Near:
    """What is near to each of the texts: question → similarity, a vector each."""

    vectors: Vectors
    found: Sequence[Mapping[int, float]]


def _look(index: OrganizationIndex, vectors: Vectors, count: int) -> _Near:
    return _Near(
        vectors,
        [
            {near.owner: near.similarity for near in index.search(vector, k=count)}
            for vector in vectors
        ],
    )


def _similarities(index: OrganizationIndex, near: _Near, by_words: WordHits) -> Mapping[int, float]:
    """Return question → similarity of all that is near, or has the words."""
    everything = {owner for each in near.found for owner in each} | set(by_words.scores)
    found = [
        {**each, **index.similarities(vector, everything - each.keys())}
        for vector, each in zip(near.vectors, near.found, strict=True)
    ]
    return found[0] if len(found) == 1 else combine_title_and_body(*found)
