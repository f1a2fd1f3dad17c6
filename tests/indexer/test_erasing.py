"""What was erased leaves nothing behind: in no file, in no older generation, in no memory."""

import faiss
import numpy as np
import pytest

from indexer.errors import IndexDamaged, IndexMissing
from indexer.faiss_base import open_base
from indexer.faiss_index import Change, OrganizationIndex
from indexer.files import folder_beside
from indexer.generation import VECTORS, current_name
from indexer.lists import Layout
from indexer.saving import erase_from_base, erased_up_to, sweep
from tests.indexer.test_divided_lists import DIVIDED, MODEL, WIDTH, save
from tests.indexer.test_faiss_index import owners_of, unit_vectors

KINDS = {"whole floats": (300, None), "8 bits": (1_200, None), "lists": (1_200, DIVIDED)}


@pytest.fixture(params=KINDS)
def saved(request, tmp_path):
    """A base of each kind, and its vectors."""
    count, layout = KINDS[request.param]
    vectors = unit_vectors(count, dimension=WIDTH)
    save(tmp_path, vectors, layout=layout)
    return tmp_path, vectors


def traces_of(folder, vector):
    """Say in which files the vector stands, as floats or as a code."""
    index = faiss.read_index(str(folder / current_name(folder) / VECTORS))
    shapes = [vector.tobytes(), vector.astype("<f2").tobytes()]
    if hasattr(index, "sq"):
        shapes.append(index.sq.compute_codes(vector[np.newaxis]).tobytes())
    return [
        path.name
        for path in sorted(folder.rglob("*"))
        if path.is_file() and any(shape in path.read_bytes() for shape in shapes)
    ]


def open_index(folder):
    return OrganizationIndex.open(folder, model=MODEL, dimension=WIDTH)


def test_no_trace_of_it_is_left_in_any_file(saved):
    folder, vectors = saved
    assert traces_of(folder, vectors[7])

    assert erase_from_base(folder, [7, 11, 99_999], revision=5) == 2

    assert traces_of(folder, vectors[7]) == traces_of(folder, vectors[11]) == []
    assert traces_of(folder, vectors[8])


def test_the_others_are_found_as_before(saved):
    folder, vectors = saved
    before = open_index(folder)
    query = vectors[7]

    erase_from_base(folder, [7], revision=5)

    after = open_index(folder)
    found = [each for each in before.search(query, k=20) if each.owner != 7]
    assert after.search(query, k=19) == found
    assert owners_of(before.search(query, k=1)) == [7]  # who has it open keeps it
    assert after.similarities(query, [7]) == {}
    assert (after.size, after.dead_count) == (len(vectors) - 1, 1)
    assert 7 not in after.ids()


def test_what_came_after_the_base_is_still_followed_from_there(saved):
    folder, vectors = saved
    erase_from_base(folder, [7], revision=5)

    index = open_index(folder)
    assert (index.revision, erased_up_to(folder)) == (1, 5)
    index.apply([Change(7, 7, None), Change(5_000, 70, vectors[7])], revision=5)

    assert owners_of(index.search(vectors[7], k=1)) == [70]


def test_twice_is_once(saved):
    folder, _ = saved
    erase_from_base(folder, [7], revision=5)
    name = current_name(folder)

    assert erase_from_base(folder, [7], revision=6) == 0
    assert erase_from_base(folder, [99_999], revision=7) == 0

    assert current_name(folder) == name


def test_one_after_the_other_are_all_gone(saved):
    folder, vectors = saved
    for revision, row in enumerate((3, 4, 5), start=2):
        erase_from_base(folder, [row], revision=revision)

    assert [traces_of(folder, vectors[row]) for row in (3, 4, 5)] == [[], [], []]
    assert open_index(folder).size == len(vectors) - 3


def test_a_new_base_begins_without_gaps(saved):
    folder, vectors = saved
    erase_from_base(folder, [7], revision=5)

    save(folder, vectors[:7])

    assert (open_index(folder).size, open_index(folder).dead_count) == (7, 0)


def test_nothing_is_erased_from_what_is_missing_or_damaged(saved):
    folder, _ = saved
    with pytest.raises(IndexMissing):
        erase_from_base(folder / "none", [7], revision=5)

    file = folder / current_name(folder) / VECTORS
    file.chmod(0o644)
    file.write_bytes(file.read_bytes()[:-1])

    with pytest.raises(IndexDamaged):
        erase_from_base(folder, [7], revision=5)
    assert not list(folder.glob(".generation.new-*"))


def test_what_a_kill_left_behind_is_swept_without_a_save(saved):
    folder, vectors = saved
    orphan, half = folder / "generation-9-abcdefgh", folder / ".generation.new-abcdefgh"
    for left_behind in (orphan, half):
        left_behind.mkdir()
        (left_behind / VECTORS).write_bytes(vectors[7].tobytes())

    sweep(folder)

    assert not orphan.exists()
    assert not half.exists()
    assert open_index(folder).size == len(vectors)


def test_sweeping_leaves_a_base_in_order_alone(saved):
    folder, _ = saved
    with folder_beside(folder / "other"):  # and needs nobody's leave
        sweep(folder)

    assert open_base(folder, model=MODEL, dimension=WIDTH).count


def test_a_vector_that_goes_leaves_the_memory_of_what_came_after_the_base():
    vectors = unit_vectors(100, dimension=WIDTH)
    index = OrganizationIndex.empty(model=MODEL, dimension=WIDTH)
    index.apply([Change(n, n, vector) for n, vector in enumerate(vectors)], revision=1)

    index.apply([Change(7, 7, None), Change(8, 8, vectors[9])], revision=2)

    held = index._delta._vectors  # all of it, what no reader is told of included
    assert not (held == vectors[7]).all(axis=1).any()
    assert not (held == vectors[8]).all(axis=1).any()
    assert owners_of(index.search(vectors[50], k=1)) == [50]


def test_memory_is_given_back_when_most_is_gone():
    vectors = unit_vectors(1_000, dimension=WIDTH)
    index = OrganizationIndex.empty(model=MODEL, dimension=WIDTH)
    index.apply([Change(n, n, vector) for n, vector in enumerate(vectors)], revision=1)
    full = index.private_bytes

    index.apply([Change(n, n, None) for n in range(990)], revision=2)

    assert index.private_bytes < full / 10
    assert index.size == 10


def test_a_limit_in_the_middle_of_a_kind_is_kept_by_erasing(tmp_path):
    layout = Layout(lists_from=200, whole_below=150)
    save(tmp_path, unit_vectors(200, dimension=WIDTH), layout=layout)

    erase_from_base(tmp_path, range(120), revision=2)

    assert open_index(tmp_path).size == 80
