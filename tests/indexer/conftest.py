import os
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from indexer.artefact import verify
from indexer.encoder import OnnxEncoder
from indexer.errors import ModelUnavailable
from indexer.files import locked
from tests.fakes import WordsEncoder
from tests.indexer.in_postgres import address, connection, rows  # noqa: F401 - fixtures


@pytest.fixture(scope="session")
def model_folder() -> Path:
    """The prepared model, prepared by whichever test process comes first."""
    folder = Path(os.environ.get("PEERQA_MODEL_DIR") or Path(sys.prefix) / "model")
    with locked(folder.with_name(f".{folder.name}.tests.lock")):
        try:
            verify(folder)
        except ModelUnavailable:
            from indexer.prepare import DEFAULT_SOURCE, prepare

            prepare(DEFAULT_SOURCE, folder, created_at=datetime.now(UTC), progress=print)
    return folder


@pytest.fixture(scope="session")
def encoder(model_folder: Path) -> OnnxEncoder:
    return OnnxEncoder.open(model_folder)


@pytest.fixture
def words_encoder() -> WordsEncoder:
    return WordsEncoder()
