"""Runs the prepared model: onnxruntime and tokenizers, about 100 MB and 3 ms a query.

No torch here. One thread a process: on shared cores two threads that spin for work
were measured 2 to 2.5 times slower than one.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from tokenizers import Encoding, Tokenizer

from indexer.artefact import MODEL, TOKENIZER, read_provenance, read_verified
from indexer.errors import EncodingFailed, ModelDamaged, ModelMismatch

BATCH_SIZE = 16
"""Texts run together; 32 of 256 tokens would grow the arena to 430 MB."""


class OnnxEncoder:
    """Encodes with a prepared model; may be shared between threads.

    The tokenizer is never changed after it was made: padding is a state of it, so
    batches are padded here.
    """

    def __init__(
        self, graph: Path, tokenizer: str, *, model: str, dimension: int, max_tokens: int
    ) -> None:
        """Load the graph and the tokenizer; `open` is the usual way in."""
        self.model = model
        self.dimension = dimension
        # By its path: onnxruntime keeps the bytes that it is given, 22 MB, for good.
        self._session = onnxruntime.InferenceSession(
            str(graph), _one_quiet_thread(), providers=["CPUExecutionProvider"]
        )
        self._inputs = [node.name for node in self._session.get_inputs()]
        self._tokenizer = Tokenizer.from_str(tokenizer)
        padding = self._tokenizer.padding or {}
        self._fill = {
            "input_ids": padding.get("pad_id", 0),
            "attention_mask": 0,
            "token_type_ids": padding.get("pad_type_id", 0),
        }
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(max_tokens)

    @classmethod
    def open(cls, folder: Path) -> "OnnxEncoder":
        """Open a prepared model, having checked that it is the one prepared.

        Raises:
            ModelMissing: no model was prepared.
            ModelDamaged: a file was altered, or cannot be loaded.
            ModelMismatch: its vectors do not have the dimension it was prepared with.
        """
        provenance = read_provenance(folder)
        read_verified(folder, MODEL, provenance)
        tokenizer = read_verified(folder, TOKENIZER, provenance).decode()
        try:
            encoder = cls(
                folder / MODEL,
                tokenizer,
                model=provenance.model,
                dimension=provenance.dimension,
                max_tokens=provenance.max_tokens,
            )
            width = encoder._run([encoder._tokenizer.encode("ready")]).shape[-1]
        except Exception as error:  # onnxruntime and tokenizers raise bare Exception
            raise ModelDamaged(
                "The model cannot be loaded by this onnxruntime. Run `peerqa model prepare`."
            ) from error
        if read_provenance(folder) != provenance:
            raise ModelDamaged("Another model was put in place while this one was opened.")
        if width != provenance.dimension:
            raise ModelMismatch(
                f"The model gives {width} numbers a text and {provenance.dimension} were "
                "expected. Run `peerqa model prepare`."
            )
        return encoder

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return one row per text.

        Returns:
            float32, shape (len(texts), dimension); rows have Euclidean length 1,
            so an inner product is a cosine, in [-1, 1].

        Raises:
            EncodingFailed: the model could not be run.
        """
        try:
            vectors = self._encode([_without_surrogates(text) for text in texts])
        except Exception as error:  # onnxruntime and tokenizers raise bare Exception
            raise EncodingFailed("The model could not be run on this text.") from error
        if not np.isfinite(vectors).all():
            raise EncodingFailed("The model gave vectors that are not numbers.")
        return vectors

    def _encode(self, texts: list[str]) -> NDArray[np.float32]:
        if len(texts) == 1:
            return self._run([self._tokenizer.encode(texts[0])])
        vectors = np.empty((len(texts), self.dimension), np.float32)
        by_length = sorted(range(len(texts)), key=lambda i: len(texts[i]))
        for start in range(0, len(texts), BATCH_SIZE):
            rows = by_length[start : start + BATCH_SIZE]
            vectors[rows] = self._run(self._tokenizer.encode_batch([texts[i] for i in rows]))
        return vectors

    def _run(self, encodings: Sequence[Encoding]) -> NDArray[np.float32]:
        columns = {
            "input_ids": [each.ids for each in encodings],
            "attention_mask": [each.attention_mask for each in encodings],
            "token_type_ids": [each.type_ids for each in encodings],
        }
        feed = {name: _padded(columns[name], self._fill[name]) for name in self._inputs}
        vectors: NDArray[np.float32] = self._session.run(None, feed)[0]
        return vectors


def _padded(rows: Sequence[Sequence[int]], fill: int) -> NDArray[np.int64]:
    padded = np.full((len(rows), max(map(len, rows))), fill, np.int64)
    for place, row in enumerate(rows):
        padded[place, : len(row)] = row
    return padded


def _one_quiet_thread() -> onnxruntime.SessionOptions:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.log_severity_level = 3
    return options


def _without_surrogates(text: str) -> str:
    """Half a character pair, as a broken client sends it, must not stop a whole batch."""
    return text.encode("utf-8", "replace").decode()
