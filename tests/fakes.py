"""Stand-ins for what is outside: here the encoder, deterministic and without a model."""

import re
from collections.abc import Sequence
from functools import lru_cache
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

from indexer.errors import EncodingFailed
from indexer.ports import Encoder

_WORD = re.compile(r"\w+")


class WordsEncoder:
    """Puts texts near each other that share words; the same on every machine.

    Each word has a direction drawn from its hash, and a text is the sum of its words.
    `is_broken` makes it fail as a model that cannot be run.
    """

    def __init__(self, model: str = "words@1", dimension: int = 64) -> None:
        self.model = model
        self.dimension = dimension
        self.is_broken = False
        self.encoded: list[str] = []

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        if self.is_broken:
            raise EncodingFailed("The model could not be run on this text.")
        self.encoded.extend(texts)
        rows = [self._encode(text) for text in texts]
        return np.array(rows, np.float32).reshape(len(texts), self.dimension)

    def _encode(self, text: str) -> NDArray[np.float64]:
        words = _WORD.findall(text.lower()) or [""]
        total = np.sum([_direction(self.model, self.dimension, word) for word in words], axis=0)
        return total / np.linalg.norm(total)


@lru_cache(maxsize=20_000)
def _direction(model: str, dimension: int, word: str) -> NDArray[np.float64]:
    seed = int.from_bytes(blake2b(f"{model} {word}".encode(), digest_size=8).digest())
    return np.random.default_rng(seed).normal(size=dimension)


class RememberingEncoder:
    """A real encoder that encodes each text once: tests write the same company again and again."""

    def __init__(self, encoder: Encoder) -> None:
        self.model, self.dimension = encoder.model, encoder.dimension
        self._encode = encoder.encode
        self._known: dict[str, NDArray[np.float32]] = {}

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        if new := [text for text in dict.fromkeys(texts) if text not in self._known]:
            self._known.update(zip(new, self._encode(new), strict=True))
        rows = [self._known[text] for text in texts]
        return np.array(rows, np.float32).reshape(len(texts), self.dimension)
