"""Training with the real libraries, on a tiny model that takes no time."""

import random

import numpy as np
import pytest

from indexer import fine_tuning
from indexer.encoder import OnnxEncoder
from indexer.errors import FineTuningFailed
from indexer.fine_tuning import Pair, count_steps, fine_tune
from indexer.prepare import prepare
from tests.indexer.test_prepare import AT

LETTERS = "bcdfghjk"
PAIRS = [Pair(f"q {letter}", [f"{letter} w"], n) for n, letter in enumerate(LETTERS)]
OTHERS = ["l w", "m w", "n w"]


@pytest.fixture
def quick(monkeypatch):
    """Learn much in few steps, and keep all of it."""
    monkeypatch.setattr(fine_tuning, "LEARNING_RATE", 2e-3)
    monkeypatch.setattr(fine_tuning, "EPOCHS", 40)
    monkeypatch.setattr(fine_tuning, "KEPT_SHARE", 1.0)


def agreement(folder) -> float:
    """How much nearer what was typed is to its own thread than to the others."""
    encoder = OnnxEncoder.open(folder)
    typed = encoder.encode([pair.typed for pair in PAIRS])
    cosines = typed @ encoder.encode([pair.texts[0] for pair in PAIRS]).T
    own = np.trace(cosines) / len(PAIRS)
    return float(own - (cosines.sum() - np.trace(cosines)) / (cosines.size - len(PAIRS)))


@pytest.mark.model
def test_what_was_typed_comes_nearer_to_its_thread_in_8_bits(
    tiny_source,
    tmp_path,
    quick,
):
    done: list[int] = []

    fine_tune(str(tiny_source), PAIRS, OTHERS, tmp_path / "tiny-tuned", advance=done.append)

    quietly = {"created_at": AT, "progress": lambda _: None}
    prepare(str(tiny_source), tmp_path / "before", **quietly)
    made = prepare(str(tmp_path / "tiny-tuned"), tmp_path / "after", tuned_from="tiny", **quietly)
    assert done == list(range(1, count_steps(PAIRS) + 1))
    assert (made.name, made.tuned_from) == ("tiny-tuned", "tiny")
    assert agreement(tmp_path / "after") > agreement(tmp_path / "before") + 0.2


@pytest.mark.model
def test_a_source_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(FineTuningFailed, match="could not be fine-tuned"):
        fine_tune(str(tmp_path), PAIRS, OTHERS, tmp_path / "made", advance=lambda _: None)


def test_in_a_batch_no_thread_stands_twice(monkeypatch):
    monkeypatch.setattr(fine_tuning, "BATCH", 5)
    pairs = [Pair(str(n), [str(n)], n % 7) for n in range(70)]
    for seed in range(20):
        drawn = fine_tuning._draw(pairs, random.Random(seed))
        assert len({each.thread for each in drawn}) == len(drawn) == 5
    assert len(fine_tuning._draw(pairs[:3], random.Random(1))) == 3
