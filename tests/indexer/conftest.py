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


@pytest.fixture(scope="session")
def tiny_source(tmp_path_factory) -> Path:
    """A model of two thin layers, with random weights and no normalization of its own."""
    import torch
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import Pooling, Transformer
    from transformers import BertConfig, BertModel, BertTokenizerFast

    folder = tmp_path_factory.mktemp("source")
    words = [*["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"], *"abcdefghijklmnopqrstuvwxyz"]
    words += [f"##{letter}" for letter in "abcdefghijklmnopqrstuvwxyz"]
    torch.manual_seed(1)
    config = BertConfig(
        vocab_size=len(words),
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=64,
    )
    bare = folder / "bare"
    BertModel(config).save_pretrained(bare)
    BertTokenizerFast(vocab={word: n for n, word in enumerate(words)}).save_pretrained(bare)
    transformer = Transformer(str(bare))
    model = SentenceTransformer(modules=[transformer, Pooling(32)], device="cpu")
    model.save(str(folder / "tiny-model"))
    return folder / "tiny-model"
