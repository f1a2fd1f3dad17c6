import numpy as np
import pytest

from indexer.lists import Layout
from peerqa.bench import vectors as bench
from peerqa.bench.table import lines_of_vectors
from peerqa.bench.vectors import Memory, Mixtures, build, look_up, nearest_of_all, recall
from tests.indexer.test_faiss_index import unit_vectors

REAL = unit_vectors(50, dimension=32)


def test_mixtures_are_the_same_each_time_and_of_length_one(monkeypatch):
    monkeypatch.setattr(bench, "CHUNK", 40)
    mixtures = Mixtures(REAL, 100)

    first, again = list(mixtures), list(mixtures)

    assert [len(chunk) for chunk in first] == [40, 40, 20]
    assert all(np.array_equal(a, b) for a, b in zip(first, again, strict=True))
    assert np.allclose(np.linalg.norm(np.concatenate(first), axis=1), 1, atol=1e-5)


def test_the_true_neighbours_are_found_across_chunks(monkeypatch):
    monkeypatch.setattr(bench, "CHUNK", 40)
    mixtures, queries = Mixtures(REAL, 100), unit_vectors(3, seed=5, dimension=32)

    found = nearest_of_all(mixtures, queries)

    everything = np.concatenate(list(mixtures))
    for query, rows in zip(queries, found, strict=True):
        assert set(rows) == set(np.argsort(-(everything @ query))[:10])
    assert recall(found, found) == 1
    assert recall(np.roll(found, 1, axis=0) * 0 - 1, found) == 0


@pytest.mark.parametrize("layout", [Layout(), Layout(lists_from=1)])
def test_an_index_alone_is_measured(tmp_path, monkeypatch, layout):
    monkeypatch.setattr("indexer.saving.Layout", lambda: layout)
    queries = unit_vectors(20, seed=5, dimension=32)
    build_seconds, peak_bytes = build(tmp_path, REAL, 2_000)

    looked = look_up(tmp_path, queries)
    figures = bench._figures(tmp_path, looked, 2_000)

    assert build_seconds > 0
    assert peak_bytes > 10 * 2**20
    assert recall(looked.found, nearest_of_all(Mixtures(REAL, 2_000), queries)) > 0.9
    assert figures["vectors"] == 2_000
    assert bool(figures["lists"]) == (layout.lists_from == 1)
    assert figures["disk_bytes_a_vector"] >= 32 + 32


def test_memory_is_read_from_the_system():
    memory = Memory.now()

    assert memory.rss >= memory.private > 0
    assert memory.pss <= memory.rss


def test_the_figures_are_told_with_their_aims(tmp_path):
    build(tmp_path, REAL, 1_500)
    figures = bench._figures(tmp_path, look_up(tmp_path, REAL[:3]), 1_500)
    figures |= {"recall_at_10": 0.5, "build_s": 1.0, "build_peak_mb": 100}

    said = list(
        lines_of_vectors({"vectors_only": figures, "synthetic": "Mixtures.", "seconds": 2.0})
    )

    assert "MISSED" in next(line for line in said if line.startswith("recall@10"))
    assert "Mixtures." in said
