from peerqa.bench.table import lines

FIGURES = {
    "similar_in_process": {
        "p50_ms": 10.0, "p95_ms": 20.0, "ratio": 1.3, "p95_ratio": 1.1, "with_hits": 3,
    },
    "index": {"per_second": 150.0, "ratio": 0.97},
    "torch_free": True,
    "pages": {
        "question": {"per_second": 149.0, "p95_ms": 80.0, "cpu_ms": 9.0, "ratio": 0.1},
        "ask": {"per_second": 101.0, "p99_ms": 251.0, "cpu_ms": 9.0, "ratio": 0.1},
    },
    "floor": {"encode": {"p50_ms": 3.0, "p95_ms": 4.0}},
    "floor_is": "the least",
    "synthetic": "Some is made up.",
    "seconds": 1.5,
}  # fmt: skip


def test_a_missed_aim_is_said_and_a_met_one_is_not():
    said = list(lines(FIGURES))

    ratios = [line for line in said if "aim" in line]
    assert ["MISSED" in line for line in ratios] == [True, False, False, True, False, False, True]


def test_what_was_not_measured_is_not_mentioned():
    assert not any("HTTP" in line for line in lines(FIGURES))


def test_what_is_made_up_is_said():
    assert "Some is made up." in list(lines(FIGURES))
