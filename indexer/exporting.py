"""The steps of a preparation that need the heavy libraries; called by `indexer.prepare` alone.

Two things that a model may want are built into what is served, so that who encodes need not know:
the prefix that it was trained with stands in the tokenizer, and the direction that all its vectors
share is taken out in the graph.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer, normalizers

OPSET = 17
MOST_SHARED = 0.3
"""Mean cosine of texts that have nothing to do with each other, above which a model is centred.
all-MiniLM-L6-v2 has .08 on the parity sample. Where it is .8, as with E5, bonuses and gate, which
are made for cosines that spread, would see nothing stand out, and the product were silent."""

Floats = NDArray[np.float32]


def prefix_of(original: Any, chosen: str) -> str:
    """Return what stands before every text: chosen by a setting, else the model's own prompt.

    Questions are compared with questions, so a model with several prompts gives its default one,
    else the one for queries, to all texts alike.
    """
    if chosen.strip():
        return f"{chosen.strip()} "
    prompts = original.prompts or {}
    return str(prompts.get(original.default_prompt_name) or prompts.get("query") or "")


def encode_originally(original: Any, texts: Sequence[str], prefix: str) -> Floats:
    """Return what the original model makes of texts: rows of length 1."""
    vectors = original.encode(
        list(texts), prompt=prefix, normalize_embeddings=True, show_progress_bar=False
    )
    return np.asarray(vectors, np.float32)


def shared_direction(vectors: Floats) -> Floats | None:
    """Return the mean of vectors of unlike texts; None where they share little."""
    count = len(vectors)
    cosines = vectors @ vectors.T
    others = (cosines.sum() - np.trace(cosines)) / (count * (count - 1))
    return vectors.mean(axis=0) if others > MOST_SHARED else None


def centred(vectors: Floats, centre: Floats | None) -> Floats:
    """Return the vectors without what they share, of length 1 again."""
    if centre is None:
        return vectors
    moved = vectors - centre
    return np.asarray(moved / np.linalg.norm(moved, axis=1, keepdims=True), np.float32)


def write_tokenizer(original: Any, target: Path, *, prefix: str) -> None:
    """Save the tokenizer with padding to the longest text of a batch, and with the prefix.

    The one that comes with the model pads everything to 128 tokens, five times the
    cost of a typed title.
    """
    own = original.tokenizer
    tokenizer = Tokenizer.from_str(own.backend_tokenizer.to_str())
    tokenizer.no_truncation()
    tokenizer.enable_padding(pad_id=own.pad_token_id, pad_token=own.pad_token)
    if prefix:
        before = [normalizers.Prepend(prefix)]
        after = [tokenizer.normalizer] if tokenizer.normalizer else []
        tokenizer.normalizer = normalizers.Sequence(before + after)
    target.write_text(tokenizer.to_str(), "utf-8")


def export(original: Any, target: Path, *, centre: Floats | None) -> None:
    """Write the graph from token ids to a vector of length 1, pooling included."""
    import torch

    sample = original.tokenizer(["How do I reset it?", "Why?"], padding=True, return_tensors="pt")
    names = [name for name in original.tokenizer.model_input_names if name in sample]
    shared = None if centre is None else torch.from_numpy(centre)

    class Whole(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.original = original

        def forward(self, *inputs: Any) -> Any:
            features = self.original(dict(zip(names, inputs, strict=True)))
            vector = torch.nn.functional.normalize(features["sentence_embedding"], dim=1)
            if shared is None:
                return vector
            return torch.nn.functional.normalize(vector - shared, dim=1)

    axes = {0: "text", 1: "token"}
    torch.onnx.export(
        Whole(),
        tuple(sample[name] for name in names),
        str(target),
        input_names=names,
        output_names=["vector"],
        dynamic_axes={**dict.fromkeys(names, axes), "vector": {0: "text"}},
        opset_version=OPSET,
        dynamo=False,
    )


def quantize(full: Path, target: Path) -> None:
    """Reduce the weights to 8 bits, a scale for each output channel.

    One scale for a whole matrix was measured at a mean cosine of .967 to the
    original, one for each channel at .994, with the same size and speed. The range
    is reduced to 7 bits (.992), since processors without VNNI add products up in 16
    bits and overflow with 8: the vectors must not depend on the machine.
    """
    from onnxruntime.quantization import QuantType, quantize_dynamic

    quantize_dynamic(full, target, weight_type=QuantType.QInt8, per_channel=True, reduce_range=True)
