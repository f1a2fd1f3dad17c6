from peerqa.bench.times import beside, percentiles, turn_about


def test_percentiles_are_in_milliseconds():
    assert percentiles([0.001 * n for n in range(101)]) == {"p50_ms": 50.0, "p95_ms": 95.0}


def test_what_is_measured_stands_beside_its_floor():
    assert beside([0.003] * 3, [0.002] * 3) == {
        "p50_ms": 3.0, "p95_ms": 3.0, "ratio": 1.5, "p95_ratio": 1.5,
    }  # fmt: skip


def test_neither_always_goes_first():
    done = []

    turn_about("abc", lambda item: done.append(f"{item}1"), lambda item: done.append(f"{item}2"))

    assert done == ["a2", "a1", "b1", "b2", "c2", "c1"]
