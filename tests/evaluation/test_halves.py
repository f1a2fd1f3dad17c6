from hypothesis import given
from hypothesis import strategies as some

from peerqa.evaluation.folder import Folder, Query
from peerqa.evaluation.halves import HALVES, choose_half, half_of

names = some.sampled_from([f"q{n}" for n in range(12)])
rows = some.lists(some.tuples(names, some.sampled_from([f"d{n}" for n in range(12)])), max_size=20)


def folder_of(pairs):
    qrels = {}
    for query, document in pairs:
        qrels.setdefault(query, {})[document] = 1.0
    return Folder([], [Query(f"q{n}", "A title", "") for n in range(12)], qrels)


def ids(folder, half):
    return [query.id for query in choose_half(folder, half)]


@given(rows)
def test_the_halves_are_disjoint_and_together_all(pairs):
    folder = folder_of(pairs)
    tune, report = ids(folder, "tune"), ids(folder, "report")

    assert not set(tune) & set(report)
    assert sorted(tune + report) == sorted(ids(folder, None))


@given(rows)
def test_queries_of_one_thread_stay_together(pairs):
    folder = folder_of(pairs)
    half = {query: name for name in HALVES for query in ids(folder, name)}

    for one, document in pairs:
        for other, same in pairs:
            if document == same:
                assert half[one] == half[other]


@given(rows, some.randoms())
def test_the_order_of_the_rows_changes_nothing(pairs, random):
    shuffled = list(pairs)
    random.shuffle(shuffled)

    assert ids(folder_of(pairs), "tune") == ids(folder_of(shuffled), "tune")


def test_the_smallest_id_decides_and_always_the_same():
    chained = folder_of([("q3", "d1"), ("q5", "d1"), ("q5", "d2"), ("q7", "d2")])

    assert {name: half_of(name) for name in ("d1", "q0", "q1", "cs10399")} == {
        "d1": "report", "q0": "report", "q1": "tune", "cs10399": "tune",
    }  # fmt: skip
    assert {"q3", "q5", "q7"} <= set(ids(chained, half_of("d1")))
