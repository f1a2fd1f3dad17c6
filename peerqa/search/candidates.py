"""Candidates of a look-up: by meaning, and by words, in one ranked list.

Encoding and the words query run beside each other. Whatever is not there in time, the encoder or
the index, is gone without: the list is then by words alone, and says so.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sqlalchemy.orm import Session

from indexer.faiss_index import Neighbour, OrganizationIndex
from indexer.ranking import Ranked, combine_title_and_body, rank
from indexer.words import query_terms
from peerqa.search.encoders import EncoderKeeper
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
        encoding = self._encoders.begin(texts)
        by_words = find_by_words(
            session,
            query_terms(title, reader.language),
            organization_id=reader.organization_id,
            language=reader.language,
            limit=max(count, 50),
        )
        vectors = self._encoders.finish(encoding) if encoding else None
        index = None
        if encoding is not None and vectors is not None:
            index = self._indexes.find(session, reader.organization_id, encoding.encoder)
        if index is None or vectors is None:
            return Candidates(rank([], {}, by_words.scores, by_words.exact), None, None, None)
        similarities = _similarities(index, vectors, by_words, count)
        neighbours = [Neighbour(owner, value) for owner, value in similarities.items()]
        return Candidates(
            rank(neighbours, {}, by_words.scores, by_words.exact),
            vectors[0],
            vectors.mean(axis=0),
            index.model,
        )


def _similarities(
    index: OrganizationIndex, vectors: NDArray[np.float32], by_words: WordHits, count: int
) -> Mapping[int, float]:
    """Return question → similarity of all that is near, or has the words."""
    found = [
        {near.owner: near.similarity for near in index.search(vector, k=count)}
        for vector in vectors
    ]
    everything = {owner for each in found for owner in each} | set(by_words.scores)
    for vector, each in zip(vectors, found, strict=True):
        each |= index.similarities(vector, everything - each.keys())
    return found[0] if len(found) == 1 else combine_title_and_body(*found)
