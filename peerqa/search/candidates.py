"""Candidates of a look-up: by meaning, and by words, in one ranked list.

The vectors are made and compared beside the words query. Whatever is not there in time, the encoder
or the index, is gone without: the list is then by words alone, and says so.
"""

from collections.abc import Collection, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
import structlog
from numpy.typing import NDArray
from sqlalchemy.orm import Session

from indexer.errors import IndexUnavailable
from indexer.nearest import Gathered
from indexer.ports import Encoder, Index
from indexer.ranking import Ranked, combine_title_and_body, rank
from indexer.words import query_terms
from peerqa.search.encoders import EncoderKeeper, Vectors
from peerqa.search.hits import Reader
from peerqa.search.words import WordHits, find_by_words

MAX_TYPED_BODY = 2_000  # of a look-up: the encoder reads no more, and addresses must stay short
FEW = 2_000  # questions that are compared one by one; more are looked for among the others
DEEP = 2_000  # posts with the words that are looked at when some are left out

log = structlog.get_logger()


@dataclass(frozen=True)
class Typed:
    """What somebody typed; `typing` joins their look-ups at one title, see SharedEncoder.

    Space and topics are those that were chosen; they break near-ties alone, see `showing`.
    """

    title: str
    body: str = ""
    typing: str | None = None
    space_id: int | None = None
    topic_names: tuple[str, ...] = ()

    @property
    def texts(self) -> list[str]:
        """The texts that are compared: both with both, when there is a body."""
        title, body = self.title, self.body
        return [title, f"{title}\n{body}"] if body.strip() else [title]


@dataclass(frozen=True)
class Candidates:
    """What was found, best first, before it is known who may see it."""

    ranked: Sequence[Ranked]
    query: NDArray[np.float32] | None  # of the title; None: by words alone
    compared: NDArray[np.float32] | None  # mean of all that was compared: title, and body
    model: str | None


class Indexes(Protocol):
    """Where the index of an organization is found."""

    def find(self, session: Session, organization_id: int, encoder: Encoder) -> Index | None:
        """Return the index, equal to the database; None when it is not ready yet."""


@dataclass(frozen=True)
class Choice:
    """The questions that a look-up chooses from; the reader may see them all."""

    ids: frozenset[int]
    others: frozenset[int] = frozenset()  # of the organization, where the ids are many

    @property
    def few(self) -> frozenset[int] | None:
        """Return the ids when they are so few that each of them is compared."""
        return self.ids if len(self.ids) <= FEW else None


class Finder:
    """Finds candidates with what this process holds."""

    def __init__(self, encoders: EncoderKeeper, indexes: Indexes) -> None:
        self._encoders = encoders
        self._indexes = indexes

    def find(
        self,
        session: Session,
        reader: Reader,
        typed: Typed,
        *,
        count: int,
        exclude: Collection[int] = frozenset(),
        choice: Choice | None = None,
    ) -> Candidates:
        """Return about `count` candidates or more, fewer when there are fewer.

        Args:
            exclude: questions that are none.
            choice: the only ones; each of a few is compared, be it near or far.
        """
        few, exclude = (choice.few, choice.others) if choice else (None, exclude)
        encoder = self._encoders.find()
        awaited: Future[Index | None] = Future()
        looking = encoder and self._encoders.begin(
            encoder,
            typed.texts,
            lambda vectors: _look(awaited, vectors, count, exclude, few),
            typing=typed.typing,
        )
        index = None
        try:  # it is brought up to date while the encoder runs, which waits for it after that
            if encoder and looking:
                index = self._indexes.find(session, reader.organization_id, encoder)
        finally:
            awaited.set_result(index)
        by_words = _by_words(session, reader, typed, count, exclude, choice)
        if index is None or not looking:
            return _by_words_alone(by_words)
        try:
            # beside the encoding as well
            having_words = index.gather(by_words.scores if few is None else few)
            near = self._encoders.finish(looking)
            if near is None:
                return _by_words_alone(by_words)
            if not index.beside:
                near = replace(near, found=_nearest(index, near.vectors, count, exclude, few))
            return _by_meaning(index, near, having_words, by_words)
        except IndexUnavailable as error:
            log.warning("index.unusable", reason=str(error))
            return _by_words_alone(by_words)


def _by_meaning(
    index: Index, near: "_Near", having_words: Gathered, by_words: WordHits
) -> Candidates:
    similarities = _similarities(index, near, having_words)
    ranked = rank([], similarities, by_words.scores, by_words.exact)
    return Candidates(ranked, near.vectors[0], near.vectors.mean(axis=0), index.model)


def _by_words(
    session: Session,
    reader: Reader,
    typed: Typed,
    count: int,
    exclude: Collection[int],
    choice: Choice | None,
) -> WordHits:
    found = find_by_words(
        session,
        query_terms(typed.title, reader.language),
        organization_id=reader.organization_id,
        language=reader.language,
        limit=DEEP if exclude and choice is None else max(count, 50),
        only=None if choice is None else choice.ids,
    )
    if not exclude or choice is not None:
        return found
    scores = {owner: score for owner, score in found.scores.items() if owner not in exclude}
    return WordHits(scores, found.exact.difference(exclude))


def _by_words_alone(by_words: WordHits) -> Candidates:
    return Candidates(rank([], {}, by_words.scores, by_words.exact), None, None, None)


@dataclass(frozen=True)
class _Near:
    """What is near to each of the texts: question → similarity, a vector each.

    Attributes:
        found: empty until an index that is not searched beside is searched.
    """

    vectors: Vectors
    found: Sequence[Mapping[int, float]]


def _look(
    awaited: "Future[Index | None]",
    vectors: Vectors,
    count: int,
    exclude: Collection[int],
    few: Collection[int] | None,
) -> _Near | None:
    index = awaited.result()
    if index is None:
        return None
    return _Near(vectors, _nearest(index, vectors, count, exclude, few) if index.beside else [])


def _nearest(
    index: Index,
    vectors: Vectors,
    count: int,
    exclude: Collection[int],
    few: Collection[int] | None,
) -> list[dict[int, float]]:
    if few is not None:  # all of them are gathered
        return [{} for _ in vectors]
    return [
        {near.owner: near.similarity for near in index.search(vector, k=count, exclude=exclude)}
        for vector in vectors
    ]


def _similarities(index: Index, near: _Near, having_words: Gathered) -> Mapping[int, float]:
    """Return question → similarity of all that is near, or has the words."""
    found = [
        {**having_words.similarities(vector), **each}
        for vector, each in zip(near.vectors, near.found, strict=True)
    ]
    if len(found) == 1:
        return found[0]
    everything = {owner for each in found for owner in each}
    return combine_title_and_body(
        *(
            {**each, **index.similarities(vector, everything - each.keys())}
            for vector, each in zip(near.vectors, found, strict=True)
        )
    )
