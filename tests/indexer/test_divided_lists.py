"""A large base is divided into lists; here with few rows, as the layout is a matter of choice."""

from pathlib import Path

import faiss
import numpy as np
import pytest

from indexer.faiss_base import ListedBase, open_base
from indexer.faiss_index import Change, OrganizationIndex, write_base
from indexer.generation import VECTORS, current_name, read_manifest
from indexer.lists import Layout
from tests.indexer.test_faiss_index import owners_of, unit_vectors

MODEL = "words@1"
WIDTH = 32
DIVIDED = Layout(lists_from=1, whole_below=1)


def near_each_other(count, *, groups=40, seed=3):
    """Vectors in groups, as texts about the same things are."""
    random = np.random.default_rng(seed)
    middles = unit_vectors(groups, seed=seed, dimension=WIDTH)
    rows = middles[random.integers(groups, size=count)]
    rows = rows + 0.6 * unit_vectors(count, seed=seed + 1, dimension=WIDTH)
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


def save(folder: Path, vectors, *, layout=DIVIDED):
    count = len(vectors)
    write_base(
        folder,
        model=MODEL,
        dimension=vectors.shape[1],
        revision=1,
        ids=range(count),
        owners=range(count),
        vectors=vectors,
        layout=layout,
    )
    return OrganizationIndex.open(folder, model=MODEL, dimension=vectors.shape[1])


def nearest(vectors, query, k):
    return [int(row) for row in np.argsort(-(vectors @ query), kind="stable")[:k]]


def manifest_of(folder):
    return read_manifest(folder / current_name(folder))


def test_most_true_neighbours_are_found_in_few_of_the_lists(tmp_path):
    vectors = near_each_other(4_000)
    index = save(tmp_path, vectors)
    queries = near_each_other(50, seed=3)

    found = [
        len(set(owners_of(index.search(query, k=10))) & set(nearest(vectors, query, 10)))
        for query in queries
    ]

    manifest = manifest_of(tmp_path)
    assert 0 < manifest.probes < manifest.lists / 2
    assert sum(found) >= 0.98 * 500


def test_all_lists_looked_through_find_what_comparing_every_row_finds(tmp_path):
    vectors = near_each_other(1_500).astype(np.float16).astype(np.float32)
    index = save(tmp_path, vectors, layout=Layout(lists_from=1, whole_below=1, probes=10_000))

    for query in near_each_other(20, seed=8):
        found = index.search(query, k=10)
        assert owners_of(found) == nearest(vectors, query, 10)
        assert [each.similarity for each in found] == pytest.approx(
            np.sort(vectors @ query)[::-1][:10], abs=1e-6
        )


def test_the_same_vectors_give_the_same_files(tmp_path):
    vectors = near_each_other(2_000)
    for name in ("one", "other"):
        save(tmp_path / name, vectors)

    one, other = (manifest_of(tmp_path / name) for name in ("one", "other"))

    assert one == other


def test_a_base_in_chunks_is_the_same_base(tmp_path):
    vectors = near_each_other(2_000)
    save(tmp_path / "whole", vectors)
    write_base(
        tmp_path / "chunks", model=MODEL, dimension=WIDTH, revision=1, ids=range(2_000),
        owners=range(2_000), vectors=[vectors[:700], vectors[700:700], vectors[700:]],
        layout=DIVIDED,
    )  # fmt: skip

    assert manifest_of(tmp_path / "whole") == manifest_of(tmp_path / "chunks")


def test_tombstones_where_one_looks_first_do_not_cost_the_others(tmp_path):
    vectors = near_each_other(2_000)
    index = save(tmp_path, vectors, layout=Layout(lists_from=1, whole_below=1, probes=1))
    query = vectors[0]
    gone = nearest(vectors, query, 1_900)

    index.apply([Change(row, row, None) for row in gone], revision=2)

    assert set(owners_of(index.search(query, k=100))) == set(range(2_000)) - set(gone)


def test_questions_left_out_do_not_cost_the_others(tmp_path):
    vectors = near_each_other(2_000)
    index = save(tmp_path, vectors, layout=Layout(lists_from=1, whole_below=1, probes=1))
    query = vectors[0]
    unseen = frozenset(nearest(vectors, query, 1_950))

    found = index.search(query, k=10, exclude=unseen)

    assert len(found) == 10
    assert not unseen.intersection(owners_of(found))


def test_no_row_is_the_middle_of_a_list(tmp_path):
    """It would live on there, whole, after it was erased."""
    vectors = unit_vectors(60, dimension=WIDTH)
    save(tmp_path, vectors)
    index = faiss.read_index(str(tmp_path / current_name(tmp_path) / VECTORS))

    middles = index.quantizer.reconstruct_n(0, index.nlist)

    assert (vectors @ middles.T).max() < 0.999


@pytest.mark.parametrize("count", [0, 1, 2, 9])
def test_few_rows_can_be_divided_too(tmp_path, count):
    vectors = unit_vectors(count, dimension=WIDTH)
    index = save(tmp_path, vectors)

    assert sorted(owners_of(index.search(unit_vectors(1, dimension=WIDTH)[0], k=20))) == list(
        range(count)
    )


def test_equal_rows_can_be_divided(tmp_path):
    index = save(tmp_path, np.repeat(unit_vectors(1, dimension=WIDTH), 300, axis=0))

    assert owners_of(index.search(unit_vectors(1, dimension=WIDTH)[0], k=3)) == [0, 1, 2]


def test_a_base_about_as_large_as_the_limit_keeps_its_kind(tmp_path):
    layout = Layout(lists_from=200, whole_below=150)
    kinds = []
    for count in (180, 199, 200, 199, 180, 150, 149, 180):
        save(tmp_path, unit_vectors(count, dimension=WIDTH), layout=layout)
        base = open_base(tmp_path, model=MODEL, dimension=WIDTH)
        kinds.append(isinstance(base, ListedBase))

    assert kinds == [False, False, True, True, True, True, False, False]


def test_a_base_of_the_usual_size_is_not_divided():
    assert Layout().lists(199_999, is_divided=False) == 0
    assert Layout().lists(200_000, is_divided=False) == 4 * 447
    assert Layout().lists(3_000_000, is_divided=False) == 2_048
