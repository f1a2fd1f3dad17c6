from pathlib import Path
from threading import Event, Thread

import numpy as np
import pytest
from numpy.typing import NDArray

from indexer.errors import IndexMismatch
from indexer.faiss_index import Change, Neighbour, OrganizationIndex, write_base

MODEL = "words@1"
DIMENSION = 8


def unit_vectors(count: int, *, seed: int = 1, dimension: int = DIMENSION) -> NDArray[np.float32]:
    rows = np.random.default_rng(seed).normal(size=(count, dimension))
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


def saved_index(folder: Path, ids, owners, vectors, *, revision: int = 1) -> OrganizationIndex:
    dimension = vectors.shape[1]
    write_base(
        folder,
        model=MODEL,
        dimension=dimension,
        revision=revision,
        ids=ids,
        owners=owners,
        vectors=vectors,
    )
    return OrganizationIndex.open(folder, model=MODEL, dimension=dimension)


def owners_of(neighbours: list[Neighbour]) -> list[int]:
    return [each.owner for each in neighbours]


def test_nothing_is_found_in_an_empty_index():
    index = OrganizationIndex.empty(model=MODEL, dimension=DIMENSION)

    assert index.search(unit_vectors(1)[0], k=3) == []
    assert index.similarities(unit_vectors(1)[0], [1, 2]) == {}
    assert (index.revision, index.size, index.delta_size, index.dead_count) == (0, 0, 0, 0)


def test_an_organization_without_vectors_is_saved_and_opened(tmp_path):
    index = saved_index(tmp_path, [], [], np.empty((0, DIMENSION), np.float32), revision=9)

    assert (index.revision, index.size) == (9, 0)
    assert index.search(unit_vectors(1)[0], k=3) == []


def test_a_question_counts_once_with_its_nearest_vector(tmp_path):
    vectors = unit_vectors(4)
    index = saved_index(tmp_path, [1, 2, 3, 4], [10, 10, 20, 10], vectors)

    found = index.search(vectors[1], k=5)

    assert owners_of(found) == [10, 20] or owners_of(found) == [20, 10]
    assert found[0] == Neighbour(10, pytest.approx(1.0))


def test_k_questions_are_found_though_one_has_a_hundred_near_vectors(tmp_path):
    vectors = unit_vectors(110)
    vectors[:100] = vectors[0]
    owners = [1] * 100 + list(range(2, 12))
    index = saved_index(tmp_path, range(110), owners, vectors)

    found = index.search(vectors[0], k=5)

    assert len(found) == 5
    assert found[0].owner == 1


def test_a_large_delta_is_searched_as_a_base_is(tmp_path):
    vectors, query = unit_vectors(600), unit_vectors(1, seed=2)[0]
    owners = [row // 3 for row in range(600)]
    base = saved_index(tmp_path, range(600), owners, vectors)
    delta = OrganizationIndex.empty(model=MODEL, dimension=DIMENSION)
    delta.apply([Change(row, owners[row], vectors[row]) for row in range(600)], revision=1)

    assert owners_of(delta.search(query, k=8)) == owners_of(base.search(query, k=8))
    same = OrganizationIndex.empty(model=MODEL, dimension=DIMENSION)
    same.apply([Change(row, 600 - row, vectors[0]) for row in range(600)], revision=1)
    assert owners_of(same.search(vectors[0], k=3)) == [1, 2, 3]


def test_equally_near_questions_come_by_smaller_owner(tmp_path):
    vectors = np.repeat(unit_vectors(1), 400, axis=0)
    index = saved_index(tmp_path, range(400), range(400, 0, -1), vectors)

    assert owners_of(index.search(vectors[0], k=4)) == [1, 2, 3, 4]


def test_excluded_questions_are_not_found_in_base_or_delta(tmp_path):
    vectors = unit_vectors(4)
    index = saved_index(tmp_path, [1, 2], [10, 20], vectors[:2])
    index.apply([Change(3, 30, vectors[2]), Change(4, 40, vectors[3])], revision=2)

    assert sorted(owners_of(index.search(vectors[0], k=9, exclude={10, 30}))) == [20, 40]


def test_what_is_gone_is_not_found(tmp_path):
    vectors = unit_vectors(3)
    index = saved_index(tmp_path, [1, 2], [10, 20], vectors[:2])
    index.apply([Change(3, 30, vectors[2])], revision=2)

    index.apply([Change(1, 10, None), Change(3, 30, None), Change(99, 7, None)], revision=3)

    assert owners_of(index.search(vectors[0], k=9)) == [20]
    assert index.similarities(vectors[0], [10, 30]) == {}
    assert list(index.ids()) == [2]
    assert (index.size, index.delta_size, index.dead_count) == (1, 0, 1)


def test_a_replaced_vector_is_never_stored_twice(tmp_path):
    vectors = unit_vectors(3)
    index = saved_index(tmp_path, [1], [10], vectors[:1])

    index.apply([Change(1, 11, vectors[1])], revision=2)
    index.apply([Change(1, 12, vectors[2])], revision=3)

    assert index.size == 1
    assert index.search(vectors[2], k=9) == [Neighbour(12, pytest.approx(1.0))]


def test_changes_applied_twice_are_applied_once():
    vector = unit_vectors(1)[0]
    index = OrganizationIndex.empty(model=MODEL, dimension=DIMENSION)

    for _ in range(2):
        index.apply([Change(1, 10, vector)], revision=5)

    assert (index.size, index.dead_count, index.revision) == (1, 0, 5)


def test_changes_that_come_late_do_not_undo_newer_ones():
    vectors = unit_vectors(2)
    index = OrganizationIndex.empty(model=MODEL, dimension=DIMENSION)
    index.apply([Change(1, 10, None)], revision=7)

    index.apply([Change(1, 10, vectors[0])], revision=6)

    assert (index.size, index.revision) == (0, 7)


def test_a_vector_of_another_model_is_refused_and_nothing_changes():
    index = OrganizationIndex.empty(model=MODEL, dimension=DIMENSION)
    changes = [Change(1, 10, unit_vectors(1)[0]), Change(2, 20, np.ones(3, np.float32))]

    with pytest.raises(IndexMismatch, match=MODEL):
        index.apply(changes, revision=1)

    assert (index.size, index.revision) == (0, 0)


def test_a_large_base_in_8_bits_finds_what_whole_floats_find(tmp_path):
    vectors = unit_vectors(3_000, dimension=64)
    queries = unit_vectors(20, seed=2, dimension=64)
    index = saved_index(tmp_path, range(3_000), range(3_000), vectors)

    kept = 0
    for query in queries:
        wanted = set(np.argsort(-(vectors @ query))[:10])
        kept += len(wanted & set(owners_of(index.search(query, k=10))))

    assert kept >= 190


def test_words_hits_get_the_similarity_that_search_gives(tmp_path):
    vectors = unit_vectors(2_000, dimension=64)
    query = unit_vectors(1, seed=2, dimension=64)[0]
    index = saved_index(tmp_path, range(2_000), [i // 2 for i in range(2_000)], vectors)
    index.apply([Change(5_000, 3, query)], revision=2)

    found = index.search(query, k=20)

    similarities = index.similarities(query, [*owners_of(found), 123_456])
    assert similarities == {each.owner: pytest.approx(each.similarity) for each in found}


def test_a_base_may_be_written_from_chunks(tmp_path):
    vectors = unit_vectors(1_500, dimension=64)
    chunks = [vectors[:700], vectors[700:700], vectors[700:]]
    for folder, given_vectors in (("whole", vectors), ("chunks", chunks)):
        write_base(
            tmp_path / folder,
            model=MODEL,
            dimension=64,
            revision=1,
            ids=range(1_500),
            owners=range(1_500),
            vectors=given_vectors,
        )

    whole, chunked = (
        OrganizationIndex.open(tmp_path / folder, model=MODEL, dimension=64)
        for folder in ("whole", "chunks")
    )
    assert whole.search(vectors[0], k=10) == chunked.search(vectors[0], k=10)


@pytest.mark.parametrize(
    ("ids", "owners", "width"),
    [
        ([1, 1], [1, 2], DIMENSION),
        ([1, 2], [1], DIMENSION),
        ([1], [1], DIMENSION),
        ([1, 2], [1, 2], 3),
    ],
)
def test_a_base_that_contradicts_itself_is_refused(tmp_path, ids, owners, width):
    with pytest.raises(ValueError):
        write_base(
            tmp_path,
            model=MODEL,
            dimension=DIMENSION,
            revision=1,
            ids=ids,
            owners=owners,
            vectors=np.ones((2, width), np.float32),
        )
    assert not (tmp_path / "current").exists()


def test_readers_never_see_half_a_change():
    """Two vectors change places in every step: a reader that saw half would find one twice."""
    vectors = unit_vectors(2)
    index = OrganizationIndex.empty(model=MODEL, dimension=DIMENSION)
    index.apply([Change(1, 10, vectors[0]), Change(2, 20, vectors[1])], revision=1)
    is_over, seen = Event(), []

    def read() -> None:
        while not is_over.is_set():
            seen.append(frozenset(index.search(vectors[0], k=5)))

    readers = [Thread(target=read) for _ in range(3)]
    for reader in readers:
        reader.start()
    for turn in range(2, 600):
        first, second = (20, 10) if turn % 2 == 0 else (10, 20)
        index.apply([Change(1, first, vectors[0]), Change(2, second, vectors[1])], revision=turn)
    is_over.set()
    for reader in readers:
        reader.join()

    states = {tuple(sorted(each.owner for each in found)) for found in seen}
    assert states == {(10, 20)}
    assert len(set(seen)) <= 2
