from peerqa.bench.times import STRIDE, beside, percentiles, turn_about


def test_percentiles_are_in_milliseconds():
    assert percentiles([0.001 * n for n in range(101)]) == {"p50_ms": 50.0, "p95_ms": 95.0}


def test_what_is_measured_stands_beside_its_floor():
    assert beside([0.003] * 3, [0.002] * 3) == {
        "p50_ms": 3.0, "p95_ms": 3.0, "ratio": 1.5, "p95_ratio": 1.5,
    }  # fmt: skip


def test_neither_always_goes_first_and_nothing_is_left_out():
    done = []
    items = range(2 * STRIDE + 1)

    turn_about(items, lambda item: done.append((item, 1)), lambda item: done.append((item, 2)))

    first, second, third = items[:STRIDE], items[STRIDE : 2 * STRIDE], items[2 * STRIDE :]
    assert done == [
        *((item, 2) for item in first), *((item, 1) for item in first),
        *((item, 1) for item in second), *((item, 2) for item in second),
        *((item, 2) for item in third), *((item, 1) for item in third),
    ]  # fmt: skip
