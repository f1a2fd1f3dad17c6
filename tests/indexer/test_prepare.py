"""Preparation with the real libraries, on a tiny model that takes no time."""

import logging
import os
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from indexer import prepare as preparation
from indexer.artefact import export_artefact, import_artefact, verify
from indexer.encoder import OnnxEncoder
from indexer.errors import PreparationFailed
from indexer.exporting import shared_direction
from indexer.parity_sample import PARITY_SAMPLE
from indexer.prepare import DEFAULT_SOURCE, prepare

AT = datetime(2026, 1, 2, tzinfo=UTC)


def prepare_quietly(source: str, folder: Path, *, prefix: str = ""):
    return prepare(source, folder, created_at=AT, progress=lambda _: None, prefix=prefix)


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
    source = preparation.find_source("sentence-transformers/all-mpnet-base-v2")

    assert (source.name, source.is_offline) == ("all-mpnet-base-v2", False)


@pytest.fixture(scope="session")
def multilingual_source(tmp_path_factory) -> Path:
    """A model as multilingual ones are: XLM-RoBERTa in half precision, SentencePiece, prompts.

    Its padding is not the token 0, positions follow from it, and all its vectors are near.
    """
    import torch
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import Pooling, Transformer
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors
    from transformers import PreTrainedTokenizerFast, XLMRobertaConfig, XLMRobertaModel

    folder = tmp_path_factory.mktemp("multilingual")
    letters = "abcdefghijklmnopqrstuvwxyzäöüß?:.,"
    pieces = ["<s>", "<pad>", "</s>", "<unk>", "▁", *letters, *(f"▁{each}" for each in letters)]
    tokenizer = Tokenizer(models.Unigram([(each, -2.0) for each in pieces], unk_id=3))
    tokenizer.normalizer = normalizers.Sequence([normalizers.NFKC(), normalizers.Lowercase()])
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>", special_tokens=[("<s>", 0), ("</s>", 2)]
    )
    named = {"bos_token": "<s>", "eos_token": "</s>", "cls_token": "<s>", "sep_token": "</s>"}
    PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, pad_token="<pad>", unk_token="<unk>", **named
    ).save_pretrained(folder / "bare")
    torch.manual_seed(1)
    config = XLMRobertaConfig(
        vocab_size=len(pieces), hidden_size=32, num_hidden_layers=2, num_attention_heads=2,
        intermediate_size=64, max_position_embeddings=600, pad_token_id=1, initializer_range=0.3,
    )  # fmt: skip
    bare = XLMRobertaModel(config)
    bare.encoder.layer[-1].output.LayerNorm.bias.data += 1.0
    bare.half().save_pretrained(folder / "bare")
    model = SentenceTransformer(
        modules=[Transformer(str(folder / "bare")), Pooling(32)],
        prompts={"query": "query: ", "document": "passage: "},
        device="cpu",
    )
    model.save(str(folder / "tiny-multilingual"))
    return folder / "tiny-multilingual"


@pytest.fixture(scope="session")
def multilingual(multilingual_source, tmp_path_factory) -> Path:
    """The same, prepared."""
    folder = tmp_path_factory.mktemp("prepared") / "m"
    prepare_quietly(str(multilingual_source), folder)
    return folder


@pytest.mark.model
def test_a_multilingual_model_gives_what_the_original_gives(multilingual_source, multilingual):
    from sentence_transformers import SentenceTransformer

    original = SentenceTransformer(str(multilingual_source), device="cpu").float()
    wanted = original.encode(list(PARITY_SAMPLE), prompt="query: ", normalize_embeddings=True)
    wanted -= wanted.mean(axis=0)
    wanted /= np.linalg.norm(wanted, axis=1, keepdims=True)
    encoder = OnnxEncoder.open(multilingual)

    together = encoder.encode(PARITY_SAMPLE)
    alone = np.concatenate([encoder.encode([text]) for text in PARITY_SAMPLE])

    for vectors in (together, alone):  # with padding, and without
        assert np.linalg.norm(vectors, axis=1) == pytest.approx(1, abs=1e-5)
        assert np.sum(vectors * wanted, axis=1).min() > preparation.LOWEST_COSINE


@pytest.mark.model
def test_its_own_prompt_stands_before_every_text_and_long_ones_are_cut(multilingual):
    provenance, encoder = verify(multilingual), OnnxEncoder.open(multilingual)
    long = "wie beantrage ich urlaub " * 40

    assert (provenance.prefix, provenance.is_centred) == ("query: ", True)
    assert encoder._tokenizer.encode("Ü").tokens == [
        "<s>", *["▁q", "u", "e", "r", "y", ":"], "▁ü", "</s>",
    ]  # fmt: skip
    assert len(encoder._tokenizer.encode(long).ids) == preparation.MAX_TOKENS
    assert np.allclose(encoder.encode([long]), encoder.encode([long + "geld " * 50]), atol=1e-5)
    assert encoder.encode(["", "日本語 🙂", "query: query: "]).shape == (3, 32)


@pytest.mark.model
def test_a_chosen_prefix_takes_the_place_of_the_models_own(multilingual_source, tmp_path):
    provenance = prepare_quietly(str(multilingual_source), tmp_path / "m", prefix="frage:")

    assert provenance.prefix == "frage: "
    assert OnnxEncoder.open(tmp_path / "m")._tokenizer.encode("x").tokens[1:3] == ["▁f", "r"]


@pytest.mark.model
def test_what_all_vectors_share_is_taken_out(tiny_source, multilingual):
    """Of random weights some share little, and then nothing is changed."""
    vectors = OnnxEncoder.open(multilingual).encode(PARITY_SAMPLE)

    assert abs(vectors.mean(axis=0)).max() < 0.2
    assert shared_direction(vectors) is None
    assert shared_direction(np.eye(4, dtype=np.float32)) is None
    assert shared_direction(vectors + 1) is not None
