"""From pairs to a model that could serve, with the real libraries and a tiny source."""

import pytest

from indexer import fine_tuning
from indexer.artefact import verify
from indexer.encoder import OnnxEncoder
from indexer.fine_tuning import Pair
from indexer.prepare import prepare
from peerqa.search import retraining
from tests.conftest import NOON
from tests.indexer.conftest import tiny_source  # noqa: F401 - a fixture


@pytest.mark.long
@pytest.mark.model
def test_a_trained_model_says_what_it_was_trained_from(
    settings,
    tmp_path,
    tiny_source,  # noqa: F811
    monkeypatch,
):
    monkeypatch.setattr(fine_tuning, "EPOCHS", 1)
    place = settings.model_copy(
        update={"home": tmp_path, "model_dir": tmp_path / "model", "model": str(tiny_source)}
    )
    prepare(str(tiny_source), place.model_dir, created_at=NOON, progress=lambda _: None)
    workshop = tmp_path / "workshop"
    workshop.mkdir()
    bars: dict[str, list[int]] = {}

    def watch(what, total):
        return bars.setdefault(f"{what} {total}", []).append

    pairs = [Pair(f"q {letter}", [f"{letter} w"], n) for n, letter in enumerate("bcdfgh")]
    folder = retraining._make(place, pairs, ["l w", "m w"], workshop, watch=watch)

    made = verify(folder)
    assert (made.name, made.tuned_from) == ("tiny-model-tuned", "tiny-model")
    assert made.model != verify(place.model_dir).model
    assert OnnxEncoder.open(folder).encode(["q b"]).shape == (1, 32)
    assert bars == {"Training 1": [1], "Preparing 5": [1, 2, 3, 4, 5]}
    assert sorted(path.name for path in workshop.iterdir()) == [".model.lock", "model"]
