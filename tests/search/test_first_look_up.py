"""Whoever types first after a start is answered by meaning, too."""

import pytest

from indexer.encoder import OnnxEncoder
from peerqa.search.engine import SearchEngine
from peerqa.search.hits import reader_of
from peerqa.search.upkeep import fill_all_gaps

PATIENCE_SECONDS = 30.0  # a busy machine is no hanging model


@pytest.mark.model
def test_the_first_look_up_after_a_start_is_by_meaning(
    session, settings, tmp_path, alice, question, model_folder
):
    session.commit()
    fill_all_gaps(OnnxEncoder.open(model_folder))
    fresh = SearchEngine(
        settings.model_copy(
            update={
                "home": tmp_path,
                "model_dir": model_folder,
                "encode_timeout_seconds": PATIENCE_SECONDS,
            }
        )
    )

    results = fresh.search(session, reader_of(alice), query="printer for labels is stuck")

    assert results.hits[0].question.id == question.id
    assert not results.by_words_only
