"""Divides the vectors of a large base into lists, and measures how many a search must look through.

Training is on a bounded sample and seeded: the same vectors give the same lists.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from math import isqrt
from typing import Any

import faiss
import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]

SEED = 20260601
ROWS_PER_LIST = 32
"""Rows of the sample for each list: 2,048 lists are trained on 65,536 rows, 100 MB."""
ROUNDS = 10
RECALL = 0.98
"""Of the ten nearest to the yardsticks."""
NEAREST = 10
YARDSTICKS = 256
YARDSTICK_OF = 3
"""Rows between which a yardstick lies. Measured on 150,000 mixtures of encoded texts, 1,539 lists,
recall@10 by lists looked through (cosine: to the nearest row, on average):

                                cosine      8     16     32     64    128
    titles as they are typed       .66   .923   .955   .975   .982   .989
    between three stored rows      .72   .852   .907   .943   .963   .983
    between two                    .78   .964   .978   .986   .993   .995
    stored rows themselves        1.00   .991   .998   .998   .999  1.000

So stored rows, or those with noise, would promise too much, and these promise a little too little.
"""
_ALIKE = 0.99999


@dataclass(frozen=True, slots=True)
class Layout:
    """From how many rows on a base is divided, and how.

    Comparing all rows takes .4 ms per 10,000 in 8 bits, so 200,000 are where a look-up would begin
    to be felt; there a search of lists takes a tenth of it. Once divided, a base stays so until it
    has clearly shrunk: who has 200,000 today and 199,999 tomorrow keeps one kind.

    Attributes:
        lists_from: rows.
        whole_below: rows; a base that is divided already is so down to here.
        most_lists: above 260,000 rows the lists grow longer, not more: training them is what
            takes long.
        probes: lists to look through; None: as many as were measured to find RECALL.
    """

    lists_from: int = 200_000
    whole_below: int = 150_000
    most_lists: int = 2_048
    probes: int | None = None

    def lists(self, count: int, *, is_divided: bool) -> int:
        """Return into how many lists so many rows are divided; 0: they are not."""
        if not count or count < (self.whole_below if is_divided else self.lists_from):
            return 0
        return max(1, min(4 * isqrt(count), self.most_lists, count))


def sample_positions(count: int, lists: int) -> Ints:
    """Return which rows to train on, ascending."""
    wanted = min(count, lists * ROWS_PER_LIST)
    return np.sort(np.random.default_rng(SEED).choice(count, wanted, replace=False))


def divided_index(sample: Floats, ranges: Floats, lists: int) -> Any:  # Any: faiss has no types
    """Return an empty FAISS index, divided into about so many lists.

    Args:
        sample: rows to train on.
        ranges: the lowest and the highest value of each dimension, which is what 8 bits span.
    """
    dimension = sample.shape[1]
    faiss.omp_set_num_threads(1)
    parameters = faiss.ClusteringParameters()
    parameters.niter, parameters.seed, parameters.spherical = ROUNDS, SEED, True
    parameters.min_points_per_centroid = 1
    clustering = faiss.Clustering(dimension, min(lists, len(sample)), parameters)
    clustering.train(sample, faiss.IndexFlatIP(dimension))
    middles = faiss.vector_to_array(clustering.centroids).reshape(-1, dimension)
    quantizer = faiss.IndexFlatIP(dimension)
    quantizer.add(_between_rows(middles, sample))
    index = faiss.IndexIVFScalarQuantizer(
        quantizer, dimension, quantizer.ntotal, faiss.ScalarQuantizer.QT_8bit,
        faiss.METRIC_INNER_PRODUCT, False,  # the codes of the rows, not of what they differ by
    )  # fmt: skip
    index.sq.train(ranges)
    index.is_trained = True
    return index


def _between_rows(middles: Floats, sample: Floats) -> Floats:
    """Leave out what is the middle of a single row: the row, erased later, would live on in it."""
    every = faiss.IndexFlatIP(sample.shape[1])
    every.add(middles)
    similarities, nearest = every.search(sample, 1)
    alone = np.unique(nearest[similarities >= _ALIKE])
    kept = np.delete(middles, alone, axis=0)
    if len(kept):
        return kept
    middle = sample.mean(axis=0, keepdims=True)
    return np.ascontiguousarray(middle / max(float(np.linalg.norm(middle)), 1e-9), np.float32)


class TrueNeighbours:
    """The rows that are truly nearest to each query, found while all rows pass by.

    Attributes:
        queries: shape (n, dimension).
        positions: shape (n, NEAREST), in any order; -1 where fewer rows passed by.
    """

    def __init__(self, queries: Floats) -> None:
        self.queries = np.ascontiguousarray(queries, np.float32)
        shape = len(queries), NEAREST
        self._similarities = np.full(shape, -np.inf, np.float32)
        self.positions = np.full(shape, -1, np.int64)

    def pass_by(self, chunk: Floats, start: int) -> None:
        """Look at the next rows, the first of which stands at position `start`."""
        products = self.queries @ chunk.T
        positions = np.arange(start, start + len(chunk))
        everything = np.concatenate([self._similarities, products], axis=1)
        places = np.concatenate(
            [self.positions, np.broadcast_to(positions, products.shape)], axis=1
        )
        best = np.argpartition(-everything, NEAREST - 1, axis=1)[:, :NEAREST]
        self._similarities = np.take_along_axis(everything, best, axis=1)
        self.positions = np.take_along_axis(places, best, axis=1)


class Yardstick(TrueNeighbours):
    """Of points between stored rows, which are like what may be looked up."""

    def __init__(self, sample: Floats) -> None:
        chosen = np.random.default_rng(SEED).integers(len(sample), size=(YARDSTICKS, YARDSTICK_OF))
        between = sample[chosen].sum(axis=1)
        between /= np.maximum(np.linalg.norm(between, axis=1, keepdims=True), 1e-9)
        super().__init__(between)

    def fewest_probes(self, index: Any, lists: int) -> int:
        """Return how many lists of the index must be looked through to find RECALL."""
        faiss.omp_set_num_threads(1)
        for probes in _rising(lists):
            parameters = faiss.SearchParametersIVF(nprobe=probes)  # type: ignore[call-arg]
            # with as many more as a search compares exactly
            _, found = index.search(self.queries, 4 * NEAREST, params=parameters)
            pairs = zip(self.positions, found, strict=True)
            hits = [np.isin(true[true >= 0], here).sum() for true, here in pairs]
            if sum(hits) >= RECALL * np.count_nonzero(self.positions >= 0):
                return probes
        return lists


def _rising(lists: int) -> Iterable[int]:
    """Yield 1, 2, 3, 4, 6, 8, 12, 16 … below the number of lists."""
    probes = 1
    while probes < lists:
        yield probes
        if probes >= 2 and probes + probes // 2 < lists:
            yield probes + probes // 2
        probes *= 2
