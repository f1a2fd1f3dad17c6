"""Look-ups share one encoder: in turn, each text once, and not what nobody waits for."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from indexer.errors import EncodingFailed
from peerqa.search import shared_encoder
from peerqa.search.shared_encoder import SharedEncoder, Superseded
from tests.fakes import WordsEncoder

PATIENCE = 20


class HeldEncoder(WordsEncoder):
    """Encodes when it is let go, and notes how many it had at once."""

    def __init__(self):
        super().__init__()
        self.gate = threading.Event()
        self.asked: list[str] = []
        self.at_once = self.most_at_once = 0
        self._lock = threading.Lock()

    def encode(self, texts):
        with self._lock:
            self.asked.extend(texts)
            self.at_once += 1
            self.most_at_once = max(self.most_at_once, self.at_once)
        assert self.gate.wait(PATIENCE)
        with self._lock:
            self.at_once -= 1
        return super().encode(texts)


@pytest.fixture
def held():
    return HeldEncoder()


@pytest.fixture
def pool():
    with ThreadPoolExecutor(20) as pool:
        yield pool


def wait_until(condition):
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.005)


def waiting(shared):
    return len(shared._waiting)


def test_each_text_gets_its_own_vector():
    plain, words = WordsEncoder(), ("one", "two words", "one")

    vectors = SharedEncoder(plain, lanes=1).encode(words)

    assert np.array_equal(vectors, WordsEncoder().encode(words))
    assert plain.encoded == ["one", "two words"]


def test_what_was_encoded_is_remembered_but_not_for_ever(monkeypatch):
    monkeypatch.setattr(shared_encoder, "MOST_REMEMBERED", 2)
    plain = WordsEncoder()
    shared = SharedEncoder(plain, lanes=1)

    for text in ("a", "b", "a", "c", "a", "b"):
        shared.encode([text])

    assert plain.encoded == ["a", "b", "c", "b"]


def test_no_text_is_kept(held):
    held.gate.set()
    shared = SharedEncoder(held, lanes=1)
    shared.encode(["Who earns too much?"])

    assert "earns" not in repr(vars(shared))


def test_no_more_run_at_once_than_there_are_lanes(held, pool):
    shared = SharedEncoder(held, lanes=2)
    results = [pool.submit(shared.encode, [f"text {n}"]) for n in range(12)]
    wait_until(lambda: held.at_once == 2 and waiting(shared) == 10)
    held.gate.set()

    for n, result in enumerate(results):
        assert np.array_equal(result.result(PATIENCE), WordsEncoder().encode([f"text {n}"]))
    assert held.most_at_once == 2
    assert waiting(shared) == 0


def test_the_same_text_asked_by_many_is_encoded_once(held, pool):
    shared = SharedEncoder(held, lanes=1)
    results = [pool.submit(shared.encode, ["the same"]) for _ in range(8)]
    wait_until(lambda: held.at_once == 1 and waiting(shared) == 7)
    held.gate.set()

    assert len({result.result(PATIENCE).tobytes() for result in results}) == 1
    assert held.asked == ["the same"]


def test_who_types_on_takes_the_place_of_what_they_typed_before(held, pool):
    shared = SharedEncoder(held, lanes=1)
    first = pool.submit(shared.encode, ["somebody else"], typing="bob")
    wait_until(lambda: held.at_once == 1)
    earlier = pool.submit(shared.encode, ["how do I"], typing="alice")
    wait_until(lambda: waiting(shared) == 1)
    others = pool.submit(shared.encode, ["where is"], typing="carol")
    wait_until(lambda: waiting(shared) == 2)
    later = pool.submit(shared.encode, ["how do I reset"], typing="alice")

    with pytest.raises(Superseded):
        earlier.result(PATIENCE)  # at once, while the encoder is still busy
    held.gate.set()

    for result in (first, others, later):
        assert result.result(PATIENCE).shape == (1, 64)
    assert "how do I" not in held.asked


def test_look_ups_without_a_typist_never_supersede_each_other(held, pool):
    shared = SharedEncoder(held, lanes=1)
    results = [pool.submit(shared.encode, [f"text {n}"]) for n in range(4)]
    wait_until(lambda: waiting(shared) == 3)
    held.gate.set()

    assert all(result.result(PATIENCE) is not None for result in results)


@pytest.mark.parametrize("error", [EncodingFailed("no"), MemoryError()])
def test_a_failure_gives_its_lane_back_and_is_not_remembered(error):
    class Failing(WordsEncoder):
        def encode(self, texts):
            if texts == ["bad"]:
                raise error
            return super().encode(texts)

    shared = SharedEncoder(Failing(), lanes=1)

    for _ in range(3):
        with pytest.raises(type(error)):
            shared.encode(["good", "bad"])
    assert shared.encode(["good"]).shape == (1, 64)
