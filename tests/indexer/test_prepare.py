"""Preparation with the real libraries, on a tiny model that takes no time."""

import logging
import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from indexer import prepare as preparation
from indexer.artefact import export_artefact, import_artefact, verify
from indexer.encoder import OnnxEncoder
from indexer.errors import PreparationFailed
from indexer.prepare import DEFAULT_SOURCE, prepare

AT = datetime(2026, 1, 2, tzinfo=UTC)


def prepare_quietly(source: str, folder: Path):
    return prepare(source, folder, created_at=AT, progress=lambda _: None)


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
    (folder / "vocab.txt").write_text("\n".join(words))
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
    BertTokenizerFast(vocab_file=str(folder / "vocab.txt")).save_pretrained(bare)
    transformer = Transformer(str(bare))
    model = SentenceTransformer(modules=[transformer, Pooling(32)], device="cpu")
    model.save(str(folder / "tiny-model"))
    return folder / "tiny-model"


@pytest.mark.model
def test_a_prepared_model_says_where_it_comes_from_and_runs(tiny_source, tmp_path):
    steps: list[str] = []

    provenance = prepare(str(tiny_source), tmp_path / "m", created_at=AT, progress=steps.append)

    assert verify(tmp_path / "m") == provenance
    assert (provenance.name, provenance.dimension, provenance.created_at) == ("tiny-model", 32, AT)
    assert str(tmp_path) not in provenance.to_json()
    assert provenance.parity.sample_count == 24
    assert OnnxEncoder.open(tmp_path / "m").encode(["a b c", "d"]).shape == (2, 32)
    assert len(steps) == 5
    assert sorted(path.name for path in tmp_path.iterdir()) == [".m.lock", "m"]


@pytest.mark.model
def test_the_same_source_gives_the_same_model(tiny_source, tmp_path):
    first = prepare_quietly(str(tiny_source), tmp_path / "first")
    second = prepare_quietly(str(tiny_source), tmp_path / "second")

    assert first.model == second.model


@pytest.mark.model
def test_a_prepared_model_travels(tiny_source, tmp_path):
    prepare_quietly(str(tiny_source), tmp_path / "m")
    export_artefact(tmp_path / "m", tmp_path / "m.tar.gz")

    import_artefact(tmp_path / "m.tar.gz", tmp_path / "there")

    assert OnnxEncoder.open(tmp_path / "there").dimension == 32


@pytest.mark.model
def test_a_model_that_loses_too_much_is_not_put_in_place(tiny_source, tmp_path, monkeypatch):
    before = prepare_quietly(str(tiny_source), tmp_path / "m")
    monkeypatch.setattr(preparation, "LOWEST_COSINE", 1.1)

    with pytest.raises(PreparationFailed, match="differs too much"):
        prepare_quietly(str(tiny_source), tmp_path / "m")

    assert verify(tmp_path / "m") == before
    assert not list(tmp_path.glob(".m.new-*"))


@pytest.mark.model
def test_something_that_is_no_model_is_refused(tmp_path):
    (tmp_path / "empty").mkdir()

    with pytest.raises(PreparationFailed, match="peerqa model import FILE"):
        prepare_quietly(str(tmp_path / "empty"), tmp_path / "m")


@pytest.mark.model
def test_loading_changes_neither_logging_nor_the_environment(tiny_source, tmp_path, monkeypatch):
    for before in (None, "0"):
        if before is None:
            monkeypatch.delenv("HF_HUB_OFFLINE", raising=False)
        else:
            monkeypatch.setenv("HF_HUB_OFFLINE", before)

        prepare_quietly(str(tiny_source), tmp_path / "m")

        assert os.environ.get("HF_HUB_OFFLINE") == before
    assert logging.root.manager.disable == logging.NOTSET


@pytest.mark.model
def test_the_default_is_the_official_model(model_folder):
    provenance = verify(model_folder)

    assert provenance.name == DEFAULT_SOURCE
    assert provenance.weights_sha256 == preparation.DEFAULT_WEIGHTS_SHA256
    assert provenance.revision == preparation.DEFAULT_REVISION
    assert provenance.parity.cosine_mean > 0.98


def test_weights_that_are_not_the_official_ones_are_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(preparation, "DEFAULT_WEIGHTS_SHA256", "0" * 64)

    with pytest.raises(PreparationFailed, match="not the official ones"):
        prepare_quietly(DEFAULT_SOURCE, tmp_path / "m")

    assert not (tmp_path / "m").exists()


@pytest.mark.parametrize("lacking", ["DEFAULT_WHEEL", "_NEEDED"])
def test_a_package_that_is_not_installed_is_named(tmp_path, monkeypatch, lacking):
    name = "not_installed_at_all"
    monkeypatch.setattr(preparation, lacking, name if lacking == "DEFAULT_WHEEL" else (name,))

    with pytest.raises(PreparationFailed, match=f"{name}.*peerqa model import FILE"):
        prepare_quietly(DEFAULT_SOURCE, tmp_path / "m")


def test_a_hub_name_is_loaded_from_the_hub():
    source = preparation._find("sentence-transformers/all-mpnet-base-v2")

    assert (source.name, source.is_offline) == ("all-mpnet-base-v2", False)
