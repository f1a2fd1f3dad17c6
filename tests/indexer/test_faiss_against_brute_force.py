"""Whatever is put, removed and reopened: the index answers as a dictionary would."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from indexer.faiss_index import Change, OrganizationIndex
from tests.indexer.test_faiss_index import (
    DIMENSION,
    MODEL,
    owners_of,
    saved_index,
    unit_vectors,
)

step = st.one_of(
    st.tuples(
        st.just("put"),
        st.lists(st.tuples(st.integers(0, 12), st.integers(0, 5), st.integers(0, 30)), max_size=8),
    ),
    st.tuples(st.just("remove"), st.lists(st.integers(0, 14), max_size=5)),
    st.tuples(st.just("reopen"), st.none()),
)


class BruteForce:
    """What the index must agree with: a dictionary, and every cosine computed."""

    def __init__(self) -> None:
        self.rows: dict[int, tuple[int, NDArray[np.float32]]] = {}

    def search(self, query: NDArray[np.float32], k: int, exclude: set[int]) -> list[int]:
        best = {owner: -2.0 for owner, _ in self.rows.values() if owner not in exclude}
        for owner, vector in self.rows.values():
            if owner in best:
                best[owner] = max(best[owner], round(float(vector @ query), 4))
        return sorted(best, key=lambda owner: (-best[owner], owner))[:k]


@settings(max_examples=60, deadline=None)
@given(steps=st.lists(step, max_size=12), k=st.integers(1, 6), exclude=st.sets(st.integers(0, 5)))
def test_the_index_agrees_with_brute_force_whatever_happens(tmp_path_factory, steps, k, exclude):
    folder = tmp_path_factory.mktemp("index")
    pool, query = np.round(unit_vectors(31), 3), unit_vectors(1, seed=7)[0]
    truth, index = BruteForce(), OrganizationIndex.empty(model=MODEL, dimension=DIMENSION)

    for revision, (action, what) in enumerate(steps, start=1):
        if action == "put":
            truth.rows |= {row: (owner, pool[n]) for row, owner, n in what}
            changes = [Change(row, owner, pool[n]) for row, owner, n in what]
        elif action == "remove":
            truth.rows = {row: kept for row, kept in truth.rows.items() if row not in what}
            changes = [Change(row, 0, None) for row in what]
        else:
            owners, vectors = (
                [o for o, _ in truth.rows.values()],
                [v for _, v in truth.rows.values()],
            )
            stacked = np.array(vectors, np.float32).reshape(-1, DIMENSION)
            index = saved_index(folder, list(truth.rows), owners, stacked, revision=revision)
            changes = []
        index.apply(changes, revision=revision)

    assert list(index.ids()) == sorted(truth.rows)
    assert index.size == len(truth.rows)
    found = index.search(query, k=k, exclude=exclude)
    assert owners_of(found) == truth.search(query, k, exclude)
    assert index.similarities(query, owners_of(found)) == {
        each.owner: pytest.approx(each.similarity, abs=1e-6) for each in found
    }
