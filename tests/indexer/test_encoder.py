"""The real encoder where it is marked; else tiny graphs that have one thing wrong."""

import shutil
from dataclasses import replace
from pathlib import Path
from threading import Thread

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper
from tokenizers import Tokenizer, models, pre_tokenizers

from indexer.artefact import checksums, read_provenance
from indexer.encoder import OnnxEncoder
from indexer.errors import (
    EncodingFailed,
    ModelDamaged,
    ModelMismatch,
    ModelMissing,
    ModelUnavailable,
)
from indexer.parity_sample import PARITY_SAMPLE
from tests.indexer.test_artefact import make_artefact


def tiny_graph(*operators: str) -> bytes:
    """Token ids as floats, through the operators, to their mean: a vector of one number."""
    nodes = [helper.make_node("Cast", ["input_ids"], ["0"], to=TensorProto.FLOAT)]
    for step, operator in enumerate(operators):
        nodes.append(helper.make_node(operator, [str(step)], [str(step + 1)]))
    nodes.append(helper.make_node("ReduceMean", [str(len(operators))], ["vector"], axes=[1]))
    graph = helper.make_graph(
        nodes,
        "tiny",
        [helper.make_tensor_value_info("input_ids", TensorProto.INT64, ["text", "token"])],
        [helper.make_tensor_value_info("vector", TensorProto.FLOAT, None)],
    )
    opset = [helper.make_opsetid("", 17)]
    return onnx.ModelProto.SerializeToString(
        helper.make_model(graph, opset_imports=opset, ir_version=8)
    )


def tiny_tokenizer() -> str:
    tokenizer = Tokenizer(models.WordLevel({"[PAD]": 0, "a": 1, "b": 2}, unk_token="a"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.enable_padding(pad_id=0, pad_token="[PAD]")
    return tokenizer.to_str()


def put_artefact(folder: Path, graph: bytes, tokenizer: str, *, dimension: int) -> Path:
    provenance = make_artefact(folder, graph=graph)
    (folder / "tokenizer.json").write_text(tokenizer)
    said = replace(provenance, dimension=dimension, sha256=checksums(folder))
    (folder / "provenance.json").write_text(said.to_json())
    return folder


def test_no_model_is_missing(tmp_path):
    with pytest.raises(ModelMissing, match="peerqa model"):
        OnnxEncoder.open(tmp_path)


def test_a_model_of_another_dimension_is_refused(tmp_path):
    folder = put_artefact(tmp_path / "model", tiny_graph(), tiny_tokenizer(), dimension=384)

    with pytest.raises(ModelMismatch, match="384"):
        OnnxEncoder.open(folder)


@pytest.mark.parametrize("graph", [b"", b"no graph at all", b"\x08\x08"])
def test_a_graph_that_cannot_be_loaded_is_damaged(tmp_path, graph):
    folder = put_artefact(tmp_path / "model", graph, tiny_tokenizer(), dimension=1)

    with pytest.raises(ModelDamaged, match="peerqa model prepare"):
        OnnxEncoder.open(folder)


def test_a_tokenizer_that_cannot_be_loaded_is_damaged(tmp_path):
    folder = put_artefact(tmp_path / "model", tiny_graph(), "{}", dimension=1)

    with pytest.raises(ModelDamaged):
        OnnxEncoder.open(folder)


def test_an_altered_file_is_never_run(tmp_path):
    folder = put_artefact(tmp_path / "model", tiny_graph(), tiny_tokenizer(), dimension=1)
    (folder / "model.onnx").write_bytes(tiny_graph("Neg"))

    with pytest.raises(ModelDamaged, match="altered"):
        OnnxEncoder.open(folder)


def test_a_model_that_is_replaced_meanwhile_is_not_mixed_with_the_new_one(tmp_path, monkeypatch):
    folder = put_artefact(tmp_path / "model", tiny_graph(), tiny_tokenizer(), dimension=1)
    make = OnnxEncoder.__init__

    def replace_first(*given, **more):
        put_artefact(tmp_path / "other", tiny_graph("Neg"), tiny_tokenizer(), dimension=1)
        shutil.rmtree(folder)
        (tmp_path / "other").rename(folder)
        make(*given, **more)

    monkeypatch.setattr(OnnxEncoder, "__init__", replace_first)

    with pytest.raises(ModelDamaged, match="while"):
        OnnxEncoder.open(folder)


def test_a_batch_is_padded_with_the_tokenizers_own_filling(tmp_path):
    tokenizer = tiny_tokenizer().replace('"pad_id":0', '"pad_id":2')
    folder = put_artefact(tmp_path / "model", tiny_graph(), tokenizer, dimension=1)

    vectors = OnnxEncoder.open(folder).encode(["a", "a a a"])

    assert vectors[:, 0] == pytest.approx([(1 + 2 + 2) / 3, 1])


def test_vectors_that_are_no_numbers_are_refused(tmp_path):
    graph = tiny_graph("Neg", "Sqrt")
    folder = put_artefact(tmp_path / "model", graph, tiny_tokenizer(), dimension=1)
    encoder = OnnxEncoder.open(folder)

    with pytest.raises(EncodingFailed):
        encoder.encode(["a b"])


def test_a_model_that_fails_says_so_and_goes_on(tmp_path):
    folder = put_artefact(tmp_path / "model", tiny_graph(), tiny_tokenizer(), dimension=1)
    encoder = OnnxEncoder.open(folder)

    with pytest.raises(EncodingFailed):
        encoder.encode([None])  # type: ignore[list-item]  # what a broken caller sends

    assert encoder.encode(["a b"]) == pytest.approx(1.5)


def test_every_trouble_with_a_model_is_one_family_for_callers():
    assert all(issubclass(e, ModelUnavailable) for e in (ModelMissing, ModelDamaged, ModelMismatch))


@pytest.mark.model
def test_texts_become_unit_vectors_in_their_order(encoder):
    vectors = encoder.encode(PARITY_SAMPLE)

    assert vectors.shape == (len(PARITY_SAMPLE), encoder.dimension) == (24, 384)
    assert vectors.dtype == np.float32
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(1, abs=1e-5)
    alone = np.concatenate([encoder.encode([text]) for text in PARITY_SAMPLE])
    assert np.sum(vectors * alone, axis=1).min() > 0.97


@pytest.mark.model
def test_the_same_meaning_is_near_and_another_is_far(encoder):
    asked, same, other = encoder.encode(
        ["How do I reset my VPN password?", "I forgot my VPN password", "Lunch menu on Friday"]
    )

    assert asked @ same > 0.7
    assert asked @ other < 0.3


@pytest.mark.model
def test_nothing_gives_no_rows_and_empty_text_gives_one(encoder):
    assert encoder.encode([]).shape == (0, 384)
    assert encoder.encode([""]).shape == (1, 384)


@pytest.mark.model
def test_half_a_character_does_not_stop_a_batch(encoder):
    assert encoder.encode(["broken \ud83d text", "whole text"]).shape == (2, 384)


@pytest.mark.model
def test_what_is_beyond_the_longest_text_is_not_read(encoder):
    text = "one two three four five six seven eight " * 40

    assert np.allclose(encoder.encode([text]), encoder.encode([text + "VPN " * 50]), atol=1e-5)


@pytest.mark.model
def test_threads_share_an_encoder(encoder):
    wanted = encoder.encode(PARITY_SAMPLE[:1])
    wrong: list[int] = []

    def encode(number: int) -> None:
        for _ in range(10):
            encoder.encode(PARITY_SAMPLE[: 1 + number % 3 * 8])
            if not np.allclose(encoder.encode(PARITY_SAMPLE[:1]), wanted, atol=1e-5):
                wrong.append(number)

    threads = [Thread(target=encode, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert wrong == []


@pytest.mark.model
@pytest.mark.parametrize("name", ["model.onnx", "tokenizer.json"])
def test_a_flipped_byte_of_the_real_model_is_noticed(model_folder, tmp_path, name):
    folder = tmp_path / "model"
    shutil.copytree(model_folder, folder)
    content = bytearray((folder / name).read_bytes())
    content[len(content) // 2] ^= 0x40
    (folder / name).write_bytes(content)

    with pytest.raises(ModelDamaged):
        OnnxEncoder.open(folder)


@pytest.mark.model
def test_the_encoder_is_known_by_its_artefact(encoder, model_folder):
    assert encoder.model == read_provenance(model_folder).model
    assert encoder.model.startswith("all-MiniLM-L6-v2@")
