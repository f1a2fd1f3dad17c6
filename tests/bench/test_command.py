"""The whole command at its smallest, as somebody calls it."""

import json
import os
import subprocess
import sys

import pytest

KEYS = {
    "similar_in_process", "similar_http", "floor", "index", "web_process_mb", "first_page_s",
    "first_semantic_s", "found_by_another_process", "typists",
    "launches", "pages", "torch_free", "synthetic", "sizes", "versions", "seconds",
}  # fmt: skip


@pytest.mark.long  # its parts are tested beside it, and a run takes most of a minute
@pytest.mark.model
def test_one_run_gives_every_figure_and_leaves_nothing_behind(tmp_path, model_folder):
    home, temporary = tmp_path / "home", tmp_path / "temporary"
    temporary.mkdir()
    done = subprocess.run(
        [sys.executable, "-m", "peerqa", "bench", "--questions", "200", "--look-ups", "20",
         "--json"],
        env=os.environ | {
            "PEERQA_HOME": str(home), "PEERQA_MODEL_DIR": str(model_folder),
            "TMPDIR": str(temporary),
        },
        capture_output=True, text=True, timeout=500, check=False,
    )  # fmt: skip

    assert done.returncode == 0, done.stderr
    figures = json.loads(done.stdout.splitlines()[-1])
    assert figures.keys() >= KEYS
    for name in ("similar_in_process", "similar_http"):
        assert figures[name].keys() >= {"p50_ms", "p95_ms", "ratio", "p95_ratio"}
    assert figures["index"]["per_second"] > 0
    assert figures["torch_free"] is True
    assert figures["index"]["ratio"] > 0
    assert figures["found_by_another_process"]["p95_ms"] > 0
    assert figures["typists"].keys() >= {"per_second", "limit_per_second", "ratio", "flat_out"}
    assert figures["launches"]["outcomes"].keys() == {"in"}
    for kind, status in {"question": 200, "list": 200, "ask": 303, "answer": 303}.items():
        assert figures["pages"][kind]["outcomes"].keys() == {str(status)}
        assert 0 < figures["pages"][kind]["ratio"] < 1
    assert figures["sizes"] == {
        "questions": 200, "look_ups": 20, "encoded": 20, "asked_again": 6,
    }  # fmt: skip
    assert not home.exists()
    assert not list(temporary.glob("peerqa-*"))
